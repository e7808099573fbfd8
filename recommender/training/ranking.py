"""Who decides the order in each place: the blend, a small or a large forest, or blend and forest together.

Forests are grown on the older windows and judged on the newest, where the blend is judged beside them; what wins is grown
again on all windows. A large forest is taught to a small one, so that a request always pays for a small one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

import numpy as np
from joblib import Parallel, delayed

from recommender.domain.memory import give_back
from recommender.features.numbers import NUMBERS
from recommender.model.ranker import CANDIDATES, Ranker, speaking, without_unused
from recommender.training.deciding import LEAST_LISTS, TRIED, School, best_plan, compared, worth_telling
from recommender.training.distilling import Loss
from recommender.training.fitting import FitSettings
from recommender.training.forest_trials import Search, Shaped, Sitting, shaped
from recommender.training.growing import unavailable
from recommender.training.keeping import Verdict
from recommender.training.lessons import NONE, Lesson, lesson_of, together
from recommender.training.plans import CANDIDATES_NAME, Plan
from recommender.training.progress import Progress, quiet
from recommender.training.trial_log import Trial
from recommender.training.windows import Window

PLACES_RANKED = ("home.known.repeats", "home.known.new", "home.session.repeats", "home.session.new")
"""Where a forest may decide; who is unknown has nothing a forest could go by."""

JUDGED = 2
"""Windows, the newest, on which attributes and other sizes of forests are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What came of the comparison.

    Attributes
    ----------
    rankers, plans : mappings by place
        Places that are left to the blend are not in them.
    trials, verdicts : tuples
        Sizes of forests that were tried, and what became of each place's best.
    table : mapping by place
        NDCG@10 on the newest window by candidate: ``blend``, ``small``, ``small+blend``, ``large``, ``large+blend`` (as taught to a
        small one, where it is ahead itself), and those with :data:`TOLD` behind, whose forest is told the attributes of the profile.
        Where there are more than :data:`TRIED` lists, both learn from so many only, and :data:`FEW_LISTS` is the one without.
    importance : mapping by place
        Each column's share of what the forest's splits were worth.
    losses : mapping by place
        What was lost where a large forest was taught to the small one that serves.
    """

    rankers: Mapping[str, Ranker] = field(default_factory=dict, compare=False)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    table: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    importance: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    losses: Mapping[str, Loss] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()


def learn(
    windows: list[Window],
    settings: FitSettings,
    *,
    plans: Mapping[str, Plan] | None = None,
    large: bool = True,
    search: Search | None = None,
    seed: int,
    n_jobs: int,
    progress: Progress = quiet,
) -> Ranking:
    """Choose who decides and grow the forests.

    Parameters
    ----------
    windows : list of Window
        Newest first. Emptied: each window's model makes room once its lessons are written.
    settings : FitSettings
        With the blends.
    plans : mapping, optional
        Chosen earlier: nothing is compared, the forests are grown as they say.
    large : bool
        Whether large forests are tried where there is enough to learn from, and forests that are told the profile's attributes; they
        take several times as long.
    search : Search, optional
        How long other sizes of small forests are tried in each place; without it none are.
    """
    lacking = unavailable()
    if lacking:
        return Ranking(notes=(lacking,))
    places = [place for place in PLACES_RANKED if plans is None or place in plans]
    busy = sum(any(place in window.questions for window in windows) for place in places)
    mine = None if search is None else search.shared(ceil(busy / max(n_jobs, 1)))
    school = School(seed=seed, sizes=("small", "large") if large else ("small",), attributes=large, search=mine)
    asked = [replace(window, model=replace(window.model, blends=settings.blends)) for window in windows]
    windows.clear()
    pasts = [_Past.of(asked, place, None if plans is None else plans[place], school) for place in places]
    progress("lessons", 0, len(asked), "windows")
    for number in range(len(asked)):
        window = asked.pop(0)
        Parallel(n_jobs=n_jobs, prefer="threads")(delayed(past.learn)(window) for past in pasts if past.hears(window))
        del window
        give_back()
        progress("lessons", number + 1, number + 1 + len(asked), "windows")
    jobs = (delayed(_place)(past, school) for past in pasts)
    done: dict[str, _Learned] = {}
    progress("ranking", 0, len(places), "places")
    for place, one in zip(places, Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(jobs), strict=True):
        done[place] = one
        progress("ranking", len(done), len(places), "places")
    learned = {place: one for place, one in done.items() if one.ranker is not None}
    losses = {place: one.loss for place, one in learned.items() if one.loss is not None}
    return Ranking(
        rankers={place: one.ranker for place, one in learned.items() if one.ranker is not None},
        plans={place: one.plan for place, one in learned.items() if one.plan is not None},
        table={place: one.table for place, one in done.items() if one.table},
        importance={place: _named(one.ranker) for place, one in learned.items() if one.ranker is not None},
        losses=losses,
        notes=tuple(f"{place}: {loss.sentence}" for place, loss in losses.items()),
        trials=tuple(trial for one in done.values() if one.shaped is not None for trial in one.shaped.trials),
        verdicts=tuple(one.shaped.verdict for one in done.values() if one.shaped is not None and one.shaped.verdict),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learned:
    ranker: Ranker | None = None
    loss: Loss | None = None
    plan: Plan | None = None
    table: Mapping[str, float] = field(default_factory=dict)
    shaped: Shaped | None = None


@dataclass(kw_only=True)
class _Past:
    """What one place's forest can learn from and is judged by, window by window, newest first.

    Attributes
    ----------
    names : tuple of str
        Whom the place's blend hears; none where too little was asked there.
    whole : list of Lesson
        Of the windows that are judged, with all candidates.
    thin : list of Lesson
        Of all windows, without most of what nobody wanted.
    """

    place: str
    plan: Plan | None
    names: tuple[str, ...]
    attributes: bool
    rng: np.random.Generator
    whole: list[Lesson] = field(default_factory=list)
    thin: list[Lesson] = field(default_factory=list)

    @classmethod
    def of(cls, windows: Sequence[Window], place: str, plan: Plan | None, school: School) -> "_Past":
        """Nothing learned yet."""
        asking = [window for window in windows if place in window.questions]
        past = cls(
            place=place,
            plan=plan,
            names=_speaking(asking[0], place) if asking else (),
            attributes=school.attributes if plan is None else plan.attributes,
            rng=np.random.default_rng(school.seed),
        )
        if sum(len(window.questions[place].queries) for window in asking if past.hears(window)) < LEAST_LISTS:
            past.names = ()
        return past

    def hears(self, window: Window) -> bool:
        """Whether something was asked in the window, of the generators the newest one hears."""
        return bool(self.names) and self.place in window.questions and _speaking(window, self.place) == self.names

    def learn(self, window: Window) -> None:
        """Write the window's lessons."""
        lesson = lesson_of(window.model, window.questions[self.place], attributes=self.attributes)
        self.thin.append(lesson.thinned(self.rng))
        number = len(self.whole)
        if self.plan is None and number < JUDGED:
            self.whole.append(lesson.few(TRIED) if number else lesson)


