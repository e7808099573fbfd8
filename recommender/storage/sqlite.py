"""SQLite: one file, durable commits, readers that never wait, writers that queue."""

import itertools
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from recommender.domain.errors import StoreUnavailableError
from recommender.domain.events import LINE_COLUMNS
from recommender.storage.database import CHUNK_ROWS, Database
from recommender.storage.failures import explained
from recommender.storage.lock import only_writer
from recommender.storage.pens import SqlitePen

if TYPE_CHECKING:
    import polars as pl

BUSY_SECONDS = 10.0
"""How long we wait for a lock some program outside our queue holds."""

PAGE_BYTES = 8_192
CACHE_MB = 64
"""Pages one connection may hold; an import that finds its index in memory is several times as fast."""
CHECKPOINT_PAGES = 4_096
"""After so many pages (32 MB) the write-ahead log goes into the file: events touch the same pages again and again."""
ROWS_PER_STATEMENT = 100
"""Rows one INSERT carries: a third faster than one each, still a small statement."""

BOUND = ("?", "nullif(?,'')")
"""A value the statement is given with each row: never missing, or at times."""

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

    def insert_lines(self, connection: sa.Connection, lines: "pl.DataFrame") -> int:
        """Many rows per statement; only columns that hold something."""
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        before = driver.total_changes
        names, values = _names_and_values(lines)
        varying = [name for name, value in zip(names, values, strict=True) if value in BOUND]
        cells: list[object] = [None] * (len(lines) * len(varying))
        for place, name in enumerate(varying):
            column = lines[name]
            gaps = column.null_count()
            cells[place :: len(varying)] = _filled(column) if gaps else column.to_list()
        whole = len(lines) // ROWS_PER_STATEMENT * ROWS_PER_STATEMENT
        for start, end, together in ((0, whole, ROWS_PER_STATEMENT), (whole, len(lines), 1)):
            width = together * len(varying)
            driver.executemany(
                _insert_statement(names, values, together),
                (cells[at : at + width] for at in range(start * len(varying), end * len(varying), width)),
            )
        return driver.total_changes - before

    def numbers_from(self, connection: sa.Connection, first: int) -> list[int]:
        """As one text, for speed."""
        text = connection.exec_driver_sql("SELECT group_concat(seq) FROM events WHERE seq >= ?", (first,)).scalar()
        return [] if text is None else list(map(int, str(text).split(",")))

    def event_chunks(
        self, connection: sa.Connection, schema: "Mapping[str, pl.DataType]", until_us: int | None
    ) -> "Iterator[pl.DataFrame]":
        """SQLite joins each chunk into one text and Polars parses it: five times as fast as rows through Python."""
        from recommender.storage.columns import of_json_rows, of_separated

        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        before = "" if until_us is None else f" AND time_us < {until_us}"
        texts = ",".join(f"ifnull({name}, '')" for name in schema)
        quick, sure = (
            f"SELECT CAST(group_concat({row}, '{ROW}') AS BLOB) FROM events WHERE seq BETWEEN ? AND ?{before}"  # noqa: S608
            for row in (f"json_array(0,{texts},0)", _row_text(list(schema)))
        )
        first, last = driver.execute("SELECT min(seq), max(seq) FROM events").fetchone()
        for start in itertools.count(first, CHUNK_ROWS) if first is not None else ():
            if start > last:
                return
            part = (start, start + CHUNK_ROWS - 1)
            (text,) = driver.execute(quick, part).fetchone()
            if text is None:
                continue
            read = of_json_rows(text, schema)
            if read is None:
                (text,) = driver.execute(sure, part).fetchone()
                read = of_separated(text, schema, FIELD)
            yield read

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


def _row_text(columns: Sequence[str]) -> str:
    return f"printf('{FIELD.join(['%s'] * len(columns))}',{','.join(columns)})"


def _names_and_values(lines: "pl.DataFrame") -> tuple[list[str], list[str]]:
    """The columns that hold something, and how the statement gives each: as a value to bind, or written out.

    Binding is what an import spends its time on. So a column that says the same in every row stands in the statement,
    and a gap, which costs ten times as much to bind as text, travels as an empty string.
    """
    names, values = [], []
    for name in lines.columns:
        column = lines[name]
        if (gaps := column.null_count()) == len(column):
            continue
        names.append(name)
        if not gaps and (column == column[0]).all():
            values.append(_literal(column[0]))
        else:
            values.append(BOUND[bool(gaps)])
    if not any(value in BOUND for value in values):
        values[0] = BOUND[0]
    return names, values


def _filled(column: "pl.Series") -> list[object]:
    """The values, with an empty text in the place of a gap."""
    if str(column.dtype) == "String":
        return column.fill_null("").to_list()
    return ["" if value is None else value for value in column.to_list()]


def _literal(value: str | int) -> str:
    if isinstance(value, int):
        return str(int(value))
    return "'" + value.replace("'", "''") + "'"


def _insert_statement(columns: Sequence[str], values: Sequence[str], rows: int) -> str:
    together = ",".join([f"({','.join(values)})"] * rows)
    return f"INSERT OR IGNORE INTO events({','.join(columns)}) VALUES{together}"
