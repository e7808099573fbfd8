"""Rows of the log on their way into SQLite: the statement that stores many of them, and the values it is given.

Binding is what an import spends its time on. So a column that says the same in every row stands in the statement, ``seq``
is counted by it, and a gap, which costs ten times as much to bind as text, travels as an empty string.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

ROWS_PER_STATEMENT = 500
"""Rows one INSERT carries: between two of them the interpreter is another thread's for as long as SQLite stores these."""

BOUND = ("?", "nullif(?,'')")
"""A value the statement is given with each row: never missing, or at times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Rows as SQLite takes them.

    Attributes
    ----------
    names, values : list of str
        The columns that hold something, and how the statement gives each: as a value to bind, or written out.
        Without ``seq`` among them, the statement counts it.
    width : int
        Bound values of one row.
    bound : list
        Those of all rows, row by row; a gap is an empty text.
    rows : int
    """

    names: list[str]
    values: list[str]
    width: int
    bound: list[object]
    rows: int


def cells_of(lines: pl.DataFrame) -> Cells:
    """Rows with columns of the log; without ``seq`` where they are numbered without gaps."""
    names, values = _names_and_values(lines)
    varying = [name for name, value in zip(names, values, strict=True) if value in BOUND]
    bound: list[object] = [None] * (len(lines) * len(varying))
    for place, name in enumerate(varying):
        column = lines[name]
        bound[place :: len(varying)] = _filled(column) if column.null_count() else column.to_list()
    return Cells(names=names, values=values, width=len(varying), bound=bound, rows=len(lines))


def store(driver: sqlite3.Connection, cells: Cells, first: int) -> int:
    """Store rows whose event and line are not there yet, numbered from ``first`` if they have no number; returns how many went in."""
    before, bound, width = driver.total_changes, cells.bound, cells.width
    counting = "seq" not in cells.names
    for together, starts in _portions(cells.rows):
        driver.executemany(
            _statement(cells.names, cells.values, together),
            ([first + at] * counting + bound[at * width : (at + together) * width] for at in starts),
        )
    return driver.total_changes - before


def _portions(rows: int) -> list[tuple[int, range]]:
    """Sizes of statements, few of them, so that SQLite reads each once; and at which rows those of a size begin."""
    portions, at = [], 0
    for together in (ROWS_PER_STATEMENT, 20, 1):
        end = at + (rows - at) // together * together
        portions.append((together, range(at, end, together)))
        at = end
    return portions


def _names_and_values(lines: pl.DataFrame) -> tuple[list[str], list[str]]:
    names, values = [], []
    for name in lines.columns:
        column = lines[name]
        if (gaps := column.null_count()) == len(column):
            continue
        names.append(name)
        if not gaps and (column == column[0]).all():
            values.append(_literal(column[0]))
        else:
            values.append(BOUND[bool(gaps)])
    return names, values


def _filled(column: pl.Series) -> list[object]:
    """The values, with an empty text in the place of a gap."""
    if column.dtype == pl.String:
        return column.fill_null("").to_list()
    return ["" if value is None else value for value in column.to_list()]


def _literal(value: str | int) -> str:
    if isinstance(value, int):
        return str(int(value))
    return "'" + value.replace("'", "''") + "'"


def _statement(columns: Sequence[str], values: Sequence[str], rows: int) -> str:
    """Where ``seq`` is no column, the first value the statement is given is that of the first row."""
    said = ",".join(values)
    if "seq" in columns:
        return f"INSERT OR IGNORE INTO events({','.join(columns)}) VALUES{','.join([f'({said})'] * rows)}"
    together = ",".join([f"(?1+{row},{said})" for row in range(rows)])
    return f"INSERT OR IGNORE INTO events(seq,{','.join(columns)}) VALUES{together}"
