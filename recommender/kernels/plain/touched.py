"""Kernels of what a person touched: events grouped by item."""

import numpy as np
from numpy.typing import NDArray

from recommender.kernels.plain.rows import DAY_US, Floats, Ints, begun, starts


def occurrences(
    item: NDArray[np.int32], kind: NDArray[np.int8], time_us: Ints, now_us: int, low: int, high: int
) -> tuple[Ints, Ints, Floats]:
    """A person's events of the kinds ``low`` to ``high``, by item.

    Returns
    -------
    (int64, int64, float64)
        Items, ascending; where each one's events begin; the age of each event in days, never negative.
    """
    rows = ((kind >= low) & (kind <= high)).nonzero()[0]
    rows = rows[item[rows].argsort(kind="stable")]
    once = item[rows].astype(np.int64)
    if len(once) and once[0] < 0:
        raise IndexError(f"no item has row {once[0]}")
    start = starts(once)
    return once.take(start), start, np.maximum(now_us - time_us[rows], 0) / DAY_US


def totals(start: Ints, age: Floats, weight: Floats | None, half_life: float) -> Floats:
    """Decayed weight of each item: the sum over its events of ½ to the power of their age in half-lives.

    Parameters
    ----------
    start : int64 array
        Where each item's events begin.
    age : float64 array of length n_events
        Days.
    weight : float64 array, as long, or None
        What each event counts; None: 1.
    half_life : float
        Days.
    """
    if not half_life > 0:
        raise ValueError(f"a half-life of {half_life} days is none")
    decayed = np.exp2(age * (-1.0 / half_life))
    if weight is not None:
        decayed *= weight
    return np.add.reduceat(decayed, begun(start, len(age))) if len(age) else decayed


def faded(start: Ints, age: Floats, power: float) -> Floats:
    """What is left of what a person usually buys again and has not, beyond its due date, by item.

    At ``n`` usual intervals since the last event ``n`` to the power of ``-power``; up to one interval 1. The usual interval is the mean
    between an item's first event and its last; of an item with less than a day between them none is known, which is 1.

    Parameters
    ----------
    start : int64 array
        Where each item's events begin.
    age : float64 array of length n_events
        Days.
    power : float
    """
    if not len(age):
        return np.ones(0)
    start = begun(start, len(age))
    counts = np.diff(np.append(start, len(age)))
    last = np.minimum.reduceat(age, start)
    spread = np.maximum.reduceat(age, start) - last
    waited = np.where(spread >= 1.0, last * (counts - 1) / np.maximum(spread, 1.0), 1.0)
    return np.maximum(waited, 1.0) ** -power


def weightiest(item: Ints, weight: Floats, most: int) -> tuple[Ints, Floats]:
    """At most so many items, the heaviest above 0, in their order; of equal ones the earlier."""
    keep = (weight > 0).nonzero()[0]
    if len(keep) > most:
        keep = np.sort(keep[(-weight[keep]).argsort(kind="stable")[: max(most, 0)]])
    return (item, weight) if len(keep) == len(item) else (item.take(keep), weight.take(keep))