def _place(past: _Past, school: School) -> _Learned:
    if not past.names:
        return _Learned()
    names, plan, whole, thin, attributes = past.names, past.plan, past.whole, past.thin, past.attributes
    past.whole, past.thin = [], []
    older = np.cumsum([len(lesson.lengths) for lesson in thin]).tolist()
    taught = together(thin)
    del thin
    table: dict[str, float] = {}
    tried: Shaped | None = None
    if plan is None:
        sittings = _sittings(whole, taught, older)
        grades, attributes = worth_telling(sittings, school)
        table, large = compared(whole[0], taught.behind(older[0]), school)
        table |= grades
        plan = best_plan(table, attributes=attributes, large=large)
        if plan is not None and school.search is not None:
            tried = shaped(past.place, plan, sittings, school.search, seed=school.seed)
            plan = tried.plan
    del whole
    if plan is None or len(taught.lengths) < LEAST_LISTS:
        return _Learned(table=table, shaped=tried)
    ranker, loss = _ranker(taught, names, plan, school)
    return _Learned(ranker=ranker, loss=loss, plan=plan, table=table, shaped=tried)


def _sittings(whole: Sequence[Lesson], taught: Lesson, older: Sequence[int]) -> list[Sitting]:
    """Judged windows with those behind them (from list ``older[number]`` on), as long as these hold enough."""
    behind = [taught.behind(first) for first in older[: len(whole)]]
    return [
        Sitting(taught=some.few(TRIED), asked=lesson)
        for lesson, some in zip(whole, behind, strict=True)
        if len(some.lengths) >= LEAST_LISTS
    ]


def _ranker(whole: Lesson, names: tuple[str, ...], plan: Plan, school: School) -> tuple[Ranker, Loss | None]:
    """Grown on all windows, over those attributes only that it splits on; and what teaching lost."""
    candidates = int(plan.params.get(CANDIDATES_NAME, CANDIDATES))
    taught = whole.first(candidates)
    some = taught.varying() if plan.attributes else NONE
    grown, loss = school.served(taught.told(some), plan)
    forest, used = without_unused(grown, names, tuple(NUMBERS[one] for one in some.tolist()))
    ranker = Ranker(forest=forest, generators=names, order=plan.order, attributes=used, candidates=candidates)
    return ranker, loss


def _speaking(window: Window, place: str) -> tuple[str, ...]:
    """Who is heard in a place; nobody where its blend is answered by another's."""
    model = window.model
    if place.startswith("home.session") and not model.panel(place).hears_looks:
        return ()
    return speaking(model.blends[place], model.names)


def _named(ranker: Ranker) -> dict[str, float]:
    return dict(zip(ranker.columns, (float(share) for share in ranker.forest.gain), strict=True))
