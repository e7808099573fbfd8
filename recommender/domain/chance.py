"""Random bytes of the operating system, fetched many at a time: asking it costs more than a whole number of them."""

import os
from collections.abc import Callable, Iterator

AT_ONCE = 512


class Chance:
    """Gives ``size`` random bytes at each call, never the same ones again. Safe to share between threads.

    A process that forks another shares nothing with it: what was fetched before is dropped there.

    Parameters
    ----------
    size : int
    source : function, optional
        Gives so many random bytes.
    """

    def __init__(self, size: int, source: Callable[[int], bytes] = os.urandom) -> None:
        self._size, self._source = size, source
        self._left: list[bytes] = []
        os.register_at_fork(after_in_child=self._left.clear)

    def __call__(self) -> bytes:
        """The next ones."""
        try:
            return self._left.pop()
        except IndexError:
            self._left.extend(self._fetched())
            return self._left.pop()

    def _fetched(self) -> Iterator[bytes]:
        size, block = self._size, self._source(self._size * AT_ONCE)
        return (block[start : start + size] for start in range(0, len(block), size))
