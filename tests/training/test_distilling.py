"""A pupil forest, and what is said of it."""

import numpy as np
import pytest

from recommender.model.forest import Forest
from recommender.training.distilling import Judged, distil
from recommender.training.growing import Size, grow
from recommender.training.ordering import ranks

LEARNT = Size(leaves=8, rounds=40, learning_rate=0.3, l2=1.0, fewest=5)
LISTS = np.repeat(np.arange(60), 40)


def taught() -> tuple[
    Forest, np.ndarray[tuple[int, int], np.dtype[np.float32]], np.ndarray[tuple[int], np.dtype[np.bool_]]
]:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(2400, 5)).astype(np.float32)
    wanted = features[:, 0] * features[:, 1] + rng.normal(size=2400) > 1.5
    large = Size(leaves=16, rounds=60, learning_rate=0.1, l2=1.0, fewest=10)
    return grow(features, wanted, np.full(60, 40), large, seed=1, n_jobs=1), features, wanted


def test_the_pupil_orders_lists_much_as_the_teacher_does() -> None:
    teacher, features, wanted = taught()
    pupil, loss = distil(teacher, features, np.full(60, 40), LEARNT, seed=1, n_jobs=1, wanted=wanted)
    assert pupil.n_trees == 40
    assert pupil.closes.dtype == np.dtype(np.uint8)
    assert loss.lists == 6
    assert loss.rank_correlation > 0.8
    assert loss.top_10_kept > 0.6
    assert 0 < loss.pupil_ndcg_at_10 <= 1


def test_nothing_is_lost_by_a_pupil_that_says_the_same() -> None:
    wanted = np.arange(2400) % 7 == 0
    score = np.random.default_rng(0).normal(size=2400)
    loss = Judged.of(LISTS, wanted).loss(score, score * 3 + 1)
    assert (loss.lists, loss.rank_correlation, loss.top_10_kept) == (60, 1.0, 1.0)
    assert loss.teacher_ndcg_at_10 == loss.pupil_ndcg_at_10


def test_a_pupil_that_turns_lists_round_has_the_correlation_minus_one() -> None:
    loss = Judged.of(np.repeat([4, 9], 3), None).loss(np.array([1.0, 2, 3, 6, 5, 4]), np.array([3.0, 2, 1, 4, 5, 6]))
    assert loss.rank_correlation == -1.0
    assert np.isnan(loss.pupil_ndcg_at_10)


def test_what_is_wanted_at_the_top_counts_fully_and_further_down_less() -> None:
    judged = Judged.of(np.array([0, 0, 0, 1, 1]), np.array([True, False, False, False, False]))
    loss = judged.loss(np.array([3.0, 2, 1, 0, 0]), np.array([2.0, 3, 1, 0, 0]))
    assert loss.teacher_ndcg_at_10 == 1.0
    assert loss.pupil_ndcg_at_10 == pytest.approx(1 / np.log2(3))


def test_too_few_lists_tell_nothing_of_the_loss() -> None:
    teacher, features, _ = taught()
    _, loss = distil(teacher, features[:80], np.array([40, 40]), LEARNT, seed=1, n_jobs=1)
    assert loss.lists == 0
    assert np.isnan(loss.rank_correlation)
    assert loss.report() == {"lists": 0} | dict.fromkeys(list(loss.report())[1:])
    assert "too few lists" in loss.sentence


def test_ranks_begin_anew_in_every_list_and_ties_keep_their_order() -> None:
    assert ranks(np.array([1.0, 2, 1, 5, 7]), np.array([0, 0, 0, 1, 1])).tolist() == [1, 0, 2, 1, 0]
