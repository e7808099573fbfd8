"""Profiles in a SQLite file of their own: no server, some microseconds a read."""

import contextlib
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from pathlib import Path

from recommender.domain.errors import StoreUnavailableError
from recommender.domain.people import Person
from recommender.domain.ports import StoredProfile
from recommender.storage.failures import explained
from recommender.storage.lock import only_writer
from recommender.storage.profiles.naming import keys_of, numbers_of

VERSION = 1
"""Of the table; a file of another version is thrown away."""

WAIT_SECONDS = 0.02
"""How long a single put waits for another writer before it is given up: it is only a cache."""

MAPPED_BYTES = 256 * 1024 * 1024
"""How much of the file is read where it lies in memory, shared by all processes; what lies behind is copied page by page."""

LONG_WAIT_SECONDS = 30.0
ROWS_AT_ONCE = 4_000
TABLE = (
    "CREATE TABLE profiles (who INTEGER PRIMARY KEY, guard INTEGER NOT NULL, position INTEGER NOT NULL, "
    "facts BLOB NOT NULL, items BLOB NOT NULL, state BLOB NOT NULL)"
)
READ = "SELECT position, state, items, facts FROM profiles WHERE who = ? AND guard = ?"
BEGIN_WITH = "INSERT OR IGNORE INTO profiles (who, guard, position, facts, items, state) VALUES (?, ?, ?, ?, ?, ?)"
MOVE_ON = (
    "UPDATE profiles SET position = ?, facts = ?, items = ?, state = ? WHERE who = ? AND guard = ? AND position = ?"
)
OVERWRITE = "INSERT OR REPLACE INTO profiles (who, guard, position, facts, items, state) VALUES (?, ?, ?, ?, ?, ?)"
DAMAGED = ("malformed", "not a database", "no such table", "no such column", "encrypted", "unsupported file format")


