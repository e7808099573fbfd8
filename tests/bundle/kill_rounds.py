"""Run by ``test_kill.py``: writes and publishes runs in children that are killed, and says what was left.

Arguments: the models folder, the number of rounds, ``steps`` or ``moments``. Prints one JSON line.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from recommender.bundle import Shelf, write_bundle

CREATED = datetime(2026, 11, 22, tzinfo=UTC)


def make(shelf: Shelf, number: int, step: Callable[[str], None]) -> None:
    run = f"r{number:06d}"
    arrays = {f"part{i}": np.full(20_000, number, np.int32) for i in range(4)}
    write_bundle(shelf.folder, run, arrays, {"number": number}, created=CREATED, step=step)
    shelf.publish(run, step=step)


def child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def kill_at_steps(shelf: Shelf, rounds: int) -> dict[str, int]:
    """Round n dies right after its n-th step; returns how often each step was the last."""
    seen: dict[str, int] = {}
    for number in range(1, rounds + 1):
        before = shelf.current()
        told, tell = os.pipe()

        def step(name: str, left: list[int] = [number % 18], tell: int = tell) -> None:  # noqa: B006 - one list per round
            left[0] -= 1
            if left[0] < 0:
                os.write(tell, name.encode())
                os.kill(os.getpid(), signal.SIGKILL)

        pid = child(lambda number=number, step=step: make(shelf, number, step))  # type: ignore[misc]
        os.close(tell)
        _, status = os.waitpid(pid, 0)
        last = os.read(told, 100).decode()
        os.close(told)
        last = last if os.WIFSIGNALED(status) else "lived"
        seen[last] = seen.get(last, 0) + 1
        whole_new = last in ("CURRENT replaced", "published", "lived")
        expected = f"r{number:06d}" if whole_new else before
        if shelf.current() != expected:
            raise SystemExit(f"killed after {last!r}: {shelf.current()} is served, expected {expected}")
    return seen


def kill_at_moments(shelf: Shelf, rounds: int) -> dict[str, int]:
    """Children publish one run after the other and die at a random moment within about four of them."""
    rng = random.Random(rounds)  # noqa: S311
    number = 1_000
    began = time.perf_counter()
    for first in range(3):
        make(shelf, first, lambda _: None)
    one_run = (time.perf_counter() - began) / 3  # seconds on this machine, now
    for _ in range(rounds):
        number += 1_000

        def work(first: int = number) -> None:
            for run in range(first, first + 999):
                make(shelf, run, lambda _: None)

        pid = child(work)
        time.sleep(rng.uniform(0, 4 * one_run))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        shelf.prune(3)
    return {"moments": rounds}


def main() -> None:
    """Do the rounds, sweep, train once more, print what is there."""
    shelf = Shelf(Path(sys.argv[1]))
    rounds = int(sys.argv[2])
    seen = (kill_at_steps if sys.argv[3] == "steps" else kill_at_moments)(shelf, rounds)
    left = len(shelf.sweep())
    make(shelf, 999_999, lambda _: None)
    odd = [p.name for p in shelf.folder.iterdir() if p.name.startswith((".writing", ".removed"))]
    print(json.dumps({"seen": seen, "left": left, "odd": odd, "current": shelf.current()}))  # noqa: T201


if __name__ == "__main__":
    main()
