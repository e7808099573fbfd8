"""How many distinct people stand behind a pair of items: a pair that rests on one person would tell what that person did."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.ragged import Ints, bounds, distinct


def least_people(n_people: int) -> int:
    """Distinct people a pair needs before it may ever be shown: 2 above 1,000 people, else 1."""
    return 2 if n_people > 1_000 else 1


class EnoughPeople:
    """Says for each pair of items whether enough distinct people had a group (an order, a day, all they bought) with both.

    Parameters
    ----------
    source : csr_matrix of shape (n_items, n_groups)
        What leads; a stored cell counts, whatever its value.
    target : csr_matrix of shape (n_groups, n_items)
        What follows.
    person : int64 array of length n_groups
        Whose group it is, ascending.
    least : int
        Distinct people needed.
    """

    __slots__ = ("_least", "_person", "_source", "_target")

    def __init__(self, source: Any, target: Any, person: Ints, least: int) -> None:
        source.sort_indices()
        self._source, self._target = _places(source), _places(target)
        self._person, self._least = person, least

    def of(self, start: int, met: Any) -> NDArray[np.bool_]:
        """For each stored cell of ``met`` (csr; its rows are the items from ``start`` on) whether it has enough people."""
        if self._least <= 1:
            return np.ones(met.nnz, bool)
        return kernels.shared(
            *_places(met), start, *self._source, *self._target, self._person, met.shape[1], self._least
        )


def had_by(matrix: Any, least: int) -> EnoughPeople:
    """Whether enough people had both items of a pair, whenever that was.

    Parameters
    ----------
    matrix : csr_matrix of shape (n_people, n_items)
        Who had what.
    """
    return EnoughPeople(matrix.T.tocsr(), matrix, np.arange(matrix.shape[0], dtype=np.int64), least)


def those_who_had(item: NDArray[np.integer], person: Ints, n_items: int) -> Any:
    """People × items csr matrix of 1 where a person had an item, from events in any order."""
    from scipy import sparse  # only here: a process that serves never fits

    cell = distinct(person * n_items + item)
    n_people = int(person.max(initial=-1)) + 1
    places = (cell % n_items).astype(np.int32), bounds(cell // n_items, n_people)
    return sparse.csr_matrix((np.ones(len(cell), np.int8), *places), shape=(n_people, n_items))


def _places(matrix: Any) -> tuple[Ints, NDArray[np.int32]]:
    """Where a csr matrix has cells, as kernels read it."""
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32, copy=False)
