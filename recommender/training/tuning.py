"""Choosing: blend weights always, hyper-parameters as far as the time budget goes, both on earlier windows only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from joblib import Parallel, delayed

from recommender.algorithms import GENERATORS
from recommender.domain.memory import give_back
from recommender.interactions import Interactions
from recommender.model.blend import DEFAULT_BLENDS
from recommender.training.blends import LEAST_LISTS, Blend, weigh
from recommender.training.fitting import DEFAULTS, FitSettings, lean
from recommender.training.forest_trials import Search
from recommender.training.keeping import worth_it
from recommender.training.metering import Meter
from recommender.training.places import LARGE_LOG, LISTS_TO_LEARN, MOST_LISTS, PLACES
from recommender.training.progress import Progress, quiet
from recommender.training.ranking import Ranking, learn
from recommender.training.trial_log import TrialFile, key_of
from recommender.training.trials import Tuned, improve
from recommender.training.windows import N_WINDOWS, Window, open_window, window_cuts

MOST_TRIALS = 10_000

QUICK = replace(
    DEFAULTS, only=frozenset(spec.name for spec in GENERATORS if spec.name not in ("graph_filter", "bought_next"))
)
"""What is fitted without a budget: all but two that take a fifth of the time and seldom earn a weight."""

QUICK_LISTS = 500
"""Questions of a place and window without a budget: blends are weighed on them alone."""

SEARCHED = 0.45
"""Share of the budget that goes into hyper-parameters of generators; the rest is about what forests take."""

FORESTS_SHARE = 0.2
"""Share that goes into sizes of forests."""

FOREST_TRIALS = 8
"""Sizes tried in each place at most."""

LEAST_TO_TUNE = 200
"""Past lists of one place that a search within a budget needs: with fewer no setting is ever shown to be better than another."""

TOO_FEW = (
    f"Fewer than {LEAST_TO_TUNE} past lists of people cannot tell one setting from another: the documented ones stand,"
    " and none was tried."
)

LARGE_BUDGET = 60.0
"""Seconds from which on large forests, and attributes of the profile, are tried: they take several times as long as small ones."""


def how_many(interactions: Interactions) -> tuple[int, int]:
    """Windows the blends are weighed on, and windows a forest learns from: those and older ones behind them.

    In a large log a window has lists enough that fewer do.
    """
    return (N_WINDOWS, N_WINDOWS + 2) if len(interactions.time_us) < LARGE_LOG else (N_WINDOWS - 1, N_WINDOWS + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen and on what grounds.

    ``grades`` is the NDCG@10 each place's blend reached on the windows, ``lists`` on how many lists; a place that is
    missing there keeps its defaults. ``alone`` is what each generator reached there by itself. ``trials`` with the same
    seed repeats the choice whatever the clock does.
    """

    settings: FitSettings
    grades: Mapping[str, float]
    lists: Mapping[str, int]
    trials: int
    notes: tuple[str, ...]
    tuned: Tuned = field(default_factory=Tuned)
    ranking: Ranking = field(default_factory=Ranking)
    alone: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def tune(
    interactions: Interactions,
    *,
    budget_seconds: float = 0.0,
    trials: int | None = None,
    seed: int = 0,
    progress: Progress = quiet,
    clock: Callable[[], float],
    n_jobs: int = 2,
    trials_in: Path | None = None,
    forests: bool | None = None,
    meter: Meter | None = None,
) -> Choice:
    """Choose hyper-parameters and weights on windows before the clock of training.

    Parameters
    ----------
    budget_seconds : float
        0 keeps the documented hyper-parameters, fits :data:`QUICK` and leaves the order to the blends. More tries as many
        others as fit into :data:`SEARCHED` of it and grows small forests; from :data:`LARGE_BUDGET` (the default) on large ones, too.
        Choosing weights before and after is not counted. With fewer past lists than :data:`LEAST_TO_TUNE` none is tried.
    trials : int, optional
        Tries exactly so many instead: repeats an earlier choice.
    clock : callable
        Monotonic seconds; read only to keep the budget.
    trials_in : Path, optional
        A folder that keeps the trials: one on the same data goes on with them.
    forests : bool, optional
        Whether forests may decide the order. Default: with a budget, or with trials.
    meter : Meter, optional
        Measures the stages.
    """
    meter = Meter() if meter is None else meter
    if forests is None:
        forests = budget_seconds > 0 or trials is not None
    desk = _Desk(
        interactions=interactions,
        cuts=window_cuts(interactions, how_many(interactions)[0]),
        lists=_lists(interactions, forests=forests),
        seed=seed,
        progress=progress,
        n_jobs=n_jobs,
    )
    with meter.stage("past windows and blends"):
        chosen, tuned = desk.weighed(DEFAULTS if forests else QUICK), Tuned()
    searched = bool(trials) if trials is not None else budget_seconds > 0 and _tells_apart(chosen.weights)
    if chosen.windows and searched:
        limit, seconds = (MOST_TRIALS, SEARCHED * budget_seconds) if trials is None else (trials, None)
        known = None if trials_in is None else TrialFile.opened(trials_in, key_of(interactions, seed, chosen.weights))
        with meter.stage("tuning generators"):
            chosen, tuned = _searched(desk, chosen, limit=limit, seconds=seconds, clock=clock, known=known)
    blends = {**DEFAULT_BLENDS, **{place: blend.weights for place, blend in chosen.weights.items()}}
    settings, ranking = FitSettings(params=chosen.settings.params, blends=blends), Ranking()
    if forests:
        large = budget_seconds >= LARGE_BUDGET
        windows = list(chosen.windows)
        _let_go(windows)
        chosen = replace(chosen, windows=())
        with meter.stage("forests"):
            ranking = learned(
                interactions,
                windows,
                settings,
                large=large,
                search=_forest_search(budget_seconds, trials, clock),
                seed=seed,
                progress=progress,
                n_jobs=n_jobs,
            )
    return _choice(chosen, tuned, settings, ranking, few=budget_seconds > 0 and not searched)


