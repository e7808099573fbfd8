"""Memory handed back to the system after work that is done once: the C library would keep it for more of the same."""

import ctypes
import gc
from contextlib import suppress


def give_back() -> None:
    """Free what can be freed. Where the C library has no such call (it is glibc's), nothing happens."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
