"""A group of new lines by columns: those that hold nothing are not sent, which with most events is half of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from recommender.domain.incoming import LINE_VALUES

NUMBERED = ("seq", "source_id", *LINE_VALUES)
"""The columns of a row as the intake gives it."""

WHOLE = frozenset({"seq", "source_id", "line", "time_us", "quantity", "price_e4", "value_e4"})
"""Columns of numbers."""

NEVER_EMPTY = frozenset({"seq", "source_id", "event_id", "line", "type", "time_us"})

ALIKE = frozenset({"source_id", "line", "currency"})
"""Columns that often say the same in every row, which is then bound once."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """What a group says in one column; ``gappy``: at least one row says nothing."""

    name: str
    values: Sequence[Any]
    gappy: bool


def filled(rows: Sequence[Row]) -> list[Column]:
    """The columns of :data:`NUMBERED` in which these rows say something; there is at least one row."""
    found = []
    for name, values in zip(NUMBERED, zip(*rows, strict=True), strict=True):
        if name in NEVER_EMPTY:
            found.append(Column(name, values, gappy=False))
        elif values[0] is not None or values.count(None) < len(values):
            found.append(Column(name, values, gappy=None in values))
    return found


def bound(columns: Sequence[Column]) -> tuple[tuple[str, ...], list[Any], list[Any]]:
    """Columns as SQLite takes them: the shape of a statement, values bound once, and the others row by row.

    A gap travels as an empty text: binding one costs Python ten times as much. In the shape, a name is followed by ``=``
    where all rows share the value, and by ``-`` where there are gaps.
    """
    rows = len(columns[0].values)
    shape: list[str] = []
    shared: list[Any] = []
    varying: list[Sequence[Any]] = []
    for column in columns:
        if column.gappy:
            shape.append(f"{column.name}-")
            varying.append(["" if value is None else value for value in column.values])
        elif column.name in ALIKE and column.values.count(column.values[0]) == rows:
            shape.append(f"{column.name}=")
            shared.append(column.values[0])
        else:
            shape.append(column.name)
            varying.append(column.values)
    return tuple(shape), shared, list(chain.from_iterable(zip(*varying, strict=True)))


@lru_cache(maxsize=128)
def insert(shape: tuple[str, ...], rows: int) -> str:
    """The statement that stores so many rows of :func:`bound`: the shared values are its first."""
    once = [name for name in shape if name.endswith("=")]
    number, lines = len(once), []
    for _ in range(rows):
        cells = []
        for name in shape:
            if name.endswith("="):
                cells.append(f"?{once.index(name) + 1}")
                continue
            number += 1
            cells.append(f"nullif(?{number},'')" if name.endswith("-") else f"?{number}")
        lines.append(f"({','.join(cells)})")
    names = ",".join(name.rstrip("=-") for name in shape)
    return f"INSERT OR IGNORE INTO events({names}) VALUES{','.join(lines)}"


def copied(columns: Sequence[Column]) -> str:
    """Columns as PostgreSQL's COPY reads them; ids hold no tab and no line break, JSON writes them as escapes."""
    cells = [_numbers(column) if column.name in WHOLE else _texts(column) for column in columns]
    return "\n".join(map("\t".join, zip(*cells, strict=True))) + "\n"


def _numbers(column: Column) -> Sequence[str]:
    if column.gappy:
        return ["\\N" if value is None else str(value) for value in column.values]
    return list(map(str, column.values))


def _texts(column: Column) -> Sequence[str]:
    if column.gappy:
        return ["\\N" if value is None else value.replace("\\", "\\\\") for value in column.values]
    if "\\" in "".join(column.values):
        return [value.replace("\\", "\\\\") for value in column.values]
    return column.values
