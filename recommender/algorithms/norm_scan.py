"""The best items of a factor model, exactly, without looking at most of them.

Items stand by falling length of their factors. No item further down can score more than its length times the person's
(Cauchy-Schwarz), so the scan ends where that falls below the k-th best score so far. Lengths of factors of real shops fall
steeply: a few per cent of a large catalogue are read. With lengths all alike it reads everything, as :func:`full` does.
"""

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import NOTHING, Ints

Factors = NDArray[np.float32]

BLOCK = 6_144
"""Rows scored in one go."""

_GROUP = 8

_SLACK = 1.0 + 1e-5
"""Rounding in the products must not end the scan early."""


def by_length(factors: Factors) -> Ints:
    """The order of rows by falling length; equal lengths keep their order."""
    return np.argsort(-np.einsum("if,if->i", factors, factors, dtype=np.float64), kind="stable")


def shortness(factors: Factors) -> Factors:
    """Minus the length of each row, float32, ascending where the rows stand in the order of :func:`by_length`."""
    return np.asarray(np.maximum.accumulate(-np.sqrt(np.einsum("if,if->i", factors, factors))), np.float32)


def top(factors: Factors, short: Factors, person: Factors, k: int, skip: Ints = NOTHING) -> tuple[Ints, Factors]:
    """Rows of the ``k`` highest scores above 0 and these scores, by row; of equal scores the earlier rows.

    Parameters
    ----------
    factors : float32 array of shape (n, f)
        In the order of :func:`by_length`.
    short : float32 array of length n
        Their :func:`shortness`.
    person : float32 array of length f
    k : int
        At least 1.
    skip : int64 array
        Sorted rows to leave out.
    """
    length = float(np.sqrt(person @ person)) * _SLACK
    rows, scores, start, worst = NOTHING, np.zeros(0, np.float32), 0, 0.0
    while length > 0:
        end = min(start + BLOCK, bisect_left(short, -worst / length))
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
        if len(better):
            rows = np.concatenate((rows, better + start)) if start else better
            scores = np.concatenate((scores, block.take(better))) if start else block.take(better)
            if len(rows) > k:
                worst = max(worst, _highest(scores, k))
        start = end
    if len(rows) > k:
        kept = best_of(scores, k)
        rows, scores = rows.take(kept), scores.take(kept)
    return rows, scores


def _low(scores: Factors, k: int) -> float:
    """A score that at least ``k`` reach, quickly: the k-th highest of the best of groups; 0 where there are too few groups."""
    groups = len(scores) // _GROUP
    if groups < k:
        return 0.0
    return _highest(scores[: groups * _GROUP].reshape(_GROUP, groups).max(axis=0), k)


def _highest(scores: Factors, k: int) -> float:
    """The k-th highest score."""
    return float(np.partition(scores, len(scores) - k)[len(scores) - k])


def best_of(scores: Factors, k: int) -> Ints:
    """Places of the ``k`` highest scores, ascending; of equal ones the earlier. There are more than ``k``."""
    floor = np.partition(scores, len(scores) - k)[len(scores) - k]
    kept = (scores >= floor).nonzero()[0]
    if len(kept) > k:
        level = kept[scores.take(kept) == floor]
        kept = np.setdiff1d(kept, level[k - len(kept) :], assume_unique=True)
    return np.asarray(kept)


def full(factors: Factors, person: Factors, k: int) -> tuple[Ints, Factors]:
    """What :func:`top` gives, by scoring every row: the yardstick."""
    scores = factors @ person
    rows = (scores > 0).nonzero()[0] if len(scores) <= k else best_of(scores, k)
    rows = rows[scores.take(rows) > 0]
    return rows, scores.take(rows)
