"""Trying other hyper-parameters, one change at a time, judged by the blends a generator speaks in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from joblib import Parallel, delayed

from recommender.algorithms import GENERATORS, spec_of
from recommender.algorithms.digest import Digest
from recommender.algorithms.ragged import Floats
from recommender.training.blends import Blend, exams_of
from recommender.training.fitting import FitSettings, fit_one, view_of
from recommender.training.progress import Progress
from recommender.training.weighing import Exam, mean_grade
from recommender.training.windows import Window, rescored

JUDGED_ON = ("home.known.repeats", "home.known.new", "home.session.repeats", "home.unknown")
"""Places a hyper-parameter is judged by, the mean of those a generator may speak in."""

FACTORS: Mapping[str, tuple[float, ...]] = {
    "half_life_days": (0.5, 2.0, 0.25, 4.0),
    "history_half_life_days": (0.5, 2.0, 4.0),
    "ridge": (0.33, 3.0),
    "alpha": (0.33, 3.0),
    "regularization": (0.1, 10.0),
    "factors": (2.0, 0.5),
    "demand_power": (1.6, 0.6),
    "lead_damp": (0.8, 1.2),
    "follow_damp": (0.8, 1.2),
    "length_damp": (0.5, 1.6),
    "prior": (0.3, 3.0),
}
"""Multiples of the present value that are tried for a hyper-parameter."""


LEAST_GAIN = 5e-4
"""A change is kept only for at least this much NDCG@10, and only if no window is worse with it: the next season is none of them."""


def improve(
    windows: Sequence[Window],
    weights: Mapping[str, Blend],
    seed: int,
    *,
    limit: int,
    left: Callable[[], bool],
    progress: Progress,
    n_jobs: int,
) -> tuple[dict[str, dict[str, float]], int]:
    """Try changes in an order drawn from the seed; keep what lifts the blends.

    Parameters
    ----------
    limit : int
        Trials at most.
    left : callable
        Whether there is time for another trial.

    Returns
    -------
    (changed hyper-parameters by generator, number of trials done)
    """
    tries = _tries(weights, np.random.default_rng(seed))[:limit]
    bench = Bench.of(windows, weights, seed, n_jobs)
    chosen: dict[str, dict[str, float]] = {}
    best: dict[str, Floats] = {}
    for done, (name, param, factor) in enumerate(tries):
        if not left():
            return chosen, done
        present = {**spec_of(name).defaults, **chosen.get(name, {})}
        if name not in best:
            best[name] = bench.lift(name, present)
        changed = {**present, param: round(present[param] * factor, 6)}
        value = bench.lift(name, changed)
        gain = value - best[name]
        if gain.mean() > LEAST_GAIN and gain.min() >= 0:
            best[name], chosen[name] = value, changed
        progress("tuning", done + 1, len(tries), "trials")
    return chosen, len(tries)


def _tries(weights: Mapping[str, Blend], rng: np.random.Generator) -> list[tuple[str, str, float]]:
    """(generator, hyper-parameter, multiple), for generators that weigh anything, in a drawn order."""
    used = {name for place in JUDGED_ON if place in weights for name in weights[place].weights}
    tries = [
        (spec.name, param, factor)
        for spec in GENERATORS
        if spec.name in used
        for param, value in spec.defaults.items()
        if value
        for factor in FACTORS.get(param, ())
    ]
    return [tries[place] for place in rng.permutation(len(tries))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every trial is measured on: the windows, everybody's events in each, and each place's papers."""

    windows: Sequence[Window]
    views: Sequence[Digest]
    weights: Mapping[str, Blend]
    papers: Mapping[str, tuple[list[str], list[Exam]]]
    seed: int
    n_jobs: int

    @classmethod
    def of(cls, windows: Sequence[Window], weights: Mapping[str, Blend], seed: int, n_jobs: int) -> Self:
        """Prepare once."""
        return cls(
            windows=windows,
            views=[view_of(window.past) for window in windows],
            weights=weights,
            papers={place: exams_of(windows, place) for place in JUDGED_ON if place in weights},
            seed=seed,
            n_jobs=n_jobs,
        )

    def lift(self, name: str, params: Mapping[str, float]) -> Floats:
        """Mean NDCG@10 of the blends a generator speaks in, window by window, its scores taken from another fit.

        Candidates stay as they are.
        """
        places = [place for place in self.papers if name in self.weights[place].weights]
        jobs = (delayed(self._grades)(number, name, params, places) for number in range(len(self.windows)))
        grades = Parallel(n_jobs=self.n_jobs, prefer="threads")(jobs)
        return np.array([np.mean(list(one.values())) for one in grades if one])

    def _grades(self, number: int, name: str, params: Mapping[str, float], places: Sequence[str]) -> dict[str, float]:
        """The grade of one window by place."""
        window = self.windows[number]
        settings = FitSettings(params={name: params}, blends={})
        generator = fit_one(spec_of(name), window.past, self.views[number], settings, self.seed).generator
        out = {}
        for place in places:
            if place in window.tables:
                names, papers = self.papers[place]
                paper = papers[sum(place in earlier.tables for earlier in self.windows[:number])]
                blend = np.array([self.weights[place].weights.get(other, 0.0) for other in names])
                scores = None if generator is None else rescored(window, generator, place)
                changed = paper if scores is None else _with_row(paper, names.index(name), scores)
                out[place] = 0.0 if scores is None else mean_grade([changed], blend)
        return out


def _with_row(whole: Exam, row: int, scores: Floats) -> Exam:
    """The exam with one generator's scores (flat, list after list) replaced."""
    score = whole.score.copy()
    score[row][score[row] >= 0] = scores
    return replace(whole, score=score)
