"""From a URL to open stores."""

from pathlib import Path

import sqlalchemy as sa

from recommender.domain.errors import SettingsError
from recommender.domain.ports import Stores
from recommender.storage.database import Database
from recommender.storage.failures import explained
from recommender.storage.migrate import bring_up_to_date
from recommender.storage.sqlite import CACHE_MB, SqliteDatabase
from recommender.storage.stores import SqlStores

DATABASE_FILE = "shop.db"
LOCK_FILE = "write.lock"
PRIVATE_FOLDER = 0o700


def default_url(home: Path) -> str:
    """The database of a home that names none: a SQLite file in its ``var`` folder."""
    return f"sqlite:///{home.resolve() / 'var' / DATABASE_FILE}"


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for a server, and for a URL that cannot be read."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        return None
    return Path(parsed.database or "").absolute() if parsed.get_backend_name() == "sqlite" else None


def is_there(url: str) -> bool:
    """Whether a database can be where the URL says; of a server only asking it would tell, so it is believed."""
    file = file_of(url)
    return file is None or file.is_file()


def open_stores(url: str, *, home: Path, create: bool = True, cache_mb: int = CACHE_MB) -> Stores:
    """Open (and, unless told otherwise, make or bring up to date) the stores of one home.

    Parameters
    ----------
    url : str
        ``sqlite:////absolute/path.db`` or ``postgresql://user@host/name``; any driver named in it is ignored.
    home : Path
        The shop's folder; ``var`` below it holds the secret, the lock file and, by default, the database.
    create : bool
        False only opens what is there and up to date.
    cache_mb : int
        Memory one connection to a SQLite file may use for pages; a process that only serves needs little.

    Raises
    ------
    SettingsError
        If the URL cannot be read or names another kind of database.
    StoreUnavailableError
        If the database does not answer, is damaged, newer than this program, or missing and ``create`` is False.
    """
    var = home.resolve() / "var"
    with explained(str(var)):
        if create:
            var.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    database = _database(url, create=create, cache_mb=cache_mb)
    try:
        bring_up_to_date(database, create=create)
        with explained(str(var)):
            return SqlStores(database, var)
    except BaseException:
        database.close()
        raise


def _database(url: str, *, create: bool, cache_mb: int) -> Database:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise SettingsError(
            "RECOMMENDER_DATABASE_URL cannot be read; write sqlite:////path or postgresql://…"
        ) from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise SettingsError(
                "RECOMMENDER_DATABASE_URL must name a SQLite file, such as sqlite:////srv/shop/shop.db."
            )
        path = Path(parsed.database).absolute()
        with explained(str(path)):
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteDatabase(path, lock=path.parent / LOCK_FILE, create=create, cache_mb=cache_mb)
    if backend in ("postgresql", "postgres"):
        from recommender.storage.postgres import PostgresDatabase

        return PostgresDatabase(parsed)
    raise SettingsError(f"RECOMMENDER_DATABASE_URL names {backend!r}; sqlite and postgresql are understood.")
