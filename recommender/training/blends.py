"""The blend of every place, weighed on the windows that ask there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from joblib import Parallel, delayed

from recommender.algorithms import Family, spec_of
from recommender.algorithms.ragged import Floats
from recommender.model.blend import DEFAULT_BLENDS
from recommender.training.places import PLACES
from recommender.training.progress import Progress
from recommender.training.weighing import Exam, grade, mean_grade, search, total
from recommender.training.windows import Window, exam

LEAST_LISTS = 30
"""Fewer past questions than this over all windows cannot choose weights; the documented defaults stand."""


COSTLY = (Family.BOUGHT_WITH, Family.VIEWED_NEXT, Family.CLOSE)
"""Tables and factors: a tenth of a millisecond per answer each, where lists that are ready cost next to nothing."""

_HOME = ("home.known.repeats", "home.known.new", "home.session.repeats", "home.session.new")

FILLERS: Mapping[str, Mapping[str, float]] = {
    **{place: {"content": 0.05} for place in _HOME},
    "similar": {"popular": 0.01, "content": 0.1},
}
"""Weights that are given where none is learned: past orders cannot teach what an item that nobody has bought yet is worth."""


STRANGERS = "home.unknown"
"""Everybody there gets the same list, so that a few hundred past lists say little of it: the best of them was hardly ever the best of the
next window. Other weights than the documented ones, which lean on several half-lives, have to be better beyond noise, and even then get
only half of the say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """Weights of one place, the NDCG@10 they reached, on how many lists, and what each generator reached there alone."""

    weights: Mapping[str, float]
    grade: float
    lists: int
    alone: Mapping[str, float] = field(default_factory=dict)


def weigh(windows: Sequence[Window], *, progress: Progress, n_jobs: int) -> dict[str, Blend]:
    """Search weights for every place with enough questions."""
    places = [place for place in PLACES if _n_lists(windows, place) >= LEAST_LISTS]
    out: dict[str, Blend] = {}
    progress("blends", 0, len(places), "blends")
    jobs = (delayed(_weigh_one)(windows, place) for place in places)
    for place, blend in zip(
        places, Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(jobs), strict=True
    ):
        out[place] = blend
        progress("blends", len(out), len(places), "blends")
    return out


def _names(windows: Sequence[Window], place: str) -> list[str]:
    """Generators that may speak in a place and stand in every window that asks there."""
    asking = [window for window in windows if place in window.tables]
    return [name for name in PLACES[place] if all(name in window.model.names for window in asking)]


def exams_of(windows: Sequence[Window], place: str) -> tuple[list[str], list[Exam]]:
    """The generators all windows have, and the windows' exams with a row for each."""
    names = _names(windows, place)
    exams = []
    for window in windows:
        if place in window.tables:
            own = [name for name in window.model.names if name in PLACES[place]]
            whole = exam(window, place)
            exams.append(replace(whole, score=whole.score[[own.index(name) for name in names]]))
    return names, exams


def _n_lists(windows: Sequence[Window], place: str) -> int:
    return sum(len(window.questions[place].queries) for window in windows if place in window.questions)


def _weigh_one(windows: Sequence[Window], place: str) -> Blend:
    names, exams = exams_of(windows, place)
    start = np.array([DEFAULT_BLENDS[place].get(name, 0.0) for name in names])
    costly = [row for row, name in enumerate(names) if spec_of(name).family in COSTLY]
    weights, reached, alone = search(exams, start, costly=costly)
    if place == STRANGERS:
        weights = hedged(weights, start) if surely_better(exams, weights, start) else start
        reached = mean_grade(exams, weights)
    kept = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True) if weight > 0}
    kept = {**FILLERS.get(place, {}), **kept}
    return Blend(
        weights=kept,
        grade=reached,
        lists=sum(len(e.wanted) for e in exams),
        alone=dict(zip(names, alone.tolist(), strict=True)),
    )


def hedged(weights: Floats, start: Floats) -> Floats:
    """Half the say for each of two blends, as a whole as loud as the larger one; without the second, the first alone."""
    if not start.any():
        return weights
    return np.asarray((weights / weights.sum() + start / start.sum()) * max(weights.sum(), start.sum()) / 2.0)


def surely_better(exams: Sequence[Exam], weights: Floats, start: Floats) -> bool:
    """Whether weights are better than others beyond noise: by three standard errors of the paired gain over all lists.

    Three, because the weights are the best of dozens that were tried on these very lists.
    """
    if not start.any():
        return True
    gained = np.concatenate([grade(one, total(one, weights)) - grade(one, total(one, start)) for one in exams])
    return bool(gained.mean() > 3.0 * gained.std() / np.sqrt(len(gained)))
