"""How good lists are by how much is known of their readers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recommender.algorithms.ragged import Floats, Ints, distinct
from recommender.evaluation.intervals import Mean, resample
from recommender.interactions import Interactions, Kind

DAY_US = 86_400_000_000

ORDER_STEPS: Sequence[int] = (0, 1, 2, 4, 10)
"""Where the groups by number of orders begin."""

LINE_STEPS: Sequence[int] = (0, 1, 5, 20, 100)
"""Where the groups by length of history (lines of any kind) begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """People of one group: its name (``2–3``), and each model's figure over their lists."""

    label: str
    means: Mapping[str, Mean]


def curve(values: Mapping[str, Floats], known_of: Ints, steps: Sequence[int]) -> tuple[Point, ...]:
    """Figures of the lists, grouped by a number known of each list's reader.

    Parameters
    ----------
    values : mapping of str to float64 array of length n_lists
        One figure of every list by model.
    known_of : int64 array of length n_lists
        Orders, or lines of history, of each list's reader.
    steps : sequence of int
        Where each group begins, ascending; groups without lists are left out.
    """
    place = np.searchsorted(np.array(steps), known_of, side="right") - 1
    points = []
    for number, label in enumerate(labels(steps)):
        rows = np.flatnonzero(place == number)
        if len(rows):
            means = resample(np.stack([one[rows] for one in values.values()], axis=1))
            points.append(Point(label=label, means=dict(zip(values, means, strict=True))))
    return tuple(points)


def labels(steps: Sequence[int]) -> list[str]:
    """Names of the groups: ``0``, ``1``, ``2–3``, ``4 or more``."""
    pairs = pairwise(steps)
    return [str(a) if b == a + 1 else f"{a}–{b - 1}" for a, b in pairs] + [f"{steps[-1]:,} or more"]


def orders_of(past: Interactions) -> Ints:
    """Orders of each person (days with purchases, where the shop tells no orders), int64 of length n_people."""
    rows = np.flatnonzero(past.kind == Kind.PURCHASE)
    order = np.where(past.order[rows] >= 0, past.order[rows], -2 - past.time_us[rows] // DAY_US)
    _, code = np.unique(order, return_inverse=True)
    pairs = distinct(past.person[rows].astype(np.int64) * max(len(rows), 1) + code)
    return np.bincount(pairs // max(len(rows), 1), minlength=past.n_people).astype(np.int64)


def lines_of(past: Interactions) -> Ints:
    """Lines of each person's history, int64 of length n_people."""
    return np.bincount(past.person, minlength=past.n_people).astype(np.int64)
