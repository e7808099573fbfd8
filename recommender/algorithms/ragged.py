"""Arrays of unequal rows: a block of people, each with their own number of entries.

An entry is named by its *key*, ``person * n_items + item`` (int64), so that a block's entries live in one flat,
sortable array. Everything here works row by row: what a person gets never depends on who else is in the block.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DENSE_CELLS = 16_384
"""Up to this many items a block's sums are kept in one dense row per person; above it, by sorted keys."""


def spans(starts: Ints, lengths: Ints) -> Ints:
    """Positions ``start, start + 1, …`` of each span, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths))


def bounds(person: Ints, n_people: int) -> Ints:
    """``indptr`` of entries sorted by person: person p owns ``[p]:[p + 1]``."""
    return np.searchsorted(person, np.arange(n_people + 1)).astype(np.int64)


def place_in_row(indptr: Ints) -> Ints:
    """For each entry its place within its own row, from 0."""
    lengths = np.diff(indptr)
    return np.arange(int(indptr[-1]), dtype=np.int64) - np.repeat(indptr[:-1], lengths)


def distinct(keys: Ints) -> Ints:
    """Sorted keys, each once."""
    if not len(keys):
        return keys
    ordered = np.sort(keys)
    keep = np.empty(len(ordered), bool)
    keep[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=keep[1:])
    return ordered[keep]


def found(keys: Ints, within: Ints) -> NDArray[np.bool_]:
    """Whether each key is among ``within`` (sorted)."""
    if not len(within):
        return np.zeros(len(keys), bool)
    place = np.minimum(np.searchsorted(within, keys), len(within) - 1)
    return np.asarray(within[place] == keys)


def lookup(keys: Ints, within: Ints, values: Floats) -> Floats:
    """The value stored under each key (``within`` sorted); 0 where there is none."""
    if not len(within):
        return np.zeros(len(keys))
    place = np.minimum(np.searchsorted(within, keys), len(within) - 1)
    return np.where(within[place] == keys, values[place], 0.0)


def summed(keys: Ints, weights: Floats) -> tuple[Ints, Floats]:
    """Distinct sorted keys and the sum of their weights, added in the order given."""
    if not len(keys):
        return keys, np.zeros(0)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.empty(len(ordered), bool)
    first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    group = np.cumsum(first) - 1
    return ordered[first], np.asarray(np.bincount(group, weights=weights[order]), np.float64)


def heaviest(person: Ints, values: Floats, n_people: int, most: int) -> Ints:
    """Positions of each person's ``most`` largest values; entries come sorted by person, ties keep the earlier entry.

    Returns positions in increasing order.
    """
    indptr = bounds(person, n_people)
    if not len(person) or int(np.diff(indptr).max()) <= most:
        return np.arange(len(person), dtype=np.int64)
    order = np.lexsort((-values, person))
    return np.sort(order[place_in_row(indptr) < most])


def row_maxima(values: Floats, indptr: Ints) -> Floats:
    """The largest value of each row; 0 for an empty row."""
    out = np.zeros(len(indptr) - 1)
    filled = np.flatnonzero(np.diff(indptr))
    if len(filled):
        out[filled] = np.maximum.reduceat(values, indptr[:-1][filled])
    return out


def largest_in_rows(matrix: NDArray[np.floating], k: int) -> Ints:
    """Flat positions of the ``k`` largest positive cells of each row, ascending; cells equal to the smallest of them come along."""
    width = matrix.shape[1]
    if k >= width:
        return np.flatnonzero(matrix > 0)
    floor = np.partition(matrix, width - k, axis=1)[:, width - k]
    return np.flatnonzero((matrix >= floor[:, None]) & (matrix > 0))
