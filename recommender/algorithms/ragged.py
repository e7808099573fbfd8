"""Arrays of unequal rows: a block of people, each with their own number of entries.

An entry is named by its *key*, ``person * n_items + item`` (int64), so that a block's entries live in one flat,
sortable array. Everything here works row by row: what a person gets never depends on who else is in the block.
"""

from itertools import pairwise

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
    return np.asarray(person.searchsorted(np.arange(n_people + 1)), np.int64)


def place_in_row(indptr: Ints) -> Ints:
    """For each entry its place within its own row, from 0."""
    lengths = np.diff(indptr)
    return np.arange(int(indptr[-1]), dtype=np.int64) - np.repeat(indptr[:-1], lengths)


def distinct(keys: Ints) -> Ints:
    """Sorted keys, each once."""
    if not len(keys):
        return keys
    ordered = np.sort(keys)
    return np.asarray(ordered[firsts(ordered)])


def firsts(keys: Ints) -> NDArray[np.bool_]:
    """Where a new key begins among sorted keys."""
    out = np.empty(len(keys), bool)
    out[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=out[1:])
    return out


def found(keys: Ints, within: Ints) -> NDArray[np.bool_]:
    """Whether each key is among ``within`` (sorted)."""
    if not len(within):
        return np.zeros(len(keys), bool)
    place = np.minimum(within.searchsorted(keys), len(within) - 1)
    return np.asarray(within[place] == keys)


def lookup(keys: Ints, within: Ints, values: Floats) -> Floats:
    """The value stored under each key (``within`` sorted); 0 where there is none."""
    if not len(within):
        return np.zeros(len(keys))
    place = np.minimum(within.searchsorted(keys), len(within) - 1)
    return np.where(within[place] == keys, values[place], 0.0)


def summed(keys: Ints, weights: Floats) -> tuple[Ints, Floats]:
    """Distinct sorted keys and the sum of their weights, added in the order given."""
    if not len(keys):
        return keys, np.zeros(0)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = firsts(ordered)
    group = first.cumsum() - 1
    return ordered[first], np.asarray(np.bincount(group, weights=weights[order]), np.float64)


def heaviest(person: Ints, values: Floats, n_people: int, most: int) -> Ints:
    """Positions of each person's ``most`` largest values; entries come sorted by person, ties keep the earlier entry.

    Returns positions in increasing order.
    """
    if len(person) <= most:
        return np.arange(len(person), dtype=np.int64)
    indptr = bounds(person, n_people)
    if int((indptr[1:] - indptr[:-1]).max()) <= most:
        return np.arange(len(person), dtype=np.int64)
    parts = [_heaviest(values[start:end], most) + start for start, end in pairwise(indptr.tolist()) if end > start]
    return np.concatenate(parts)


def _heaviest(values: Floats, most: int) -> Ints:
    if len(values) <= most:
        return np.arange(len(values), dtype=np.int64)
    floor = np.partition(values, len(values) - most)[len(values) - most]
    above = (values > floor).nonzero()[0]
    level = (values == floor).nonzero()[0][: most - len(above)]
    return np.sort(np.concatenate([above, level]))


def row_maxima(values: Floats, indptr: Ints) -> Floats:
    """The largest value of each row, for every line of ``values`` (float64 of shape (n, length)); 0 for an empty row."""
    out = np.zeros((len(values), len(indptr) - 1))
    filled = (indptr[1:] > indptr[:-1]).nonzero()[0]
    if len(filled):
        out[:, filled] = np.maximum.reduceat(values, indptr[:-1][filled], axis=1)
    return out


def largest_in_rows(matrix: NDArray[np.floating], k: int) -> Ints:
    """Flat positions of the ``k`` largest positive cells of each row, ascending; cells equal to the smallest of them come along."""
    width = matrix.shape[1]
    if k >= width:
        return (matrix.ravel() > 0).nonzero()[0]
    floor = np.partition(matrix, width - k, axis=1)[:, width - k]
    return np.asarray(((matrix >= floor[:, None]) & (matrix > 0)).ravel().nonzero()[0])