class SqliteProfiles:
    """:class:`~recommender.domain.ports.ProfileStore` in ``profiles.db``.

    A file that is damaged, or that another version made, is thrown away and begun anew. Each thread has a connection. The file
    is mapped: one that somebody cut short is noticed before it is read, because reading behind its end would kill the process.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    shop : str
        What names the log the profiles are made of; a file of another log is thrown away, too.
    """

    def __init__(self, path: Path, *, shop: str = "") -> None:
        self.path, self._name = path, str(path)
        self._shop = zlib.crc32(shop.encode()) & 0x7FFF_FFFF
        self._mine = threading.local()
        self._every: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    waits = False  # a file of this host is read at once

    def get(self, keys: Sequence[str]) -> list[StoredProfile | None]:
        """The profiles in the order of the keys."""
        return [self._get(key) for key in keys]

    def _get(self, key: str) -> StoredProfile | None:
        try:
            row = self._connection().execute(READ, numbers_of(key)).fetchone()
        except sqlite3.Error as error:
            self._troubled(error)
            return None
        if row is None:
            return None
        position, state, items, facts = row
        return StoredProfile(position=position, state=state, items=items, facts=facts)

    def begin(self, keys: Sequence[str]) -> None:
        """Nothing to wait for."""

    def put(self, key: str, profile: StoredProfile, expected: int | None) -> bool:
        """Store if the position that stands is ``expected``; False also when another program holds the file."""
        who, guard = numbers_of(key)
        parts = (profile.position, profile.facts, profile.items, profile.state)
        try:
            connection = self._connection()
            if expected is None:
                done = connection.execute(BEGIN_WITH, (who, guard, *parts))
            else:
                done = connection.execute(MOVE_ON, (*parts, who, guard, expected))
        except sqlite3.Error as error:
            self._troubled(error)
            return False
        return done.rowcount == 1

    def put_many(self, profiles: Iterable[tuple[str, StoredProfile]], *, replace: bool = False) -> int:
        """Store all in one transaction: readers see what was before until it is done."""
        every = ((*numbers_of(key), p.position, p.facts, p.items, p.state) for key, p in profiles)
        stored = 0
        with self._changing() as connection:
            if replace:
                connection.execute("DELETE FROM profiles")
            while some := list(islice(every, ROWS_AT_ONCE)):
                some.sort(key=itemgetter(0))  # pages are then met in their order
                connection.executemany(OVERWRITE, some)
                stored += len(some)
        return stored

    def erase(self, person: Person) -> int:
        """Forget the person; the bytes are overwritten and the write-ahead log is emptied before this returns."""
        with self._changing() as connection:
            gone = sum(
                connection.execute("DELETE FROM profiles WHERE who = ? AND guard = ?", numbers_of(key)).rowcount
                for key in keys_of(person)
            )
        self._empty_wal()
        return gone

    def clear(self) -> None:
        """Forget everything, to the last byte."""
        with self._changing() as connection:
            connection.execute("DELETE FROM profiles")
        self._empty_wal()

    def check(self) -> None:
        """Nothing to ask: a file that cannot be read is begun anew."""

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._every:
                connection.close()
            self._every.clear()
        self._mine = threading.local()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that waits for its turn; a damaged file is begun anew first."""
        with explained(str(self.path)):
            try:
                self._connection().execute("SELECT count(*) FROM profiles WHERE who = 0")
            except sqlite3.Error as error:
                self._troubled(error)
            connection = self._connection()
            connection.execute(f"PRAGMA busy_timeout={int(LONG_WAIT_SECONDS * 1000)}")
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
            finally:
                connection.execute(f"PRAGMA busy_timeout={int(WAIT_SECONDS * 1000)}")

    def _empty_wal(self) -> None:
        deadline = time.monotonic() + LONG_WAIT_SECONDS
        with explained(str(self.path)):
            connection = self._connection()
            while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > deadline:
                    raise StoreUnavailableError(
                        f"{self.path} is held by a long-running program; stop it and repeat, so that deleted bytes are wiped."
                    )
                time.sleep(0.01)

    def _connection(self) -> sqlite3.Connection:
        mine = self._mine
        connection: sqlite3.Connection | None = getattr(mine, "connection", None)
        if connection is not None and mine.process == os.getpid() and self._stands():
            return connection
        connection = self._open()
        mine.connection, mine.process = connection, os.getpid()
        mine.file, mine.size = _identity(self.path), 0
        with self._lock:
            self._every.append(connection)
        return connection

    def _stands(self) -> bool:
        """Whether this thread's file is still the one at its path, and no shorter than it was: no store of ours cuts it."""
        mine = self._mine
        try:
            found = os.stat(self._name)  # noqa: PTH116 - on the way of every list; a Path costs twice as much
        except FileNotFoundError:
            self._let_go()
            return False
        if found.st_ino != mine.file:
            self._let_go()
            return False
        if found.st_size < mine.size:
            self._begin_anew()
            return False
        mine.size = found.st_size
        return True

    def _open(self) -> sqlite3.Connection:
        try:
            return _opened(self.path, self._shop)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._throw_away(_identity(self.path))
            return _opened(self.path, self._shop)

    def _troubled(self, error: sqlite3.Error) -> None:
        """Begin anew after damage, do nothing about a lock, and say so of anything else.

        Raises
        ------
        StoreUnavailableError
            If the file can be neither read nor begun anew.
        """
        if _is_busy(error):
            return
        if not _is_damage(error):
            raise StoreUnavailableError(f"{self.path} cannot be used: {error}; check the disk.") from error
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Let go of this thread's connection and of the file it is to."""
        seen = getattr(self._mine, "file", None)
        self._let_go()
        self._throw_away(seen)

    def _let_go(self) -> None:
        """Close this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()
            with self._lock:
                self._every = [one for one in self._every if one is not connection]
            self._mine.connection = None

    def _throw_away(self, seen: int | None) -> None:
        """Delete the file, unless another process did so and began a new one since we opened ours."""
        with explained(str(self.path)), only_writer(self.path.with_name(f"{self.path.name}.lock")):
            if seen is not None and seen != _identity(self.path):
                return
            for ending in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)


def _identity(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _opened(path: Path, shop: int) -> sqlite3.Connection:
    """A connection to a file with the table of this version and shop, made if need be."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=LONG_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA cache_size=-4096")
        connection.execute(f"PRAGMA mmap_size={MAPPED_BYTES}")
        if not _is_ours(connection, shop):
            connection.execute("BEGIN IMMEDIATE")
            if not _is_ours(connection, shop):
                connection.execute("DROP TABLE IF EXISTS profiles")
                connection.execute(TABLE)
                connection.execute(f"PRAGMA user_version={VERSION}")
                connection.execute(f"PRAGMA application_id={shop}")
            connection.execute("COMMIT")
        connection.execute(f"PRAGMA busy_timeout={int(WAIT_SECONDS * 1000)}")
    except BaseException:
        connection.close()
        raise
    return connection


def _is_ours(connection: sqlite3.Connection, shop: int) -> bool:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    return bool(version == VERSION and connection.execute("PRAGMA application_id").fetchone()[0] == shop)


def _is_damage(error: sqlite3.Error) -> bool:
    said = str(error).lower()
    return any(part in said for part in DAMAGED)


def _is_busy(error: sqlite3.Error) -> bool:
    return "is locked" in str(error).lower() or "is busy" in str(error).lower()
