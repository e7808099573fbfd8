"""The event log: what happened, once each, in the order it was written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from recommender.domain.events import Event, Line
from recommender.domain.people import Person, Stay
from recommender.domain.ports import Appended, ImportSession, Source
from recommender.storage.appending import insert_events, novel, refuse_unstorable, source_number
from recommender.storage.counting import LOG_POSITION, last_number
from recommender.storage.database import Database
from recommender.storage.erasing import erase_lines
from recommender.storage.forgetting import Forgotten
from recommender.storage.links import stays_of
from recommender.storage.people_lines import lines_of_person
from recommender.storage.secret import Secrets
from recommender.storage.tables import events, links
from recommender.storage.times import from_us, to_us

if TYPE_CHECKING:
    import polars as pl

PEOPLE_AT_ONCE = 10_000
BROWSERS = "SELECT visitor_id FROM links WHERE customer_id = {mark} ORDER BY visitor_id"


class SqlEventLog:
    """:class:`~recommender.domain.ports.EventLog` in the table ``events``.

    A customer's history is every line with the customer's id, and the lines without a customer id of the browsers that
    belong to the customer (see ``links``: a browser belongs to the newest customer it was seen with). A visitor's
    history is every line with the visitor's id. With both ids: the customer's, and this browser's lines that name no
    other customer. ``erase`` deletes what ``of_person`` shows, and the lines without a customer that browsers sent while
    they were the customer's, though they are somebody else's now.
    """

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets

    def append(self, events: Sequence[Event], source: Source) -> Appended:
        """Store events in one transaction; returns after the commit. An erased person's event counts as not new."""
        if not events:
            return Appended(new=())
        refuse_unstorable(events)
        position = 0
        with self._database.writing() as connection:
            new = novel(self._database, connection, events, Forgotten(connection, self._secrets))
            fresh = [event for event, is_new in zip(events, new, strict=True) if is_new]
            if fresh:
                position = insert_events(self._database, connection, fresh, source_number(connection, source))
        return Appended(new=tuple(new), position=position)

    @contextmanager
    def importing(self, source: Source) -> Iterator[ImportSession]:
        """Open one import: one transaction, committed at the end of the block, undone by an error."""
        from recommender.storage.session import SqlImportSession

        with self._database.writing() as connection:
            number = source_number(connection, source)
            session = SqlImportSession(self._database, connection, self._secrets, number)
            yield session
            session.close()

    def frames(
        self, *, until: datetime | None = None, columns: Sequence[str] | None = None
    ) -> "Iterator[pl.DataFrame]":
        """The log in columns, in chunks, by ``seq``; all chunks see the same moment of the log."""
        from recommender.storage.columns import line_schema

        wanted = list(line_schema(columns))
        return self._frames(wanted, None if until is None else to_us(until))

    def _frames(self, columns: Sequence[str], until_us: int | None) -> "Iterator[pl.DataFrame]":
        from recommender.storage.columns import line_schema

        read = columns if len(columns) > 1 else list(dict.fromkeys((*columns, "seq", "line")))
        with self._database.reading() as connection:
            for chunk in self._database.event_chunks(connection, line_schema(read), until_us):
                yield chunk.select(columns)

    def of_person(self, person: Person, *, until: datetime | None = None, limit: int = 2_000) -> list[Line]:
        """The newest ``limit`` lines of one person, oldest first."""
        return lines_of_person(self._database, person, None if until is None else to_us(until), limit)

    def of_people(
        self, people: Sequence[Person], *, until: datetime | None = None, limit: int = 2_000
    ) -> "pl.DataFrame":
        """:meth:`of_person` for many at once, in columns, with ``who`` first."""
        from recommender.storage.people_frames import lines_of_people

        return lines_of_people(self._database, people, None if until is None else to_us(until), limit)

    def people(self) -> Iterator[Person]:
        """Customers, then visitors that belong to no customer, each by id."""
        customers = sa.select(events.c.customer_id).where(events.c.customer_id.is_not(None)).distinct()
        visitors = (
            sa.select(events.c.visitor_id)
            .where(events.c.visitor_id.is_not(None), events.c.visitor_id.not_in(sa.select(links.c.visitor_id)))
            .distinct()
        )
        with self._database.streamed(customers.order_by(events.c.customer_id), PEOPLE_AT_ONCE) as rows:
            for one in rows.scalars():
                yield Person(customer_id=one)
        with self._database.streamed(visitors.order_by(events.c.visitor_id), PEOPLE_AT_ONCE) as rows:
            for one in rows.scalars():
                yield Person(visitor_id=one)

    def browsers_of(self, customer_id: str) -> list[str]:
        """The visitor ids that belong to the customer, sorted."""
        with self._database.raw() as cursor:
            cursor.execute(BROWSERS.format(mark=self._database.mark), (customer_id,))
            return [row[0] for row in cursor.fetchall()]

    def stays_of(self, customer_id: str) -> list[Stay]:
        """When browsers that belong to somebody else now were the customer's, by browser and time."""
        with self._database.reading() as connection:
            return stays_of(connection, customer_id)

    def links(self) -> Iterator[tuple[str, str]]:
        """(visitor, customer) pairs that stood in one event, the newest customer per visitor, by visitor."""
        chosen = sa.select(links.c.visitor_id, links.c.customer_id).order_by(links.c.visitor_id)
        with self._database.streamed(chosen, PEOPLE_AT_ONCE) as rows:
            yield from ((row[0], row[1]) for row in rows)

    def position(self) -> int:
        """The last ``seq`` that was given out; 0 for a log nothing was ever written to. Erasure does not move it."""
        with self._database.reading() as connection:
            return last_number(connection, LOG_POSITION)

    def span(self) -> tuple[datetime, datetime] | None:
        """First and last event time; None for an empty log."""
        with self._database.reading() as connection:
            first, last = connection.execute(
                sa.select(sa.func.min(events.c.time_us), sa.func.max(events.c.time_us))
            ).one()
        return None if first is None else (from_us(first), from_us(last))

    def erase(self, person: Person) -> int:
        """Delete what :meth:`of_person` shows of the person, and what it showed while other browsers were theirs; how many lines."""
        with self._database.writing() as connection:
            return erase_lines(self._database, connection, person)

    def take_back(self, person: Person, event_ids: Sequence[str]) -> int:
        """Delete the lines of these events that name the person by either id; returns how many."""
        either = [events.c.visitor_id == person.visitor_id] if person.visitor_id is not None else []
        if person.customer_id is not None:
            either.append(events.c.customer_id == person.customer_id)
        if not either or not event_ids:
            return 0
        theirs = sa.and_(sa.or_(*either), events.c.event_id.in_(event_ids))
        with self._database.writing() as connection:
            return connection.execute(events.delete().where(theirs)).rowcount
