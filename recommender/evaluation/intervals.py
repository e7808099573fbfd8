"""How sure a mean over lists is: the bootstrap."""

from dataclasses import dataclass

import numpy as np

from recommender.algorithms.ragged import Floats

ROUNDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean over ``n`` lists with its 95 % bootstrap interval (all NaN-free; zeros without lists)."""

    value: float
    low: float
    high: float
    n: int


def bootstrap(values: Floats, *, rounds: int = ROUNDS, seed: int = 0) -> Mean:
    """Mean and percentile interval over lists drawn with replacement (Efron 1979)."""
    n = len(values)
    if not n:
        return Mean(value=0.0, low=0.0, high=0.0, n=0)
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, n, (rounds, n))
    means = values[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Mean(value=float(values.mean()), low=float(low), high=float(high), n=n)
