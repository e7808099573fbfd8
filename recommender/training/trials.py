"""Trying other hyper-parameters, one change at a time, judged by the blends a generator speaks in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

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


LEAST_GAIN = 1e-4


def improve(
    windows: Sequence[Window],
    weights: Mapping[str, Blend],
    seed: int,
    *,
    limit: int,
    left: Callable[[], bool],
    progress: Progress,
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
    views = [view_of(window.past) for window in windows]
    chosen: dict[str, dict[str, float]] = {}
    best: dict[str, float] = {}
    for done, (name, param, factor) in enumerate(tries):
        if not left():
            return chosen, done
        present = {**spec_of(name).defaults, **chosen.get(name, {})}
        if name not in best:
            best[name] = _lift(windows, views, weights, name, present, seed=seed)
        changed = {**present, param: round(present[param] * factor, 6)}
        value = _lift(windows, views, weights, name, changed, seed=seed)
        if value > best[name] + LEAST_GAIN:
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


def _lift(
    windows: Sequence[Window],
    views: Sequence[Digest],
    weights: Mapping[str, Blend],
    name: str,
    params: Mapping[str, float],
    *,
    seed: int,
) -> float:
    """Mean NDCG@10 of the blends a generator speaks in, its scores taken from another fit; candidates stay as they are."""
    settings = FitSettings(params={name: params}, blends={})
    fits = [
        fit_one(spec_of(name), window.past, view, settings, seed) for window, view in zip(windows, views, strict=True)
    ]
    places = [place for place in JUDGED_ON if name in (weights[place].weights if place in weights else ())]
    grades = []
    for place in places:
        names, exams = exams_of(windows, place)
        asking = [(window, fit) for window, fit in zip(windows, fits, strict=True) if place in window.tables]
        changed = [
            _with_row(whole, names.index(name), rescored(window, fit.generator, place))
            for whole, (window, fit) in zip(exams, asking, strict=True)
            if fit.generator is not None
        ]
        blend = np.array([weights[place].weights.get(other, 0.0) for other in names])
        grades.append(mean_grade(changed, blend) if len(changed) == len(exams) else 0.0)
    return float(np.mean(grades))


def _with_row(whole: Exam, row: int, scores: Floats) -> Exam:
    """The exam with one generator's scores (flat, list after list) replaced."""
    score = whole.score.copy()
    score[row][score[row] >= 0] = scores
    return replace(whole, score=score)