def _tells_apart(weights: Mapping[str, Blend]) -> bool:
    """Whether past lists of people are enough to tell one setting from another."""
    return any(one.lists >= LEAST_TO_TUNE for place, one in weights.items() if place.startswith("home."))


def _let_go(windows: Sequence[Window]) -> None:
    """Weighing by these windows is over: their tables, which are large, make room for what comes."""
    for window in windows:
        window.tables.clear()
    give_back()


def _choice(chosen: "_Weighed", tuned: Tuned, settings: FitSettings, ranking: Ranking, *, few: bool) -> Choice:
    return Choice(
        settings=replace(settings, rankers=ranking.rankers, plans=ranking.plans),
        ranking=ranking,
        grades={place: blend.grade for place, blend in chosen.weights.items()},
        lists={place: blend.lists for place, blend in chosen.weights.items()},
        alone={place: blend.alone for place, blend in chosen.weights.items()},
        trials=len(tuned.trials),
        notes=(*_notes(chosen.weights), *((TOO_FEW,) if few else ()), *ranking.notes),
        tuned=replace(tuned, trials=(*tuned.trials, *ranking.trials), verdicts=(*tuned.verdicts, *ranking.verdicts)),
    )


def _lists(interactions: Interactions, *, forests: bool) -> int:
    """Questions of a place a window asks at most."""
    if not forests:
        return QUICK_LISTS
    return LISTS_TO_LEARN if len(interactions.time_us) < LARGE_LOG else MOST_LISTS


