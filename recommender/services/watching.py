"""One background thread per serving process: looks for a new model and changed keys, so that no request has to."""

import logging
import threading
from collections.abc import Callable, Sequence

log = logging.getLogger("recommender.watch")


class Watch:
    """Calls each of ``checks`` every ``seconds`` until stopped.

    A check that fails is logged once and again when it works; the others go on.
    """

    def __init__(self, checks: Sequence[tuple[str, Callable[[], None]]], *, seconds: float = 0.5) -> None:
        self._checks = tuple(checks)
        self._seconds = seconds
        self._failing: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    @property
    def failing(self) -> frozenset[str]:
        """Names of the checks whose last call failed."""
        return frozenset(self._failing)

    def start(self) -> None:
        """Begin watching; the first round comes after one pause."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round in hand; returns when the thread is gone or after two seconds."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    def once(self) -> None:
        """Make one round now, in the calling thread."""
        for name, check in self._checks:
            try:
                check()
            except Exception as error:  # noqa: BLE001 - the watch must outlive whatever a store or a file does
                if name not in self._failing:
                    log.warning("%s cannot be checked (%s); what is in memory stays in use", name, type(error).__name__)
                self._failing.add(name)
            else:
                if name in self._failing:
                    log.warning("%s can be checked again", name)
                self._failing.discard(name)

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self.once()
