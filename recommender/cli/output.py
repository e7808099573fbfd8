"""How the command line speaks: data on stdout, progress and errors on stderr, JSON when asked."""

import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from recommender.cli.context import State

WIDE = 400


def stdout() -> Console:
    """Where results go. Off a terminal lines are as long as they must be: files and pipes have no edge.

    Brackets in names are shown as they are.
    """
    console = Console(soft_wrap=True, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDE
    return console


def emit(state: State, data: Any, say: Callable[[Console], None]) -> None:
    """Print a result: one JSON object with ``--json``, else what ``say`` prints."""
    if state.json:
        sys.stdout.write(msgspec.json.encode(data, enc_hook=str).decode() + "\n")
    else:
        say(stdout())


def complain(message: str, *, code: str, as_json: bool, hint: str | None = None) -> None:
    """Print an error: a sentence on stderr, and with ``--json`` an object on stdout too."""
    if as_json:
        sys.stdout.write(msgspec.json.encode({"error": {"code": code, "message": message}}).decode() + "\n")
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(Text("error: ", style="bold red"), Text(message), sep="")
    if hint:
        console.print(Text(hint))


def table(title: str | None, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A plain table; columns whose every cell reads as a number are right-aligned."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, heading in enumerate(headings):
        cells = [row[i] for row in rows]
        numbers = bool(cells) and all(_numeric(cell) for cell in cells)
        made.add_column(heading, justify="right" if numbers else "left", no_wrap=True)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def _numeric(cell: str) -> bool:
    return cell in ("", "–") or cell.lstrip("+-−(").replace(",", "").replace(".", "").rstrip("%)").isdigit()


def _pace(speed: float, unit: str) -> str:
    """Units per second, the unit without what is told beside it ("trials, best +0.002")."""
    return f"{speed:,.{1 if speed < 10 else 0}f} {unit.split(',', maxsplit=1)[0]}/s"


class _Rate(ProgressColumn):
    """Units per second so far."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        unit = str(task.fields.get("unit") or "")
        _, comma, beside = unit.partition(",")
        return Text(_pace(speed, unit) + comma + beside if speed and unit else "")


class Stages:
    """Progress of long work: bars with rate and time left on a terminal, one plain line per finished stage elsewhere.

    Call it as ``stages(stage, done, total, unit)``; ``total`` None is unknown. A plain line also appears every ten
    seconds within a stage, so that a log shows that work goes on.
    """

    EVERY_SECONDS = 10.0

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._bars: Progress | None = None
        self._tasks: dict[str, Any] = {}
        self._stage: str | None = None
        self._began = self._said = time.monotonic()
        self._last: tuple[int, int | None, str] = (0, None, "")

    def __enter__(self) -> Self:
        if not self._quiet and self._console.is_terminal:
            self._bars = Progress(
                SpinnerColumn(finished_text="✓"),
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                _Rate(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=self._console,
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, stage: str, done: int = 0, total: int | None = None, unit: str = "") -> None:
        """Say that ``done`` of ``total`` units of this stage are finished; a new name begins a new stage."""
        if self._quiet:
            return
        if stage != self._stage:
            self._finish()
            self._stage, self._began, self._said = stage, time.monotonic(), time.monotonic()
            if self._bars is not None:
                self._tasks[stage] = self._bars.add_task(stage, total=total, unit=unit)
        self._last = (done, total, unit)
        if self._bars is not None:
            self._bars.update(self._tasks[stage], completed=done, total=total, unit=unit)
        elif time.monotonic() - self._said >= self.EVERY_SECONDS:
            self._line("…")
            self._said = time.monotonic()

    def _finish(self) -> None:
        if self._stage is None or self._quiet:
            return
        done, total, _ = self._last
        if self._bars is not None:
            end = total if total is not None else max(done, 1)
            self._bars.update(self._tasks[self._stage], completed=end, total=end)
        else:
            self._line("")
        self._stage = None

    def _line(self, mark: str) -> None:
        done, total, unit = self._last
        seconds = time.monotonic() - self._began
        words = [f"{self._stage}{mark}"]
        if unit and done:
            of = f" of {total:,}" if total is not None and total != done else ""
            words.append(f"{done:,}{of} {unit}")
            if seconds > 0.05:
                words.append(_pace(done / seconds, unit))
            if mark and total and done:
                words.append(f"about {seconds * (total - done) / done:.0f} s left")
        words.append(f"{seconds:.1f} s")
        self._console.print("  ".join(words), soft_wrap=True)
