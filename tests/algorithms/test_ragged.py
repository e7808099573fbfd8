"""Rows of unequal length in flat arrays."""

import numpy as np
import pytest

from recommender.algorithms.contract import Listed
from recommender.algorithms.ragged import bounds, distinct, found, heaviest, heaviest_of, spans, without


def ints(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)


def test_spans_are_laid_one_after_the_other() -> None:
    assert spans(ints(5, 0, 9), ints(2, 0, 3)).tolist() == [5, 6, 9, 10, 11]


def test_only_the_heaviest_of_each_row_stay_in_their_order() -> None:
    kept = heaviest(ints(0, 0, 0, 1), np.array([1.0, 3.0, 2.0, 0.5]), 2, 2)
    assert kept.tolist() == [1, 2, 3]


def test_the_heaviest_of_a_list_are_found_and_too_few_are_all() -> None:
    assert sorted(heaviest_of(np.array([1.0, 3.0, 2.0]), 2).tolist()) == [1, 2]
    assert heaviest_of(np.array([1.0]), 2).tolist() == [0]


def test_what_is_banned_is_left_out_in_order() -> None:
    assert without(ints(5, 1, 9, 3), ints(1, 3)).tolist() == [5, 9]
    assert without(ints(5, 1), ints()).tolist() == [5, 1]


def test_a_list_scores_its_items_and_nothing_else() -> None:
    listed = Listed(ints(2, 5, 7), np.array([0.5, 0.0, 0.7]))
    assert listed.at(ints(7, 1, 2, 9)).tolist() == [0.7, 0.0, 0.5, 0.0]
    assert sorted(listed.top(3, ints()).tolist()) == [2, 7]
    assert listed.top(3, ints(1, 7, 9)).tolist() == [2]
    assert listed.top(1, ints()).tolist() == [7]


def test_bounds_and_distinct_and_found() -> None:
    assert bounds(ints(0, 0, 2), 3).tolist() == [0, 2, 2, 3]
    assert distinct(ints(3, 1, 3)).tolist() == [1, 3]
    assert found(ints(1, 2), ints(2, 3)).tolist() == [False, True]


@pytest.mark.parametrize("function", [distinct, lambda keys: found(keys, keys), lambda keys: without(keys, keys)])
def test_nothing_gives_nothing(function: object) -> None:
    assert callable(function)
    assert len(function(ints())) == 0
