"""What the processes of one service share: their numbers, the callers' buckets, and whether the end is near.

A folder ``var/run/<name>`` of small memory-mapped files, made anew at each start and gone at its end. Nothing in it is
worth keeping: losing it costs a metric or lets a caller in once too often.
"""

import contextlib
import fcntl
import mmap
import os
import secrets
import shutil
import sys
from pathlib import Path

import msgspec

from recommender.api.limits import PLACES, Buckets
from recommender.domain.metrics import MAX_CELLS, Registry

_LOCK, _STATE, _BUCKETS, _KEY = "lock", "state", "buckets", "key"
CELLS, SERIES = ".cells", ".series"


class Board:
    """One folder of shared memory, made by the parent and joined by its workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: int | None = None
        self._state = _mapped(folder / _STATE, 1)

    @classmethod
    def create(cls, run: Path) -> "Board":
        """Make a board below ``run`` and take away those whose service is gone."""
        run.mkdir(parents=True, exist_ok=True)
        for old in run.iterdir():
            _remove_if_left(old)
        folder = run / f"{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir()
        held = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(held, fcntl.LOCK_EX)
        (folder / _KEY).write_bytes(secrets.token_bytes(16))
        board = cls(folder)
        board._held = held
        return board

    @property
    def draining(self) -> bool:
        """Whether the service was told to stop: it still answers, but no new caller should be sent here."""
        return self._state[0] != 0

    def drain(self) -> None:
        """Say that the service will stop."""
        self._state[0] = 1

    def buckets(self) -> Buckets:
        """The callers' buckets, common to all workers."""
        numbers = memoryview(_mapped(self.folder / _BUCKETS, 8 * PLACES)).cast("d")
        return Buckets(numbers, key=(self.folder / _KEY).read_bytes())

    def publish(self, registry: Registry) -> None:
        """Let this process's numbers lie where :func:`recommender.api.metrics.collected` finds them."""
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        lines = os.open(self.folder / f"{name}{SERIES}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

        def told(metric: str, values: tuple[str, ...], place: int) -> None:
            with contextlib.suppress(OSError):  # a full disk costs a series, not a request
                os.write(lines, msgspec.json.encode((metric, values, place)) + b"\n")

        registry.attach(memoryview(_mapped(self.folder / f"{name}{CELLS}", 8 * MAX_CELLS)).cast("d"), told)

    def remove(self) -> None:
        """Take the folder away; what is still mapped stays usable until its process ends."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._held is not None:
            os.close(self._held)
            self._held = None


def _mapped(path: Path, size: int) -> mmap.mmap:
    """A file of ``size`` bytes in memory, made of zeros where it is not there yet."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(handle).st_size < size:
            os.ftruncate(handle, size)
            if sys.platform == "linux":
                os.posix_fallocate(handle, 0, size)  # a full disk shows here, not as a signal at some later write
        return mmap.mmap(handle, size)
    finally:
        os.close(handle)


def _remove_if_left(folder: Path) -> None:
    """Take a folder away unless its service still holds it."""
    with contextlib.suppress(OSError):
        held = os.open(folder / _LOCK, os.O_RDWR)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(held)
