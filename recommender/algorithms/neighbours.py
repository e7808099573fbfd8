"""A table of each item's nearest items, and how the items a person speaks through (their anchors) vote through it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.contract import Listed
from recommender.algorithms.ragged import Floats, Ints, added, firsts

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
        ends = near.indptr.tolist()
        for row, (begin, end) in enumerate(pairwise(ends)):
            column, value = near.indices[begin:end], near.data[begin:end]
            best = _heaviest_columns(start + row, column, value, width)
            items[start + row, : len(best)] = column[best]
            weights[start + row, : len(best)] = value[best]
            widest = max(widest, len(best))
    if not widest:
        return None
    return Neighbours(item=np.ascontiguousarray(items[:, :widest]), weight=np.ascontiguousarray(weights[:, :widest]))


def _heaviest_columns(own: int, column: NDArray[np.int32], value: Floats, width: int) -> Ints:
    """Places of the ``width`` largest positive values, best first, equal values by column."""
    keep = np.flatnonzero((value > 0) & (column != own))
    if len(keep) > width:
        floor = np.partition(value[keep], len(keep) - width)[len(keep) - width]
        keep = keep[value[keep] >= floor]
    return np.asarray(keep[np.lexsort((column[keep], -value[keep]))][:width])


class Votes(Listed):
    """The opinion of a neighbour table: every anchor adds weight × nearness to its neighbours.

    The votes are sorted by item (each as one number: item and place of the vote, so that the order and with it every
    sum is the same on every machine) and added up; nothing is as long as the catalogue.
    """

    __slots__ = ("_anchors", "_cast", "_start", "_votes", "_width")

    def __init__(self, anchors: Ints, weight: Floats, table: Neighbours) -> None:
        width = min(table.item.shape[1], max(LEAST_WIDTH, MOST_CELLS // len(anchors)))
        votes = (table.weight[anchors, :width] * weight.astype(np.float32)[:, None]).ravel()
        item, cast = grouped(table.item[anchors, :width].ravel(), len(table.item))
        votes = votes.take(cast)
        start = firsts(item).nonzero()[0]
        super().__init__(item.take(start).astype(np.int64), added(votes, start))
        self._anchors, self._width = anchors, width
        self._cast, self._start, self._votes = cast, start, votes

    def loudest(self, item: int) -> int | None:
        """The anchor that adds most to the item's sum; None if none adds anything."""
        place = int(self.item.searchsorted(item))
        if place == len(self.item) or self.item[place] != item or not self.score[place] > 0:
            return None
        start = int(self._start[place])
        end = int(self._start[place + 1]) if place + 1 < len(self._start) else len(self._votes)
        best = start + int(self._votes[start:end].argmax())
        return int(self._anchors[int(self._cast[best]) // self._width])


def grouped(item: NDArray[np.int32], n_items: int) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """The items (below ``n_items``) ascending and the place each came from; equal items stay in their order."""
    bits = max(1, (len(item) - 1).bit_length())
    if n_items << bits <= 2**32:
        packed = (item.view(np.uint32) << np.uint32(bits)) | np.arange(len(item), dtype=np.uint32)
        packed.sort()
        return packed >> np.uint32(bits), packed & np.uint32((1 << bits) - 1)
    wide = (item.astype(np.int64) << bits) | np.arange(len(item))
    wide.sort()
    return wide >> bits, wide & ((1 << bits) - 1)
