"""Who decides the order of a place's lists: blend, small and large forests held against each other on the newest window.

A forest costs every list, so what is dearer has to be ahead by more than luck.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.algorithms.ragged import Floats
from recommender.evaluation.intervals import bootstrap
from recommender.evaluation.report.chosen import FEW_LISTS, TOLD
from recommender.model.forest import Forest
from recommender.model.ranker import Order
from recommender.training.distilling import Loss, distil
from recommender.training.forest_trials import Search, Sitting
from recommender.training.growing import grow
from recommender.training.lessons import NONE, Lesson
from recommender.training.plans import Plan, size_of

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

TRIED = 800
"""Lists, at most, that forests learn from only to tell whether attributes or another size are worth it: enough to tell, and quick."""


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


def compared(newest: Lesson, taught: Lesson, school: School) -> tuple[dict[str, float], bool]:
    """NDCG@10 on the newest window of everything there is to choose from, only the blend where too little is known; and whether
    a large forest is better than what is cheaper by more than chance.
    """
    grades = {"blend": newest.grade(-np.arange(len(newest.wanted), dtype=np.float64))}
    if len(taught.lengths) >= LEAST_LISTS:
        large = int(taught.wanted.sum()) >= MANY
        for size in school.sizes:
            if size != "large" or large:
                grades |= graded_by(
                    size, newest, taught, school, floor=max(float(one.mean()) for one in grades.values())
                )
    table = {name: float(grade.mean()) for name, grade in grades.items()}
    cheap, large_one = _leaders(table)
    return table, large_one is not None and bootstrap(grades[large_one] - grades[cheap]).low > 0


def _leaders(table: Mapping[str, float]) -> tuple[str, str | None]:
    """The best of blend and small forests, and of large ones, by grade."""
    names = [one for one in table if not one.endswith(TOLD) and one != FEW_LISTS]
    cheap = max((one for one in names if not one.startswith("large")), key=lambda one: table[one])
    return cheap, max((one for one in names if one.startswith("large")), key=lambda one: table[one], default=None)


def graded_by(size: str, newest: Lesson, taught: Lesson, school: School, *, floor: float) -> dict[str, Floats]:
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


def worth_telling(sittings: Sequence[Sitting], school: School) -> tuple[dict[str, float], bool]:
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
        name = FEW_LISTS if len(taught.lengths) == TRIED else "small"
        table = table or {name: float(plain.mean()), f"{name}{TOLD}": float(told.mean())}
        changes.append(told - plain)
        level += float(plain.mean())
        if changes[-1].mean() <= 0:
            return table, False
    mean = bootstrap(np.concatenate(changes)) if changes else None
    return table, mean is not None and mean.low > 0 and mean.value >= ATTRIBUTES_GAIN * level / len(changes)


def best_plan(table: Mapping[str, float], *, attributes: bool, large: bool) -> Plan | None:
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
