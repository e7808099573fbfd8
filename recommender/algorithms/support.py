"""How many distinct people stand behind a pair of items: a pair that rests on one person would tell what that person did."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Ints, distinct, spans

_PSEUDONYMS = 32_749
_MOST_GROUPS = 2.0**19
_ONE = 2.0**34
"""A group's mark beside its person's number: sums of numbers stay below it for up to :data:`_MOST_GROUPS` groups."""


def least_people(n_people: int) -> int:
    """Distinct people a pair needs before it may ever be shown: 2 above 1,000 people, else 1."""
    return 2 if n_people > 1_000 else 1


class EnoughPeople:
    """Says for each pair of items that met in a group (an order, a day) whether enough distinct people had such a group.

    Parameters
    ----------
    source : csr_matrix of shape (n_items, n_groups)
        What leads; a stored cell counts, whatever its value.
    target : csr_matrix of shape (n_groups, n_items)
        What follows.
    person : int64 array of length n_groups
        Whose group it is.
    least : int
        Distinct people needed.

    Notes
    -----
    For ``least`` 2 nobody is listed: with p the person's number, all n groups of a pair are one person's exactly if
    n · Σp² = (Σp)² (Cauchy-Schwarz). Numbers are folded to 15 bits to keep the sums exact in float64; two people whose
    numbers fold together count as one, so the error is always on the careful side. One product of matrices gives all three
    sums: n and Σp share the 53 bits of the real part, Σp² is the imaginary part. Half a million groups are never one
    person's, so that a pair with more has enough people.
    """

    def __init__(self, source: Any, target: Any, person: Ints, least: int) -> None:
        self._source, self._target, self._person, self._least = source, target, person, least
        if least == 2:
            number = (person * 40_503 % _PSEUDONYMS + 1).astype(np.float64)
            self._marks = _with_data(target, np.repeat(_ONE + number + 1j * number**2, np.diff(target.indptr)))
            self._leading = _with_data(source, np.ones(source.nnz))

    def of(self, rows: slice, met: Any) -> NDArray[np.bool_]:
        """For each stored cell of ``met`` (csr: ``source[rows] @ target``) whether it has enough people."""
        if self._least <= 1:
            return np.ones(met.nnz, bool)
        if self._least == 2:
            sums = in_order_of(met, self._leading[rows] @ self._marks).data
            n = np.floor(sums.real / _ONE)
            first = sums.real - n * _ONE
            return np.asarray((n * sums.imag != first * first) | (n >= _MOST_GROUPS))
        return self._counted(rows, met) >= self._least

    def _counted(self, rows: slice, met: Any) -> Ints:
        """Distinct people per stored cell, by listing them."""
        leading = self._source[rows].tocoo()
        lengths = np.diff(self._target.indptr)[leading.col].astype(np.int64)
        width = self._target.shape[1]
        column = self._target.indices[spans(self._target.indptr[leading.col].astype(np.int64), lengths)]
        pair = np.repeat(leading.row.astype(np.int64), lengths) * width + column
        n_people = int(self._person.max()) + 1
        triples = distinct(pair * n_people + np.repeat(self._person[leading.col], lengths))
        pairs, people = np.unique(triples // n_people, return_counts=True)
        cells = met.tocoo()
        return np.asarray(people[np.searchsorted(pairs, cells.row.astype(np.int64) * width + cells.col)], np.int64)


def in_order_of(pattern: Any, matrix: Any) -> Any:
    """``matrix`` with its cells stored in the order of ``pattern``, which has the same cells.

    Products of matrices with the same cells come out in the same order, so that there is usually nothing to do;
    sorting costs as much as the product.
    """
    if not np.array_equal(pattern.indices, matrix.indices):
        pattern.sort_indices()
        matrix.sort_indices()
    return matrix


def _with_data(matrix: Any, data: NDArray[np.inexact]) -> Any:
    out = matrix.copy()
    out.data = data
    return out
