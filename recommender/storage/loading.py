"""A dump back into a database, all or nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from recommender.domain.errors import BadInputError, StoreUnavailableError
from recommender.storage.counting import CATALOGUE_VERSION, LOG_POSITION, last_number, set_number
from recommender.storage.database import Database
from recommender.storage.dumping import DUMP_FILE, FORMAT, frame_schema, part_name
from recommender.storage.erasing import erase_forgotten
from recommender.storage.forgetting import Forgotten
from recommender.storage.migrate import HEAD
from recommender.storage.secret import SECRET_FILE, Secrets, current_secret, read_secret
from recommender.storage.tables import events, items, metadata, tombstones

ROWS_AT_ONCE = 10_000


def load_from(database: Database, secrets: Secrets, directory: Path) -> Mapping[str, int]:
    """Replace every table by the dump's in one transaction; returns rows per table as they stand afterwards.

    Tombstones of the home are kept beside the dump's, and whoever either covers is erased before the commit. The log's
    position and the catalogue's version never go back, so that caches built on them notice.

    Raises
    ------
    BadInputError
        If the folder is not a whole dump of a schema this version reads.
    StoreUnavailableError
        If the database fails; it is then as before.
    """
    rows = _checked(directory)
    _take_secrets(secrets, directory)
    with database.migrating() as connection:
        before = {name: last_number(connection, name) for name in (LOG_POSITION, CATALOGUE_VERSION)}
        asked = [dict(row) for row in connection.execute(sa.select(tombstones)).mappings()]
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        for table in metadata.sorted_tables:
            _fill(database, connection, table, directory, rows[table.name])
        if asked:
            connection.execute(database.insert(tombstones).on_conflict_do_nothing(), asked)
        current_secret(connection, secrets)
        _move_on(connection, before)
        erase_forgotten(database, connection, Forgotten(connection, secrets))
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def _checked(directory: Path) -> dict[str, int]:
    """Rows of each table, as the dump says."""
    try:
        said: dict[str, Any] = json.loads((directory / DUMP_FILE).read_text(encoding="utf-8"))
        form, schema, rows = (
            said["format"],
            said["schema"],
            {t.name: int(said["rows"][t.name]) for t in metadata.sorted_tables},
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{directory.name} is not a whole dump: {DUMP_FILE} is missing or unreadable.") from error
    if form != FORMAT or schema != HEAD:
        raise BadInputError(
            f"The dump has format {form} and schema {schema}, this version reads format {FORMAT} and schema {HEAD}; "
            "use the version of the program that wrote it."
        )
    return rows


def _take_secrets(secrets: Secrets, directory: Path) -> None:
    """Put the dump's secrets beside the home's own; which is the current one says the database."""
    for path in (directory / SECRET_FILE, *sorted(directory.glob("secret-*.key"))):
        try:
            secret = read_secret(path)
        except (OSError, StoreUnavailableError) as error:
            raise BadInputError(f"{path.name} of the dump is missing or damaged; nothing was changed.") from error
        secrets.add(secret)


def _fill(database: Database, connection: sa.Connection, table: sa.Table, directory: Path, rows: int) -> None:
    done = part = 0
    while done < rows:
        frame = _part(directory / part_name(table.name, part), table)
        if table is events:
            database.insert_lines(connection, frame)
        else:
            for some in frame.iter_slices(ROWS_AT_ONCE):
                connection.execute(table.insert(), some.to_dicts())
        done, part = done + len(frame), part + 1
    stored = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    if stored != rows:
        raise BadInputError(f"The dump promises {rows} rows of {table.name} and has {stored}; nothing was changed.")


def _part(path: Path, table: sa.Table) -> pl.DataFrame:
    schema = frame_schema(table)
    try:
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BadInputError(f"{path.name} of the dump is missing or damaged; nothing was changed.") from error
    if dict(frame.schema) != schema or frame.is_empty():
        raise BadInputError(f"{path.name} of the dump does not have the columns of {table.name}; nothing was changed.")
    return frame


def _move_on(connection: sa.Connection, before: Mapping[str, int]) -> None:
    """Keep the growing numbers growing; every item counts as changed."""
    set_number(connection, LOG_POSITION, max(before[LOG_POSITION], last_number(connection, LOG_POSITION)))
    version = max(before[CATALOGUE_VERSION], last_number(connection, CATALOGUE_VERSION)) + 1
    set_number(connection, CATALOGUE_VERSION, version)
    connection.execute(items.update().values(version=version))
