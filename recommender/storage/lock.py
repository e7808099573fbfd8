"""One writer at a time, in the order they came: a file lock the kernel hands on fairly and frees when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Hold the lock file exclusively; waits for its turn without spinning.

    The file is opened anew each time (some microseconds), so that threads and forked processes queue up like strangers.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Turnstile:
    """:func:`only_writer` for one thread that writes all day: it keeps the lock file open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the lock; waits for its turn without spinning."""
        if self._handle is None:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
