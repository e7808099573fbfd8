"""Background threads of a serving process that look for a new model, changed keys and dead stores, so no request has to."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

log = logging.getLogger("recommender.watch")

STALE_SECONDS = 5.0
"""A check that has not succeeded for this long counts as failing, even if it only hangs."""


class Watch:
    """Calls each of ``checks`` every ``seconds`` in one thread until stopped.

    A check that fails is logged once, and once more when it works again; the others go on. What may hang (a database
    over a network) belongs in a watch of its own. ``meanwhile`` says in the log what is done without it.
    """

    def __init__(
        self,
        checks: Mapping[str, Callable[[], object]],
        *,
        seconds: float = 0.5,
        meanwhile: str = "what is in memory stays in use",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks = dict(checks)
        self._seconds = seconds
        self._meanwhile = meanwhile
        self._monotonic = monotonic
        self._failing: set[str] = set()
        self._passed = dict.fromkeys(self._checks, monotonic())
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    @property
    def names(self) -> frozenset[str]:
        """Names of the checks."""
        return frozenset(self._checks)

    @property
    def failing(self) -> frozenset[str]:
        """Names of the checks that failed last time, or have not come back for five seconds."""
        now = self._monotonic()
        hanging = {name for name, at in self._passed.items() if now - at > STALE_SECONDS + self._seconds}
        return frozenset(self._failing | (hanging if self._thread.is_alive() else set()))

    def start(self) -> None:
        """Begin watching; the first round comes after one pause."""
        self._passed = dict.fromkeys(self._checks, self._monotonic())
        self._thread.start()

    def stop(self) -> None:
        """End after the round in hand; returns when the thread is gone or after one second."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def once(self) -> None:
        """Make one round now, in the calling thread."""
        for name, check in self._checks.items():
            try:
                check()
            except Exception as error:  # noqa: BLE001 - the watch must outlive whatever a store or a file does
                if name not in self._failing:
                    log.warning("%s: %s; %s", name, type(error).__name__, self._meanwhile)
                self._failing.add(name)
            else:
                self._passed[name] = self._monotonic()
                if name in self._failing:
                    log.warning("%s: well again", name)
                self._failing.discard(name)

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self.once()
