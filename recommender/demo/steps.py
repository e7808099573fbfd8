"""How the demo shows what it is doing: one line per step, with its seconds."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Steps:
    """Numbered steps. On a terminal the line of a running step shows how far it is; elsewhere each prints once, at its end.

    Call it as ``steps(stage, done, total, unit)`` from within a step: that is the form of every long use case.
    """

    EVERY_SECONDS = 0.2

    def __init__(self, count: int, *, out: TextIO | None = None, quiet: bool = False) -> None:
        self._out = out or sys.stdout
        self._live = self._out.isatty() and not quiet
        self._quiet = quiet
        self._count = count
        self._number = 0
        self._head = ""
        self._shown = 0.0

    @contextmanager
    def step(self, text: str) -> Iterator[list[str]]:
        """Do one step; what is put into the list it gives is said at the end of its line."""
        self._number += 1
        self._head = f"[{self._number}/{self._count}] {text}"
        notes: list[str] = []
        began = time.monotonic()
        self._now(f"{self._head} …")
        yield notes
        said = f": {', '.join(notes)}" if notes else ""
        self._line(f"{self._head}{said} ({time.monotonic() - began:.1f} s)")

    def __call__(self, stage: str, done: int = 0, total: int | None = None, unit: str = "") -> None:
        """Say how far the running step is."""
        if not self._live or time.monotonic() - self._shown < self.EVERY_SECONDS:
            return
        of = f" of {total:,}" if total else ""
        far = f" {done:,}{of} {unit}" if done else ""
        self._now(f"{self._head}: {stage}{far} …")

    def _now(self, text: str) -> None:
        if self._live:
            self._out.write(f"\r\x1b[2K{text[:110]}")
            self._out.flush()
            self._shown = time.monotonic()

    def _line(self, text: str) -> None:
        if not self._quiet:
            self._out.write(f"\r\x1b[2K{text}\n" if self._live else f"{text}\n")
            self._out.flush()
