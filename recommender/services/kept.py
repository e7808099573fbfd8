"""The profiles a process read last, in its own memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from recommender.services.person import Profile


class Kept:
    """The profiles read last, for a minute at most: what a cache that is down would have given."""

    def __init__(self, size: int, seconds: float, monotonic: Callable[[], float]) -> None:
        self._size, self._seconds, self._monotonic = size, seconds, monotonic
        self._rows: OrderedDict[str, tuple[float, int, Profile]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, generation: int) -> Profile | None:
        """The profile, if it was kept within the time and nobody was forgotten since."""
        row = self._rows.get(key)
        if row is None or row[1] != generation or row[0] < self._monotonic():
            return None
        return row[2]

    def put(self, key: str, profile: Profile, generation: int) -> None:
        """Keep the profile; the oldest goes when there are too many."""
        rows = self._rows
        with self._lock:
            row = rows.get(key)
            if row is not None and row[2] is profile:
                return
            rows[key] = (self._monotonic() + self._seconds, generation, profile)
            if len(rows) > self._size:
                rows.popitem(last=False)
