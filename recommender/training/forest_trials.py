"""Trying other sizes of a place's forest within a time budget, on earlier windows only, and keeping what holds in each.

A trial grows a forest on the windows behind one that is judged, for each of the judged ones, and counts by how much NDCG@10 changes
list by list. No trial may be dearer to ask than a request can afford: where trees have more leaves there are fewer of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from recommender.algorithms.ragged import Floats
from recommender.algorithms.ranges import Range
from recommender.evaluation.intervals import bootstrap
from recommender.model.ranker import CANDIDATES, Order
from recommender.training.growing import grow
from recommender.training.keeping import LEAST_GAIN, Verdict, unseen_gain
from recommender.training.lessons import NONE, Lesson
from recommender.training.plans import CANDIDATES_NAME, SIZES, Plan, size_of
from recommender.training.studies import Tried, seed_of, suggest
from recommender.training.trial_log import Trial
from recommender.training.trials import FAILED, HOPELESS

SPACE: Mapping[str, Range] = {
    "leaves": Range(low=4, high=8, whole=True),
    "rounds": Range(low=40, high=200, log=True, whole=True),
    "learning_rate": Range(low=0.03, high=0.3, log=True),
    "fewest": Range(low=20, high=400, log=True, whole=True),
    "l2": Range(low=1.0, high=100.0, log=True),
    "columns": Range(low=0.3, high=1.0),
    CANDIDATES_NAME: Range(low=60, high=CANDIDATES, whole=True),
}
"""What is searched: :class:`~recommender.training.growing.Size`, and how many of the blend's candidates the forest orders."""

MOST_NODES = 840
"""Splits a forest may have in all: 120 trees of 8 leaves, what a request pays for."""

LEAST_TRIALS = 4
"""Where there is no time for so many, none is made: one or two say little and cost what the time is short of."""

GENERATOR = "ranker."
"""Begins the name of a place's forest among generators, in trials and verdicts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One judged window: what a forest learns from (some lists of the windows behind it), and the lists it has to order."""

    taught: Lesson
    asked: Lesson


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """What came of the search. ``plan`` is the one it began with where nothing is better."""

    plan: Plan
    trials: tuple[Trial, ...] = ()
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How long forests are tried.

    Attributes
    ----------
    limit : int
        Trials of a place, at most.
    seconds : float, optional
        How long; then no further trial begins, and one that is not finished is dropped. None: however long it takes.
    clock : callable
        Monotonic seconds.
    """

    limit: int
    seconds: float | None = None
    clock: Callable[[], float] = field(default=lambda: 0.0)

    def shared(self, turns: int) -> "Search":
        """The same for each of so many places that come one after the other."""
        return self if self.seconds is None else replace(self, seconds=self.seconds / max(turns, 1))


def shaped(place: str, plan: Plan, sittings: Sequence[Sitting], search: Search, *, seed: int) -> Shaped:
    """Look for a better size of a place's forest.

    Parameters
    ----------
    plan : Plan
        The order and the attributes it stands for stay; only small forests are searched.
    sittings : sequence of Sitting
        Judged windows, newest first; with fewer than two nothing is tried, as no change could be seen to hold.
    """
    if plan.size != "small" or len(sittings) < 2 or search.limit < 1:
        return Shaped(plan=plan)
    start, over, began = params_of(plan), _over(search), search.clock()
    present = [_graded(plan, sittings[0], seed)]
    once = (search.clock() - began) * len(sittings)
    if search.seconds is not None and once * (1 + LEAST_TRIALS) > search.seconds:
        return Shaped(plan=plan)
    present += [_graded(plan, sitting, seed) for sitting in sittings[1:]]
    trials: list[Trial] = []
    changes: list[list[Floats]] = []
    told = [Tried(params=start, value=0.0)]
    while len(trials) < search.limit and not over():
        params = affordable(suggest(SPACE, told, seed_of(seed, place, len(trials))))
        found = _tried(place, replace(plan, params=params), sittings, present, over=over, clock=search.clock, seed=seed)
        if found is None:
            break
        trial, change = found
        trials.append(trial)
        changes.append(change)
        told.append(Tried(params=params, value=trial.gain))
    return _judged(place, plan, trials, changes)


def _over(search: Search) -> Callable[[], bool]:
    """Whether the time is over that begins now."""
    began = search.clock()
    return lambda: search.seconds is not None and search.clock() - began >= search.seconds


def params_of(plan: Plan) -> dict[str, float]:
    """A plan's forest in the words of :data:`SPACE`."""
    size = SIZES[plan.size]
    plain = {name: float(getattr(size, name)) for name in SPACE if name != CANDIDATES_NAME}
    return {**plain, CANDIDATES_NAME: float(CANDIDATES), **plan.params}


