"""A table of each item's nearest items, and how a person's anchors vote through it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.contract import NOTHING
from recommender.algorithms.digest import Digest
from recommender.algorithms.ragged import (
    DENSE_CELLS,
    Floats,
    Ints,
    bounds,
    distinct,
    found,
    heaviest,
    largest_in_rows,
    lookup,
    summed,
)

MOST_ANCHORS = 100
"""A person speaks through at most this many items, the weightiest."""


WIDTH = 100
"""Neighbours kept per item, where the generator does not ask for more."""


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
    width = min(width, n_items)
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


@dataclass(frozen=True, slots=True)
class Anchored:
    """Anchors (sorted keys) with weights, voting through a table."""

    digest: Digest
    key: Ints
    weight: Floats


def anchors(digest: Digest, key: Ints, weight: Floats) -> Anchored:
    """The items a person speaks through: the context where they ask about items, else the given history (sorted keys)."""
    if digest.focused.any():
        own = ~digest.focused[digest.person_of(key)]
        key, weight = summed(
            np.concatenate([key[own], digest.context_key]),
            np.concatenate([weight[own], np.ones(len(digest.context_key))]),
        )
    positive = weight > 0
    key, weight = key[positive], weight[positive]
    keep = heaviest(digest.person_of(key), weight, digest.n_people, MOST_ANCHORS)
    return Anchored(digest, key[keep], weight[keep])


class Votes:
    """The opinion of a neighbour table: every anchor adds weight × nearness to its neighbours."""

    __slots__ = ("_digest", "_keys", "_matrix", "_scores")

    def __init__(self, anchored: Anchored, table: Neighbours) -> None:
        digest = anchored.digest
        self._digest = digest
        self._matrix: Floats | None = None
        self._keys, self._scores = NOTHING, np.zeros(0)
        if digest.n_items <= DENSE_CELLS:
            self._matrix = _sums(anchored, table)
        else:
            self._keys, self._scores = _pairs(anchored, table)

    def top(self, k: int, banned: Ints) -> Ints:
        """Each person's ``k`` highest sums."""
        if self._matrix is not None:
            matrix = self._matrix
            if len(banned):
                matrix = matrix.copy()
                matrix.ravel()[banned] = 0.0
            return largest_in_rows(matrix, k)
        keep = (self._scores > 0) & ~found(self._keys, banned)
        keys, scores = self._keys[keep], self._scores[keep]
        return np.asarray(keys[heaviest(self._digest.person_of(keys), scores, self._digest.n_people, k)])

    def at(self, keys: Ints) -> Floats:
        """Sums at the keys."""
        if self._matrix is not None:
            return np.asarray(self._matrix.ravel()[keys])
        return lookup(keys, self._keys, self._scores)


def _sums(anchored: Anchored, table: Neighbours) -> Floats:
    """Person × item sums; person by person, because what one person needs fits the processor's cache."""
    n_people, n_items = anchored.digest.n_people, anchored.digest.n_items
    person, item = np.divmod(anchored.key, n_items)
    out = np.zeros((n_people, n_items))
    for row, (start, end) in enumerate(pairwise(bounds(person, n_people).tolist())):
        if end > start:
            votes = anchored.weight[start:end, None] * table.weight[item[start:end]]
            out[row] = np.bincount(table.item[item[start:end]].ravel(), weights=votes.ravel(), minlength=n_items)
    return out


LISTED_CELLS = 262_144
"""Up to this many items a person's sums are added up in one row for all items; above it their votes are sorted."""


def _pairs(anchored: Anchored, table: Neighbours) -> tuple[Ints, Floats]:
    """Keys that got votes, sorted, and their sums."""
    n_people, n_items = anchored.digest.n_people, anchored.digest.n_items
    person, item = np.divmod(anchored.key, n_items)
    keys, sums = [NOTHING], [np.zeros(0)]
    for row, (start, end) in enumerate(pairwise(bounds(person, n_people).tolist())):
        voted = table.item[item[start:end]].ravel()
        votes = (anchored.weight[start:end, None] * table.weight[item[start:end]]).ravel()
        if n_items > LISTED_CELLS:
            theirs, total = summed(voted.astype(np.int64), votes)
        else:
            theirs = distinct(voted.astype(np.int64))
            cells: Floats = np.bincount(voted, weights=votes, minlength=n_items).astype(np.float64, copy=False)
            total = cells[theirs]
        keys.append(theirs + row * n_items)
        sums.append(total)
    return np.concatenate(keys), np.concatenate(sums)


def loudest(anchored: Anchored, table: Neighbours, item: int) -> int | None:
    """The anchor (of the one person) that adds most to the sum of ``item``; None if none adds anything."""
    rows = anchored.key % anchored.digest.n_items
    votes = (anchored.weight[:, None] * table.weight[rows] * (table.item[rows] == item)).sum(axis=1)
    best = int(votes.argmax()) if len(votes) else 0
    return int(rows[best]) if len(votes) and votes[best] > 0 else None
