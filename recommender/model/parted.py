"""A forest parted by who decides: what an item decides is known at publish, what a person decides once per request."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats
from recommender.domain.errors import BundleRefusedError
from recommender.model.walking import BLOCK, Asked, Exit, Masks, Nodes, laid_out

_ITEMS = 512
_REPEATED = 1_024
"""Nodes up to which thresholds are repeated: a process pays a megabyte for them."""


class Parted:
    """A forest ready to be asked. Make it with :meth:`recommender.model.forest.Forest.parted`.

    Safe to share between threads. A candidate's score is the same to the bit alone or among others.

    Parameters
    ----------
    item, person, rest : sequences of int
        Columns by who decides them; together all of them, each once.
    dtype : type
        Of the values that will come; float32, if they are what the forest was grown on.
    """

    __slots__ = ("_dtype", "_exit", "_item", "_masks", "_person", "_rest", "_widths", "n_trees")

    def __init__(
        self,
        nodes: Nodes,
        *,
        item: Sequence[int],
        person: Sequence[int],
        rest: Sequence[int],
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self._widths = len(item), len(person), len(rest)
        self._masks, self._dtype, self.n_trees = nodes.closes.dtype, dtype, len(nodes.leaf)
        nodes = nodes.rounded(dtype)
        asked = [nodes.of_columns(columns, sum(self._widths)) for columns in (item, person, rest)]
        order = np.argsort(-np.bincount(asked[2].tree, minlength=self.n_trees), kind="stable")  # busy trees first
        self._item, self._person = (laid_out(some, order, 1) for some in asked[:2])
        self._rest = laid_out(asked[2], order, BLOCK if len(asked[2].tree) <= _REPEATED else 1)
        self._exit = Exit(nodes.leaf[order])

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
            out[start : start + _ITEMS] = self._closed(self._item, values[start : start + _ITEMS].T).T
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
    ) -> Floats:
        """The sum of the trees' answers for each candidate.

        Parameters
        ----------
        rest : float32 array of shape (n, number of other columns)
            Never NaN. Quickest in Fortran order.
        person : float32 array, as long as there are person columns
            To be left out if there are none.
        item_masks : array of shape (n, n_trees)
            The candidates' rows of :meth:`item_masks`; to be left out if there are no item columns.

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
            self._check("of masks", (0,) if item_masks is None else item_masks.shape, (len(rest), self.n_trees))
        known = None if person is None else self._closed(self._person, person[:, None])
        out = np.empty(len(rest))
        for start in range(0, len(rest), BLOCK):
            masks = None if item_masks is None else item_masks[start : start + BLOCK]
            out[start : start + BLOCK] = self._block(rest[start : start + BLOCK], known, masks)
        return out

    def _block(self, rest: NDArray[np.floating], known: Masks | None, masks: Masks | None) -> Floats:
        """Scores of up to BLOCK candidates; always walked as a full block, so that sums are added up in the same way."""
        n = len(rest)
        columns = (
            np.zeros((self._widths[2], BLOCK), self._dtype) if n < BLOCK else np.ascontiguousarray(rest.T, self._dtype)
        )
        closed = np.zeros((self.n_trees, BLOCK), self._masks)
        if n < BLOCK:
            columns[:, :n] = rest.T
        if masks is not None:
            np.bitwise_or(masks.T, 0 if known is None else known, out=closed[:, :n])
        elif known is not None:
            closed[:] = known
        for asked in self._rest:
            asked.close(columns, closed)
        return self._exit.scores(closed)[:n]

    def _closed(self, part: tuple[Asked, ...], columns: NDArray[np.floating]) -> Masks:
        """Leaves closed by these columns (n_columns, n), as (n_trees, n)."""
        closed = np.zeros((self.n_trees, columns.shape[1]), self._masks)
        exact = np.ascontiguousarray(columns, self._dtype)
        for asked in part:
            asked.close(exact, closed)
        return closed

    @staticmethod
    def _check(what: str, given: tuple[int, ...], wanted: tuple[int, ...]) -> None:
        if given != wanted:
            raise ValueError(f"an array {what} has shape {given}, the forest asks for {wanted}")
