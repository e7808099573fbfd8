"""The best items of a factor model, exactly, without looking at most of them.

Items stand by falling length of their factors. No item further down can score more than its length times the person's
(Cauchy-Schwarz), so the scan ends where that falls below the k-th best score so far. Lengths of factors of real shops fall
steeply: a few per cent of a large catalogue are read. With lengths all alike it reads everything, as :func:`full` does.
"""

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.ragged import NOTHING, Ints
from recommender.kernels.plain import best_of

Factors = NDArray[np.float32]


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
    return kernels.scanned(factors, short, person, k, skip)


def full(factors: Factors, person: Factors, k: int) -> tuple[Ints, Factors]:
    """What :func:`top` gives, by scoring every row: the yardstick."""
    scores = factors @ person
    rows = (scores > 0).nonzero()[0] if len(scores) <= k else best_of(scores, k)
    rows = rows[scores.take(rows) > 0]
    return rows, scores.take(rows)
