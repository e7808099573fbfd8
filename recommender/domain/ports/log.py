"""The log of events."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from recommender.domain.events import Event, Line
from recommender.domain.people import Person, Stay
from recommender.domain.ports.imports import Appended, ImportSession, Source

if TYPE_CHECKING:
    import polars as pl


class EventLog(Protocol):
    """The durable truth: what happened, once each, in the order it was written."""

    def append(self, events: Sequence[Event], source: Source) -> Appended:
        """Store events (each with its lines) in one transaction; returns after the commit. Idempotent by ``event_id``."""
        ...

    def importing(self, source: Source) -> AbstractContextManager[ImportSession]:
        """Open one import (see :class:`ImportSession`)."""
        ...

    def frames(
        self, *, until: datetime | None = None, columns: Sequence[str] | None = None
    ) -> "Iterator[pl.DataFrame]":
        """The whole log in columns (of ``LINE_COLUMNS``, typed as said there), in chunks, ordered by ``seq``; ``until`` is exclusive."""
        ...

    def of_person(self, person: Person, *, until: datetime | None = None, limit: int = 2_000) -> list[Line]:
        """The newest ``limit`` lines of one person (either id), oldest first by (time_us, seq)."""
        ...

    def of_people(
        self, people: Sequence[Person], *, until: datetime | None = None, limit: int = 2_000
    ) -> "pl.DataFrame":
        """:meth:`of_person` for many at once, in columns.

        The same lines for each, with a column ``who`` (int32, the place in ``people``) before those of
        ``LINE_COLUMNS``; ordered by (who, time_us, seq).
        """
        ...

    def people(self) -> Iterator[Person]:
        """Everyone the log knows: customers first, then visitors without a customer id, each sorted by id."""
        ...

    def browsers_of(self, customer_id: str) -> list[str]:
        """The visitor ids that belong to the customer, sorted."""
        ...

    def stays_of(self, customer_id: str) -> list[Stay]:
        """When browsers that belong to somebody else now were the customer's, by browser and time."""
        ...

    def links(self) -> Iterator[tuple[str, str]]:
        """(visitor_id, customer_id) pairs that stood together in an event, the newest customer per visitor."""
        ...

    def position(self) -> int:
        """The last ``seq``; 0 for an empty log."""
        ...

    def span(self) -> tuple[datetime, datetime] | None:
        """First and last event time; None for an empty log."""
        ...

    def erase(self, person: Person) -> int:
        """Delete every line of the person (either id), those without a customer of :meth:`stays_of` too; returns how many."""
        ...

    def take_back(self, person: Person, event_ids: Sequence[str]) -> int:
        """Delete the lines of these events that name the person by either id; returns how many."""
        ...
