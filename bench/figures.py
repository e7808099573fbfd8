"""A measured figure, the file it is kept in, and how it is shown."""

import json
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes
    ----------
    value : float
        The median of ``samples`` (or what the measurement itself says is the figure).
    unit : str
    bar : float or None
        What it should reach; None where nothing is asked.
    ok : bool or None
        Whether it does; None without a bar.
    samples : tuple of float
        Every measurement, in the order taken.
    """

    value: float
    unit: str
    bar: float | None = None
    ok: bool | None = None
    samples: tuple[float, ...] = ()


def figure(
    samples: Sequence[float], unit: str, *, bar: float | None = None, better: Literal["higher", "lower"] = "higher"
) -> Figure:
    """The median of some measurements, held against a bar: ``higher`` must reach it, ``lower`` must not exceed it."""
    if not samples:
        raise ValueError("a figure needs at least one measurement, got none")
    value = statistics.median(samples)
    ok = None if bar is None else value >= bar if better == "higher" else value <= bar
    return Figure(value=value, unit=unit, bar=bar, ok=ok, samples=tuple(samples))


def write(figures: Mapping[str, Figure], path: Path) -> None:
    """Write figures as one flat object, name to ``{value, unit, bar, ok, samples}``, sorted by name.

    Merges: figures of other names that the file holds already stay as they are, those of the same name are replaced.
    So ``--only`` refreshes one figure and keeps the rest; delete the file to begin anew. A file that is not such an
    object is an error, never overwritten. Replaced in one step.
    """
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if not isinstance(kept, dict):
        raise ValueError(f"{path} holds no object of figures; move it away")  # noqa: TRY004 - a file, not an argument
    merged = kept | {name: asdict(found) for name, found in figures.items()}
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(dict(sorted(merged.items())), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    fresh.replace(path)


def table(figures: Mapping[str, Figure]) -> str:
    """The figures as lines of text: name, value, unit, bar, whether it holds, spread of the samples."""
    head = ("figure", "value", "unit", "bar", "", "samples")
    rows = [head, *(_row(name, found) for name, found in sorted(figures.items()))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    right = (1, 3)
    lines = [
        "  ".join(
            cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


def _row(name: str, found: Figure) -> tuple[str, ...]:
    mark = {True: "ok", False: "SHORT", None: ""}[found.ok]
    bar = "" if found.bar is None else _number(found.bar)
    spread = ""
    if len(found.samples) > 1:
        spread = f"{len(found.samples)}: {_number(min(found.samples))} to {_number(max(found.samples))}"
    return name, _number(found.value), found.unit, bar, mark, spread


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.4f}"
