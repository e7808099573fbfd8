"""Kernels of tables, and the scan of factors."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.kernels.plain.lists import best_of
from recommender.kernels.plain.rows import Ints

Sketched = tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32]]

_SLACK = 1.0 + 1e-5
"""Rounding in the products must not end a scan early."""
_BLOCK = 6_144
_GROUP = 8


def nearest(
    indptr: NDArray[np.integer],
    indices: NDArray[np.integer],
    data: NDArray[np.floating],
    first: int,
    width: int,
    items: NDArray[np.int32],
    weights: NDArray[np.float32],
) -> int:
    """Write the heaviest cells of each row of a sparse matrix into a table; gives how many the fullest row has.

    Parameters
    ----------
    indptr, indices, data
        A csr matrix: row r belongs to item ``first + r``. Cells that are not above 0, and an item's own, are left out.
    first : int
    width : int
        Cells kept per row, heaviest first; of equal ones the lower columns.
    items, weights : int32 and float32 arrays of shape (n_items, at least width)
        Written to.
    """
    widest = 0
    for row, (begin, end) in enumerate(pairwise(indptr.tolist())):
        column, value = indices[begin:end], data[begin:end]
        keep = ((value > 0) & (column != first + row)).nonzero()[0]
        if len(keep) > width:
            floor = np.partition(value[keep], len(keep) - width)[len(keep) - width]
            keep = keep[value[keep] >= floor]
        keep = keep[np.lexsort((column[keep], -value[keep]))][:width]
        items[first + row, : len(keep)] = column[keep]
        weights[first + row, : len(keep)] = value[keep]
        widest = max(widest, len(keep))
    return widest


def shared(
    indptr: Ints,
    indices: NDArray[np.int32],
    first: int,
    lead_ends: Ints,
    lead_groups: NDArray[np.int32],
    group_ends: Ints,
    group_items: NDArray[np.int32],
    person: Ints,
    n_items: int,
    least: int,
) -> NDArray[np.bool_]:
    """For each cell of a sparse matrix of items whether at least ``least`` distinct people had a group with both of its items.

    Parameters
    ----------
    indptr, indices
        The places of a csr matrix: row r belongs to item ``first + r``.
    first : int
    lead_ends, lead_groups
        The groups (orders, days, people) in which item i leads, those of one person beside each other:
        ``lead_groups[lead_ends[i]:lead_ends[i + 1]]``.
    group_ends, group_items
        The items that follow in group g.
    person : int64 array
        Whose group it is, from 0.
    n_items : int
    least : int
    """
    found = np.zeros(len(indices), bool)
    for row, (begin, end) in enumerate(pairwise(indptr.tolist())):
        groups = lead_groups[lead_ends[first + row] : lead_ends[first + row + 1]]
        if begin < end and len(groups):
            lengths = group_ends[groups + 1] - group_ends[groups]
            places = np.repeat(group_ends[groups] - (lengths.cumsum() - lengths), lengths) + np.arange(lengths.sum())
            had = np.unique(np.repeat(person[groups], lengths) * n_items + group_items[places]) % n_items
            found[begin:end] = np.bincount(had, minlength=n_items)[indices[begin:end]] >= least
    return found


def scanned(
    factors: NDArray[np.float32],
    shortness: NDArray[np.float32],
    sketched: Sketched,
    person: NDArray[np.float32],
    k: int,
    skip: Ints,
) -> tuple[Ints, NDArray[np.float32]]:
    """Rows of the ``k`` highest inner products above 0 and these products, by row; of equal ones the earlier rows.

    Parameters
    ----------
    factors : float32 array of shape (n, f)
        By falling length.
    shortness : float32 array of length n
        Minus each row's length, ascending: the scan ends where no further row can be among the best (Cauchy-Schwarz).
    sketched : int8 array of shape (n, f), float32 array of length n, float32 array of length n
        Each row in whole steps, what a step is worth, how far the row may lie from it: where the processor compares sixteen
        of them at once, rows that cannot be among the best are told by it. It never changes what is found.
    person : float32 array of length f
    k : int
        At least 1.
    skip : int64 array
        Ascending: rows to leave out.
    """
    del sketched  # numpy works the products out as fast as it would compare the sketches
    length = float(np.sqrt(person @ person)) * _SLACK
    rows, scores, start, worst = np.zeros(0, np.int64), np.zeros(0, np.float32), 0, 0.0
    while length > 0:
        end = min(start + _BLOCK, int(shortness.searchsorted(-worst / length)))
        if end <= start:
            break
        block = factors[start:end] @ person
        if len(skip):
            first, last = skip.searchsorted([start, end]).tolist()
            block[skip[first:last] - start] = 0.0
        if not start and (low := _low(block, k)) > 0:
            worst, better = low, (block >= low).nonzero()[0]
        else:
            better = (block > worst).nonzero()[0]
        rows = np.concatenate((rows, better + start))
        scores = np.concatenate((scores, block.take(better)))
        if len(rows) > k:
            worst = max(worst, _highest(scores, k))
        start = end
    if len(rows) > k:
        kept = best_of(scores, k)
        rows, scores = rows.take(kept), scores.take(kept)
    return rows, scores


def _low(scores: NDArray[np.float32], k: int) -> float:
    """A score that at least ``k`` reach, quickly: the k-th highest of the best of groups; 0 where there are too few groups."""
    groups = len(scores) // _GROUP
    if groups < k:
        return 0.0
    return _highest(scores[: groups * _GROUP].reshape(_GROUP, groups).max(axis=0), k)


def _highest(scores: NDArray[np.float32], k: int) -> float:
    """The k-th highest score."""
    return float(np.partition(scores, len(scores) - k)[len(scores) - k])
