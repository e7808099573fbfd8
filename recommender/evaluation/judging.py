"""Lists against what people really bought later."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats, Ints, distinct, found
from recommender.evaluation.intervals import Mean, bootstrap
from recommender.evaluation.metrics import DEPTH, METRICS, Hits, coverage, novelty
from recommender.evaluation.split import GROUPS, LOOKS, Track, Truth
from recommender.interactions import Interactions, Kind

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Every figure of every list of one track, in the order of the truth's lists."""

    truth: Truth
    lists: NDArray[np.int32]
    by_metric: Mapping[str, Floats]


def hits_of(lists: NDArray[np.int32], truth: Truth, n_items: int) -> Hits:
    """Which places of each list hold a wanted item; a second place of the same item is no second hit."""
    row = np.arange(len(lists), dtype=np.int64)[:, None]
    key = row * n_items + lists
    wanted = np.repeat(row[:, 0], np.diff(truth.indptr)) * n_items + truth.item
    hits = found(key.ravel(), wanted).reshape(lists.shape) & (lists >= 0)
    for place in range(1, lists.shape[1]):
        hits[:, place] &= ~(lists[:, :place] == lists[:, place : place + 1]).any(axis=1)
    return np.asarray(hits)


def judge_lists(lists: NDArray[np.int32], truth: Truth, n_items: int) -> Verdicts:
    """Score lists (int32 of shape (n_lists, 20); -1 for an empty place), one per list of the truth.

    Raises
    ------
    ValueError
        If there is not one row of twenty places per list of the truth.
    """
    if lists.shape != (len(truth.person), DEPTH):
        raise ValueError(f"Lists have the shape {lists.shape}, the truth needs {(len(truth.person), DEPTH)}.")
    hits = hits_of(lists, truth, n_items)
    wanted = np.diff(truth.indptr)
    return Verdicts(
        truth=truth, lists=lists, by_metric={name: metric(hits, wanted) for name, metric in METRICS.items()}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the figures over whole sets of lists need of the time before the cut.

    Attributes
    ----------
    n_items, n_people : int
        Items and people with any event.
    buyers : float64 array, one per item of the log
        People who had bought it; in a log without purchases, who had looked at it.
    """

    n_items: int
    n_people: int
    buyers: Floats

    @classmethod
    def of(cls, past: Interactions) -> "Known":
        """Count items, people and buyers."""
        n_items = len(past.item_ids)
        bought = past.kind == Kind.PURCHASE
        if not bought.any():
            bought = np.isin(past.kind, LOOKS)
        pairs = distinct(past.person[bought].astype(np.int64) * n_items + past.item[bought])
        return cls(
            n_items=len(np.unique(past.item)),
            n_people=len(np.unique(past.person)),
            buyers=np.bincount(pairs % n_items, minlength=n_items).astype(np.float64),
        )


def figures(verdicts: Mapping[Track, Verdicts], known: Known) -> dict[str, Mean]:
    """Named ``<track>.<group>.<metric>``; groups without lists are left out, coverage and novelty are over all lists."""
    out: dict[str, Mean] = {}
    for track, verdict in verdicts.items():
        for group, rows in groups_of(verdict.truth).items():
            for metric, values in verdict.by_metric.items():
                out[f"{track}.{group}.{metric}"] = bootstrap(values[rows])
        n = len(verdict.lists)
        if n:
            for name, value in (
                ("coverage_at_10", coverage(verdict.lists, known.n_items)),
                ("novelty", novelty(verdict.lists, known.buyers, known.n_people)),
            ):
                out[f"{track}.{ALL}.{name}"] = Mean(value=value, low=value, high=value, n=n)
    return out


def groups_of(truth: Truth) -> dict[str, Ints]:
    """Rows of all lists and of each group that has any."""
    out = {ALL: np.arange(len(truth.person))} if len(truth.person) else {}
    for code, group in enumerate(GROUPS):
        rows = np.flatnonzero(truth.group == code)
        if len(rows):
            out[str(group)] = rows
    return out
