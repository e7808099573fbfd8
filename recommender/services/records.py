"""What the stores know of the people lists are asked for: who refused, where they live, what they did."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from recommender.domain.consent import Purpose
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.events import EventType, Line
from recommender.domain.people import Person
from recommender.domain.ports import ConsentLedger, Customers, EventLog
from recommender.domain.requests import Repeat
from recommender.interactions import Histories
from recommender.model.contract import Model, Naming
from recommender.services.attributes import Portraits
from recommender.services.known import NOBODY, Asked, Known, any_line
from recommender.services.live import items_bought, read_live
from recommender.services.numbers import Block, with_attributes
from recommender.services.profiles import EVERYTHING, Profiles

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger("recommender.records")

FEW = 8
"""Up to so many people are read one by one; more are read in columns."""

Lines: TypeAlias = "list[list[Line]] | pl.DataFrame"
Refusals = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Reads people from the stores, one or a block at a time, the same either way.

    ``refusals`` and ``homes`` (customer id to country) are read once by :meth:`pinned` for a long run over many people.
    With ``profiles`` a few people at a time are read from the profile cache instead of the log; a long run never is.
    """

    log: EventLog
    customers: Customers
    consent: ConsentLedger
    limit: int
    refusals: Mapping[Purpose, Refusals] | None = None
    homes: Mapping[str, str] | None = None
    profiles: Profiles | None = None
    portraits: Portraits | None = None

    def pinned(self, purpose: Purpose) -> "Records":
        """The same with consent and countries as they stand now."""
        purposes = (purpose, Purpose.INFERRED_TRAITS)
        refusals = {one: self.consent.refusals(one, browsers=True) for one in purposes}
        return replace(self, refusals=refusals, homes=self.customers.countries(), profiles=None)

    def read(self, asked: Asked, model: Model | None, naming: Naming | None = None) -> Known:
        """Everything that may be used of the people asked about. A store that does not answer is named, never raised.

        ``naming`` gives rows to items that the model does not know.
        """
        if self.profiles is not None and len(asked) <= FEW:
            return read_live(self.profiles, self.portraits, asked, model, naming)
        trouble: list[str] = []
        people = self._allowed(asked, trouble)
        countries, from_record = self._countries(asked, people, trouble)
        readers = [
            person if (scenario.personal and model is not None) or request.repeat is Repeat.FORBID else NOBODY
            for person, (request, scenario) in zip(people, asked, strict=True)
        ]
        lines = self._lines(readers, [request.now for request, _ in asked], trouble)
        bought = self._bought(asked, readers, lines, trouble)
        histories = None if model is None else _histories(model, asked, lines, countries, naming)
        if histories is not None and model is not None and model.attributes:
            histories = self._told(histories, asked, readers, lines)
        leaned = [
            bool(theirs) or (histories is not None and (located or any_line(histories, i)))
            for i, (located, theirs) in enumerate(zip(from_record, bought, strict=True))
        ]
        return Known(
            histories=histories,
            bought=bought,
            countries=countries,
            leaned=leaned,
            trouble=trouble[0] if trouble else None,
            attributes=lambda i: self._attributes(readers[i], asked[i][0].now),
        )

    def _told(self, histories: Histories, asked: Asked, people: Sequence[Person], lines: Lines) -> Histories:
        """With what a forest may ask of the people's attributes; nothing of who refuses to be described."""
        if self.portraits is None:
            return histories
        pinned = None if self.refusals is None else self.refusals.get(Purpose.INFERRED_TRAITS)
        try:
            refused = self.consent.refusals(Purpose.INFERRED_TRAITS, browsers=True) if pinned is None else pinned
        except StoreUnavailableError:
            return histories
        theirs = [
            NOBODY
            if not scenario.personal or person.customer_id in refused[0] or person.visitor_id in refused[1]
            else person
            for person, (_, scenario) in zip(people, asked, strict=True)
        ]
        block = None
        if not isinstance(lines, list):
            counts, _ = _purchases(lines, len(people))
            single = [person.customer_id is None or person.visitor_id is None for person in people]
            block = Block(lines=lines, whole=[n < self.limit and one for n, one in zip(counts, single, strict=True)])
        moments = [request.now for request, _ in asked]
        return with_attributes(histories, self.portraits, theirs, moments, then=True, block=block)

    def _attributes(self, person: Person, now: datetime) -> Mapping[str, Any] | None:
        """The attributes as they were then; None of nobody, and of who refuses to be described."""
        if self.portraits is None or person == NOBODY:
            return None
        try:
            traits = self.consent.allows(person, Purpose.INFERRED_TRAITS, default=True)
            return self.portraits.at(person, now) if traits else None
        except StoreUnavailableError:
            return None

    def _allowed(self, asked: Asked, trouble: list[str]) -> list[Person]:
        """The people whose record may be used; nobody in the place of who refused. When in doubt, nobody."""
        try:
            return [
                request.person if self._allows(request.person, scenario.purpose) else NOBODY
                for request, scenario in asked
            ]
        except StoreUnavailableError as error:
            _note(trouble, "consent_unavailable", error)
            return [NOBODY] * len(asked)

    def _allows(self, person: Person, purpose: Purpose) -> bool:
        if person == NOBODY:
            return False
        refusals = None if self.refusals is None else self.refusals.get(purpose)
        if refusals is None:
            return self.consent.allows(person, purpose, default=True)
        return person.customer_id not in refusals[0] and person.visitor_id not in refusals[1]

    def _countries(
        self, asked: Asked, people: Sequence[Person], trouble: list[str]
    ) -> tuple[list[str | None], list[bool]]:
        """The country each list may lean on, and whether it is from the person's record."""
        wanted = [
            person.customer_id if scenario.personal and request.country is None else None
            for person, (request, scenario) in zip(people, asked, strict=True)
        ]
        homes = self._homes([customer for customer in wanted if customer is not None], trouble)
        found = [None if customer is None else homes.get(customer) for customer in wanted]
        told = [request.country for request, _ in asked]
        return [t or f for t, f in zip(told, found, strict=True)], [home is not None for home in found]

    def _homes(self, customers: Sequence[str], trouble: list[str]) -> Mapping[str, str]:
        if self.homes is not None or not customers:
            return self.homes or {}
        try:
            known = self.customers.get(customers)
        except StoreUnavailableError as error:
            _note(trouble, "customers_unavailable", error)
            return {}
        return {customer_id: customer.country for customer_id, customer in known.items() if customer.country}

    def _lines(self, people: Sequence[Person], moments: Sequence[datetime], trouble: list[str]) -> Lines:
        """Each person's newest lines before their moment, as lists of lines or, for a block of one moment, in columns."""
        if all(person == NOBODY for person in people):
            return [[] for _ in people]
        try:
            if len(people) > FEW and len(set(moments)) == 1:
                return self.log.of_people(people, until=moments[0], limit=self.limit)
            return [
                [] if person == NOBODY else self.log.of_person(person, until=moment, limit=self.limit)
                for person, moment in zip(people, moments, strict=True)
            ]
        except StoreUnavailableError as error:
            _note(trouble, "events_unavailable", error)
            return [[] for _ in people]

    def _bought(self, asked: Asked, people: Sequence[Person], lines: Lines, trouble: list[str]) -> list[frozenset[str]]:
        """Items bought before, of who asks to be spared them. Who has more lines than the limit is read whole."""
        forbids = [request.repeat is Repeat.FORBID for request, _ in asked]
        if not any(forbids):
            return [frozenset()] * len(asked)
        counts, bought = _purchases(lines, len(asked))
        try:
            for i, (request, _) in enumerate(asked):
                if forbids[i] and counts[i] >= self.limit:
                    whole = self.log.of_person(people[i], until=request.now, limit=EVERYTHING)
                    bought[i] = items_bought(whole)
        except StoreUnavailableError as error:
            _note(trouble, "events_unavailable", error)
        return [theirs if forbid else frozenset() for theirs, forbid in zip(bought, forbids, strict=True)]


