"""Whether a list keeps the proportions of what a person buys."""

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats, Ints
from recommender.interactions import Interactions, Kind

SMOOTHING = 0.01
"""Share of the history mixed into the list's, so that a category that is missing there does not make the figure infinite."""

_MOST_CELLS = 20_000_000
"""People × categories worked on at once."""


def category_gap(lists: NDArray[np.int32], people: Ints, past: Interactions, *, k: int = 10) -> Floats:
    """Divergence of the first ``k`` items' categories from those of the person's purchases, in bits; 0 is the same mix.

    Kullback-Leibler divergence of the list from the history, the list smoothed with 1 % of the history.

    Parameters
    ----------
    lists : int32 array of shape (n_lists, 20)
        -1 for an empty place.
    people : int64 array of length n_lists
        Whose lists they are, row numbers of ``past``.

    Returns
    -------
    float64 array of length n_lists
        NaN for people whose purchases, or whose list, have no known category.

    References
    ----------
    Steck (2018), "Calibrated Recommendations".
    """
    parts = max(1, -(-len(people) * max(len(past.categories), 1) // _MOST_CELLS))
    return np.concatenate(
        [
            _gap(_list_shares(some, past, k), _history_shares(who, past))
            for some, who in zip(np.array_split(lists, parts), np.array_split(people, parts), strict=True)
        ]
    )


def _gap(listed: Floats, history: Floats) -> Floats:
    known = (listed.sum(axis=1) > 0) & (history.sum(axis=1) > 0)
    listed, history = _shares(listed), _shares(history)
    mixed = (1.0 - SMOOTHING) * listed + SMOOTHING * history
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(history > 0, history * np.log2(history / mixed), 0.0)
    return np.where(known, terms.sum(axis=1), np.nan)


def _shares(counts: Floats) -> Floats:
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0), np.float64)


def _list_shares(lists: NDArray[np.int32], past: Interactions, k: int) -> Floats:
    shown = lists[:, :k]
    row = np.repeat(np.arange(len(lists)), shown.shape[1])
    category = np.where(shown >= 0, past.category[np.maximum(shown, 0)], -1).ravel()
    return _counts(row, category, len(lists), len(past.categories))


def _history_shares(people: Ints, past: Interactions) -> Floats:
    """Purchase lines of each person by category."""
    names, place = np.unique(people, return_inverse=True)
    mine = np.full(past.n_people, -1, np.int64)
    mine[names] = np.arange(len(names))
    rows = np.flatnonzero((past.kind == Kind.PURCHASE) & (mine[past.person] >= 0))
    counts = _counts(mine[past.person[rows]], past.category[past.item[rows]], len(names), len(past.categories))
    return counts[place]


def _counts(row: Ints, category: NDArray[np.int32], n_rows: int, n_categories: int) -> Floats:
    told = category >= 0
    cell = row[told] * max(n_categories, 1) + category[told]
    counted = np.bincount(cell, minlength=n_rows * max(n_categories, 1))
    return counted.reshape(n_rows, -1).astype(np.float64)
