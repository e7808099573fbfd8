"""Locks between processes that die with their holder: nothing to clean up after a kill."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from recommender.bundle.disk import disk_errors, write_all
from recommender.domain.errors import BusyError

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TRIES_PER_SECOND = 50


@contextmanager
def only_one(path: Path, *, what: str, now: datetime, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock file for the block.

    Parameters
    ----------
    path : Path
        The lock file; it stays, only the lock on it comes and goes.
    what : str
        What the holder does, for the other's message ("A training").
    now : datetime
        When we took it, for the other's message.
    wait_seconds : float
        How long to wait for another holder.

    Raises
    ------
    BusyError
        If another process still holds it; says which and since when.
    """
    with disk_errors(f"Locking {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, _FLAGS, 0o644)
    try:
        _take(descriptor, path, what, wait_seconds)
        with suppress(OSError):  # the note is a courtesy: a full disk must not stop a rollback
            os.ftruncate(descriptor, 0)
            write_all(descriptor, f"{os.getpid()} {now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode())
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, what: str, wait_seconds: float) -> None:
    for left in range(int(wait_seconds * _TRIES_PER_SECOND), -1, -1):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if left:
                time.sleep(1 / _TRIES_PER_SECOND)
        else:
            return
    raise BusyError(
        f"{what} is running here already{_holder(descriptor)}; wait for it to end, or stop it ({path.name})."
    )


def _holder(descriptor: int) -> str:
    pid, _, since = os.pread(descriptor, 100, 0).decode("ascii", "replace").strip().partition(" ")
    return f" since {since} (process {pid})" if pid.isdigit() and since else ""
