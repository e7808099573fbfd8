"""Factors by alternating least squares on implicit feedback, in one matrix purchases, in another everything done.

The stored values are confidences themselves, ``1 + alpha × decayed number of events``: the library reads a stored
value as the confidence and an absent cell as 1, so its own ``alpha`` stays 1.
"""

from typing import Any

import numpy as np

from recommender.algorithms.contract import Fitted, Params
from recommender.algorithms.digest import Digest
from recommender.algorithms.factors import FactorGenerator
from recommender.algorithms.ragged import heaviest
from recommender.algorithms.sides import Side
from recommender.interactions import Interactions

MOST_ITEMS = 1_000
"""A person's weightiest items that count, so that nobody with a shop's worth of orders bends the factors."""

_FAINT = 1e-4


def confidences(digest: Digest, half_life_days: float, alpha: float, side: Side) -> Any:
    """Person × item csr matrix (float32) of confidences; every stored cell is above 1 and finite."""
    from scipy import sparse  # only here: a process that serves never fits

    touches = digest.of(side)
    key, total = touches.pair, touches.totals(half_life_days)
    kept = np.flatnonzero(np.isfinite(total) & (total > _FAINT))
    key, total = key[kept], total[kept]
    kept = heaviest(digest.person_of(key), total, digest.n_people, MOST_ITEMS)
    person, item = np.divmod(key[kept], digest.n_items)
    values = (1.0 + alpha * total[kept]).astype(np.float32)
    return sparse.csr_matrix((values, (person, item)), shape=(digest.n_people, digest.n_items))


def fit_als(  # the same five for every generator, and which events speak
    name: str, interactions: Interactions, digest: Digest, params: Params, seed: int, *, side: Side
) -> Fitted:
    """Needs two people and two items; for everything done also a view or a cart.

    The same seed gives the same factors, whatever the number of threads.
    """
    del interactions
    if side is Side.TOUCHED and not len(digest.looked.key):
        return Fitted(
            generator=None,
            note=f"{name}: nobody has {Side.LOOKED.done} anything yet; purchases have factors of their own.",
        )
    matrix = confidences(digest, params["half_life_days"], params["alpha"], side)
    people, items = np.unique(matrix.nonzero()[0]), np.unique(matrix.indices)
    if len(people) < 2 or len(items) < 2:
        return Fitted(generator=None, note=f"{name}: fewer than two people have {side.done} fewer than two items.")
    factors = _factors(matrix[people], params, min(int(params["factors"]), len(items), len(people)), seed)[items]
    generator = FactorGenerator.of(
        name,
        items,
        factors,
        n_items=digest.n_items,
        alpha=params["alpha"],
        regularization=params["regularization"],
        half_life_days=params["history_half_life_days"],
        side=side,
    )
    return Fitted(generator=generator)


def _factors(matrix: Any, params: Params, n_factors: int, seed: int) -> Any:
    """Item factors, float32; raises the library's own error if the fit diverges."""
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=n_factors,
        regularization=params["regularization"],
        alpha=1.0,
        iterations=int(params["iterations"]),
        random_state=seed,
        num_threads=1,
        dtype=np.float32,
    )
    model.fit(matrix, show_progress=False)
    return np.asarray(model.item_factors, np.float32)
