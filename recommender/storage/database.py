"""What the stores need of a database, whichever it is: transactions, bulk rows in and out, and a tidy end."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from recommender.storage.failures import explained

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray
    from sqlalchemy.dialects import postgresql, sqlite

    from recommender.storage.pens import Pen
    from recommender.storage.sqlite_rows import Cells

    Numbers = NDArray[np.int64]

CHUNK_ROWS = 100_000
"""Rows per chunk when the log is read in columns; bounds memory to some tens of MB."""


class Database(ABC):
    """One open database. Safe to share between threads; not carried across a fork."""

    engine: sa.Engine
    place: str
    mark: str
    """How a statement names its next value: ``?`` or ``%s``."""
    json_list: str
    """A subquery with the values of a JSON list of text, which is its one parameter."""

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one moment of the database for as long as it is held; never waits for writers."""
        with explained(self.place), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def raw(self) -> Iterator[Any]:
        """The driver's own cursor for one quick question."""
        with explained(self.place):
            connection = self.engine.raw_connection()
            try:
                cursor = connection.cursor()
                try:
                    yield cursor
                finally:
                    cursor.close()
            finally:
                connection.close()

    @contextmanager
    def streamed(self, chosen: sa.Select[*tuple[Any, ...]], at_once: int) -> Iterator[sa.Result[*tuple[Any, ...]]]:
        """Rows of one moment, fetched ``at_once`` at a time, however many there are."""
        with self.reading() as connection:
            result = connection.execution_options(yield_per=at_once).execute(chosen)
            try:
                yield result
            finally:
                result.close()

    @abstractmethod
    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that may write: waits its turn, commits at the end of the block, undoes all on an error."""

    @abstractmethod
    def migrating(self) -> AbstractContextManager[sa.Connection]:
        """:meth:`writing` for changes of the schema: one process at a time."""

    @abstractmethod
    def pen(self) -> "Pen":
        """A connection of its own for the intake; see ``pens``."""

    def cells(self, lines: "pl.DataFrame") -> "Cells | None":  # noqa: ARG002 - of no use where columns are sent
        """Rows without ``seq`` made ready for :meth:`insert_cells`, which needs no connection: another thread may do it."""
        return None

    @abstractmethod
    def insert_lines(self, connection: sa.Connection, lines: "pl.DataFrame") -> int:
        """Store rows of ``events`` (columns as in the table; missing ones are null) unless their id is there already.

        ``seq`` is the first column. Returns how many went in.
        """

    def insert_cells(self, connection: sa.Connection, cells: "Cells", first: int) -> int:
        """The same with what :meth:`cells` made of rows, numbered from ``first`` without gaps; not to be called where it makes none."""
        raise NotImplementedError(f"{type(self).__name__} makes no cells, so none can be stored")

    def begin_first_import(self, connection: sa.Connection, columns: Collection[str]) -> None:  # noqa: B027 - nothing to do is an answer
        """Before the first lines of a log without any are imported, in the same transaction; they fill these columns."""

    def end_first_import(self, connection: sa.Connection) -> None:  # noqa: B027 - nothing to do is an answer
        """After them; whatever :meth:`begin_first_import` put off is done."""

    @abstractmethod
    def numbers_from(self, connection: sa.Connection, first: int) -> "Numbers":
        """The ``seq`` of every row from ``first`` on."""

    @abstractmethod
    def event_chunks(
        self, connection: sa.Connection, schema: "Mapping[str, pl.DataType]", until_us: int | None
    ) -> "Iterator[pl.DataFrame]":
        """Columns of ``events``, by ``seq``, at most :data:`CHUNK_ROWS` rows at a time."""

    @abstractmethod
    def lines_of_list(
        self, connection: sa.Connection, condition: str, ids: str, before_us: int, limit: int
    ) -> "pl.DataFrame":
        """For each id ``w.value`` of a JSON list, its newest lines that meet the condition; ``who`` is its place."""

    def forget_pages(self, connection: sa.Connection) -> None:  # noqa: B027 - nothing to do is an answer
        """Let go of what was read once and is kept in this process's memory; nothing to do where a server keeps it."""

    @abstractmethod
    def compact(self) -> None:
        """Leave no deleted byte in files we own."""

    def insert(self, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
        """An insert that can say what happens on a conflict."""
        if self.engine.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as into_postgresql

            return into_postgresql(table)
        from sqlalchemy.dialects.sqlite import insert as into_sqlite

        return into_sqlite(table)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
