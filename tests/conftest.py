"""Fixtures every room may use: a home, its stores on SQLite, and a throw-away PostgreSQL server."""

import recommender.threads  # noqa: F401, I001 - first: threads are set before numpy is loaded

import gc
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from redis_server import RedisServer, running_redis

from bench.postgres import as_nobody_special, server_programs
from recommender.domain.ports import Stores
from recommender.storage import default_url, open_stores
from recommender.storage.migrate import HEAD, bring_up_to_date
from recommender.storage.sqlite import SqliteDatabase
from recommender.storage.tables import metadata

Opener = Callable[[Path], Stores]
"""Opens the stores of a home on the backend under test."""

MEMORY = "/dev/shm"
ROOM_IN_MEMORY = 8 << 30
"""Bytes that must be free there for the homes of tests, which take one eighth of it: killed processes lose nothing there, and nobody waits for a disk."""
names = itertools.count(1)
SLOW_ROOMS = ("e2e", "browser", "drill", "docs")
"""Folders whose tests start whole services: they begin first, so that no worker is left with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow rooms first, the rest as found."""
    here = Path(__file__).parent
    rooms = {item: item.path.relative_to(here).parts[0] if here in item.path.parents else "" for item in items}
    items.sort(key=lambda item: SLOW_ROOMS.index(rooms[item]) if rooms[item] in SLOW_ROOMS else len(SLOW_ROOMS))


def pytest_configure() -> None:
    """Homes of tests are made in memory where there is plenty."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM_IN_MEMORY:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)


def pytest_collection_finish() -> None:
    """What is loaded and collected stays until the end: no collection of garbage needs to look at it, and the product's own are many."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)  # as the command does


def missing(what: str) -> None:
    """Skip for a named reason; ``REQUIRE_ALL=1`` turns that into a failure."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1, but {what}")
    pytest.skip(what)


@pytest.fixture(scope="session")
def say_missing() -> Callable[[str], None]:
    """:func:`missing`, for tests elsewhere."""
    return missing


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The socket folder of a PostgreSQL server that lives as long as the test run, without durability."""
    try:
        programs = server_programs()
    except RuntimeError as error:
        missing(str(error))
        return
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
    before = as_nobody_special(folder)
    data = str(folder / "data")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off -c max_connections=200"

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*before, str(programs / program), *arguments], capture_output=True, text=True, cwd=folder
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run("initdb", "-D", data, "-U", "shop", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
    run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield str(folder)
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def spare_databases() -> list[str]:
    """Databases an earlier test has done with: tables made and empty."""
    return []


@pytest.fixture
def new_postgres_url(postgres_server: str, spare_databases: list[str]) -> Iterator[Callable[[], str]]:
    """Makes an empty database on the server (or takes a spare one); its URL."""
    used: list[str] = []

    def make() -> str:
        used.append(spare_databases.pop() if spare_databases else f"shop_{os.getpid()}_{next(names)}_new")
        if used[-1].endswith("_new"):
            used[-1] = used[-1].removesuffix("_new")
            with psycopg.connect(f"host={postgres_server} user=shop dbname=postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {used[-1]}")
        return f"postgresql://shop@/{used[-1]}?host={postgres_server}"

    yield make
    spare_databases += [name for name in used if emptied(postgres_server, name)]


def emptied(server: str, name: str) -> bool:
    """Empty every table; False for a database whose schema a test has changed."""
    tables = sorted(metadata.tables)
    with psycopg.connect(f"host={server} user=shop dbname={name}", autocommit=True) as connection:
        found = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        if found != {*tables, "alembic_version"}:
            return False
        if connection.execute("SELECT version_num FROM alembic_version").fetchall() != [(HEAD,)]:
            return False
        connection.execute(f"TRUNCATE {', '.join(tables)}")
    return True


@pytest.fixture
def postgres_url(new_postgres_url: Callable[[], str]) -> str:
    """An empty PostgreSQL database."""
    return new_postgres_url()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file whose tables the migrations have made, and nothing else: a home's secret is its own."""
    folder = tmp_path_factory.mktemp("tables")
    database = SqliteDatabase(folder / "shop.db", lock=folder / "write.lock", create=True)
    bring_up_to_date(database, create=True)
    database.close()
    return database.path


def open_sqlite(home: Path, tables: Path) -> Stores:
    """The stores of a home, its first time without the migrations: hundreds of tests begin with an empty shop."""
    file = Path(default_url(home).removeprefix("sqlite:///"))
    if not file.parent.exists():
        file.parent.mkdir(mode=0o700)
        shutil.copy(tables, file)
    return open_stores(default_url(home), home=home)


@pytest.fixture
def sqlite_stores(home: Path, empty_tables: Path) -> Iterator[Stores]:
    """The stores of an empty home on SQLite."""
    stores = open_sqlite(home, empty_tables)
    yield stores
    stores.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def open_at(request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens a home's stores on each backend in turn: the same home again is the same database."""
    urls: dict[Path, str] = {}
    opened: list[Stores] = []

    def on_sqlite(folder: Path) -> Stores:
        return open_sqlite(folder, request.getfixturevalue("empty_tables"))

    def on_postgresql(folder: Path) -> Stores:
        if folder not in urls:
            urls[folder] = request.getfixturevalue("new_postgres_url")()
        return open_stores(urls[folder], home=folder)

    def opener(folder: Path) -> Stores:
        opened.append(on_sqlite(folder) if request.param == "sqlite" else on_postgresql(folder))
        return opened[-1]

    if request.param == "postgresql":
        request.getfixturevalue("new_postgres_url")
    yield opener
    for stores in opened:
        stores.close()


@pytest.fixture
def stores(open_at: Opener, home: Path) -> Stores:
    """The stores of an empty home, on each backend in turn."""
    return open_at(home)


@pytest.fixture
def redis_server(say_missing: Callable[[str], None]) -> Iterator[RedisServer]:
    """A Redis server of the test's own."""
    with running_redis() as made:
        if made is None:
            say_missing("no redis-server program is installed")
            return
        yield made
