"""Cells of tables in columns: lines as cells, cells put together, and cut to the newest.

All of it is sorting. Columns that fit side by side into one number are sorted as such numbers, which numpy does far
faster than anything that keeps rows together otherwise.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recommender.features.primitives import Table
from recommender.features.record import run_begins

if TYPE_CHECKING:
    import polars as pl

Ints = NDArray[np.int64]
Columns = dict[str, Ints]
"""``who``, the keys (``num``, ``text`` or both) and the measures of some cells, int64 arrays of one length."""

MOST_BITS = 62
_REDUCED: Mapping[str, np.ufunc] = {"sum": np.add, "min": np.minimum, "max": np.maximum}


def rows_of(table: Table, lines: "pl.LazyFrame", of_type: "pl.Expr | None") -> Columns:
    """Each line as a cell of its own; those without a key or a measure are left out."""
    import polars as pl

    columns = {"num": table.num, "text": table.text} | {name: column for name, column, _ in table.measures}
    rows = lines if of_type is None else lines.filter(of_type)
    wanted = {name: pl.col(column) for name, column in columns.items() if column}
    if table.text:
        wanted["text"] = wanted["text"].to_physical()
    chosen = [pl.col("who").cast(pl.Int64), *(one.cast(pl.Int64).alias(name) for name, one in wanted.items())]
    found = rows.select(chosen).drop_nulls().collect()
    return {name: found[name].to_numpy() for name in found.columns}


def put_together(table: Table, cells: Columns) -> Columns:
    """One cell for each person and key, by person, then as :attr:`Table.packed_order` says."""
    keys = ("who", *table.packed_order)
    rows = ordered(cells, keys)
    begins = run_begins(*(rows[key] for key in keys))
    if len(begins) == len(rows["who"]):
        return rows
    found = {key: rows[key][begins] for key in keys}
    for name, _, reducer in table.measures:
        found[name] = _REDUCED[reducer].reduceat(rows[name], begins)
    return found


def newest(table: Table, cells: Columns) -> Columns:
    """Each person's newest cells, at most the table's cap; texts are places in alphabetical order.

    Parameters
    ----------
    cells : mapping
        By person; the result is so, too, but a person's cells are in no order.
    """
    who = cells["who"]
    begins = run_begins(who)
    length = np.diff(np.append(begins, len(who)))
    above = np.repeat(length > table.cap, length)
    if not above.any():
        return cells
    many = ordered({name: column[above] for name, column in cells.items()}, ("who", *table.newest))
    begins = run_begins(many["who"])
    length = np.diff(np.append(begins, len(many["who"])))
    after = np.repeat(begins + length, length) - np.arange(len(many["who"]))
    kept = after <= table.cap
    return {name: np.concatenate([column[~above], many[name][kept]]) for name, column in cells.items()}


def ordered(columns: Columns, by: Sequence[str]) -> Columns:
    """The rows by these columns, the first of them first; rows that are equal there in any order."""
    names = [*by, *(name for name in columns if name not in by)]
    if not len(columns[names[0]]):
        return columns
    lows = {name: int(columns[name].min()) for name in names}
    bits = {name: (int(columns[name].max()) - lows[name]).bit_length() for name in names}
    if sum(bits.values()) <= MOST_BITS:
        joined = _joined(columns, names, lows, bits)
        joined.sort()
        return _parted(joined, names, lows, bits)
    if sum(bits[name] for name in by) <= MOST_BITS:
        order = np.argsort(_joined(columns, by, lows, bits))
    else:
        order = np.lexsort([columns[name] for name in reversed(by)])
    return {name: column[order] for name, column in columns.items()}


def _joined(columns: Columns, names: Sequence[str], lows: Mapping[str, int], bits: Mapping[str, int]) -> Ints:
    """The columns side by side in one number a row."""
    joined = columns[names[0]] - lows[names[0]]
    for name in names[1:]:
        joined <<= bits[name]
        joined += columns[name]
        joined -= lows[name]
    return joined


def _parted(joined: Ints, names: Sequence[str], lows: Mapping[str, int], bits: Mapping[str, int]) -> Columns:
    """Back again; ``joined`` is used up."""
    found: dict[str, Any] = {}
    for name in reversed(names):
        found[name] = (joined & ((1 << bits[name]) - 1)) + lows[name]
        joined >>= bits[name]
    return found
