"""When something we depend on is down: stop asking it for a while, so that its silence costs nobody time."""

import threading
import time
from collections.abc import Callable

FAILURES = 5
PAUSE_SECONDS = 1.0


class Breaker:
    """Opens after some failures in a row; while it is open, one caller per pause tries again. Safe between threads.

    Parameters
    ----------
    failures : int
        How many in a row open it.
    pause_seconds : float
        How long nobody asks once it is open.
    monotonic : function
        The clock.

    References
    ----------
    Nygard (2007), "Release It!", section 5.2.
    """

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        pause_seconds: float = PAUSE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._pause = pause_seconds
        self._monotonic = monotonic
        self._row = 0
        self._next_probe = 0.0
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether callers are kept away."""
        return self._row >= self._failures

    def allows(self) -> bool:
        """Whether this caller may ask; while open, True for one caller per pause."""
        if self._row < self._failures:
            return True
        with self._lock:
            now = self._monotonic()
            if now < self._next_probe:
                return False
            self._next_probe = now + self._pause
            return True

    def succeeded(self) -> None:
        """It answered: close."""
        if self._row:
            with self._lock:
                self._row = 0

    def failed(self, *, silent: bool = False) -> None:
        """It answered wrongly or refused; or it was ``silent`` for the whole of its time, which opens at once:
        four more waits would be felt by everybody in the queue behind them.
        """
        with self._lock:
            self._row = max(self._row + 1, self._failures if silent else 0)
            if self._row >= self._failures:
                self._next_probe = self._monotonic() + self._pause