def affordable(params: Mapping[str, float]) -> dict[str, float]:
    """The same with so few trees that a request can pay for them."""
    return {**params, "rounds": min(params["rounds"], float(MOST_NODES // int(params["leaves"] - 1)))}


def _tried(
    place: str,
    plan: Plan,
    sittings: Sequence[Sitting],
    present: Sequence[Floats],
    *,
    over: Callable[[], bool],
    clock: Callable[[], float],
    seed: int,
) -> tuple[Trial, list[Floats]] | None:
    """One trial, the newest window first; None if time ran out over it."""
    began = clock()
    changes: list[Floats] = []
    for sitting, before in zip(sittings, present, strict=True):
        if changes and over():
            return None
        changes.append(_graded(plan, sitting, seed) - before)
        if float(changes[0].mean()) < -HOPELESS:
            break
    gains = {number: float(change.mean()) for number, change in enumerate(changes)}
    trial = Trial(
        generator=f"{GENERATOR}{place}",
        params=plan.params,
        gains=gains or {0: FAILED},
        alone=0.0,
        cut=len(changes) < len(sittings),
        seconds=clock() - began,
    )
    return trial, changes


def _graded(plan: Plan, sitting: Sitting, seed: int) -> Floats:
    """NDCG@10 of each list by a forest of the plan that has not seen the window."""
    n = int(plan.params.get(CANDIDATES_NAME, CANDIDATES))
    few = sitting.taught.first(n)
    some = few.varying() if plan.attributes else NONE
    taught = few.told(some)
    forest = grow(taught.columns, taught.wanted, taught.lengths, size_of(plan), seed=seed, n_jobs=1)
    said = sitting.asked.scored(forest, some)
    return sitting.asked.grade(sitting.asked.ordered(said, both=plan.order is Order.BOTH, candidates=n))


def _judged(place: str, plan: Plan, trials: Sequence[Trial], changes: Sequence[list[Floats]]) -> Shaped:
    """Keep the best trial if it is no accident of the lists it was chosen on."""
    whole = [number for number, trial in enumerate(trials) if not trial.cut]
    if not whole:
        return Shaped(plan=plan, trials=tuple(trials))
    best = max(whole, key=lambda number: trials[number].gain)
    unseen = unseen_gain([trials[number] for number in whole])
    total = sum(len(change) for change in changes[best])
    parts = [change * (total / (len(change) * len(changes[best]))) for change in changes[best]]
    mean = bootstrap(np.concatenate(parts))
    why = _doubt(trials[best], mean.low, unseen)
    verdict = Verdict(
        generator=f"{GENERATOR}{place}",
        params=trials[best].params,
        kept=why is None,
        gain=mean.value,
        low=mean.low,
        high=mean.high,
        unseen=unseen or 0.0,
        places={place: mean.value},
        why=why or "Better in every window and by more than chance.",
    )
    kept = replace(plan, params=trials[best].params) if verdict.kept else plan
    return Shaped(plan=kept, trials=tuple(trials), verdict=verdict)


def _doubt(best: Trial, low: float, unseen: float | None) -> str | None:
    """What speaks against a change; None if nothing does."""
    if best.gain <= LEAST_GAIN:
        return f"No trial gained more than {LEAST_GAIN:g}."
    if min(best.gains.values()) < 0:
        return "Worse in one of the windows."
    if unseen is not None and unseen <= 0:
        return "What was chosen without a window did not hold in it."
    return "May be chance: drawn anew, the same lists could lose by it." if low <= 0 else None