def _histories(
    model: Model, asked: Asked, lines: Lines, countries: Sequence[str | None], naming: Naming | None
) -> Histories:
    """The lines as the model sees them; none for a list that is not personal."""
    moments = [request.now for request, _ in asked]
    if not isinstance(lines, list):
        import polars as pl

        hidden = [i for i, (_, scenario) in enumerate(asked) if not scenario.personal]
        frame = lines.filter(~pl.col("who").is_in(hidden)) if hidden else lines
        return model.histories_of_frame(frame, countries, moments, naming)
    shown = [theirs if scenario.personal else [] for theirs, (_, scenario) in zip(lines, asked, strict=True)]
    return model.histories(shown, countries, moments, naming)


def _purchases(lines: Lines, n: int) -> tuple[list[int], list[frozenset[str]]]:
    """How many lines each person has, and the items of the purchases among them."""
    if isinstance(lines, list):
        return [len(theirs) for theirs in lines], [items_bought(theirs) for theirs in lines]
    import polars as pl  # only here: a few people are read one by one

    counts = [0] * n
    for who, count in lines.group_by("who").len().iter_rows():
        counts[who] = count
    purchases = lines.filter((pl.col("type") == str(EventType.PURCHASE)) & pl.col("item_id").is_not_null())
    bought = [frozenset[str]()] * n
    for who, items in purchases.group_by("who").agg(pl.col("item_id").unique()).iter_rows():
        bought[who] = frozenset(items)
    return counts, bought


def _note(trouble: list[str], name: str, error: StoreUnavailableError) -> None:
    trouble.append(name)
    log.warning("Lists are made without a store (%s): %s", name, error)
