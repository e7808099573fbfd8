"""Hits weighed by what they cost."""

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats
from recommender.evaluation.metrics import Hits
from recommender.evaluation.split import Truth


def price_hit(hits: Hits, lists: NDArray[np.int32], truth: Truth, price: NDArray[np.float32], *, k: int = 10) -> Floats:
    """Price of the wanted items among the first ``k`` over that of the ``k`` dearest wanted ones, float64 of length n_lists.

    Parameters
    ----------
    hits : bool array of shape (n_lists, 20)
        As :func:`recommender.evaluation.judging.hits_of` gives it.
    price : float32 array of length n_items
        Unit price; NaN unknown. Items without a price are left out on both sides.

    Returns
    -------
    float64 array
        Between 0 and 1; NaN where no wanted item has a price above 0.
    """
    worth = np.nan_to_num(price.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0).clip(min=0.0)
    found = np.where(hits[:, :k], worth[np.where(hits, lists, 0)[:, :k]], 0.0).sum(axis=1)
    best = _dearest(worth[truth.item], truth, k)
    return np.asarray(np.divide(found, best, out=np.full(len(best), np.nan), where=best > 0), np.float64)


def _dearest(worth: Floats, truth: Truth, k: int) -> Floats:
    """Sum of the ``k`` highest of each list's values."""
    lengths = np.diff(truth.indptr)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    order = np.lexsort((-worth, owner))
    place = np.arange(len(order)) - truth.indptr[:-1][owner]
    top = place < k
    return np.bincount(owner[top], weights=worth[order][top], minlength=len(lengths)).astype(np.float64)
