"""A new model goes live unless it is worse than the live recipe beyond noise."""

import numpy as np
import pytest
from interaction_samples import START, interactions

from recommender.evaluation.gate import Judged, gate, unjudged, worse
from recommender.evaluation.intervals import bootstrap
from recommender.evaluation.judging import judge_lists
from recommender.evaluation.split import Track, truth_after
from recommender.interactions import Kind

N = 60


def judged(share_found: float, *, coverage: float = 0.5, finite: bool = True, n: int = N) -> Judged:
    """Lists of ``n`` known people of whom the first share has their one item on the first place."""
    rows = [(person, 0, Kind.PURCHASE, 0.0) for person in range(n)] + [
        (person, 1, Kind.PURCHASE, 5.0) for person in range(n)
    ]
    truth = truth_after(interactions(rows, n_items=3), START + 1)[Track.WINDOW]
    lists = np.full((n, 20), -1, np.int32)
    lists[:, 0] = np.where(np.arange(n) < share_found * n, 1, 2)
    return Judged(
        verdicts={Track.WINDOW: judge_lists(lists, truth, 3)}, coverage={Track.WINDOW: coverage}, finite=finite
    )


def test_the_first_model_is_published() -> None:
    assert gate(judged(0.1), None).publish


def test_an_equal_or_better_model_is_published() -> None:
    assert gate(judged(0.5), judged(0.5)).publish
    assert gate(judged(0.7), judged(0.5)).publish


def test_instead_of_a_clearly_worse_recipe_the_live_one_is_kept_and_both_figures_are_told() -> None:
    verdict = gate(judged(0.2), judged(0.8))
    assert (verdict.publish, verdict.reasons) == (True, ())
    assert "window.known.ndcg_at_10 is worse" in " ".join(verdict.kept)
    assert "0.2000 against 0.8000 on 60 lists" in " ".join(verdict.kept)


def test_a_live_recipe_that_finds_no_sense_in_the_data_either_is_not_kept() -> None:
    was = {"window.known.ndcg_at_10": 0.9}
    assert not gate(judged(0.1), judged(0.4), was).publish
    assert not gate(judged(0.2), judged(0.8, finite=False)).publish
    assert gate(judged(0.1), judged(0.8), was).kept


def test_a_difference_within_noise_is_no_reason() -> None:
    assert gate(judged(0.5 - 1 / N), judged(0.5)).publish


def test_too_few_lists_decide_nothing() -> None:
    assert gate(judged(0.0, n=20), judged(1.0, n=20)).publish


def test_a_small_loss_that_is_sure_is_a_loss() -> None:
    rng = np.random.default_rng(0)
    live = rng.random(5_000)
    assert worse(live * 0.99, live)
    assert not worse(live, live)
    assert not worse(live + rng.normal(0, 0.1, len(live)) + 0.01, live)


def test_lists_that_show_far_fewer_items_are_refused() -> None:
    verdict = gate(judged(0.5, coverage=0.1), judged(0.5, coverage=0.3))
    assert "10.0% of the items" in verdict.kept[0]


def test_scores_that_are_not_finite_are_refused_even_the_first_time() -> None:
    assert not gate(judged(0.5, finite=False), None).publish


def test_a_collapse_against_the_published_figures_points_to_the_data() -> None:
    verdict = gate(judged(0.2), judged(0.2), {"window.known.ndcg_at_10": 0.8})
    assert not verdict.publish
    assert "check the data" in verdict.reasons[0]
    assert gate(judged(0.5), judged(0.5), {"window.known.ndcg_at_10": 0.8}).publish


def test_the_bootstrap_holds_the_mean_and_narrows_with_more_lists() -> None:
    rng = np.random.default_rng(0)
    few, many = bootstrap(rng.random(20)), bootstrap(rng.random(2_000))
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low
    assert bootstrap(np.zeros(0)).n == 0


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_equal_values_leave_no_doubt(value: float) -> None:
    mean = bootstrap(np.full(10, value))
    assert (mean.low, mean.value, mean.high) == (value, value, value)


@pytest.mark.parametrize(
    ("new", "live", "published"),
    [
        ({"interactions": 0, "items": 0}, None, True),
        ({"interactions": 120, "items": 9}, {"interactions": 100, "items": 9}, True),
        ({"interactions": 95, "items": 9}, {"interactions": 100, "items": 9}, True),
        ({"interactions": 40, "items": 9}, {"interactions": 100, "items": 9}, False),
        ({"interactions": 120, "items": 5}, {"interactions": 100, "items": 9}, False),
        ({"interactions": 120, "items": 5}, {}, False),
    ],
)
def test_where_nothing_can_be_compared_a_model_that_knows_much_less_stays_out(
    new: dict[str, int], live: dict[str, int] | None, *, published: bool
) -> None:
    verdict = unjudged(new, live)
    assert verdict.publish == published
    assert bool(verdict.reasons) != published
    assert all(reason.startswith("Nothing to compare on") for reason in verdict.reasons)
