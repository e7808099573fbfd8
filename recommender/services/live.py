"""People of a few requests, each read as one profile instead of four questions to the stores."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from recommender.domain.consent import Purpose
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.events import EventType, Line
from recommender.domain.people import Person
from recommender.domain.requests import Repeat, Request
from recommender.features.record import Record
from recommender.interactions import Histories, Kind
from recommender.model.contract import Model, Naming
from recommender.model.lines import microseconds
from recommender.ranking.scenarios import Scenario
from recommender.services.attributes import Portraits
from recommender.services.known import NOBODY, Asked, Known, any_line
from recommender.services.numbers import with_attributes
from recommender.services.profiles import EVENTS_UNAVAILABLE, EVERYTHING, Profiles, Reading, record_of

UNREAD = Reading(record=None)
NOTHING: frozenset[str] = frozenset()


def read_live(
    profiles: Profiles, portraits: Portraits | None, asked: Asked, model: Model | None, naming: Naming | None = None
) -> Known:
    """What may be used of the people asked about, as the log would give it."""
    trouble: list[str] = []
    read: list[_One] = [_one(profiles, request, scenario, trouble) for request, scenario in asked]
    countries = [one.country for one in read]
    histories = (
        None
        if model is None
        else model.histories_of_records(
            [one.record if scenario.personal else None for one, (_, scenario) in zip(read, asked, strict=True)],
            countries,
            [request.now for request, _ in asked],
            naming,
        )
    )

    if histories is not None and portraits is not None and model is not None and model.attributes:
        theirs = [
            request.person if one.traits and scenario.personal else NOBODY
            for one, (request, scenario) in zip(read, asked, strict=True)
        ]
        histories = with_attributes(histories, portraits, theirs, [request.now for request, _ in asked])

    def attributes(i: int) -> Mapping[str, Any] | None:
        request, scenario = asked[i]
        return _attributes(portraits, request) if read[i].traits and scenario.personal else None

    return Known(
        histories=histories,
        bought=[one.bought for one in read],
        countries=countries,
        leaned=[_leaned(histories, i, one) for i, one in enumerate(read)],
        trouble=trouble[0] if trouble else None,
        attributes=attributes,
    )


class _One(NamedTuple):
    """What may be used of one person: the record, bought items, the list's country, whether the person's own is, traits."""

    record: Record | None
    bought: frozenset[str]
    country: str | None
    at_home: bool
    traits: bool


def _one(profiles: Profiles, request: Request, scenario: Scenario, trouble: list[str]) -> _One:
    reading = _reading(profiles, request, scenario)
    if reading.trouble is not None:
        trouble.append(reading.trouble)
    refused = reading.refused
    if reading.unknown or (refused and scenario.purpose.value in refused):
        return _One(None, NOTHING, request.country, at_home=False, traits=False)
    record = _record(profiles, reading, request, trouble)
    bought = _bought(profiles, record, request, trouble)
    own = reading.country if scenario.personal and request.country is None else None
    traits = Purpose.INFERRED_TRAITS.value not in refused
    return _One(record, bought, request.country or own, at_home=own is not None, traits=traits)


def begin_live(profiles: Profiles, request: Request, scenario: Scenario) -> Awaitable[None] | None:
    """What is to be awaited before the person is read; None if nothing is."""
    return profiles.begin(request.person) if _counts(request, scenario) else None


def _counts(request: Request, scenario: Scenario) -> bool:
    """Whether the list depends on the person at all."""
    return request.person != NOBODY and (scenario.personal or request.repeat is Repeat.FORBID)


def _reading(profiles: Profiles, request: Request, scenario: Scenario) -> Reading:
    """Nobody is read whose list does not depend on it."""
    return profiles.read(request.person) if _counts(request, scenario) else UNREAD


def _record(profiles: Profiles, reading: Reading, request: Request, trouble: list[str]) -> Record | None:
    """The record; for a moment before the end of one that was cut, what the log says."""
    record = reading.record
    if record is None or record.complete or not len(record.time_us):
        return record
    if microseconds(request.now) > int(record.time_us[-1]):
        return record
    lines = _lines(profiles, request.person, request.now, profiles.limit, trouble)
    return record_of(lines, profiles.limit)


def _bought(profiles: Profiles, record: Record | None, request: Request, trouble: list[str]) -> frozenset[str]:
    """Items bought before, for who asks to be spared them; who has more lines than a record holds is read whole."""
    if record is None or request.repeat is not Repeat.FORBID:
        return NOTHING
    if not record.complete:
        return items_bought(_lines(profiles, request.person, request.now, EVERYTHING, trouble))
    before = (record.kind == Kind.PURCHASE) & (record.time_us < microseconds(request.now))
    return frozenset(record.item_ids[item] for item in np.unique(record.item[before]).tolist())


def _lines(profiles: Profiles, person: Person, now: datetime, limit: int, trouble: list[str]) -> Sequence[Line]:
    try:
        return profiles.log.of_person(person, until=now, limit=limit)
    except StoreUnavailableError:
        trouble.append(EVENTS_UNAVAILABLE)
        return []


def items_bought(lines: Iterable[Line]) -> frozenset[str]:
    """Items of the purchases among the lines."""
    return frozenset(line.item_id for line in lines if line.type == EventType.PURCHASE and line.item_id is not None)


def _leaned(histories: Histories | None, i: int, one: _One) -> bool:
    """Whether anything of the person's record was used."""
    if one.bought or histories is None:
        return bool(one.bought)
    return one.at_home or any_line(histories, i)


def _attributes(portraits: Portraits | None, request: Request) -> Mapping[str, Any] | None:
    if portraits is None or request.person == NOBODY:
        return None
    try:
        return portraits.of(request.person, microseconds(request.now)).values
    except StoreUnavailableError:
        return None
