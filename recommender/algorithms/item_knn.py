"""Nearest items by who bought them, or by who looked at them: cosine of BM25-weighted columns, decayed in time.

BM25 was picked over plain cosine and TF-IDF because it damps both heavy buyers and heavy sellers (Robertson and
Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", with people as documents and items as words).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from recommender.algorithms.anchored import TableGenerator
from recommender.algorithms.contract import Fitted, Params
from recommender.algorithms.digest import Digest, Touches
from recommender.algorithms.neighbours import table
from recommender.algorithms.ragged import heaviest
from recommender.algorithms.sides import Side
from recommender.algorithms.support import had_by, least_people
from recommender.interactions import Interactions

MOST_ITEMS = 500
"""A person's weightiest items that count."""

_STEP = 512


def bought_matrix(digest: Digest, half_life_days: float) -> Any:
    """Person × item csr matrix (float64) of decayed numbers of orders."""
    return touched_matrix(digest, digest.bought, half_life_days)


def touched_matrix(digest: Digest, touches: Touches, half_life_days: float) -> Any:
    """The same of events of any sort."""
    from scipy import sparse  # only here: a process that serves never fits

    key, total = touches.pair, touches.totals(half_life_days)
    kept = np.flatnonzero(total > 1e-9)
    key, total = key[kept], total[kept]
    kept = heaviest(digest.person_of(key), total, digest.n_people, MOST_ITEMS)
    person, item = np.divmod(key[kept], digest.n_items)
    return sparse.csr_matrix((total[kept], (person, item)), shape=(digest.n_people, digest.n_items))


def bm25(matrix: Any, k1: float, b: float) -> Any:
    """Weight people × items cells by BM25 and scale each item's column to length 1."""
    n_people = matrix.shape[0]
    buyers = np.bincount(matrix.indices, minlength=matrix.shape[1])
    rarity = np.log1p(n_people / np.maximum(buyers, 1))
    length = np.asarray(matrix.sum(axis=1), np.float64).ravel()
    longer = 1.0 - b + b * length / max(float(length.mean()), 1e-12)
    per_cell = np.repeat(longer, np.diff(matrix.indptr))
    out = matrix.copy()
    out.data = matrix.data * (k1 + 1.0) / (matrix.data + k1 * per_cell) * rarity[matrix.indices]
    norm = np.sqrt(np.bincount(out.indices, weights=out.data**2, minlength=out.shape[1]))
    out.data = out.data / norm[out.indices]
    return out


def near(weighted: Any, least: int) -> Iterator[tuple[int, Any]]:
    """Inner products of columns that at least ``least`` people share, a slice of items at a time."""
    leading = weighted.T.tocsr()
    enough = had_by(weighted, least)
    for start in range(0, leading.shape[0], _STEP):
        score = leading[start : start + _STEP] @ weighted
        score.data[~enough.of(start, score)] = 0.0
        yield start, score


def fit_item_knn(  # the same five for every generator, and which events speak
    name: str, interactions: Interactions, digest: Digest, params: Params, seed: int, *, side: Side
) -> Fitted:
    """Needs two items bought (or looked at) by the same people."""
    del seed
    matrix = touched_matrix(digest, digest.of(side), params["half_life_days"])
    least = least_people(interactions.n_people)
    found = table(near(bm25(matrix, params["k1"], params["b"]), least), digest.n_items) if matrix.nnz else None
    if found is None:
        return Fitted(generator=None, note=f"{name}: no two items were {side.done} by the same {least} or more people.")
    generator = TableGenerator(name=name, table=found, half_life_days=params["history_half_life_days"], side=side)
    return Fitted(generator=generator)
