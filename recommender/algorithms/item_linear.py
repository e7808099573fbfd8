"""Each item predicted from the others by one ridge regression: which purchases, all others held still, go with it.

Closed form of Steck (2019), "Embarrassingly Shallow Autoencoders for Sparse Data". Exact and quick for catalogues of
a few thousand items; in larger ones it covers the most bought items and leaves the rest to the other generators.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.anchored import TableGenerator
from recommender.algorithms.contract import Fitted, Params
from recommender.algorithms.digest import Digest
from recommender.algorithms.item_knn import bought_matrix
from recommender.algorithms.neighbours import Neighbours, table
from recommender.algorithms.ragged import Ints
from recommender.algorithms.sides import Side
from recommender.algorithms.support import least_people
from recommender.interactions import Interactions

MOST_COVERED = 5_000
"""Items the regression covers: its memory grows with the square (0.3 GB here), its time with the cube."""

_STEP = 512


def ridge_weights(gram: NDArray[np.float32], ridge: float) -> NDArray[np.float32]:
    """Weights B (row: predictor, column: predicted; diagonal 0) from the items' Gram matrix, which is overwritten."""
    from scipy import linalg  # only here: a process that serves never fits

    gram[np.diag_indices(len(gram))] += np.float32(ridge)
    factor, _ = linalg.lapack.spotrf(gram, lower=0, clean=0, overwrite_a=1)
    inverse, _ = linalg.lapack.spotri(factor, lower=0, overwrite_c=1)
    for start in range(0, len(inverse), _STEP):  # the lower half is the upper one's mirror; in place, it is large
        end = start + _STEP
        inverse[start:end, :start] = inverse[:start, start:end].T
        square = np.triu(inverse[start:end, start:end])
        inverse[start:end, start:end] = square + np.triu(square, 1).T
    diagonal = inverse.diagonal().copy()
    inverse /= -diagonal
    inverse[np.diag_indices(len(inverse))] = 0.0
    return np.asarray(inverse, np.float32)


def _rows(weights: NDArray[np.float32], people: Any, least: int) -> Iterator[tuple[int, Any]]:
    """Weights of pairs that at least ``least`` people bought, a slice of the covered items at a time."""
    buyers = people.T.tocsr()
    for start in range(0, len(weights), _STEP):
        shared = buyers[start : start + _STEP] @ people
        row = start + np.repeat(np.arange(shared.shape[0]), np.diff(shared.indptr))
        shared.data = np.where(shared.data >= least, weights[row, shared.indices], 0.0)
        yield start, shared


def _widened(found: Neighbours, covered: Ints, n_items: int) -> Neighbours:
    """A table of the covered items as one of the whole catalogue."""
    width = found.item.shape[1]
    item = np.repeat(np.arange(n_items, dtype=np.int32)[:, None], width, axis=1)
    weight = np.zeros((n_items, width), np.float32)
    item[covered], weight[covered] = covered[found.item], found.weight
    return Neighbours(item=item, weight=weight)


def fit_item_linear(name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
    """Needs two items bought by the same people."""
    del seed
    matrix = bought_matrix(digest, params["half_life_days"])
    buyers = np.bincount(matrix.indices, minlength=digest.n_items)
    covered = np.sort(np.argsort(-buyers, kind="stable")[: min(MOST_COVERED, int(np.count_nonzero(buyers)))])
    least = least_people(interactions.n_people)
    found = None
    if len(covered):
        part = matrix[:, covered].tocsr()
        gram = (part.T @ part).astype(np.float32).toarray(order="F")
        part.data = np.ones(part.nnz)
        found = table(_rows(ridge_weights(gram, params["ridge"]), part, least), len(covered))
    if found is None:
        return Fitted(generator=None, note=f"{name}: no two items were bought by the same {least} or more people.")
    generator = TableGenerator(
        name=name,
        table=_widened(found, covered, digest.n_items),
        half_life_days=params["history_half_life_days"],
        side=Side.BOUGHT,
    )
    return Fitted(generator=generator)
