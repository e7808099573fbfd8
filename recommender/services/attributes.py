"""A person's attributes by name: the facets of the profile, brought up to date when somebody wants to see them."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from recommender.domain.errors import BadInputError
from recommender.domain.people import Person
from recommender.features import AttributeValue, Population, State, decode, empty, encode, fold, values, values_of_blob
from recommender.features.numbers import facets_of, numbers_of
from recommender.features.record import SECOND_US
from recommender.model.lines import microseconds
from recommender.services.item_lookup import CatalogueLookup
from recommender.services.profiles import EVERYTHING, Profile, Profiles

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """What facets say of one person id. ``position`` is how far the log is in it; ``values`` by attribute, None unknown."""

    position: int
    values: dict[str, AttributeValue]


class Portraits:
    """Reads people's attributes. A live list that needs none of them does not pay for the folding.

    Parameters
    ----------
    profiles : Profiles
    lookup : CatalogueLookup
    population : callable, optional
        What people are compared with; without it, or where it gives None, attributes that compare are None.
    """

    def __init__(
        self, profiles: Profiles, lookup: CatalogueLookup, population: Callable[[], Population | None] = lambda: None
    ) -> None:
        self._profiles = profiles
        self._lookup = lookup
        self._population = population

    def of(
        self,
        person: Person,
        now_us: int,
        *,
        facets: Iterable[str] | None = None,
    ) -> Portrait:
        """The attributes of the customer, else the visitor, at a moment.

        Raises
        ------
        StoreUnavailableError
            If the log does not answer.
        """
        one = _one(person)
        profile = self._profiles.profile(one)
        state = self._state(one, profile)
        return Portrait(position=profile.position, values=values(state, now_us, self._population(), facets=facets))

    def numbers(self, person: Person, now: datetime, names: Sequence[str]) -> NDArray[np.float32]:
        """These attributes as a ranker is told them: nobody is compared with anybody. Live: what is folded is not folded again.

        Raises
        ------
        StoreUnavailableError
            If the log does not answer.
        """
        one, moment, facets = _one(person), microseconds(now), facets_of(names)
        profile = self._profiles.profile(one)
        times = profile.record.time_us
        if len(times) and moment // SECOND_US < int(times[-1]) // SECOND_US:  # a moment of the past
            return numbers_of(values(self._then(one, now), moment, facets=facets), names)
        facts = profile.facts
        if facts.folded >= profile.position and facts.folded_linked == facts.linked:
            with suppress(BadInputError):
                return numbers_of(values_of_blob(profile.state, moment, facets=facets), names)
        return numbers_of(values(self._state(one, profile), moment, facets=facets), names)

    def numbers_then(self, person: Person, now: datetime, names: Sequence[str]) -> NDArray[np.float32]:
        """The same as they were at a moment: from the log alone, line by line; raises as :meth:`numbers`."""
        return numbers_of(values(self._then(_one(person), now), microseconds(now), facets=facets_of(names)), names)

    def numbers_of_block(
        self, lines: "pl.DataFrame", now: Sequence[datetime], names: Sequence[str]
    ) -> NDArray[np.float32]:
        """The same of many people at once from their lines with ``who``, float32 of shape (n, len(names))."""
        from recommender.features.chronicle import (
            numbers_of_lines,
        )  # only here: a worker that reads people one by one never needs it

        who = lines["who"].to_numpy().astype(np.int64)
        until = np.array([microseconds(moment) for moment in now], np.int64)
        return numbers_of_lines(lines.drop("who"), who, self._lookup, until, names)

    def _then(self, person: Person, now: datetime) -> State:
        lines = self._profiles.log.of_person(person, until=now, limit=EVERYTHING)
        self._lookup.renew()
        return fold(empty(), lines, self._lookup)

    def at(self, person: Person, now: datetime) -> dict[str, AttributeValue]:
        """The attributes as they were at a moment: from the log alone, line by line.

        Raises
        ------
        StoreUnavailableError
            If the log does not answer.
        """
        return values(self._then(_one(person), now), microseconds(now), self._population())

    def _state(self, person: Person, profile: Profile) -> State:
        """The facets up to the profile's position. Only lines that are not in yet are added; after a change of links, all."""
        facts = profile.facts
        before = _decoded(profile.state) if facts.folded_linked == facts.linked and facts.folded >= 0 else None
        if before is not None and facts.folded >= profile.position:
            return before
        after = facts.folded if before is not None else -1
        lines = [
            line
            for line in self._profiles.log.of_person(person, limit=EVERYTHING)
            if after < line.seq <= profile.position
        ]
        self._lookup.renew()
        state = fold(empty() if before is None else before, lines, self._lookup)
        folded = msgspec.structs.replace(facts, folded=profile.position, folded_linked=facts.linked)
        self._profiles.keep(person, msgspec.structs.replace(profile, state=encode(state), facts=folded))
        return state


def _one(person: Person) -> Person:
    """The id a profile is of: the customer's, else the visitor's."""
    return Person(customer_id=person.customer_id) if person.customer_id is not None else person


def _decoded(blob: bytes) -> State | None:
    if not blob:
        return None
    try:
        return decode(blob)
    except BadInputError:
        return None
