"""A forest parted by who decides: what an item decides is known at publish, what a person decides once per request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.ragged import Floats, Ints
from recommender.domain.errors import BundleRefusedError
from recommender.kernels import plain
from recommender.kernels.plain.forests import Masks

_ITEMS = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """All nodes of a forest, sorted by tree: where each tree's end, and what each asks for (:class:`recommender.model.forest.Forest`)."""

    ends: Ints
    column: Ints
    threshold: NDArray[np.floating]
    closes: Masks

    @property
    def tree(self) -> Ints:
        """The tree of each node."""
        return np.repeat(np.arange(len(self.ends)), np.diff(self.ends, prepend=0))

    def of_columns(self, columns: Sequence[int], n_columns: int) -> "Nodes":
        """Only the nodes that ask for these columns, which are numbered anew in the order given."""
        place = np.full(n_columns, -1, np.int64)
        place[np.asarray(columns, np.int64)] = np.arange(len(columns))
        return self._of(place[self.column] >= 0, place)

    def _of(self, kept: NDArray[np.bool_], place: Ints) -> "Nodes":
        count = np.bincount(self.tree[kept], minlength=len(self.ends))
        return Nodes(
            ends=count.cumsum(),
            column=place[self.column[kept]],
            threshold=self.threshold[kept],
            closes=self.closes[kept],
        )

    def in_order(self, order: Ints) -> "Nodes":
        """The same with the trees in another order."""
        tree = np.empty(len(order), np.int64)
        tree[order] = np.arange(len(order))
        place = tree[self.tree].argsort(kind="stable")
        count = np.diff(self.ends, prepend=0)[order]
        return Nodes(
            ends=count.cumsum(), column=self.column[place], threshold=self.threshold[place], closes=self.closes[place]
        )

    def rounded(self, dtype: type[np.floating]) -> "Nodes":
        """With thresholds of this type: the largest number that is not above each, so that no value of the type tells them apart."""
        with np.errstate(over="ignore"):
            near = self.threshold.astype(dtype)
        near = np.where(near > self.threshold, np.nextafter(near, dtype(-np.inf)), near)
        return replace(self, threshold=near)

    @property
    def arrays(self) -> tuple[Ints, Ints, NDArray[np.floating], Masks]:
        """All of it, as kernels take it."""
        return self.ends, self.column, self.threshold, self.closes


class Parted:
    """A forest ready to be asked. Make it with :meth:`recommender.model.forest.Forest.parted`.

    Safe to share between threads. A candidate's score is the same to the bit alone or among others.

    Parameters
    ----------
    nodes : Nodes
    leaf : float64 array of shape (n_trees, n_leaves)
        What the leaves give, from left to right.
    item, person, rest : sequences of int
        Columns by who decides them; together all of them, each once.
    dtype : type
        Of the values that will come; float32, if they are what the forest was grown on.
    """

    __slots__ = ("_dtype", "_item", "_leaf", "_masks", "_person", "_rest", "_widths", "n_trees")

    def __init__(
        self,
        nodes: Nodes,
        leaf: Floats,
        *,
        item: Sequence[int],
        person: Sequence[int],
        rest: Sequence[int],
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self._widths = len(item), len(person), len(rest)
        self._masks, self._dtype, self.n_trees = nodes.closes.dtype, dtype, len(leaf)
        nodes = nodes.rounded(dtype)
        parts = [nodes.of_columns(columns, sum(self._widths)) for columns in (item, person, rest)]
        order = np.argsort(-np.diff(parts[2].ends, prepend=0), kind="stable")  # that of the masks bundles hold
        self._item, self._person, self._rest = (part.in_order(order).arrays for part in parts)
        self._leaf = np.ascontiguousarray(leaf[order])

    def item_masks(self, values: NDArray[np.floating]) -> Masks:
        """What items decide by themselves: made at publish, kept beside the forest, given back to :meth:`score`.

        Parameters
        ----------
        values : float32 array of shape (n_items, number of item columns)

        Returns
        -------
        unsigned array of shape (n_items, n_trees)
            In an order of trees of its own: good for this forest parted in this way only.
        """
        self._check("of items", values.shape[1:], self._widths[:1])
        out = np.empty((len(values), self.n_trees), self._masks)
        for start in range(0, len(values), _ITEMS):
            columns = self._columns(values[start : start + _ITEMS].T)
            out[start : start + _ITEMS] = self._kernels.closed(columns, *self._item)
        return out

    def check_masks(self, masks: NDArray[Any], n_items: int, *, where: str = "the forest") -> None:
        """Refuse masks a bundle brings along that are not this forest's.

        Raises
        ------
        BundleRefusedError
            Another type, or not one row per item and one number per tree.
        """
        if masks.dtype != self._masks or masks.shape != (n_items, self.n_trees):
            raise BundleRefusedError(
                f"Masks of {where} are {masks.dtype} of shape {masks.shape}, not {self._masks} of shape "
                f"{(n_items, self.n_trees)}; train again or roll back."
            )

    def score(
        self,
        rest: NDArray[np.floating],
        *,
        person: NDArray[np.floating] | None = None,
        item_masks: Masks | None = None,
        items: NDArray[np.int32] | None = None,
    ) -> Floats:
        """The sum of the trees' answers for each candidate.

        Parameters
        ----------
        rest : float32 array of shape (n, number of other columns)
            Never NaN. Quickest in Fortran order.
        person : float32 array, as long as there are person columns
            To be left out if there are none.
        item_masks : array of shape (n_items, n_trees)
            :meth:`item_masks`; to be left out if there are no item columns.
        items : int32 array of length n
            The candidates' rows of it; one past the end has the last one.

        Returns
        -------
        float64 array of length n

        Raises
        ------
        ValueError
            A shape is not as described.
        """
        self._check("of candidates", rest.shape[1:], self._widths[2:])
        self._check("of a person", (0,) if person is None else person.shape, self._widths[1:2])
        if self._widths[0] or item_masks is not None:
            self._check("of masks", (0,) if item_masks is None else item_masks.shape[1:], (self.n_trees,))
            self._check("of rows", (0,) if items is None else items.shape, (len(rest),))
        if not len(rest):
            return np.zeros(0)
        known = None if person is None else self._kernels.closed(self._columns(person[:, None]), *self._person)[0]
        said = self._kernels.walked(item_masks, items, known, self._columns(rest.T), *self._rest, self._leaf)
        return np.asarray(said)

    @property
    def _kernels(self) -> Any:
        """Forests are grown on singles, which compiled kernels read; doubles come from tests and tools only."""
        return kernels if self._dtype is np.float32 else plain

    def _columns(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.ascontiguousarray(values, self._dtype)

    @staticmethod
    def _check(what: str, given: tuple[int, ...], wanted: tuple[int, ...]) -> None:
        if given != wanted:
            raise ValueError(f"an array {what} has shape {given}, the forest asks for {wanted}")
