"""Numbers that only grow: the log's position, the catalogue's version, the ledger's and the sources' last row.

Each is a row of ``counters``. Reading one to write the next locks it until the commit (PostgreSQL: ``FOR UPDATE``;
SQLite has one writer anyway), so that numbers appear in the order of the commits.
"""

import sqlalchemy as sa

from recommender.storage.tables import counters

LOG_POSITION = "log_position"
CATALOGUE_VERSION = "catalogue_version"
CONSENT_NUMBER = "consent_number"
CUSTOMERS_VERSION = "customers_version"
SOURCE_NUMBER = "source_number"
NAMES = (LOG_POSITION, CATALOGUE_VERSION, CONSENT_NUMBER, SOURCE_NUMBER, CUSTOMERS_VERSION)


def last_number(connection: sa.Connection, name: str) -> int:
    """Where the counter stands; 0 at first."""
    found = connection.execute(sa.select(counters.c.value).where(counters.c.name == name)).scalar()
    return 0 if found is None else int(found)


def next_number(connection: sa.Connection, name: str) -> int:
    """The next free number; nobody else gets it until this transaction ends."""
    chosen = sa.select(counters.c.value).where(counters.c.name == name).with_for_update()
    return int(connection.execute(chosen).scalar_one()) + 1


def set_number(connection: sa.Connection, name: str, value: int) -> None:
    """Note the last number that was used."""
    connection.execute(counters.update().where(counters.c.name == name).values(value=value))


def start_counters(connection: sa.Connection) -> None:
    """Put every counter at 0."""
    connection.execute(counters.insert(), [{"name": name, "value": 0} for name in NAMES])
