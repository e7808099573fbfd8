"""Rows of unequal length in flat arrays."""

import numpy as np
import pytest

from recommender.algorithms.ragged import (
    bounds,
    distinct,
    found,
    heaviest,
    largest_in_rows,
    lookup,
    row_maxima,
    spans,
    summed,
)


def ints(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)


def test_spans_are_laid_one_after_the_other() -> None:
    assert spans(ints(5, 0, 9), ints(2, 0, 3)).tolist() == [5, 6, 9, 10, 11]


def test_sums_of_equal_keys_come_sorted() -> None:
    keys, sums = summed(ints(7, 2, 7), np.array([1.0, 2.0, 3.0]))
    assert (keys.tolist(), sums.tolist()) == ([2, 7], [2.0, 4.0])


def test_only_the_heaviest_of_each_row_stay_in_their_order() -> None:
    kept = heaviest(ints(0, 0, 0, 1), np.array([1.0, 3.0, 2.0, 0.5]), 2, 2)
    assert kept.tolist() == [1, 2, 3]


def test_a_missing_key_is_worth_nothing() -> None:
    assert lookup(ints(1, 5), ints(1, 3), np.array([0.5, 0.7])).tolist() == [0.5, 0.0]


def test_an_empty_row_has_the_maximum_zero() -> None:
    assert row_maxima(np.array([[1.0, 4.0], [3.0, 2.0]]), ints(0, 0, 2, 2)).tolist() == [
        [0.0, 4.0, 0.0],
        [0.0, 3.0, 0.0],
    ]


def test_the_largest_cells_of_a_row_are_positive_and_bring_their_equals() -> None:
    matrix = np.array([[0.0, 3.0, 1.0, 2.0], [0.0, 0.0, 0.0, 5.0], [1.0, 1.0, 1.0, 0.0]])
    assert largest_in_rows(matrix, 2).tolist() == [1, 3, 7, 8, 9, 10]


def test_bounds_and_distinct_and_found() -> None:
    assert bounds(ints(0, 0, 2), 3).tolist() == [0, 2, 2, 3]
    assert distinct(ints(3, 1, 3)).tolist() == [1, 3]
    assert found(ints(1, 2), ints(2, 3)).tolist() == [False, True]


@pytest.mark.parametrize(
    "function", [distinct, lambda keys: found(keys, keys), lambda keys: summed(keys, np.zeros(0))[0]]
)
def test_nothing_gives_nothing(function: object) -> None:
    assert callable(function)
    assert len(function(ints())) == 0
