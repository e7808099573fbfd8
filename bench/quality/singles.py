"""Whether the model is anywhere worse than the best of its own generators alone, or than popularity."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.quality.paper import Paper
from recommender.algorithms.ragged import Floats
from recommender.evaluation.asking import alone
from recommender.evaluation.intervals import Mean, bootstrap
from recommender.evaluation.judging import groups_of
from recommender.evaluation.split import Track
from recommender.model.fitted import FittedModel

METRIC = "ndcg_at_10"

LEAST_LISTS = 200
"""Groups of fewer lists are not held against anything."""

MOST_LISTS = 2_000
"""Lists of a track every generator is asked for, drawn by seed 0: enough for the bootstrap, few enough for a coffee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """The group of a track that fares worst against its best single generator: paired difference with its interval."""

    group: str
    single: str
    ours: float
    theirs: float
    difference: Mean


def sampled(n_lists: int) -> NDArray[np.bool_]:
    """Which lists of a track every generator is asked for."""
    keep = np.zeros(n_lists, bool)
    rng = np.random.default_rng(0)
    keep[rng.choice(n_lists, min(n_lists, MOST_LISTS), replace=False)] = True
    return keep


def singles(model: FittedModel, paper: Paper, track: Track) -> dict[str, Floats]:
    """NDCG@10 of the sampled lists of each generator alone, by its name."""
    keep = sampled(len(paper.asked[track].truth.person))
    return {
        name: np.asarray(paper.judged(alone(model, name), track, only=keep).by_metric[METRIC]) for name in model.names
    }


def worst(ours: Floats, others: Mapping[str, Floats], paper: Paper, track: Track) -> Worst | None:
    """The worst group of at least 200 lists; None where no group has so many.

    Parameters
    ----------
    ours : float64 array
        NDCG@10 of the model's sampled lists.
    others : mapping of float64 arrays
        The same of each generator alone. The best of them is picked with the answers in sight, group by group, popularity
        among them: harder to beat than any that could have been picked before.
    """
    truth = paper.asked[track].truth
    found = []
    for group, rows in groups_of(truth.of(sampled(len(truth.person)))).items():
        if len(rows) >= LEAST_LISTS and others:
            name = max(others, key=lambda name: float(others[name][rows].mean()))
            best = others[name][rows]
            found.append(
                Worst(
                    group=group,
                    single=name,
                    ours=float(ours[rows].mean()),
                    theirs=float(best.mean()),
                    difference=bootstrap(ours[rows] - best),
                )
            )
    return min(found, key=lambda one: one.difference.high, default=None)
