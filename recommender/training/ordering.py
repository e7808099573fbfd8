"""Candidates of many lists in the order of a score, and what that order is worth."""

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats, Ints
from recommender.evaluation.metrics import ndcg

_TEN = 10


def ranks(score: Floats, number: Ints) -> Ints:
    """Rank of each candidate in its list, from 0; lists come one after another, of equal scores the earlier is ahead."""
    order = np.lexsort((-score, number))
    rank = np.empty(len(score), np.int64)
    starts = np.searchsorted(number, number)
    rank[order] = np.arange(len(score)) - starts
    return rank


def graded(rank: Ints, number: Ints, wanted: NDArray[np.bool_], sought: Ints) -> Floats:
    """NDCG@10 of each list, float64 as long as ``sought``: how many items each list had to find, at least one."""
    hits = np.zeros((len(sought), _TEN), bool)
    seen = wanted & (rank < _TEN)
    hits[number[seen], rank[seen]] = True
    return ndcg(hits, sought, k=_TEN)
