"""Other sizes of a place's forest: what is tried, what is kept, and that it serves as it was judged."""

from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest

from recommender.model.columns import names_of
from recommender.model.ranker import CANDIDATES, Order
from recommender.training.forest_trials import (
    MOST_NODES,
    SPACE,
    Search,
    Sitting,
    _judged,
    affordable,
    params_of,
    shaped,
)
from recommender.training.lessons import Lesson
from recommender.training.plans import SIZES, Plan, readable, size_of
from recommender.training.trial_log import Trial

NAMES = names_of(("own",))
PLAN = Plan(order=Order.FOREST)
PLACE = "home.known.new"


def lesson(seed: int, *, n_lists: int = 120, length: int = 30) -> Lesson:
    """What is cheap is wanted, and chance has a say."""
    rng = np.random.default_rng(seed)
    columns = np.zeros((n_lists * length, len(NAMES)), np.float32)
    columns[:, NAMES.index("log_price")] = price = rng.normal(size=len(columns))
    columns[:, NAMES.index("blend_place")] = np.tile(np.log1p(np.arange(length)), n_lists)
    taste = (rng.normal(size=len(columns)) - price).reshape(n_lists, length)
    return Lesson(
        columns=columns,
        wanted=(taste >= np.sort(taste, axis=1)[:, -2:-1]).ravel(),
        lengths=np.full(n_lists, length, np.int64),
        sought=np.full(n_lists, 2, np.int64),
    )


SITTINGS = [Sitting(taught=lesson(10 * n, n_lists=240), asked=lesson(10 * n + 2)) for n in (1, 2)]


def trial(*gains: float, cut: bool = False) -> Trial:
    params = {"leaves": 4.0}
    return Trial(generator=f"ranker.{PLACE}", params=params, gains=dict(enumerate(gains)), alone=0, cut=cut, seconds=0)


def changes(*gains: float, spread: float = 0.001) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    rng = np.random.default_rng(0)
    return [gain + spread * (noise - noise.mean()) for gain in gains for noise in [rng.normal(size=400)]]


def test_every_trial_lies_in_the_ranges_and_a_request_can_pay_for_it() -> None:
    found = shaped(PLACE, PLAN, SITTINGS, Search(limit=6), seed=1)
    assert len(found.trials) == 6
    for one in found.trials:
        assert set(one.params) == set(SPACE)
        assert all(SPACE[name].low <= value <= SPACE[name].high for name, value in one.params.items())
        assert one.params["rounds"] * (one.params["leaves"] - 1) <= MOST_NODES
        assert readable(Plan(order=Order.FOREST, params=one.params))
    assert found.verdict is None or found.verdict.generator == f"ranker.{PLACE}"


def test_the_same_seed_tries_the_same() -> None:
    one, two = (shaped(PLACE, PLAN, SITTINGS, Search(limit=3), seed=2) for _ in range(2))
    assert (one.plan, one.trials, one.verdict) == (two.plan, two.trials, two.verdict)


def test_when_time_is_over_no_trial_begins_and_an_unfinished_one_is_dropped() -> None:
    ticks: Iterator[int] = count()
    found = shaped(PLACE, PLAN, SITTINGS, Search(limit=50, seconds=14.0, clock=lambda: next(ticks)), seed=1)
    assert 0 < len(found.trials) <= 6
    assert shaped(PLACE, PLAN, SITTINGS, Search(limit=50, seconds=0.0), seed=1).trials == ()


def test_where_there_is_no_time_for_a_few_trials_none_is_made() -> None:
    ticks: Iterator[int] = count()
    hasty = Search(limit=50, seconds=9.0, clock=lambda: next(ticks))
    assert shaped(PLACE, PLAN, SITTINGS, hasty, seed=1).trials == ()
    assert next(ticks) == 3  # one look at the time before and one after the first forest, and then the end


def test_places_that_come_one_after_the_other_share_the_time() -> None:
    assert Search(limit=3, seconds=12.0).shared(3).seconds == 4.0
    assert Search(limit=3).shared(3).seconds is None


@pytest.mark.parametrize("plan", [PLAN, Plan(order=Order.BOTH, size="large")])
def test_nothing_is_tried_on_one_window_or_for_a_large_forest(plan: Plan) -> None:
    sittings = SITTINGS if plan.size == "large" else SITTINGS[:1]
    assert shaped(PLACE, plan, sittings, Search(limit=3), seed=1).trials == ()


def test_what_is_better_in_every_window_and_by_more_than_chance_is_kept() -> None:
    found = _judged(PLACE, PLAN, [trial(0.004, 0.005)], [changes(0.004, 0.005)])
    assert found.plan.params == {"leaves": 4.0}
    assert found.verdict is not None
    assert found.verdict.kept
    assert found.verdict.low > 0


@pytest.mark.parametrize(
    ("gains", "spread", "why"),
    [
        ((0.0002, 0.0003), 0.001, "No trial gained"),
        ((0.009, -0.001), 0.001, "Worse in one"),
        ((0.004, 0.004), 0.5, "May be chance"),
    ],
)
def test_what_may_be_luck_is_not_kept(gains: tuple[float, float], spread: float, why: str) -> None:
    found = _judged(PLACE, PLAN, [trial(*gains)], [changes(*gains, spread=spread)])
    assert found.plan == PLAN
    assert found.verdict is not None
    assert found.verdict.why.startswith(why)


def test_a_trial_that_was_given_up_is_never_kept() -> None:
    found = _judged(PLACE, PLAN, [trial(0.5, cut=True)], [changes(0.5)])
    assert (found.plan, found.verdict) == (PLAN, None)


def test_a_plan_in_words_of_the_space_is_the_forest_it_grows() -> None:
    told = params_of(PLAN)
    assert size_of(Plan(order=Order.FOREST, params=told)) == SIZES["small"]
    assert told["candidates"] == CANDIDATES
    assert affordable({**told, "rounds": 200.0, "leaves": 8.0})["rounds"] == 120
    assert affordable({**told, "rounds": 200.0, "leaves": 4.0})["rounds"] == 200


@pytest.mark.parametrize("params", [{"depth": 3.0}, {"leaves": 900.0}, {"candidates": 0.0}, {"learning_rate": -1.0}])
def test_a_plan_nobody_can_carry_out_is_not_readable(params: dict[str, float]) -> None:
    assert not readable(Plan(order=Order.FOREST, params=params))


def test_candidates_behind_those_that_are_ordered_keep_the_blends_order() -> None:
    one = lesson(3, n_lists=2, length=6)
    said = np.array([1.0, 2, 3, 4, 5, 6] * 2)
    order = (-one.ordered(said, both=False, candidates=3)).reshape(2, 6).argsort(axis=1)
    assert order.tolist() == [[2, 1, 0, 3, 4, 5]] * 2
    assert one.first(3).lengths.tolist() == [3, 3]
    assert one.first(CANDIDATES) is one
