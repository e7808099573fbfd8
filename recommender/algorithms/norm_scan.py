"""The best items of a factor model, exactly, without looking at most of them.

Items stand by falling length of their factors. No item further down can score more than its length times the person's
(Cauchy-Schwarz), so the scan ends where that falls below the k-th best score so far. Lengths of factors of real shops fall
steeply: a few per cent of a large catalogue are read. With lengths all alike it reads everything, as :func:`full` does.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import NOTHING, Ints, heaviest_of

Factors = NDArray[np.float32]

FIRST_BLOCK = 1_024
_LAST_BLOCK = 4_096
_SLACK = 1.0 + 1e-5
"""Rounding in the products must not end the scan early."""


def by_length(factors: Factors) -> Ints:
    """The order of rows by falling length; equal lengths keep their order."""
    return np.argsort(-np.einsum("if,if->i", factors, factors, dtype=np.float64), kind="stable")


def top(factors: Factors, person: Factors, k: int, skip: Ints = NOTHING) -> tuple[Ints, Factors]:
    """Rows of the ``k`` highest scores above 0 and these scores, best first, equal scores by row.

    Parameters
    ----------
    factors : float32 array of shape (n, f)
        In the order of :func:`by_length`.
    person : float32 array of length f
    k : int
        At least 1.
    skip : int64 array
        Sorted rows to leave out.
    """
    length = float(np.sqrt(person @ person)) * _SLACK
    rows, scores = NOTHING, np.zeros(0, np.float32)
    start, size, worst = 0, max(FIRST_BLOCK, 2 * k), 0.0
    while start < len(factors) and _length(factors[start]) * length > worst:
        block = factors[start : start + size] @ person
        if len(skip):
            first, last = skip.searchsorted([start, start + size]).tolist()
            block[skip[first:last] - start] = 0.0
        better = (block > worst).nonzero()[0]
        rows = np.concatenate([rows, better + start])
        scores = np.concatenate([scores, block[better]])
        if len(scores) > k:
            kept = np.sort(heaviest_of(scores, k))
            rows, scores = rows[kept], scores[kept]
            worst = float(scores.min())
        start, size = start + size, min(2 * size, _LAST_BLOCK)
    best = (-scores).argsort(kind="stable")
    return rows[best], scores[best]


def _length(row: Factors) -> float:
    return float(np.sqrt(row @ row))


def full(factors: Factors, person: Factors, k: int) -> tuple[Ints, Factors]:
    """What :func:`top` gives, by scoring every row: the yardstick."""
    scores = factors @ person
    chosen = np.sort(heaviest_of(scores, k))
    chosen = chosen[scores[chosen] > 0]
    best = chosen[(-scores[chosen]).argsort(kind="stable")]
    return best, scores[best]
