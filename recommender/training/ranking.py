"""Who decides the order in each place: the blend, a small or a large forest, or blend and forest together.

Forests are grown on the older windows and judged on the newest, where the blend is judged beside them; what wins is grown
again on all windows. A large forest is taught to a small one, so that a request always pays for a small one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

import numpy as np
from joblib import Parallel, delayed

from recommender.algorithms.ragged import Floats
from recommender.domain.memory import give_back
from recommender.evaluation.intervals import bootstrap
from recommender.features.numbers import NUMBERS
from recommender.model.forest import Forest
from recommender.model.ranker import CANDIDATES, Order, Ranker, speaking, without_unused
from recommender.training.distilling import Loss, distil
from recommender.training.fitting import FitSettings
from recommender.training.forest_trials import Search, Shaped, Sitting, shaped
from recommender.training.growing import grow, unavailable
from recommender.training.keeping import Verdict
from recommender.training.lessons import NONE, Lesson, lesson_of, together
from recommender.training.plans import CANDIDATES_NAME, Plan, size_of
from recommender.training.progress import Progress, quiet
from recommender.training.trial_log import Trial
from recommender.training.windows import Window

PLACES_RANKED = ("home.known.repeats", "home.known.new", "home.session.repeats", "home.session.new")
"""Where a forest may decide; who is unknown has nothing a forest could go by."""

LEAST_LISTS = 100
"""Fewer past lists with something wanted among the candidates teach no forest."""

MANY = 10_000
"""From so many wanted candidates on a large forest is tried."""

LEAST_GAIN = 0.005
"""Share of its NDCG@10 by which anything must beat the blend on the newest window: a forest costs every list, and less is mostly chance."""

LARGE_GAIN = 0.01
"""Share by which a large forest must beat what would decide without it."""

ATTRIBUTES_GAIN = 0.003
"""Share by which a forest that is told attributes must beat what does without: somebody has to work them out for every list."""

JUDGED = 2
"""Windows, the newest, on which attributes and other sizes of forests are judged."""

TRIED = 800
"""Lists, at most, that forests learn from only to tell whether attributes or another size are worth it: enough to tell, and quick."""

FEW = "small, few lists"
"""What a small forest of those is called, which one that is told attributes is held against."""

TOLD = " with attributes"
"""Ends the name of a candidate that is told the attributes of the profile."""


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
        Where there are more than :data:`TRIED` lists, both learn from so many only, and :data:`FEW` is the one without.
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
class School:
    """How forests are grown: one core each, several at once. ``sizes`` are names in :data:`~recommender.training.plans.SIZES`;
    ``attributes`` says whether some are told the profile's, to see whether that is worth it.
    """

    seed: int
    sizes: Sequence[str]
    attributes: bool = True
    search: Search | None = None

    def plan(self, size: str) -> Plan:
        """A forest of a size as it is grown to be compared."""
        return Plan(order=Order.FOREST, size=size)

    def forest(self, taught: Lesson, plan: Plan) -> Forest:
        """A forest as it is grown."""
        return grow(taught.columns, taught.wanted, taught.lengths, size_of(plan), seed=self.seed, n_jobs=1)

    def pupil(self, teacher: Forest, taught: Lesson) -> tuple[Forest, Loss]:
        """A small forest that serves what a large one has learned, and what that loses."""
        return distil(teacher, taught.columns, taught.lengths, seed=self.seed, n_jobs=1, wanted=taught.wanted)

    def served(self, taught: Lesson, plan: Plan) -> tuple[Forest, Loss | None]:
        """A forest as it serves: a large one is taught to a small one."""
        grown = self.forest(taught, plan)
        return self.pupil(grown, taught) if plan.size == "large" else (grown, None)


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
    def of(cls, windows: Sequence[Window], place: str, plan: Plan | None, school: "School") -> "_Past":
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
        grades, attributes = _told(sittings, school)
        table, large = _compared(whole[0], taught.behind(older[0]), school)
        table |= grades
        plan = _best(table, attributes=attributes, large=large)
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


def _compared(newest: Lesson, taught: Lesson, school: School) -> tuple[dict[str, float], bool]:
    """NDCG@10 on the newest window of everything there is to choose from, only the blend where too little is known; and whether
    a large forest is better than what is cheaper by more than chance.
    """
    grades = {"blend": newest.grade(-np.arange(len(newest.wanted), dtype=np.float64))}
    if len(taught.lengths) >= LEAST_LISTS:
        large = int(taught.wanted.sum()) >= MANY
        for size in school.sizes:
            if size != "large" or large:
                grades |= _graded(size, newest, taught, school, floor=max(float(one.mean()) for one in grades.values()))
    table = {name: float(grade.mean()) for name, grade in grades.items()}
    cheap, large_one = _leaders(table)
    return table, large_one is not None and bootstrap(grades[large_one] - grades[cheap]).low > 0


def _leaders(table: Mapping[str, float]) -> tuple[str, str | None]:
    """The best of blend and small forests, and of large ones, by grade."""
    names = [one for one in table if not one.endswith(TOLD) and one != FEW]
    cheap = max((one for one in names if not one.startswith("large")), key=lambda one: table[one])
    return cheap, max((one for one in names if one.startswith("large")), key=lambda one: table[one], default=None)


def _graded(size: str, newest: Lesson, taught: Lesson, school: School, *, floor: float) -> dict[str, Floats]:
    """What each list gets from a forest of a size, alone and with the blend.

    A large one is taught to a small one, as it would serve, only where it is by :data:`LARGE_GAIN` above ``floor`` itself.
    """

    def grades(forest: Forest) -> dict[str, Floats]:
        said = newest.scored(forest, NONE)
        return {size: newest.grade(said), f"{size}+blend": newest.grade(newest.ordered(said, both=True))}

    grown = school.forest(taught, school.plan(size))
    found = grades(grown)
    if size != "large" or max(float(one.mean()) for one in found.values()) < (1.0 + LARGE_GAIN) * floor:
        return found
    return grades(school.pupil(grown, taught)[0])


def _told(sittings: Sequence[Sitting], school: School) -> tuple[dict[str, float], bool]:
    """What small forests without and with attributes reach on the newest window, and whether these are worth telling.

    They must find more in every judged window, in the mean by :data:`ATTRIBUTES_GAIN`, and by more than chance.
    """
    table: dict[str, float] = {}
    changes: list[Floats] = []
    level = 0.0
    for sitting in sittings:
        taught, asked = sitting.taught, sitting.asked
        some = taught.varying() if asked.attributes is not None else NONE
        if not len(some):
            return table, False
        plain, told = (
            asked.grade(asked.scored(school.forest(taught.told(which), school.plan("small")), which))
            for which in (NONE, some)
        )
        name = FEW if len(taught.lengths) == TRIED else "small"
        table = table or {name: float(plain.mean()), f"{name}{TOLD}": float(told.mean())}
        changes.append(told - plain)
        level += float(plain.mean())
        if changes[-1].mean() <= 0:
            return table, False
    mean = bootstrap(np.concatenate(changes)) if changes else None
    return table, mean is not None and mean.low > 0 and mean.value >= ATTRIBUTES_GAIN * level / len(changes)


def _best(table: Mapping[str, float], *, attributes: bool, large: bool) -> Plan | None:
    """The best by grade, told attributes where these are worth it; the blend unless it is beaten by enough.

    A large forest must be better than what would decide without it by :data:`LARGE_GAIN`, and (``large``) better than all that is
    cheaper by more than chance: which of two nearly equal ones is ahead on one window says little, and what a small one is taught
    of it is not all.
    """
    name, other_one = _leaders(table)
    enough = (1.0 + LEAST_GAIN) * table["blend"]
    stands = table[name] if table[name] >= enough else table["blend"]
    if large and other_one is not None and table[other_one] >= (1.0 + LARGE_GAIN) * stands:
        name = other_one
    if name == "blend" or table[name] < enough:
        if not attributes or table.get(f"small{TOLD}", 0.0) < enough:
            return None
        name = "small"
    size, _, other = name.partition("+")
    return Plan(order=Order.BOTH if other else Order.FOREST, size=size, attributes=attributes)


def _named(ranker: Ranker) -> dict[str, float]:
    return dict(zip(ranker.columns, (float(share) for share in ranker.forest.gain), strict=True))
