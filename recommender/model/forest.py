"""A forest of regression trees as plain arrays, answered without the library that grew them.

A node asks whether a candidate's value is above its threshold. If it is, every leaf to the node's left is closed; of the
leaves that stay open the leftmost is where the candidate ends. So the order in which nodes are asked does not matter, and all
of them are asked at once: one bit per leaf, joined by ``or`` (the idea of QuickScorer: Lucchese et al. 2015, "QuickScorer:
a Fast Algorithm to Rank Documents with Additive Ensembles of Regression Trees").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.contract import Arrays
from recommender.algorithms.ragged import Floats
from recommender.domain.errors import BundleRefusedError
from recommender.model.parted import Nodes, Parted

MAX_LEAVES = 64
"""Leaves of a tree: one bit each."""

MAX_TREES = 10_000
MAX_FEATURES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One tree with m splits and m + 1 leaves; split 0 is the root, no splits means one leaf.

    Attributes
    ----------
    feature : int array of length m
        Column each split looks at.
    threshold : float64 array of length m
        A value at or below it goes left.
    left, right : int arrays of length m
        The split that follows, or ``~leaf``.
    value : float64 array of length m + 1
        What each leaf gives.
    gain : float64 array of length m, optional
        What each split was worth when the tree grew.
    """

    feature: NDArray[np.integer]
    threshold: Floats
    left: NDArray[np.integer]
    right: NDArray[np.integer]
    value: Floats
    gain: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """The sum of many trees. Make it with :meth:`of_trees`.

    Attributes
    ----------
    feature : int32 array of length n_nodes
        Column each node asks for; nodes of one tree stand together, tree after tree.
    threshold : float64 array of length n_nodes
    closes : unsigned array of length n_nodes
        Leaves closed by a value above the threshold, bit i for the tree's i-th leaf from the left; 8, 16, 32 or 64 bits wide.
    splits : int32 array of length n_trees
        How many nodes each tree has: one less than its leaves.
    leaf : float64 array of shape (n_trees, n_leaves)
        What the leaves give, from left to right; 0 past a tree's last one.
    gain : float64 array of length n_features
        Each column's share of what all splits were worth; all 0 if unknown.
    """

    feature: NDArray[np.int32]
    threshold: Floats
    closes: NDArray[np.unsignedinteger[Any]]
    splits: NDArray[np.int32]
    leaf: Floats
    gain: Floats

    @property
    def n_trees(self) -> int:
        """How many trees."""
        return len(self.splits)

    @property
    def n_features(self) -> int:
        """How many columns it is asked with."""
        return len(self.gain)

    @classmethod
    def of_trees(cls, trees: Sequence[Tree], n_features: int) -> Self:
        """Put trees into arrays.

        Raises
        ------
        ValueError
            A tree has more than 64 leaves, is no tree, or looks at a column there is none of.
        """
        n_leaves = max((len(tree.value) for tree in trees), default=1)
        if n_leaves > MAX_LEAVES:
            raise ValueError(f"a tree has {n_leaves} leaves, at most {MAX_LEAVES} are allowed")
        leaf = np.zeros((len(trees), n_leaves))
        closes = [_left_to_right(tree, number, leaf) for number, tree in enumerate(trees)]
        forest = cls(
            feature=_joined([tree.feature for tree in trees], np.int32),
            threshold=_joined([tree.threshold for tree in trees], np.float64),
            closes=_joined(closes, _width(n_leaves)),
            splits=np.array([len(tree.feature) for tree in trees], np.int32),
            leaf=leaf,
            gain=_shares(trees, n_features),
        )
        wrong = _wrong(forest)
        if wrong:
            raise ValueError(f"these trees make no forest: {wrong}")
        return forest

    def score(self, features: NDArray[np.floating]) -> Floats:
        """The sum of the trees' answers for each row.

        Parameters
        ----------
        features : float32 or float64 array of shape (n, n_features)
            Never NaN (a NaN would go left everywhere). Quickest as float32 in Fortran order. Infinite values are fine.

        Returns
        -------
        float64 array of length n
            The same for a row alone or among others, to the bit.

        Raises
        ------
        ValueError
            There are not as many columns as the forest was grown on.
        """
        if features.ndim != 2 or features.shape[1] != self.n_features:
            raise ValueError(
                f"features of shape {features.shape} were given, the forest knows {self.n_features} columns"
            )
        exact = np.float32 if features.dtype == np.float32 else np.float64
        every = range(self.n_features)
        return Parted(self._nodes(), self.leaf, item=(), person=(), rest=every, dtype=exact).score(features)

    def parted(self, *, item: Sequence[int] = (), person: Sequence[int] = ()) -> Parted:
        """The forest ready to serve: what only the item decides is answered once per bundle, what only the person decides once per request.

        Parameters
        ----------
        item, person : sequences of int
            Columns whose value is the same for an item whoever asks, and for a person whatever the item. The others, in
            ascending order, are given candidate by candidate.
        """
        rest = sorted(set(range(self.n_features)) - set(item) - set(person))
        if sorted([*item, *person, *rest]) != list(range(self.n_features)):
            raise ValueError(
                f"columns {list(item)} of items and {list(person)} of people are no part of {self.n_features} columns"
            )
        return Parted(self._nodes(), self.leaf, item=item, person=person, rest=rest)

    def to_arrays(self) -> Arrays:
        """Everything; the arrays may come back memory-mapped."""
        return {name: getattr(self, name) for name in _FORMS}

    @classmethod
    def from_arrays(cls, arrays: Arrays, *, where: str = "the forest") -> Self:
        """Rebuild, after looking at everything that could go wrong later.

        Raises
        ------
        BundleRefusedError
            Arrays are missing, of another form, or lead out of one another.
        """
        for name, (kinds, dimensions) in _FORMS.items():
            found = arrays.get(name)
            if found is None or found.ndim != dimensions or found.dtype.str not in kinds:
                form = "is missing" if found is None else f"is {found.dtype.str} with {found.ndim} dimensions"
                raise BundleRefusedError(f"Array {name!r} of {where} {form}; train again or roll back.")
        forest = cls(**{name: arrays[name] for name in _FORMS})
        wrong = _wrong(forest)
        if wrong:
            raise BundleRefusedError(f"The arrays of {where} make no forest: {wrong}; train again or roll back.")
        return forest

    def _nodes(self) -> Nodes:
        return Nodes(
            ends=self.splits.cumsum(dtype=np.int64),
            column=self.feature.astype(np.int64),
            threshold=self.threshold,
            closes=self.closes,
        )


