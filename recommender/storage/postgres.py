"""PostgreSQL through psycopg 3: rows in and out by COPY, writers ordered by the row they count with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from recommender.domain.events import LINE_COLUMNS
from recommender.storage.database import CHUNK_ROWS, Database
from recommender.storage.failures import explained
from recommender.storage.pens import PostgresPen
from recommender.storage.tables import metadata

if TYPE_CHECKING:
    import polars as pl
    import psycopg

    from recommender.storage.database import Numbers

MIGRATION_LOCK = 0x7265636F
"""Key of the advisory lock one migrating process holds."""

STAGING = "staged_lines"
CONNECT_SECONDS = 5


class PostgresDatabase(Database):
    """A PostgreSQL database.

    Writers of the log lock the counter they number with, so that ``seq`` grows in the order of the commits and a reader
    who saw position *n* never finds a smaller one appear later.
    """

    mark = "%s"
    json_list = "SELECT json_array_elements_text(%s::json)"

    def __init__(self, url: sa.URL) -> None:
        self.place = f"The database {url.database or ''} on {url.host or 'this machine'}"
        self.engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=8,
            max_overflow=56,
            pool_timeout=30,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One snapshot (``REPEATABLE READ, READ ONLY``); sees what was committed before its first question."""
        with explained(self.place), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction, committed at the end of the block."""
        with explained(self.place), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[sa.Connection]:
        """A transaction that holds the migration lock."""
        with self.writing() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            yield connection

    def pen(self) -> PostgresPen:
        """A connection of its own, outside the pool."""
        return PostgresPen(self._connect, place=self.place)

    def _connect(self) -> "psycopg.Connection[Any]":
        import psycopg

        where, how = self.engine.dialect.create_connect_args(self.engine.url)
        return psycopg.connect(*where, **how, connect_timeout=CONNECT_SECONDS, autocommit=True)

    def insert_lines(self, connection: sa.Connection, lines: "pl.DataFrame") -> int:
        """COPY into a temporary table, then insert what is not there yet."""
        names = ",".join(lines.columns)
        copy = f"COPY {STAGING} ({names}) FROM STDIN (FORMAT csv)"
        move = f"INSERT INTO events ({names}) SELECT {names} FROM {STAGING} ORDER BY seq ON CONFLICT DO NOTHING"  # noqa: S608
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {STAGING} (LIKE events) ON COMMIT DROP",
        )
        for nullable in ("seq", "event_id", "line", "type", "time_us", "source_id"):
            connection.exec_driver_sql(f"ALTER TABLE {STAGING} ALTER {nullable} DROP NOT NULL")
        with _driver(connection).cursor() as cursor:
            with cursor.copy(copy) as stream:
                stream.write(lines.write_csv(include_header=False))
            cursor.execute(move)
            stored = cursor.rowcount
            cursor.execute(f"TRUNCATE {STAGING}")
        return stored

    def numbers_from(self, connection: sa.Connection, first: int) -> "Numbers":
        """In no particular order."""
        import numpy as np

        found = connection.exec_driver_sql("SELECT seq FROM events WHERE seq >= %s", (first,))
        return np.array([row[0] for row in found], dtype=np.int64)

    def event_chunks(
        self, connection: sa.Connection, schema: "Mapping[str, pl.DataType]", until_us: int | None
    ) -> "Iterator[pl.DataFrame]":
        """One COPY for the whole log, cut into chunks."""
        from recommender.storage.columns import of_csv

        before = "" if until_us is None else f"WHERE time_us < {until_us} "
        ask = f"COPY (SELECT {','.join(schema)} FROM events {before}ORDER BY seq) TO STDOUT (FORMAT csv)"  # noqa: S608
        with _driver(connection).cursor() as cursor, cursor.copy(ask) as stream:
            rows: list[Any] = []
            for row in stream:
                rows.append(row)
                if len(rows) == CHUNK_ROWS:
                    yield of_csv(rows, schema)
                    rows = []
            if rows:
                yield of_csv(rows, schema)

    def lines_of_list(
        self, connection: sa.Connection, condition: str, ids: str, before_us: int, limit: int
    ) -> "pl.DataFrame":
        """One index scan per id, inside the server."""
        from recommender.storage.columns import of_rows, who_schema

        names = ",".join(LINE_COLUMNS)
        ask = (
            f"SELECT (w.key - 1)::int, e.* FROM json_array_elements_text(%s::json) WITH ORDINALITY AS w(value, key), "  # noqa: S608
            f"LATERAL (SELECT {names} FROM events WHERE {condition} AND time_us < %s "
            "ORDER BY time_us DESC, seq DESC LIMIT %s) AS e"
        )
        rows = connection.exec_driver_sql(ask, (ids, before_us, limit)).all()
        return of_rows(rows, who_schema())

    def compact(self) -> None:
        """Give back the space of deleted rows, so that their bytes are overwritten.

        The server's write-ahead log, replicas and base backups are the operator's to expire.
        """
        with explained(self.place), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            for table in metadata.sorted_tables:
                connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table.name}")


def _driver(connection: sa.Connection) -> "psycopg.Connection[Any]":
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment] # psycopg's
    return driver
