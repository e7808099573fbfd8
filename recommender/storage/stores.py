"""All stores of one home, over one database."""

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from recommender.storage.catalogue import SqlCatalogue
from recommender.storage.counting import start_counters
from recommender.storage.customers import SqlCustomers
from recommender.storage.database import Database
from recommender.storage.dead_letters import SqlDeadLetters
from recommender.storage.failures import explained
from recommender.storage.forgetting import SqlTombstones
from recommender.storage.intake import SqlIntake
from recommender.storage.ledger import SqlConsentLedger
from recommender.storage.log import SqlEventLog
from recommender.storage.readers import SqlReaders
from recommender.storage.secret import SECRET_PRINT, Secrets, current_secret, print_of
from recommender.storage.small_stores import SqlKeyStore, SqlMeta
from recommender.storage.tables import meta
from recommender.storage.tailing import SqlChanges


class SqlStores:
    """:class:`~recommender.domain.ports.Stores` over SQLite or PostgreSQL."""

    def __init__(self, database: Database, var: Path) -> None:
        self._database = database
        self._secrets = Secrets(var)
        agree_on_secret(database, self._secrets)
        self.log = SqlEventLog(database, self._secrets)
        self.catalogue = SqlCatalogue(database)
        self.customers = SqlCustomers(database, self._secrets)
        self.consent = SqlConsentLedger(database, self._secrets)
        self.keys = SqlKeyStore(database)
        self.tombstones = SqlTombstones(database, self._secrets)
        self.meta = SqlMeta(database)
        self.changes = SqlChanges(database)
        self.dead_letters = SqlDeadLetters(database)
        self.readers = SqlReaders(database, self._secrets)

    def intake(self) -> SqlIntake:
        """A new way into the log for one committing thread."""
        return SqlIntake(self._database, self._secrets)

    def dump(self, directory: str) -> Mapping[str, int]:
        """Write every table at one consistent moment, and the secret, into ``directory``; rows per table."""
        from recommender.storage.dumping import dump_to

        with explained(directory):
            return dump_to(self._database, self._secrets, Path(directory))

    def load(self, directory: str) -> Mapping[str, int]:
        """Replace everything by a dump, all or nothing, then erase whom the home or the dump was asked to forget."""
        from recommender.storage.loading import load_from

        counts = load_from(self._database, self._secrets, Path(directory))
        agree_on_secret(self._database, self._secrets)
        return counts

    def compact(self) -> None:
        """Leave no deleted byte behind in the files we own."""
        self._database.compact()

    def close(self) -> None:
        """Let go of connections and files."""
        self._database.close()


def agree_on_secret(database: Database, secrets: Secrets) -> None:
    """Let a new database take the home's secret; make the secret of an older one the home's.

    The second happens when a load was cut short between the database and the file.

    Raises
    ------
    StoreUnavailableError
        If the database was made with a secret that is not here.
    """
    asked = sa.select(meta.c.value).where(meta.c.name == SECRET_PRINT)
    with database.reading() as connection:
        fresh = connection.execute(asked).scalar() is None
    if fresh:
        with database.migrating() as connection:
            if connection.execute(asked).scalar() is None:
                connection.execute(meta.insert().values(name=SECRET_PRINT, value=print_of(secrets.at_home)))
                start_counters(connection)
    with database.reading() as connection:
        secrets.move_in(current_secret(connection, secrets))
