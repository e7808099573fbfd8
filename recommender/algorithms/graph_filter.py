"""What the people who share an item with you bought beside it: one step over the graph of people and items and back.

The adjacency of people and items is damped at every node it passes, by its degree to a power: at the item that speaks,
at the person in between and at the item reached. With the powers ½, 1 and ½ this is the linear part of the graph
filters of Shen et al. (2021), "How Powerful is Graph Convolution for Recommendation?", and of Park et al. (2024),
"Turbo-CF: Matrix Decomposition-Free Graph Filtering for Fast Recommendation". Chosen freely they make their low-pass part
superfluous (docs/decisions/0017-large-catalogues.md). Two sparse products and no dense matrix: it covers catalogues of any size.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from recommender.algorithms.anchored import TableGenerator
from recommender.algorithms.contract import Fitted, Params
from recommender.algorithms.digest import Digest
from recommender.algorithms.item_knn import bought_matrix
from recommender.algorithms.neighbours import table
from recommender.algorithms.ragged import Floats
from recommender.algorithms.sides import Side
from recommender.algorithms.support import had_by, least_people
from recommender.interactions import Interactions

WIDE = 200
"""Neighbours kept per item, where the catalogue is not so large that its table must be narrower."""

_STEP = 512


def damped(degree: Floats, power: float) -> Floats:
    """The factor of nodes of this degree: ``degree ** -power``, 0 where there is no degree."""
    return np.where(degree > 0, np.maximum(degree, 1e-12) ** -power, 0.0)


def passed(matrix: Any, params: Params, least: int) -> Iterator[tuple[int, Any]]:
    """Weights from every item to every other that at least ``least`` people share, a slice of items at a time.

    Parameters
    ----------
    matrix : csr_matrix of shape (n_people, n_items), float64
        Not negative.
    params : mapping
        ``lead_damp``, ``length_damp``, ``follow_damp``: the powers at the item that speaks, the person, the item reached.
    """
    from scipy import sparse  # only here: a process that serves never fits

    items = np.asarray(matrix.sum(axis=0), np.float64).ravel()
    people = np.asarray(matrix.sum(axis=1), np.float64).ravel()
    through = (
        sparse.diags(damped(people, params["length_damp"]))
        @ matrix
        @ sparse.diags(damped(items, params["follow_damp"]))
    )
    leading = (sparse.diags(damped(items, params["lead_damp"])) @ matrix.T).tocsr().astype(np.float32)
    through = through.tocsr().astype(np.float32)
    enough = had_by(matrix, least)
    for start in range(0, leading.shape[0], _STEP):
        weight = leading[start : start + _STEP] @ through
        weight.data[~enough.of(start, weight)] = 0.0
        yield start, weight


def fit_graph_filter(name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
    """Needs two items bought by the same people."""
    del seed
    matrix = bought_matrix(digest, params["half_life_days"])
    least = least_people(interactions.n_people)
    found = table(passed(matrix, params, least), digest.n_items, WIDE) if matrix.nnz else None
    if found is None:
        return Fitted(generator=None, note=f"{name}: no two items were bought by the same {least} or more people.")
    generator = TableGenerator(
        name=name, table=found, half_life_days=params["history_half_life_days"], side=Side.BOUGHT
    )
    return Fitted(generator=generator)
