"""SQLite: one file, durable commits, readers that never wait, writers that queue."""

import os
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from recommender.ahead import ahead
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.events import LINE_COLUMNS
from recommender.storage.database import CHUNK_ROWS, Database
from recommender.storage.failures import explained
from recommender.storage.lock import only_writer
from recommender.storage.pens import SqlitePen
from recommender.storage.tables import events

if TYPE_CHECKING:
    import polars as pl

    from recommender.storage.database import Numbers
    from recommender.storage.sqlite_rows import Cells

BUSY_SECONDS = 10.0
"""How long we wait for a lock some program outside our queue holds."""

PAGE_BYTES = 8_192
CACHE_MB = 64
"""Pages one connection may hold; an import that finds its index in memory is several times as fast."""
CHECKPOINT_PAGES = 4_096
"""After so many pages (32 MB) the write-ahead log goes into the file: events touch the same pages again and again."""
FIELD, ROW = "\x1f", "\n"
"""Separators of the text the log is read through; stored text never holds control characters."""


class SqliteDatabase(Database):
    """A SQLite file in WAL mode with ``synchronous=FULL`` and ``secure_delete``.

    Parameters
    ----------
    path : Path
        The database file; its folder must exist.
    lock : Path
        The file writers queue at.
    create : bool
        Whether a missing file is made; otherwise it is a :class:`StoreUnavailableError`.
    cache_mb : int
        Memory of one connection for pages. The operating system keeps the file's pages too, once for all processes.
    """

    mark = "?"
    json_list = "SELECT value FROM json_each(?)"

    def __init__(self, path: Path, *, lock: Path, create: bool, cache_mb: int = CACHE_MB) -> None:
        self.path = path
        self.place = str(path)
        self._lock = lock
        self._cache_kib = cache_mb * 1024
        if not create and not path.is_file():
            raise StoreUnavailableError(f"There is no database at {path}; import something first or check --home.")
        self.engine = sa.create_engine(
            "sqlite://", creator=self._connect, poolclass=QueuePool, pool_size=8, max_overflow=56, pool_timeout=30
        )
        sa.event.listen(self.engine, "begin", _begin)
        with explained(self.place):
            self._prepare()

    def _prepare(self) -> None:
        if self.path.is_file() and self.path.stat().st_size:
            return
        with only_writer(self._lock):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = self._connect()
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA user_version=1")
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        for pragma in (
            f"page_size={PAGE_BYTES}",
            "synchronous=FULL",
            "secure_delete=ON",
            f"cache_size=-{self._cache_kib}",
            "journal_size_limit=67108864",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Queue at the lock file, then ``BEGIN IMMEDIATE``; committed to the disk at the end of the block."""
        with explained(self.place), only_writer(self._lock), self.engine.connect() as plain:
            connection = plain.execution_options(begin="IMMEDIATE")
            with connection.begin():
                yield connection

    migrating = writing

    def pen(self) -> SqlitePen:
        """A connection of its own; writers still queue at the lock file."""
        return SqlitePen(self._connect, lock=self._lock, place=self.place)

    def cells(self, lines: "pl.DataFrame") -> "Cells":
        """As lists, which is half of the interpreter's part in storing them."""
        from recommender.storage.sqlite_rows import cells_of

        return cells_of(lines)

    def insert_lines(self, connection: sa.Connection, lines: "pl.DataFrame") -> int:
        """Many rows per statement; only columns that hold something."""
        return self.insert_cells(connection, self.cells(lines), lines["seq"][0])

    def insert_cells(self, connection: sa.Connection, cells: "Cells", first: int) -> int:
        """Bound as they are."""
        from recommender.storage.sqlite_rows import store

        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return store(driver, cells, first)

    def numbers_from(self, connection: sa.Connection, first: int) -> "Numbers":
        """As one text, for speed."""
        import numpy as np

        text = connection.exec_driver_sql("SELECT group_concat(seq) FROM events WHERE seq >= ?", (first,)).scalar()
        return np.fromstring(text or "", dtype=np.int64, sep=",")

    def begin_first_import(self, connection: sa.Connection, columns: Collection[str]) -> None:
        """An index of people is written in its own order at the end, in half the time of row by row; an empty one stays."""
        for index in events.indexes:
            if index.columns[0].name in columns:
                index.drop(connection)

    def end_first_import(self, connection: sa.Connection) -> None:
        """The indexes of people, as they were."""
        for index in events.indexes:
            index.create(connection, checkfirst=True)

    def event_chunks(
        self, connection: sa.Connection, schema: "Mapping[str, pl.DataType]", until_us: int | None
    ) -> "Iterator[pl.DataFrame]":
        """SQLite makes one JSON list of each column of a chunk, which Polars parses: far less work than rows through Python."""
        from recommender.storage.columns import of_json_lists

        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        before = "" if until_us is None else f" AND time_us < {until_us}"
        columns = ",".join(f"CAST(json_group_array({name}) AS BLOB)" for name in schema)
        ask = f"SELECT count(*),{columns} FROM events WHERE seq BETWEEN ? AND ?{before}"  # noqa: S608 - our own words
        with closing(ahead(_listed(driver, ask))) as lists:
            for rows, *texts in lists:
                yield of_json_lists(texts, rows, schema)

    def lines_of_list(
        self, connection: sa.Connection, condition: str, ids: str, before_us: int, limit: int
    ) -> "pl.DataFrame":
        """One index scan per id."""
        from recommender.storage.columns import of_separated, who_schema

        row = _row_text(["w.key", *(f"e.{name}" for name in LINE_COLUMNS)])
        ask = (
            f"SELECT CAST(group_concat({row}, '{ROW}') AS BLOB) FROM json_each(?) AS w CROSS JOIN events AS e "  # noqa: S608
            f"WHERE e.seq IN (SELECT seq FROM events WHERE {condition} AND time_us < ? "
            "ORDER BY time_us DESC, seq DESC LIMIT ?)"
        )
        text = connection.exec_driver_sql(ask, (ids, before_us, limit)).scalar()
        return of_separated(text, who_schema(), FIELD)

    def forget_pages(self, connection: sa.Connection) -> None:
        """Empty the connection's page cache, which would keep most of a table that was read once."""
        connection.exec_driver_sql("PRAGMA shrink_memory")

    def compact(self) -> None:
        """Rewrite the file without what was deleted and empty the write-ahead log; writers wait meanwhile."""
        with explained(self.place), only_writer(self._lock):
            connection = self._connect()
            try:
                self._empty_wal(connection)
                connection.execute("VACUUM")
                self._empty_wal(connection)
            finally:
                connection.close()

    def _empty_wal(self, connection: sqlite3.Connection) -> None:
        """Bring the write-ahead log into the file and cut it to nothing; waits for readers of old snapshots."""
        deadline = time.monotonic() + BUSY_SECONDS
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > deadline:
                raise StoreUnavailableError(
                    f"{self.path} is being read by a long-running program, so that deleted bytes cannot be wiped yet; "
                    "stop it and repeat."
                )
            time.sleep(0.05)


def _begin(connection: sa.Connection) -> None:
    how = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {how}")


def _listed(driver: sqlite3.Connection, ask: str) -> Iterator[tuple[int, *tuple[bytes, ...]]]:
    """What is asked of each chunk of the log, where there are rows."""
    first, last = driver.execute("SELECT min(seq), max(seq) FROM events").fetchone()
    for start in range(first, last + 1, CHUNK_ROWS) if first is not None else ():
        told = driver.execute(ask, (start, start + CHUNK_ROWS - 1)).fetchone()
        if told[0]:
            yield told


def _row_text(columns: Sequence[str]) -> str:
    return f"printf('{FIELD.join(['%s'] * len(columns))}',{','.join(columns)})"
