"""How sure a mean over lists is: the bootstrap (Efron 1979)."""

from dataclasses import dataclass

import numpy as np

from recommender.algorithms.ragged import Floats

ROUNDS = 1_000

_MOST_CELLS = 4_000_000
"""Draws × lists held at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean over ``n`` lists with its 95 % bootstrap interval (all NaN-free; zeros without lists)."""

    value: float
    low: float
    high: float
    n: int


def bootstrap(values: Floats, *, rounds: int = ROUNDS, seed: int = 0) -> Mean:
    """Mean and 95 % percentile interval over lists drawn with replacement; ``values`` has one for each list."""
    return resample(values[:, None], rounds=rounds, seed=seed)[0]


def resample(values: Floats, *, rounds: int = ROUNDS, seed: int = 0) -> list[Mean]:
    """Mean and 95 % percentile interval of each column over lists drawn with replacement.

    Parameters
    ----------
    values : float64 array of shape (n_lists, n_columns)
        NaN where a figure does not apply to a list; it is then a mean over the others.

    Returns
    -------
    list of Mean
        One per column; ``n`` counts the lists it applies to. A column with none is 0.
    """
    n, columns = values.shape
    applies = ~np.isnan(values)
    counts = applies.sum(axis=0)
    if not n or not columns:
        return [Mean(value=0.0, low=0.0, high=0.0, n=0)] * columns
    told = np.concatenate([np.where(applies, values, 0.0), applies], axis=1)
    sums = _drawn(told, rounds, np.random.default_rng(seed))
    with np.errstate(invalid="ignore"):
        means = sums[:, :columns] / sums[:, columns:]
    return [_mean(values[applies[:, c], c], means[:, c], int(counts[c])) for c in range(columns)]


def _drawn(told: Floats, rounds: int, rng: np.random.Generator) -> Floats:
    """Sums of the columns over each draw, float64 of shape (rounds, n_columns)."""
    n = len(told)
    step = max(1, min(rounds, _MOST_CELLS // n))
    parts = []
    for start in range(0, rounds, step):
        many = min(step, rounds - start)
        draws = rng.integers(0, n, (many, n)) + np.arange(many)[:, None] * n
        times = np.bincount(draws.ravel(), minlength=many * n).reshape(many, n)
        parts.append(times.astype(np.float64) @ told)
    return np.concatenate(parts)


def _mean(values: Floats, means: Floats, n: int) -> Mean:
    if not n:
        return Mean(value=0.0, low=0.0, high=0.0, n=0)
    low, high = np.nanpercentile(means, [2.5, 97.5])
    return Mean(value=float(values.mean()), low=float(low), high=float(high), n=n)
