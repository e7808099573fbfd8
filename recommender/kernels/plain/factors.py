"""Kernels of factors: a person folded in, and what candidates are worth to them."""

import numpy as np
from numpy.typing import NDArray

from recommender.kernels.plain.rows import Floats, Ints, within


def folded_in(
    factors: NDArray[np.float32],
    place: NDArray[np.int32],
    gram: Floats,
    item: Ints,
    weight: Floats,
    alpha: float,
    faint: float,
) -> NDArray[np.float32] | None:
    """Factors of a person who did these things, float32 of length f; None if none of the items has any, or nothing follows from
    them (the system is not positive definite).

    Hu, Koren, Volinsky (2008), "Collaborative Filtering for Implicit Feedback Datasets", eq. 4: the solution ``x`` of
    ``(gram + Σ alpha w v vᵀ) x = Σ (1 + alpha w) v``.

    Parameters
    ----------
    factors : float32 array of shape (n_rows, f)
    place : int32 array of length n_items
        Row of each item; -1 for those without factors.
    gram : float64 array of shape (f, f)
        The Gram matrix of all factors with the regularization on its diagonal.
    item : int64 array
        What the person touched.
    weight : float64 array, as long
        How much of it; up to ``faint`` it does not count.
    alpha, faint : float
    """
    within(item, len(place))
    rows = place.take(item)
    heard = (rows >= 0) & (weight > faint)
    if not heard.any():
        return None
    told = factors[rows[heard]].astype(np.float64)
    extra = alpha * weight[heard]
    try:
        root = np.linalg.cholesky(gram + told.T @ (told * extra[:, None]))
    except np.linalg.LinAlgError:
        return None
    half = np.linalg.solve(root, (1.0 + extra) @ told)
    found = np.linalg.solve(root.T, half).astype(np.float32)
    return found if np.isfinite(found).all() else None


def inner_products(
    factors: NDArray[np.float32], place: NDArray[np.int32], item: Ints, person: NDArray[np.float32]
) -> Floats:
    """Inner product of the person's factors with each item's; 0 where negative, or where the item has none (see :func:`folded_in`)."""
    within(item, len(place))
    rows = place.take(item)
    if len(rows) and int(rows.max()) >= len(factors):
        raise IndexError(f"there are no factors in row {int(rows.max())}")
    if not len(factors):
        return np.zeros(len(item))
    scores = factors.take(rows, axis=0, mode="clip") @ person
    return np.where(rows >= 0, np.maximum(scores, 0.0), 0.0).astype(np.float64)