_FORMS = {
    "feature": (("<i4",), 1),
    "threshold": (("<f8",), 1),
    "closes": (("|u1", "<u2", "<u4", "<u8"), 1),
    "splits": (("<i4",), 1),
    "leaf": (("<f8",), 2),
    "gain": (("<f8",), 1),
}


def _width(n_leaves: int) -> type[np.unsignedinteger[Any]]:
    """The narrowest masks with a bit for every leaf."""
    kinds: dict[int, type[np.unsignedinteger[Any]]] = {8: np.uint8, 16: np.uint16, 32: np.uint32, 64: np.uint64}
    return next(kind for bits, kind in kinds.items() if n_leaves <= bits)


def _joined(parts: Sequence[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype), *(np.asarray(part).astype(dtype) for part in parts)])


def _shares(trees: Sequence[Tree], n_features: int) -> Floats:
    gain = np.zeros(n_features)
    for tree in trees:
        if tree.gain is not None:
            np.add.at(gain, tree.feature, tree.gain)
    return np.asarray(gain / (gain.sum() or 1.0), np.float64)


def _left_to_right(tree: Tree, number: int, leaf: Floats) -> NDArray[np.uint64]:
    """Number the leaves from left to right into row ``number`` of ``leaf``; the bits each split closes."""
    m, children = len(tree.feature), np.concatenate([tree.left, tree.right])
    shapes = (len(children), len(tree.threshold), len(tree.value))
    if shapes != (2 * m, m, m + 1) or sorted(children.tolist()) != ([*range(-m - 1, 0), *range(1, m)] if m else []):
        raise ValueError(f"tree {number} with {m} splits does not lead to each split and each of {m + 1} leaves once")
    met, first, closes = 0, np.zeros(m, np.int64), np.zeros(m, np.uint64)
    waiting = [0 if m else ~0]
    while waiting:
        place = waiting.pop()
        if place >= m:  # back from the left of split ``place - m``: the leaves met since then are its
            closes[place - m] = (1 << met) - (1 << int(first[place - m]))
        elif place >= 0:
            first[place] = met
            waiting += [int(tree.right[place]), place + m, int(tree.left[place])]
        else:
            leaf[number, met] = tree.value[~place]
            met += 1
    if met != m + 1:
        raise ValueError(f"tree {number} with {m} splits goes in a circle, only {met} leaves are reached")
    return closes


def _wrong(forest: Forest) -> str | None:
    """What would go wrong with these arrays, whatever they claim; None if nothing."""
    n_trees, (rows, n_leaves), n_features = len(forest.splits), forest.leaf.shape, len(forest.gain)
    if n_trees > MAX_TREES or n_features > MAX_FEATURES or not 1 <= n_leaves <= MAX_LEAVES:
        return f"{n_trees:,} trees of {n_leaves} leaves over {n_features:,} columns are out of bounds"
    if rows != n_trees or forest.closes.dtype != _width(n_leaves):
        return f"{rows:,} rows of {n_leaves} leaves do not go with {n_trees:,} trees and masks of {forest.closes.dtype}"
    if n_trees and not 0 <= int(forest.splits.min()) <= int(forest.splits.max()) < n_leaves:
        return f"a tree has a number of splits that does not go with {n_leaves} leaves"
    n_nodes = int(forest.splits.sum(dtype=np.int64))
    if not n_nodes == len(forest.feature) == len(forest.threshold) == len(forest.closes):
        return f"trees claim {n_nodes:,} nodes, arrays hold {len(forest.feature):,}"
    return _wrong_inside(forest)


def _wrong_inside(forest: Forest) -> str | None:
    if len(forest.feature) and not 0 <= int(forest.feature.min()) <= int(forest.feature.max()) < len(forest.gain):
        return f"a node asks for a column that is none of the {len(forest.gain):,}"
    last = np.repeat(forest.splits, forest.splits).astype(np.uint64)
    if (forest.closes.astype(np.uint64) >> last).any():
        return "a node closes the last leaf of its tree or one past it"
    if np.isnan(forest.threshold).any() or not np.isfinite(forest.leaf).all() or not np.isfinite(forest.gain).all():
        return "a threshold, a leaf or a gain is no number"
    return None
