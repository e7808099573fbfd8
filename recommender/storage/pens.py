"""How the intake writes: one connection of its own, plain statements, as few of them as can be.

Every statement hands the interpreter to other threads and has to win it back, so that in a busy worker it is the number
of statements that a commit's time depends on.
"""

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from recommender.storage.failures import explained
from recommender.storage.lock import Turnstile
from recommender.storage.pen_columns import NUMBERED, WHOLE, Row, bound, copied, filled, insert

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg


class Pen(ABC):
    """A connection kept open for writing; one thread uses it at a time."""

    mark: str
    """How a statement names its next value."""
    json_list: str
    """A subquery with the values of a JSON list of text, its one parameter."""

    @abstractmethod
    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Waits its turn, commits at the end of the block, undoes all on an error."""
        yield

    @abstractmethod
    def ask(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement; its rows, none if it has none."""

    @abstractmethod
    def many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for each row."""

    @abstractmethod
    def insert_events(self, rows: Sequence[Row]) -> set[int] | None:
        """Store rows (columns of :data:`NUMBERED`) whose event and line are not there yet.

        Returns
        -------
        set of int or None
            The ``seq`` of those that went in; None when all did.

        Raises
        ------
        AlreadyStoredError
            The transaction is lost, and will get further when it is repeated.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection."""


MOST_ROWS = 512
"""Rows one statement of SQLite stores at most."""


def _size(rows: int) -> int:
    """The next power of two, from 64 on the next multiple of 64."""
    return -(-rows // 64) * 64 if rows > 32 else 1 << (rows - 1).bit_length()


class AlreadyStoredError(Exception):
    """An event is there already, which no statement could say without undoing the transaction: it is to be tried again."""


class SqlitePen(Pen):
    """SQLite: queue at the lock file, then rows by many-row statements."""

    mark = "?"
    json_list = "SELECT value FROM json_each(?)"

    def __init__(self, connect: "Callable[[], sqlite3.Connection]", *, lock: Path, place: str) -> None:
        self._connect = connect
        self._turnstile = Turnstile(lock)
        self._place = place
        self._open: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One writer at a time among all processes (see ``lock``); durable when the block has ended."""
        with explained(self._place), self._turnstile.turn():
            if self._open is None:
                self._open = self._connect()
            connection = self._open
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield
                connection.execute("COMMIT")
            except BaseException:
                self._give_up(connection)
                raise

    def _give_up(self, connection: sqlite3.Connection) -> None:
        self._open = None
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        connection.close()

    def ask(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """See :meth:`Pen.ask`."""
        return self._now.execute(statement, values).fetchall()

    def many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """See :meth:`Pen.many`."""
        self._now.executemany(statement, rows)

    def insert_events(self, rows: Sequence[Row]) -> set[int] | None:
        """In one statement mostly, of one of a few sizes, which SQLite reads once; what is left over repeats the last row."""
        connection, stored = self._now, 0
        shape, shared, values = bound(filled(rows))
        width = len(values) // len(rows)
        for at in range(0, len(rows), MOST_ROWS):
            some = values[at * width : (at + MOST_ROWS) * width]
            size = _size(len(some) // width)
            some += some[-width:] * (size - len(some) // width)
            stored += connection.execute(insert(shape, size), shared + some).rowcount
        if stored == len(rows):
            return None
        return {row[0] for row in connection.execute("SELECT seq FROM events WHERE seq >= ?", (rows[0][0],))}

    @property
    def _now(self) -> sqlite3.Connection:
        if self._open is None:
            raise ValueError("a pen writes inside its transaction only")
        return self._open

    def close(self) -> None:
        """See :meth:`Pen.close`."""
        self._turnstile.close()
        if self._open is not None:
            self._open.close()
            self._open = None


FEW_ROWS = 10
"""Up to so many rows go to PostgreSQL in one statement, as JSON, which costs twice as much a row as COPY."""
SOME_ROWS = 100
"""Up to so many it is so even while COPY has to go by a temporary table, which costs some at each commit."""
CAREFUL_GROUPS = 50
"""After a group with events that are there already, so many are not copied straight into the log."""


class PostgresPen(Pen):
    """PostgreSQL: few rows in one statement, many by COPY.

    COPY knows no "unless it is there". So it goes straight into the log; where an event turns out to be there already, the
    transaction is repeated by way of a temporary table, and from there goes what is not, and for a while like this from
    the start. (A savepoint would cost every group two more journeys while the other workers wait for the counter.)
    """

    mark = "%s"
    json_list = "SELECT json_array_elements_text(%s::json)"

    def __init__(self, connect: "Callable[[], psycopg.Connection[Any]]", *, place: str) -> None:
        self._connect = connect
        self._place = place
        self._open: psycopg.Connection[Any] | None = None
        names = ",".join(NUMBERED)
        typed = ",".join(f"{name} {'bigint' if name in WHOLE else 'text'}" for name in NUMBERED)
        self._few = (
            f"INSERT INTO events ({names}) SELECT {names} FROM json_to_recordset(%s::json) AS sent({typed}) ORDER BY seq "  # noqa: S608
            "ON CONFLICT DO NOTHING RETURNING seq"
        )
        self._careful = 0
        self._move = (
            f"INSERT INTO events ({names}) SELECT {names} FROM incoming_lines ORDER BY seq "  # noqa: S608
            "ON CONFLICT DO NOTHING RETURNING seq"
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Durable when the block has ended; a connection that failed is replaced by the next transaction."""
        with explained(self._place):
            try:
                with self._explained_connect(), self._now.transaction():
                    yield
            except AlreadyStoredError:
                raise
            except BaseException:
                self.close()
                raise

    @contextmanager
    def _explained_connect(self) -> Iterator[None]:
        """Open what is needed, and let a driver's error look as SQLAlchemy would show it, for one table of sentences."""
        import psycopg

        try:
            if self._open is None or self._open.closed:
                self._open = self._connect()
                self._open.execute(
                    "CREATE TEMPORARY TABLE incoming_lines ON COMMIT DELETE ROWS AS "  # noqa: S608
                    f"SELECT {','.join(NUMBERED)} FROM events WITH NO DATA"
                )
            yield
        except psycopg.Error as error:
            raise sa.exc.DBAPIError(None, None, error) from error

    def ask(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """See :meth:`Pen.ask`."""
        found = self._now.execute(statement, values)
        return found.fetchall() if found.description is not None else []

    def many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """See :meth:`Pen.many`."""
        with self._now.cursor() as cursor:
            cursor.executemany(statement, rows)

    def insert_events(self, rows: Sequence[Row]) -> set[int] | None:
        """See :meth:`Pen.insert_events`."""
        if len(rows) <= (SOME_ROWS if self._careful else FEW_ROWS):
            sent = json.dumps([dict(zip(NUMBERED, row, strict=True)) for row in rows], ensure_ascii=False)
            return self._missed(self.ask(self._few, (sent,)), rows)
        columns = filled(rows)
        names, text = ",".join(column.name for column in columns), copied(columns)
        if not self._careful:
            self._copy_straight(names, text)
            return None
        with self._now.cursor() as cursor:
            with cursor.copy(f"COPY incoming_lines ({names}) FROM STDIN") as stream:
                stream.write(text)
            return self._missed(cursor.execute(self._move).fetchall(), rows)

    def _copy_straight(self, names: str, text: str) -> None:
        """Copy rows into the log; where one is there already, the transaction is lost."""
        import psycopg

        try:
            with self._now.cursor() as cursor, cursor.copy(f"COPY events ({names}) FROM STDIN") as stream:
                stream.write(text)
        except psycopg.errors.UniqueViolation as error:
            self._careful = CAREFUL_GROUPS
            raise AlreadyStoredError from error

    def _missed(self, stored: Sequence[Row], rows: Sequence[Row]) -> set[int] | None:
        """The numbers that went in, unless all did."""
        if len(stored) < len(rows):
            self._careful = CAREFUL_GROUPS
            return {row[0] for row in stored}
        self._careful = max(self._careful - 1, 0)
        return None

    @property
    def _now(self) -> "psycopg.Connection[Any]":
        if self._open is None:
            raise ValueError("a pen writes inside its transaction only")
        return self._open

    def close(self) -> None:
        """See :meth:`Pen.close`."""
        if self._open is not None:
            self._open.close()
            self._open = None
