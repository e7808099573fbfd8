"""Bring a database's tables to what this version of the program needs; refuse one that is ahead of it."""

from pathlib import Path

import sqlalchemy as sa

from recommender.domain.errors import StoreUnavailableError
from recommender.storage.database import Database
from recommender.storage.tables import metadata

REVISIONS = ("0001", "0002", "0004", "0005", "0006", "0007")
"""Every schema this version can read, oldest first; the last is the one it needs. Files in ``migrations/versions``."""

HEAD = REVISIONS[-1]


def bring_up_to_date(database: Database, *, create: bool) -> None:
    """Run what migrations are missing, in one transaction, one process at a time.

    Alembic is imported only when there is something to run.

    Raises
    ------
    StoreUnavailableError
        If the schema is newer than this program, belongs to another program, or is missing and ``create`` is False.
    """
    with database.reading() as connection:
        if _checked(connection, database.place) == HEAD:
            return
    if not create:
        raise StoreUnavailableError(
            f"{database.place} has no up-to-date tables yet; run `recommender doctor` or import."
        )
    with database.migrating() as connection:
        if _checked(connection, database.place) != HEAD:
            _upgrade(connection)


def _checked(connection: sa.Connection, place: str) -> str | None:
    """The revision the database is at; None when it is empty."""
    present = set(sa.inspect(connection).get_table_names())
    if "alembic_version" not in present:
        if ours := sorted(present & set(metadata.tables)):
            raise StoreUnavailableError(
                f"{place} has a table {ours[0]!r} that this program did not make; give it a database of its own."
            )
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in REVISIONS:
        raise StoreUnavailableError(
            f"{place} was written by a newer version of this program (schema {found}, this one knows {HEAD}); "
            "update the program."
        )
    return found


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
