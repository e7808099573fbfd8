"""How numpy walks a forest: all nodes at once, a block of candidates at a time.

Values are gathered node by node (one row per node, one column per candidate), compared, turned into masks of closed leaves,
joined per tree, and the leftmost open leaf is looked up. Of a small forest thresholds and masks are repeated along the block
beforehand, because numpy compares two equal shapes three times as fast as a column with a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats, Ints

Masks = NDArray[np.unsignedinteger[Any]]
"""Closed leaves, one number per tree, bit i for the i-th leaf from the left; joined by ``|``."""

BLOCK = 200
"""Candidates walked together: as many as the blend leaves."""

_ITEMS = 512
_GROUP = 1_024
_LOOKED_UP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """All nodes of a forest, sorted by tree, and what its leaves give (see :class:`recommender.model.forest.Forest`)."""

    tree: Ints
    column: NDArray[np.integer]
    threshold: NDArray[np.floating]
    closes: Masks
    leaf: Floats

    def of_columns(self, columns: Sequence[int], n_columns: int) -> "Nodes":
        """Only the nodes that ask for these columns, which are numbered anew in the order given."""
        place = np.full(n_columns, -1, np.int64)
        place[np.asarray(columns, np.int64)] = np.arange(len(columns))
        kept = (place[self.column] >= 0).nonzero()[0]
        return Nodes(
            tree=self.tree[kept],
            column=place[self.column[kept]],
            threshold=self.threshold[kept],
            closes=self.closes[kept],
            leaf=self.leaf,
        )

    def rounded(self, dtype: type[np.floating]) -> "Nodes":
        """With thresholds of this type: the largest number that is not above each, so that no value of the type tells them apart."""
        with np.errstate(over="ignore"):
            near = self.threshold.astype(dtype)
        near = np.where(near > self.threshold, np.nextafter(near, dtype(-np.inf)), near)
        return replace(self, threshold=near)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Some trees' nodes, laid out slot by slot: slot s holds the s-th node of every tree up to the last that has as many.

    Attributes
    ----------
    trees : slice
    column : intp array of length k
    threshold, closes : arrays of shape (k, 1) or (k, BLOCK)
        Where a tree has no s-th node, one that closes nothing.
    slots : tuple of slices
        Rows of each slot; its first row belongs to the first of the trees.
    """

    trees: slice
    column: NDArray[np.intp]
    threshold: NDArray[np.floating]
    closes: Masks
    slots: tuple[slice, ...]

    def close(self, columns: NDArray[np.floating], closed: Masks) -> None:
        """Close leaves of these trees: ``columns`` is (n_columns, n), ``closed`` (n_trees, n)."""
        above = np.greater(columns.take(self.column, axis=0, mode="wrap"), self.threshold).view(np.uint8)
        found = np.multiply(above, self.closes, out=above if closed.dtype == np.uint8 else None)
        mine = closed[self.trees]
        for slot in self.slots:
            part = mine[: slot.stop - slot.start]
            np.bitwise_or(part, found[slot], out=part)


def laid_out(nodes: Nodes, order: Ints, width: int) -> tuple[Asked, ...]:
    """Lay out nodes in groups of trees in this order; trees no node belongs to are left out if nothing follows them."""
    count = np.bincount(nodes.tree, minlength=len(order))
    start = (np.cumsum(count) - count)[order]
    count = count[order]
    left = len(count) - int((count[::-1] > 0).argmax()) if count.any() else 0
    out, first = [], 0
    while first < left:
        last = min(left, first + max(1, _GROUP // max(1, int(count[first:].max()))))
        if count[first:last].any():
            out.append(_group(nodes, slice(first, last), start[first:last], count[first:last], width))
        first = last
    return tuple(out)


def _group(nodes: Nodes, trees: slice, start: Ints, count: Ints, width: int) -> Asked:
    node, slots, end = [], [], 0
    for slot in range(int(count.max())):
        has = count > slot
        reach = int(has.nonzero()[0][-1]) + 1
        node.append(np.where(has, start + slot, -1)[:reach])
        slots.append(slice(end, end + reach))
        end += reach
    which = np.concatenate(node)
    threshold = np.where(which >= 0, nodes.threshold[which], nodes.threshold.dtype.type(np.inf))
    closes = np.where(which >= 0, nodes.closes[which], nodes.closes.dtype.type(0))
    return Asked(
        trees=trees,
        column=nodes.column[which].astype(np.intp),
        threshold=np.repeat(threshold[:, None], width, axis=1),
        closes=np.repeat(closes[:, None], width, axis=1),
        slots=tuple(slots),
    )


class Exit:
    """From closed leaves to scores, for the trees whose leaves give ``leaf`` (n_trees, n_leaves)."""

    __slots__ = ("_counted", "_first", "_gives")

    def __init__(self, leaf: Floats) -> None:
        n_trees, n_leaves = leaf.shape
        self._counted = n_leaves > _LOOKED_UP
        if not self._counted:  # a place for every mask; the last leaf is never closed, so its bit is never set
            leaf = leaf[:, _leftmost(np.arange(1 << (n_leaves - 1), dtype=np.uint64))]
        self._gives = np.ascontiguousarray(leaf).ravel()
        self._first = np.repeat(np.arange(n_trees, dtype=np.intp)[:, None] * leaf.shape[1], BLOCK, axis=1)

    def scores(self, closed: Masks) -> Floats:
        """The sum over trees of what the leftmost open leaf gives, for a block of candidates (n_trees, BLOCK)."""
        if not len(closed):
            return np.zeros(BLOCK)
        place = (_leftmost(closed) if self._counted else closed).astype(np.intp)
        place += self._first
        return np.asarray(np.add.reduce(self._gives.take(place, mode="wrap"), axis=0), np.float64)


def _leftmost(closed: Masks) -> NDArray[np.uint8]:
    """Place of the lowest bit that is not set."""
    return np.bitwise_count(closed & ~(closed + closed.dtype.type(1)))
