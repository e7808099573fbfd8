"""A table of each item's nearest items, and how the items a person speaks through (their anchors) vote through it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.contract import Listed
from recommender.algorithms.ragged import Floats, Ints

MOST_CELLS = 2_500
"""The more items a person speaks through, the fewer of each one's nearest neighbours are looked at: so many cells in all.
On three windows of a real shop no list got worse by it."""

LEAST_WIDTH = 20

WIDTH = 100
"""Neighbours kept per item, where the generator does not ask for more."""

MOST_KEPT = 32_000_000
"""Cells of a table at most (256 MB): a million items keep 32 neighbours each."""

LEAST_KEPT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Each item's neighbours, best first.

    Attributes
    ----------
    item : int32 array of shape (n_items, width)
        Row numbers; where an item has fewer neighbours the rest of its row repeats the item itself with weight 0.
    weight : float32 array of shape (n_items, width)
        Never negative.
    """

    item: NDArray[np.int32]
    weight: NDArray[np.float32]


def table(parts: Iterable[tuple[int, Any]], n_items: int, width: int = WIDTH) -> Neighbours | None:
    """Keep each item's heaviest neighbours.

    Parameters
    ----------
    parts : iterable of (start, csr_matrix of shape (n_rows, n_items))
        Nearness of items ``start, start + 1, …`` to every item. Cells that are not above 0, and an item's own, are left out.

    Returns
    -------
    Neighbours or None
        None if no pair is left.
    """
    width = min(width, n_items, max(LEAST_KEPT, MOST_KEPT // max(n_items, 1)))
    items = np.repeat(np.arange(n_items, dtype=np.int32)[:, None], width, axis=1)
    weights = np.zeros((n_items, width), np.float32)
    widest = 0
    for start, near in parts:
        widest = max(widest, kernels.nearest(near.indptr, near.indices, near.data, start, width, items, weights))
    if not widest:
        return None
    return Neighbours(item=np.ascontiguousarray(items[:, :widest]), weight=np.ascontiguousarray(weights[:, :widest]))


NARROW = 50
"""Items of fewer neighbours are those that detours are looked for."""

_STEP = 512


def detoured(found: Neighbours, share: float) -> Neighbours:
    """The table with what stands two steps away, where an item has few neighbours.

    An item of fewer than :data:`NARROW` neighbours is given their neighbours too: ``share`` times the mean row of its
    neighbours, weighed as they are, is added to its own row.
    """
    from scipy import sparse  # only here: a process that serves never fits

    n_items, width = found.item.shape
    told = found.weight > 0
    lengths = told.sum(axis=1)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    one = sparse.csr_matrix((found.weight[told], found.item[told], ends), shape=(n_items, n_items))
    sums = found.weight.sum(axis=1)
    leading = np.where((lengths > 0) & (lengths < NARROW), share / np.maximum(sums, 1e-12), 0.0).astype(np.float32)
    parts = (
        (
            start,
            one[start : start + _STEP]
            + sparse.diags(leading[start : start + _STEP]) @ one[start : start + _STEP] @ one,
        )
        for start in range(0, n_items, _STEP)
    )
    return table(parts, n_items, max(width, NARROW)) or found


class Votes(Listed):
    """The opinion of a neighbour table: every anchor adds weight × nearness to its neighbours.

    Whose items are many is heard through fewer neighbours of each; nothing is as long as the catalogue.
    """

    __slots__ = ("_anchors", "_loud", "_table", "_width")

    def __init__(self, anchors: Ints, weight: Floats, table: Neighbours) -> None:
        self._anchors, self._loud, self._table = anchors, weight, table
        self._width = min(table.item.shape[1], max(LEAST_WIDTH, MOST_CELLS // len(anchors)))
        super().__init__(*kernels.votes(table.item, table.weight, anchors, weight, self._width))

    def loudest(self, item: int) -> int | None:
        """The anchor that adds most to the item's sum; None if none adds anything."""
        table = self._table
        place = kernels.loudest(table.item, table.weight, self._anchors, self._loud, self._width, item)
        return None if place < 0 else int(self._anchors[place])
