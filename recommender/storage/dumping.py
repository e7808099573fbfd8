"""Every table in Parquet files any backend reads, at one moment, with the secret they depend on.

``dump.json`` says the format, the schema and the rows of each table; ``<table>-<part>.parquet`` hold the rows.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from recommender.storage.database import CHUNK_ROWS, Database
from recommender.storage.migrate import HEAD
from recommender.storage.secret import SECRET_FILE, Secrets, current_secret, install, print_of
from recommender.storage.tables import events, metadata

FORMAT = 1
DUMP_FILE = "dump.json"


def frame_schema(table: sa.Table) -> dict[str, pl.DataType]:
    """Polars types of a table's columns."""
    return {column.name: _frame_type(column.type) for column in table.columns}


def _frame_type(kind: sa.types.TypeEngine[object]) -> pl.DataType:
    if isinstance(kind, sa.Boolean):
        return pl.Boolean()
    if isinstance(kind, sa.LargeBinary):
        return pl.Binary()
    return pl.Int64() if isinstance(kind, sa.Integer) else pl.String()


def dump_to(database: Database, secrets: Secrets, directory: Path) -> Mapping[str, int]:
    """Write the dump into an empty or new folder; returns rows per table.

    Raises
    ------
    StoreUnavailableError
        If the database or the folder's disk fails.
    """
    directory.mkdir(parents=True, exist_ok=True)
    rows = {}
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            rows[table.name] = 0
            for part, frame in enumerate(_frames(database, connection, table)):
                frame.write_parquet(directory / part_name(table.name, part))
                rows[table.name] += len(frame)
        current = current_secret(connection, secrets)
    install(directory / SECRET_FILE, current, replace=True)
    for name, secret in secrets.known.items():
        if name != print_of(current):
            install(directory / f"secret-{name}.key", secret, replace=True)
    said = {"format": FORMAT, "schema": HEAD, "rows": rows}
    (directory / DUMP_FILE).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return rows


def part_name(table: str, part: int) -> str:
    """The file of one part of a table."""
    return f"{table}-{part:06d}.parquet"


def _frames(database: Database, connection: sa.Connection, table: sa.Table) -> Iterator[pl.DataFrame]:
    schema = frame_schema(table)
    if table is events:
        yield from database.event_chunks(connection, schema, None)
        return
    chosen = sa.select(table).order_by(*table.primary_key.columns)
    result = connection.execution_options(yield_per=CHUNK_ROWS).execute(chosen)
    try:
        for some in result.partitions():
            yield pl.DataFrame([tuple(row) for row in some], schema=schema, orient="row")
    finally:
        result.close()
