"""Choosing: blend weights always, hyper-parameters as far as the time budget goes, both on earlier windows only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from joblib import Parallel, delayed

from recommender.interactions import Interactions
from recommender.model.blend import DEFAULT_BLENDS
from recommender.training.blends import LEAST_LISTS, Blend, weigh
from recommender.training.fitting import DEFAULTS, FitSettings
from recommender.training.places import PLACES
from recommender.training.progress import Progress, quiet
from recommender.training.trials import improve
from recommender.training.windows import Window, open_window, window_cuts


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen and on what grounds.

    ``grades`` is the NDCG@10 each place's blend reached on the windows, ``lists`` on how many lists; a place that is
    missing there keeps its defaults. ``trials`` with the same seed repeats the choice whatever the clock does.
    """

    settings: FitSettings
    grades: Mapping[str, float]
    lists: Mapping[str, int]
    trials: int
    notes: tuple[str, ...]


def tune(
    interactions: Interactions,
    *,
    budget_seconds: float = 0.0,
    trials: int | None = None,
    seed: int = 0,
    progress: Progress = quiet,
    clock: Callable[[], float],
    n_jobs: int = 2,
) -> Choice:
    """Choose hyper-parameters and weights on windows before the clock of training.

    Parameters
    ----------
    budget_seconds : float
        0 keeps the documented hyper-parameters; more tries as many changes as fit into it, one at a time. Choosing
        weights before and after is not counted.
    trials : int, optional
        Tries exactly so many changes instead: repeats an earlier choice.
    clock : callable
        Monotonic seconds; read only to keep the budget.
    """
    cuts = window_cuts(interactions)
    settings = DEFAULTS
    windows = _open(interactions, cuts, settings, seed, progress=progress, n_jobs=n_jobs)
    weights = weigh(windows, progress=progress, n_jobs=n_jobs)
    done = 0
    if windows and (budget_seconds > 0 or trials):
        limit = trials if trials is not None else 10_000
        started = clock()
        left = (lambda: True) if trials is not None else (lambda: clock() - started < budget_seconds)
        params, done = improve(windows, weights, seed, limit=limit, left=left, progress=progress, n_jobs=n_jobs)
        if params:
            settings = replace(settings, params=params)
            windows = _open(interactions, cuts, settings, seed, progress=progress, n_jobs=n_jobs)
            weights = weigh(windows, progress=progress, n_jobs=n_jobs)
    blends = {**DEFAULT_BLENDS, **{place: blend.weights for place, blend in weights.items()}}
    return Choice(
        settings=FitSettings(params=settings.params, blends=blends),
        grades={place: blend.grade for place, blend in weights.items()},
        lists={place: blend.lists for place, blend in weights.items()},
        trials=done,
        notes=_notes(weights),
    )


def _notes(weights: Mapping[str, Blend]) -> tuple[str, ...]:
    missing = [place for place in PLACES if place not in weights]
    if not missing:
        return ()
    return (f"Fewer than {LEAST_LISTS} past lists to weigh by for {', '.join(missing)}: the documented weights stand.",)


def _open(
    interactions: Interactions,
    cuts: Sequence[tuple[int, int]],
    settings: FitSettings,
    seed: int,
    *,
    progress: Progress,
    n_jobs: int,
) -> list[Window]:
    jobs = (delayed(open_window)(interactions, cut, end, settings, seed) for cut, end in cuts)
    windows: list[Window] = []
    progress("windows", 0, len(cuts), "windows")
    for window in Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(jobs):
        windows.append(window)
        progress("windows", len(windows), len(cuts), "windows")
    return windows
