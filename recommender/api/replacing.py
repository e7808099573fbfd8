"""Who dies is replaced: granian's parent process, with our say in what becomes of a worker that ended by itself.

granian ends the whole service where a replacement lives for less than 5.5 seconds. Here nobody else is taken along: the
place is filled again, after a longer pause each time it happens soon.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from granian.server.mp import MPServer

log = logging.getLogger("recommender.serve")

SETTLED_SECONDS = 10.0
"""Who lived so long did not die of starting."""
FIRST_PAUSE_SECONDS = 1.0
MOST_PAUSE_SECONDS = 30.0


class Pauses:
    """How long the place of a worker stays empty: not at all, then twice as long each time the next one ends soon."""

    def __init__(self) -> None:
        self._in_a_row: dict[int, int] = {}

    def after(self, place: int, lived: float) -> float:
        """Seconds to wait before the place is filled again; ``lived`` is how old, in seconds, the worker became."""
        soon = 0 if lived >= SETTLED_SECONDS else self._in_a_row.get(place, 0)
        self._in_a_row[place] = soon + 1
        return 0.0 if soon == 0 else min(FIRST_PAUSE_SECONDS * 2 ** min(soon - 1, 16), MOST_PAUSE_SECONDS)


class Server(MPServer):
    """Replaces each worker that ends by itself, once ``respawn_failed_workers`` is set; before, the first such end ends all.

    It knows no reload and no workers that end by age or size: nothing of ours asks for them.
    """

    _due: dict[int, float]
    """Place of a worker that died → when (monotonic) it is filled again."""

    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        self._due, pauses = {}, Pauses()
        while True:
            self.main_loop_interrupt.wait(self._until_next())
            self.main_loop_interrupt.clear()  # first: whoever dies from here on wakes us again
            if self.interrupt_signal or (self.interrupt_children and not self.respawn_failed_workers):
                return
            while self.interrupt_children:
                self._note(self.interrupt_children.pop(), pauses)
            for place in [place for place, at in self._due.items() if at <= time.monotonic()]:
                self._fill(place, spawn_target, target_loader)

    def _until_next(self) -> float | None:
        """Seconds until a place is to be filled; None if none waits."""
        return max(min(self._due.values()) - time.monotonic(), 0.0) if self._due else None

    def _note(self, place: int, pauses: Pauses) -> None:
        now = time.monotonic()
        lived = now - self.wrks[place].birth
        pause = pauses.after(place, lived)
        self._due[place] = now + pause
        log.warning("worker %d ended %.1f s after its start; another one begins in %.0f s", place + 1, lived, pause)

    def _fill(self, place: int, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        """Start a worker; where the system has no room for a process, later."""
        fresh = self._spawn_worker(idx=place, target=spawn_target, callback_loader=target_loader)
        try:
            fresh.start()  # type: ignore[no-untyped-call] # granian says no type here
        except OSError as error:
            self._due[place] = time.monotonic() + MOST_PAUSE_SECONDS
            log.error("worker %d cannot be started: %s", place + 1, error.strerror)  # noqa: TRY400 - one line
            return
        del self._due[place]
        self.wrks[place] = fresh
