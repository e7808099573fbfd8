"""One person as answers see them: read from the cache, brought up to date from the log when the board says so.

The log is the truth. A profile is fresh as long as its position is not below the board's; a store that does not answer
costs the next better source, never the list.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import msgspec

from recommender.domain import metrics
from recommender.domain.breaker import Breaker
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.events import Line
from recommender.domain.people import Person
from recommender.domain.ports import (
    Changes,
    ConsentLedger,
    Customers,
    EventLog,
    Freshness,
    ProfileStore,
    Standing,
    StoredProfile,
)
from recommender.services.bounded import Direct
from recommender.services.early import Early
from recommender.services.kept import Kept
from recommender.services.person import (
    Facts,
    Profile,
    Reading,
    decoded,
    encoded,
    encoded_facts,
    person_of,
    reading_of,
    record_of,
    says_anything,
)

__all__ = [
    "EVENTS_UNAVAILABLE",
    "EVERYTHING",
    "Facts",
    "Profile",
    "Profiles",
    "Reading",
    "encoded_facts",
    "record_of",
]

log = logging.getLogger("recommender.profiles")

HIT, MISS, STALE, ERROR = (
    metrics.counter("recommender_cache_requests_total", store="profiles", outcome=outcome)
    for outcome in ("hit", "miss", "stale", "error")
)
DATABASE = metrics.histogram("recommender_store_duration_seconds", store="database")
MEMORY = metrics.counter("recommender_cache_requests_total", store="memory", outcome="hit")

KEPT_PROFILES = 1_024
KEPT_SECONDS = 60.0
EVERYTHING = 2**31 - 1
EVENTS_UNAVAILABLE = "events_unavailable"

Value = TypeVar("Value")


class Asking(Protocol):
    """A way to ask a database that answers, or raises :class:`StoreUnavailableError`, within bounded time."""

    def __call__(self, question: Callable[[], Value], /) -> Value:
        """The answer to the question."""
        ...


class Profiles:
    """Reads people for answers. Safe to share between threads.

    Parameters
    ----------
    log, customers, consent, changes
        The stores of people: the truth.
    store : ProfileStore
        The cache.
    board : Freshness
        Says whether the cache is still right.
    limit : int
        How many of a person's newest lines a record holds.
    asking : Asking, optional
        How the truth is asked; see :mod:`recommender.services.bounded`.
    """

    def __init__(
        self,
        *,
        log: EventLog,
        customers: Customers,
        consent: ConsentLedger,
        changes: Changes,
        store: ProfileStore,
        board: Freshness,
        limit: int,
        asking: Asking | None = None,
        breaker: Breaker | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.log = log
        self.customers = customers
        self.consent = consent
        self.changes = changes
        self.store = store
        self.board = board
        self.limit = limit
        self._asking: Asking = asking or Direct()
        self._breaker = breaker or Breaker(failures=2)
        self._monotonic = monotonic
        self._kept = Kept(KEPT_PROFILES, KEPT_SECONDS, monotonic)
        self._early = Early(store, monotonic)

    def begin(self, person: Person) -> Awaitable[None] | None:
        """What is to be awaited before :meth:`read`, so that no other answer waits meanwhile; None if there is nothing."""
        if not self.store.waits:
            return None
        keys = [
            f"{kind}:{name}" for kind, name in (("c", person.customer_id), ("v", person.visitor_id)) if name is not None
        ]
        if not keys or self._in_memory(keys) is not None:
            return None
        return self._early.begin(keys, self.board.generation)

    def read(self, person: Person) -> Reading:
        """The person as a list may use them; never raises for a store."""
        customer, visitor = person.customer_id, person.visitor_id
        if customer is None or visitor is None:
            key = f"c:{customer}" if customer is not None else f"v:{visitor}"
            held = self._in_memory((key,))
            if held is not None:
                MEMORY.add()
                return reading_of(held[0], None)
            profile, trouble = self._of(key, person, *self._cached([key]))
            if profile is None:
                return Reading(record=None, trouble=trouble, unknown=True)
            return reading_of(profile, trouble)
        return self._together(customer, visitor, person)

    def _together(self, customer: str, visitor: str, person: Person) -> Reading:
        """A customer in a browser: one history, and what either id refuses."""
        keys = [f"c:{customer}", f"v:{visitor}"]
        cached = self._cached(keys)
        own, trouble = self._of(keys[0], Person(customer_id=customer), cached[0])
        browser, also = self._of(keys[1], Person(visitor_id=visitor), cached[1])
        if own is None or browser is None:
            return Reading(record=None, trouble=trouble or also, unknown=True)
        whole: Profile | None = own
        if visitor not in own.facts.linked:
            whole, more = self._of(f"p:{customer}\0{visitor}", person, None, below=keys, shared=False)
            trouble = trouble or more
        reading = reading_of(whole or own, trouble or also)
        return msgspec.structs.replace(
            reading,
            refused=frozenset({*own.facts.refused, *browser.facts.refused}),
            country=own.facts.country,
        )

    def profile(self, person: Person) -> Profile:
        """The profile of one id (the customer's, else the visitor's), up to date; for pages and tools.

        Raises
        ------
        StoreUnavailableError
            If the log does not answer.
        """
        key = f"c:{person.customer_id}" if person.customer_id is not None else f"v:{person.visitor_id}"
        one = Person(customer_id=person.customer_id) if person.customer_id is not None else person
        profile, trouble = self._of(key, one, *self._cached([key]))
        if profile is None or trouble is not None:
            raise StoreUnavailableError("The event log does not answer; try again in a few seconds.")
        return profile

    def keep(self, person: Person, profile: Profile) -> None:
        """Store a profile whose facets were brought up to date, unless somebody was quicker."""
        key = f"c:{person.customer_id}" if person.customer_id is not None else f"v:{person.visitor_id}"
        generation = self.board.generation
        self._kept.put(key, profile, generation)
        self._store(key, profile, profile.position, generation)

    def _cached(self, keys: Sequence[str]) -> list[StoredProfile | Profile | None]:
        """What memory or the cache has, in one round trip; a cache that does not answer has nothing."""
        early = self._early.taken(keys, self.board.generation)
        held = self._in_memory(keys)
        if held is not None:
            MEMORY.add()
            return list(held)
        if early is not None:
            return list(early)
        try:
            return list(self.store.get(keys))
        except StoreUnavailableError:
            ERROR.add()
            return [self._kept.get(key, self.board.generation) for key in keys]

    def _in_memory(self, keys: Sequence[str]) -> list[Profile] | None:
        """Fresh profiles of all of them."""
        held = []
        for key in keys:
            one = self._kept.get(key, self.board.generation)
            if one is None or not self._is_fresh(key, one):
                return None
            held.append(one)
        return held

    def _of(
        self,
        key: str,
        person: Person,
        cached: StoredProfile | Profile | None,
        *,
        below: Sequence[str] = (),
        shared: bool = True,
    ) -> tuple[Profile | None, str | None]:
        """A fresh profile; else the old one and what is wrong; else nothing."""
        generation = self.board.generation
        before = cached if isinstance(cached, Profile) else decoded(cached)
        if before is None:
            before = self._kept.get(key, generation)
        if before is not None and self._is_fresh(key, before, below):
            if isinstance(cached, StoredProfile):
                HIT.add()
                self._kept.put(key, before, generation)
            return before, None
        (MISS if before is None else STALE).add()
        try:
            after = self._made(person, before)
        except StoreUnavailableError as error:
            log.warning("a person is read without the log: %s", error)
            return before, EVENTS_UNAVAILABLE
        self._kept.put(key, after, generation)
        if shared and (before is not None or says_anything(after)):
            self._store(key, after, None if cached is None else cached.position, generation)
        return after, None

    def _is_fresh(self, key: str, profile: Profile, below: Sequence[str] = ()) -> bool:
        """Whether nothing of the person, of a visitor that belongs to them, or of the customer a visitor belongs to, changed since."""
        board, facts = self.board, profile.facts
        if not below and not facts.linked and facts.owner is None:
            return board.holds(key, profile.position, facts.stamp)
        said = below or ((key,) if facts.owner is None else (key, f"c:{facts.owner}"))
        keys = said
        if facts.linked:
            keys = (*keys, *(f"v:{visitor}" for visitor in facts.linked))
        return profile.position >= board.lines_of(keys) and all(facts.stamp >= board.facts_of(one) for one in said)

    def _made(self, person: Person, before: Profile | None) -> Profile:
        """The profile from the log. Where the stores stand is read first: what is written meanwhile is read again."""
        if not self._breaker.allows():
            raise StoreUnavailableError("The event log did not answer lately.")
        began = self._monotonic()
        try:
            made = self._asking(lambda: self._folded(person, before))
        except StoreUnavailableError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        DATABASE.observe(self._monotonic() - began)
        return made

    def _folded(self, person: Person, before: Profile | None) -> Profile:
        standing = self.changes.standing()
        facts = self._facts(person, standing)
        lines: Sequence[Line] = self.log.of_person(person, limit=self.limit)
        if before is not None:
            facts = msgspec.structs.replace(facts, folded=before.facts.folded, folded_linked=before.facts.folded_linked)
        return Profile(
            position=standing.position,
            record=record_of(lines, self.limit),
            facts=facts,
            state=b"" if before is None else before.state,
        )

    def _facts(self, person: Person, standing: Standing) -> Facts:
        if person.customer_id is None:
            owner, of_either = self.consent.refused_in(person.visitor_id or "")
            return Facts(stamp=standing.facts, owner=owner, refused=tuple(sorted(of_either)))
        refused = tuple(sorted(self.consent.refused(person)))
        known = self.customers.get([person.customer_id]).get(person.customer_id)
        return Facts(
            stamp=standing.facts,
            linked=tuple(self.log.browsers_of(person.customer_id)),
            country=None if known is None else known.country or None,
            refused=refused,
        )

    def _store(self, key: str, profile: Profile, expected: int | None, generation: int) -> None:
        """Put into the cache; taken back if somebody was forgotten since the log was read."""
        try:
            stored = self.store.put(key, encoded(profile), expected)
            if stored and self.board.generation != generation:
                self.store.erase(person_of(key))
        except StoreUnavailableError as error:
            log.debug("a profile is not cached: %s", error)