def _forest_search(budget_seconds: float, trials: int | None, clock: Callable[[], float]) -> Search | None:
    """How long sizes of forests are tried: so many times at most, and as long as their share of the budget lasts."""
    if trials is not None:
        return Search(limit=FOREST_TRIALS) if trials else None
    lock = Lock()

    def now() -> float:
        with lock:  # places are searched side by side
            return clock()

    return (
        Search(limit=FOREST_TRIALS, seconds=FORESTS_SHARE * budget_seconds, clock=now) if budget_seconds > 0 else None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    """Settings, the windows opened with them, and the blends that came of it."""

    settings: FitSettings
    windows: Sequence[Window]
    weights: Mapping[str, Blend]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where settings are tried: everything but the settings themselves."""

    interactions: Interactions
    cuts: Sequence[tuple[int, int]]
    lists: int
    seed: int
    progress: Progress
    n_jobs: int

    def weighed(self, settings: FitSettings) -> _Weighed:
        """Open the windows and weigh the blends."""
        windows = _open(
            self.interactions,
            self.cuts,
            settings,
            self.seed,
            lists=self.lists,
            progress=self.progress,
            n_jobs=self.n_jobs,
        )
        return _Weighed(
            settings=settings, windows=windows, weights=weigh(windows, progress=self.progress, n_jobs=self.n_jobs)
        )


def _searched(
    desk: _Desk,
    start: _Weighed,
    *,
    limit: int,
    seconds: float | None,
    clock: Callable[[], float],
    known: TrialFile | None,
) -> tuple[_Weighed, Tuned]:
    """Try other hyper-parameters, ``limit`` times at most, for so many seconds (None: however long); what is worth it is kept."""
    began = clock()
    tuned = improve(
        start.windows,
        start.weights,
        desk.seed,
        limit=limit,
        spent=lambda: 0.0 if seconds is None else (clock() - began) / seconds,
        progress=desk.progress,
        n_jobs=desk.n_jobs,
        clock=clock,
        known=known,
    )
    kept = start
    _let_go(start.windows)  # others may be opened now
    if tuned.params:
        changed = desk.weighed(replace(start.settings, params=tuned.params))
        kept = changed if worth_it(start.weights, changed.weights) else start
    if known is not None:
        known.note_kept(kept.settings.params)
    return kept, tuned


def learned(
    interactions: Interactions,
    windows: list[Window],
    settings: FitSettings,
    *,
    large: bool = True,
    search: Search | None = None,
    seed: int,
    progress: Progress,
    n_jobs: int,
) -> Ranking:
    """Who decides the order where: learned on these windows, a list that is emptied, and on older ones behind them.

    Plans that stand are carried out.
    """
    older = window_cuts(interactions, how_many(interactions)[1])[len(windows) :]
    slim = lean(settings, places="home.")
    lists = LISTS_TO_LEARN if len(interactions.time_us) < LARGE_LOG else MOST_LISTS
    behind = _open(interactions, older, slim, seed, tables=False, lists=lists, progress=progress, n_jobs=n_jobs)
    plans = settings.plans or None
    every = [*windows, *behind]
    windows.clear()
    behind.clear()
    return learn(
        every,
        settings,
        plans=plans,
        large=large,
        search=search,
        seed=seed,
        n_jobs=n_jobs,
        progress=progress,
    )


def grown(
    interactions: Interactions, settings: FitSettings, *, seed: int, progress: Progress = quiet, n_jobs: int = 2
) -> FitSettings:
    """Settings of a recipe with its rankers: its plans, carried out on windows before the clock of training."""
    if not settings.plans or settings.rankers:
        return settings
    ranking = learned(interactions, [], settings, seed=seed, progress=progress, n_jobs=n_jobs)
    return replace(settings, rankers=ranking.rankers)


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
    tables: bool = True,
    lists: int,
    progress: Progress,
    n_jobs: int,
) -> list[Window]:
    jobs = (
        delayed(open_window)(interactions, cut, end, settings, seed, tables=tables, lists=lists) for cut, end in cuts
    )
    windows: list[Window] = []
    progress("windows", 0, len(cuts), "windows")
    for window in Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(jobs):
        windows.append(window)
        progress("windows", len(windows), len(cuts), "windows")
    return windows
