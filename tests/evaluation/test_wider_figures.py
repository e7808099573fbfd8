"""Figures beside the ranking ones: exposure, money, the mix of categories, and intervals of many at once."""

import numpy as np
import pytest
from interaction_samples import interactions
from numpy.typing import NDArray

from recommender.evaluation.calibration import category_gap
from recommender.evaluation.exposure import gini
from recommender.evaluation.intervals import bootstrap, resample
from recommender.evaluation.judging import hits_of
from recommender.evaluation.metrics import DEPTH
from recommender.evaluation.split import Truth
from recommender.evaluation.value import price_hit
from recommender.interactions import Kind


def lists(*rows: list[int]) -> NDArray[np.int32]:
    """Lists of twenty places, the rest empty."""
    out = np.full((len(rows), DEPTH), -1, np.int32)
    for number, row in enumerate(rows):
        out[number, : len(row)] = row
    return out


def truth(*wanted: list[int]) -> Truth:
    """People 0, 1, … who bought these items later."""
    lengths = [len(one) for one in wanted]
    return Truth(
        person=np.arange(len(wanted)),
        indptr=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]),
        item=np.array([item for one in wanted for item in one], np.int64),
        group=np.zeros(len(wanted), np.int8),
    )


def test_exposure_is_even_when_every_known_item_is_shown_equally_often() -> None:
    assert gini(lists([0, 1], [2, 3]), 4) == pytest.approx(0.0)


def test_exposure_is_the_more_uneven_the_more_one_item_takes() -> None:
    assert gini(lists([0], [0], [0], [1]), 2) == pytest.approx(0.25)  # shares 1/4 and 3/4
    assert gini(lists([0]), 1) == 0.0
    assert gini(lists([]), 5) == 0.0


def test_the_same_ten_items_for_everybody_are_as_uneven_as_lists_can_be() -> None:
    assert gini(lists([0, 1], [0, 1]), 100) == pytest.approx(0.98)  # two of a hundred take all
    assert gini(lists([0, 1], [2, 3]), 100) == pytest.approx(0.96)


def test_places_below_the_tenth_do_not_count_as_exposure() -> None:
    assert gini(lists([*range(10), 10, 10, 10]), 10) == pytest.approx(0.0)


def price_hits(shown: NDArray[np.int32], wanted: Truth, price: list[float]) -> list[float]:
    prices = np.array(price, np.float32)
    return [*price_hit(hits_of(shown, wanted, len(price)), shown, wanted, prices)]


def test_the_dear_item_found_counts_more_than_the_cheap_one() -> None:
    assert price_hits(lists([0], [1]), truth([0, 1], [0, 1]), [3.0, 1.0]) == [0.75, 0.25]


def test_money_is_compared_with_the_ten_dearest_one_could_have_found() -> None:
    assert price_hits(lists(list(range(10))), truth(list(range(12))), [1.0] * 12) == [1.0]


def test_items_without_a_price_count_on_neither_side() -> None:
    found = price_hits(lists([0, 1], [1]), truth([0, 1], [1]), [2.0, float("nan")])
    assert found[0] == 1.0
    assert np.isnan(found[1])


def gaps(shown: NDArray[np.int32], bought: list[int]) -> list[float]:
    """Items 0 and 1 are of one category, 2 and 3 of another, 4 of none; one person bought these."""
    past = interactions(
        [(0, item, Kind.PURCHASE, float(day)) for day, item in enumerate(bought)], n_items=5, category=[0, 0, 1, 1, -1]
    )
    return [*category_gap(shown, np.zeros(len(shown), np.int64), past)]


def test_a_list_with_the_mix_of_the_history_has_no_gap() -> None:
    assert gaps(lists([1, 3]), [0, 2]) == [pytest.approx(0.0)]


def test_a_list_without_a_category_of_the_history_has_a_gap() -> None:
    half, none = gaps(lists([0, 1, 2], [0, 1]), [0, 2])
    assert 0 < half < none
    share = 0.01 * 0.5  # what smoothing leaves the missing category
    assert none == pytest.approx(0.5 * np.log2(0.5 / (1 - share)) + 0.5 * np.log2(0.5 / share))


def test_nobody_without_known_categories_has_a_gap() -> None:
    assert np.isnan(gaps(lists([4], [0]), [4])).all()
    assert np.isnan(gaps(lists([4]), [0])).all()


def test_intervals_of_many_columns_are_those_of_one_after_the_other() -> None:
    values = np.random.default_rng(3).random((57, 4))
    for column, mean in zip(values.T, resample(values), strict=True):
        alone = bootstrap(column)
        assert (mean.value, mean.n) == (alone.value, alone.n)
        assert [mean.low, mean.high] == pytest.approx([alone.low, alone.high])


def test_intervals_do_not_depend_on_how_many_draws_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(4).random((41, 2))
    whole = resample(values)
    monkeypatch.setattr("recommender.evaluation.intervals._MOST_CELLS", 41 * 7)
    assert resample(values) == whole


def test_a_figure_that_does_not_apply_to_a_list_is_a_mean_over_the_others() -> None:
    applied, nowhere = resample(np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]]))
    assert (applied.value, applied.n) == (2.0, 2)
    assert (nowhere.value, nowhere.n) == (0.0, 0)
