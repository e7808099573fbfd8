"""Forests that are told the attributes of each list's person: when they are chosen, and what they are asked for afterwards."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.features.numbers import NUMBERS
from recommender.interactions import MISSING
from recommender.model.columns import names_of
from recommender.model.ranker import Order, without_unused
from recommender.training.lessons import NONE, Lesson, together
from recommender.training.plans import Plan
from recommender.training.ranking import TOLD, School, _best, _compared

N_LISTS, LENGTH = 400, 20
NAMES = names_of(("own",))
ORDERS = NUMBERS.index("orders")


def lessons(seed: int, *, decides: bool) -> Lesson:
    """Who has ordered often wants what is dear, others what is cheap; or everybody wants what chance says."""
    rng = np.random.default_rng(seed)
    columns = np.zeros((N_LISTS * LENGTH, len(NAMES)), np.float32)
    columns[:, NAMES.index("log_price")] = price = rng.normal(size=len(columns))
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


def compared(*, decides: bool) -> dict[str, float]:
    school = School(seed=0, sizes=("small",))
    return _compared(lessons(1, decides=decides), [lessons(2, decides=decides)], school)


def test_attributes_are_told_where_they_find_more() -> None:
    table = compared(decides=True)
    assert table[f"small{TOLD}"] > 1.005 * table["small"]
    assert _best(table) == Plan(order=Order.FOREST, size="small", attributes=True)


def test_attributes_are_left_out_where_they_find_nothing() -> None:
    plan = _best(compared(decides=False))
    assert plan is None or not plan.attributes


@pytest.mark.parametrize(
    ("told", "plan"),
    [
        (0.4005, Plan(order=Order.FOREST, size="small")),
        (0.402, Plan(order=Order.FOREST, size="small", attributes=True)),
    ],
)
def test_attributes_must_find_clearly_more(told: float, plan: Plan) -> None:
    assert _best({"blend": 0.38, "small": 0.4, "small+blend": 0.39, f"small{TOLD}": told}) == plan


def test_a_forest_keeps_the_attributes_it_splits_on_and_no_others() -> None:
    taught = lessons(3, decides=True)
    some = np.arange(len(NUMBERS), dtype=np.int64)
    grown = School(seed=0, sizes=("small",)).forest(taught.told(some), Plan(order=Order.FOREST))
    forest, used = without_unused(grown, ("own",), NUMBERS)
    assert used == ("orders",)
    assert forest.n_features == len(NAMES) + 1
    assert forest.gain.sum() == pytest.approx(1.0)
    columns = taught.told(np.array([ORDERS])).columns
    np.testing.assert_array_equal(forest.score(columns), taught.scored(grown, some))


def test_what_is_the_same_for_everybody_is_not_told() -> None:
    assert lessons(4, decides=True).varying().tolist() == [ORDERS]


def test_lists_of_windows_without_attributes_are_told_none() -> None:
    one, other = lessons(5, decides=True), replace(lessons(6, decides=True), attributes=None)
    both = together([one, other])
    assert both.attributes is None
    assert both.told(NONE) is both
    assert len(both.varying()) == 0
