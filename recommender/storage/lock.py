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
