"""Figures of one list against its truth, one small function each.

All take ``hits``, a bool array of shape (n_lists, 20): whether the item at that rank is wanted (False past a list's end),
and ``wanted``, an int array: how many items each list had to find (at least 1). All give a float64 array of length n_lists.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats, Ints

Hits = NDArray[np.bool_]
Metric = Callable[[Hits, Ints], Floats]

DEPTH = 20
"""Ranks that are looked at."""


def recall(hits: Hits, wanted: Ints, *, k: int) -> Floats:
    """Share of the wanted items among the first ``k``; not capped, so a list of ten cannot find all of eleven."""
    return np.asarray(hits[:, :k].sum(axis=1) / wanted)


def ndcg(hits: Hits, wanted: Ints, *, k: int) -> Floats:
    """Discounted gain of the first ``k`` over that of the best possible list (Järvelin and Kekäläinen 2002)."""
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discount)
    gained = hits[:, :k] @ discount
    return np.asarray(gained / ideal[np.minimum(wanted, k) - 1], np.float64)


def mrr(hits: Hits, wanted: Ints, *, k: int) -> Floats:
    """One over the rank of the first hit among the first ``k``; 0 without one."""
    del wanted
    first = hits[:, :k].argmax(axis=1)
    return np.where(hits[:, :k].any(axis=1), 1.0 / (first + 1.0), 0.0)


def hit(hits: Hits, wanted: Ints, *, k: int) -> Floats:
    """1 where at least one of the first ``k`` is wanted."""
    del wanted
    return np.asarray(hits[:, :k].any(axis=1), np.float64)


METRICS: Mapping[str, Metric] = {
    "recall_at_10": partial(recall, k=10),
    "recall_at_20": partial(recall, k=20),
    "ndcg_at_10": partial(ndcg, k=10),
    "mrr_at_20": partial(mrr, k=20),
    "hit_at_10": partial(hit, k=10),
}
"""Every figure of a single list."""


def coverage(lists: NDArray[np.int32], n_known: int, *, k: int = 10) -> float:
    """Distinct items in the first ``k`` of all lists over the items the log knew at the cut. Places below 0 are empty."""
    shown = lists[:, :k]
    return len(np.unique(shown[shown >= 0])) / max(n_known, 1)


def novelty(lists: NDArray[np.int32], buyers: Floats, n_people: int, *, k: int = 10) -> float:
    """Mean surprise in bits: -log2 of the share of people who had bought the item; what nobody had counts as the rarest.

    Parameters
    ----------
    buyers : float64 array of length n_items
        Distinct people who bought each item before the cut.
    n_people : int
        People with any event before the cut.
    """
    share = buyers / max(n_people, 1)
    shown = lists[:, :k]
    shown = shown[shown >= 0]
    if not len(shown) or not share.any():
        return 0.0
    share = np.where(share > 0, share, share[share > 0].min())
    return float(-np.log2(share[shown]).mean()) + 0.0  # what everybody had is 0, not -0
