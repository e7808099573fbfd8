"""The cache of profiles, and what tells whether it is fresh."""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Protocol

import msgspec

from recommender.domain.people import Person
from recommender.domain.ports.changes import Standing


class StoredProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one person to answer quickly; all of it can be made anew from the log.

    Attributes
    ----------
    position : int
        Every line of the log up to this ``seq`` is in it.
    state, items, facts : bytes
        Facets; the record of the person's items; what answers need beside events.
    """

    position: int
    state: bytes
    items: bytes
    facts: bytes


class ProfileStore(Protocol):
    """A cache of profiles by person key (``c:<customer_id>`` or ``v:<visitor_id>``).

    What is damaged or of another version counts as not there.

    Attributes
    ----------
    waits : bool
        Whether reading waits for another server, so that it is worth beginning early.
    """

    waits: bool

    def get(self, keys: Sequence[str]) -> list[StoredProfile | None]:
        """The profiles in the order of the keys, in one round trip; None for what is not there."""
        ...

    def begin(self, keys: Sequence[str]) -> Awaitable[list[StoredProfile | None]] | None:
        """The same without holding up the event loop that runs; None where there is nothing to wait for, or no way yet.

        Awaiting it raises :class:`~recommender.domain.errors.StoreUnavailableError`.
        """
        ...

    def put(self, key: str, profile: StoredProfile, expected: int | None) -> bool:
        """Store if the position that stands is ``expected`` (None: nothing stands); False if somebody was quicker."""
        ...

    def put_many(self, profiles: Iterable[tuple[str, StoredProfile]], *, replace: bool = False) -> int:
        """Store all, whatever stands; returns how many. With ``replace`` they are all there is afterwards, from one moment on."""
        ...

    def erase(self, person: Person) -> int:
        """Forget the person's profiles (both ids), leaving no byte of them in files we own; returns how many."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def check(self) -> None:
        """Whether lists can use it at this moment: raises :class:`~recommender.domain.errors.StoreUnavailableError` if not."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Freshness(Protocol):
    """Up to where something of a person may have changed, shared by all processes of the host; never too low."""

    def mark(self, people: Iterable[Person | str], position: int) -> None:
        """The log up to ``position`` holds something new of these people (of both their ids), or of these person keys."""
        ...

    def mark_all(self, position: int) -> None:
        """The log up to ``position`` may hold something new of anybody."""
        ...

    def mark_facts(self, people: Iterable[Person | str], facts: int) -> None:
        """Consent or the customer's record of these people may have changed, up to ``facts`` (:attr:`Standing.facts`)."""
        ...

    def mark_all_facts(self, facts: int) -> None:
        """The same of anybody."""
        ...

    def of(self, person: Person) -> int:
        """The largest position at which something of this person (either id) may have changed."""
        ...

    def lines_of(self, keys: Sequence[str]) -> int:
        """:meth:`of` by person keys, the largest of them."""
        ...

    def facts_of(self, key: str) -> int:
        """Up to where consent or the record of one person key may have changed."""
        ...

    def holds(self, key: str, position: int, facts: int) -> bool:
        """Whether nothing of one person key changed after a position of the log and these facts."""
        ...

    @property
    def generation(self) -> int:
        """Moves when somebody was forgotten or everything was replaced; what was read before must not be kept."""
        ...

    def forget(self) -> None:
        """Move the generation."""
        ...

    @property
    def seen(self) -> Standing:
        """Up to where the stores' changes have been marked."""
        ...

    def saw(self, standing: Standing) -> None:
        """Changes up to here are marked now."""
        ...

    def advance(self, first: int, last: int) -> bool:
        """Lines from ``first`` to ``last`` are marked; whether everything before them is, too, so that it counts as seen."""
        ...

    def begin_anew(self, standing: Standing) -> None:
        """Everything was replaced: nobody's profile counts as fresh that is not from here."""
        ...
