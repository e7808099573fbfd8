"""Forests that are told the attributes of each list's person: when they are chosen, and what they are asked for afterwards."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.evaluation.report.chosen import TOLD
from recommender.features.numbers import NUMBERS
from recommender.interactions import MISSING
from recommender.model.columns import names_of
from recommender.model.forest import Forest
from recommender.model.ranker import Order
from recommender.training.deciding import School, best_plan, graded_by, worth_telling
from recommender.training.forest_trials import Sitting
from recommender.training.lessons import Lesson
from recommender.training.plans import Plan

N_LISTS, LENGTH = 400, 20
NAMES = names_of(("own",))
ORDERS = NUMBERS.index("orders")


def lessons(seed: int, *, decides: bool) -> Lesson:
    """Who has ordered often wants what is dear, others what is cheap; or everybody wants what chance says."""
    rng = np.random.default_rng(seed)
    columns = np.zeros((N_LISTS * LENGTH, len(NAMES)), np.float32)
    price = rng.normal(size=len(columns)).astype(np.float32)
    for name in ("log_price", "log_units", "price_step", "blend"):  # a tree is shown some of the columns only
        columns[:, NAMES.index(name)] = price
    columns[:, NAMES.index("blend_place")] = np.tile(np.arange(LENGTH), N_LISTS)
    attributes = np.full((N_LISTS, len(NUMBERS)), MISSING, np.float32)
    attributes[:, ORDERS] = rng.integers(0, 10, N_LISTS)
    often = np.repeat(attributes[:, ORDERS] > 4, LENGTH)
    taste = np.where(often, price, -price) if decides else rng.normal(size=len(columns))
    wanted = taste.reshape(N_LISTS, LENGTH) >= np.sort(taste.reshape(N_LISTS, LENGTH), axis=1)[:, -2:-1]
    return Lesson(
        columns=columns,
        wanted=wanted.ravel(),
        lengths=np.full(N_LISTS, LENGTH, np.int64),
        sought=np.full(N_LISTS, 2, np.int64),
        attributes=attributes,
    )


def told(*, decides: bool, also: bool | None = None) -> tuple[dict[str, float], bool]:
    """Judged on two windows; ``also``: whether attributes decide in the older of them, too."""
    both = (decides, decides if also is None else also)
    sittings = [
        Sitting(taught=lessons(10 * n, decides=one), asked=lessons(10 * n + 1, decides=one))
        for n, one in enumerate(both, 1)
    ]
    return worth_telling(sittings, School(seed=0, sizes=("small",)))


def test_attributes_are_told_where_they_find_more_in_every_window() -> None:
    table, worth = told(decides=True)
    assert worth
    assert table[f"small{TOLD}"] > 1.005 * table["small"]


@pytest.mark.parametrize(("newest", "older"), [(False, False), (True, False)])
def test_attributes_that_find_nothing_in_a_window_are_left_out(*, newest: bool, older: bool) -> None:
    assert not told(decides=newest, also=older)[1]


def test_what_nobody_knows_is_not_told() -> None:
    nobody = [replace(lessons(n, decides=True), attributes=None) for n in (1, 2)]
    untold = [Sitting(taught=nobody[0], asked=nobody[1])]
    assert worth_telling(untold, School(seed=0, sizes=("small",))) == ({}, False)
    assert worth_telling([], School(seed=0, sizes=("small",))) == ({}, False)


def test_the_best_of_the_table_decides_and_the_blend_where_nothing_is_better() -> None:
    table = {"blend": 0.38, "small": 0.39, "small+blend": 0.4}
    assert best_plan(table, attributes=True, large=False) == Plan(order=Order.BOTH, attributes=True)
    assert best_plan(table | {"small": 0.41}, attributes=False, large=False) == Plan(order=Order.FOREST)
    flat = dict.fromkeys(table, 0.38)
    assert best_plan(flat, attributes=True, large=False) is None
    assert best_plan(flat | {"small": 0.3815}, attributes=False, large=False) is None, (
        "less than half a hundredth is mostly chance"
    )
    assert best_plan(flat | {"small": 0.382}, attributes=False, large=False) == Plan(order=Order.FOREST)
    assert best_plan(flat | {f"small{TOLD}": 0.4}, attributes=True, large=False) == Plan(
        order=Order.FOREST, attributes=True
    )


def test_where_nobody_finds_anything_the_blend_decides() -> None:
    assert best_plan({"blend": 0.0}, attributes=False, large=False) is None
    assert best_plan({"blend": 0.0, "small": 0.0, "small+blend": 0.0}, attributes=False, large=False) is None


def test_a_large_forest_must_beat_a_small_one_by_a_hundredth_and_by_more_than_chance() -> None:
    table = {"blend": 0.38, "small": 0.4, "small+blend": 0.39, "large": 0.41, "large+blend": 0.405}
    assert best_plan(table, attributes=False, large=True) == Plan(order=Order.FOREST, size="large")
    assert best_plan(table, attributes=False, large=False) == Plan(order=Order.FOREST)
    assert best_plan(table | {"large": 0.4039, "large+blend": 0.4}, attributes=False, large=True) == Plan(
        order=Order.FOREST
    )
    assert best_plan(table | {"small": 0.381, "small+blend": 0.38}, attributes=False, large=False) is None
    close = {"blend": 0.1, "small": 0.1004, "large": 0.1012}
    assert best_plan(close, attributes=False, large=True) == Plan(order=Order.FOREST, size="large")


@pytest.mark.parametrize("ahead", [False, True])
def test_a_large_forest_that_is_not_ahead_is_taught_to_none(monkeypatch: pytest.MonkeyPatch, *, ahead: bool) -> None:
    taught: list[int] = []
    school = School(seed=0, sizes=("small", "large"))

    def pupil(_: School, teacher: Forest, lesson: Lesson) -> tuple[Forest, None]:
        taught.append(len(lesson.lengths))
        return teacher, None

    monkeypatch.setattr(School, "pupil", pupil)
    newest, older = lessons(1, decides=True), lessons(2, decides=True)
    found = graded_by("large", newest, older, school, floor=0.0 if ahead else 1.0)
    assert set(found) == {"large", "large+blend"}
    assert len(found["large"]) == len(newest.lengths)
    assert taught == ([len(older.lengths)] if ahead else [])
