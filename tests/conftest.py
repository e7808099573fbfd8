"""Fixtures every room may use: a home, its stores on SQLite, and a throw-away PostgreSQL server."""

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from recommender.domain.ports import Stores
from recommender.storage import default_url, open_stores

Opener = Callable[[Path], Stores]
"""Opens the stores of a home on the backend under test."""

SERVER_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
names = itertools.count(1)


def missing(what: str) -> None:
    """Skip for a named reason; ``REQUIRE_ALL=1`` turns that into a failure."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1, but {what}")
    pytest.skip(what)


def server_programs() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``; the newest release first."""
    found = [path for pattern in SERVER_FOLDERS for path in Path("/").glob(pattern.lstrip("/"))]
    on_path = shutil.which("pg_ctl")
    folders = [*sorted(found, reverse=True), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def as_nobody_special(folder: Path) -> list[str]:
    """What to put before a server program: it refuses to run as root."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            os.chown(folder, account.pw_uid, account.pw_gid)
            return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--"]
    return []


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The socket folder of a PostgreSQL server that lives as long as the test run, without durability."""
    programs = server_programs()
    if programs is None:
        missing("no PostgreSQL server programs (initdb, pg_ctl) are installed")
        return
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    before = as_nobody_special(folder)
    data = str(folder / "data")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"

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


@pytest.fixture
def new_postgres_url(postgres_server: str) -> Callable[[], str]:
    """Makes an empty database on the server; its URL."""

    def make() -> str:
        name = f"shop_{os.getpid()}_{next(names)}"
        with psycopg.connect(f"host={postgres_server} user=shop dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type,unused-ignore] # our own name
        return f"postgresql://shop@/{name}?host={postgres_server}"

    return make


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


@pytest.fixture
def sqlite_stores(home: Path) -> Iterator[Stores]:
    """The stores of an empty home on SQLite."""
    stores = open_stores(default_url(home), home=home)
    yield stores
    stores.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def open_at(request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens a home's stores on each backend in turn: the same home again is the same database."""
    urls: dict[Path, str] = {}
    opened: list[Stores] = []

    def opener(folder: Path) -> Stores:
        if folder not in urls:
            sqlite = request.param == "sqlite"
            urls[folder] = default_url(folder) if sqlite else request.getfixturevalue("new_postgres_url")()
        opened.append(open_stores(urls[folder], home=folder))
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
