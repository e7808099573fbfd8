"""All stores of one home, over one database."""

from collections.abc import Mapping
from pathlib import Path

from recommender.domain.errors import StoreUnavailableError
from recommender.storage.catalogue import SqlCatalogue
from recommender.storage.counting import start_counters
from recommender.storage.customers import SqlCustomers
from recommender.storage.database import Database
from recommender.storage.forgetting import SqlTombstones
from recommender.storage.ledger import SqlConsentLedger
from recommender.storage.log import SqlEventLog
from recommender.storage.secret import SECRET_FILE, Secrets, install, print_of, read_or_create
from recommender.storage.small_stores import SqlKeyStore, SqlMeta
from recommender.storage.tables import meta

SECRET_PRINT = "secret_print"  # noqa: S105 (the name of a fact, not a secret)


class SqlStores:
    """:class:`~recommender.domain.ports.Stores` over SQLite or PostgreSQL."""

    def __init__(self, database: Database, var: Path) -> None:
        self._database = database
        self._var = var
        self._connect(agreed_secrets(database, var))

    def _connect(self, secrets: Secrets) -> None:
        database = self._database
        self.log = SqlEventLog(database, secrets)
        self.catalogue = SqlCatalogue(database)
        self.customers = SqlCustomers(database, secrets)
        self.consent = SqlConsentLedger(database, secrets)
        self.keys = SqlKeyStore(database)
        self.tombstones = SqlTombstones(database, secrets)
        self.meta = SqlMeta(database)

    def dump(self, directory: str) -> Mapping[str, int]:
        """Write every table at one consistent moment into ``directory``; rows per table."""
        raise NotImplementedError(directory)

    def load(self, directory: str) -> Mapping[str, int]:
        """Replace everything by a dump, all or nothing."""
        raise NotImplementedError(directory)

    def compact(self) -> None:
        """Leave no deleted byte behind in the files we own."""
        self._database.compact()

    def close(self) -> None:
        """Let go of connections and files."""
        self._database.close()


def agreed_secrets(database: Database, var: Path) -> Secrets:
    """The home's secrets, with the one the database was made with as the current one.

    A new database takes the home's. A load that was cut short between the database and the file is put right.

    Raises
    ------
    StoreUnavailableError
        If the database was made with a secret that is not here.
    """
    secrets = read_or_create(var)
    with database.writing() if _print_in(database) is None else database.reading() as connection:
        found = connection.execute(meta.select().where(meta.c.name == SECRET_PRINT)).first()
        if found is None:
            connection.execute(meta.insert().values(name=SECRET_PRINT, value=print_of(secrets.current)))
            start_counters(connection)
            return secrets
    named = found.value
    if named not in secrets.known:
        raise StoreUnavailableError(
            f"{database.place} was made with another secret than {var / SECRET_FILE}; "
            "copy that file from the home (or host) that made the database, or restore a backup."
        )
    if print_of(secrets.current) != named:
        former = secrets.current
        install(var / f"secret-{print_of(former)}.key", former, replace=False)
        install(var / SECRET_FILE, secrets.known[named], replace=True)
    return Secrets(current=secrets.known[named], known=secrets.known)


def _print_in(database: Database) -> str | None:
    with database.reading() as connection:
        found = connection.execute(meta.select().where(meta.c.name == SECRET_PRINT)).first()
    return None if found is None else str(found.value)
