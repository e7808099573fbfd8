"""Figures of one list, worked out by hand."""

import numpy as np
import pytest

from recommender.evaluation.metrics import METRICS, coverage, hit, mrr, ndcg, novelty, recall


def hits(*ranks: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """One list of twenty with hits at these ranks, from 1."""
    row = np.zeros((1, 20), bool)
    row[0, [rank - 1 for rank in ranks]] = True
    return row


def wanted(n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([n], np.int64)


def test_recall_is_a_share_of_all_that_was_wanted() -> None:
    assert recall(hits(1, 4, 15), wanted(12), k=10)[0] == pytest.approx(2 / 12)
    assert recall(hits(1, 4, 15), wanted(12), k=20)[0] == pytest.approx(3 / 12)


def test_ndcg_is_one_for_the_best_possible_list() -> None:
    assert ndcg(hits(1, 2), wanted(2), k=10)[0] == pytest.approx(1.0)
    assert ndcg(hits(*range(1, 11)), wanted(30), k=10)[0] == pytest.approx(1.0)


def test_ndcg_of_hits_at_two_and_three_of_three() -> None:
    gained = 1 / np.log2(3) + 1 / np.log2(4)
    best = 1 / np.log2(2) + 1 / np.log2(3) + 1 / np.log2(4)
    assert ndcg(hits(2, 3, 11), wanted(3), k=10)[0] == pytest.approx(gained / best)


def test_mrr_looks_at_the_first_hit_among_twenty() -> None:
    assert mrr(hits(4, 5), wanted(2), k=20)[0] == 0.25
    assert mrr(hits(20), wanted(2), k=20)[0] == 0.05
    assert mrr(hits(), wanted(2), k=20)[0] == 0.0


def test_hit_is_one_or_nothing() -> None:
    assert hit(hits(10), wanted(2), k=10)[0] == 1.0
    assert hit(hits(11), wanted(2), k=10)[0] == 0.0


def test_coverage_counts_distinct_items_of_the_first_ten() -> None:
    lists = np.full((2, 20), -1, np.int32)
    lists[0, :2], lists[1, :2], lists[1, 15] = [0, 1], [1, 2], 9
    assert coverage(lists, 6) == 0.5


def test_novelty_is_the_mean_surprise_and_the_unbought_count_as_the_rarest() -> None:
    lists = np.full((1, 20), -1, np.int32)
    lists[0, :3] = [0, 1, 2]
    assert novelty(lists, np.array([4.0, 1.0, 0.0]), 8) == pytest.approx((1 + 3 + 3) / 3)


@pytest.mark.parametrize("name", METRICS)
def test_every_figure_lies_between_nothing_and_all(name: str) -> None:
    rng = np.random.default_rng(1)
    values = METRICS[name](rng.random((50, 20)) < 0.2, rng.integers(20, 40, 50))
    assert values.shape == (50,)
    assert (values >= 0).all()
    assert (values <= 1).all()


def test_what_everybody_bought_is_not_less_than_known() -> None:
    assert str(novelty(np.array([[0]], np.int32), np.array([1.0]), 1)) == "0.0"
