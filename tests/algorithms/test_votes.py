"""Votes through a neighbour table come out the same however large the catalogue is."""

import numpy as np
import pytest

from recommender import kernels
from recommender.algorithms import neighbours
from recommender.algorithms.neighbours import Neighbours, Votes

NOTHING = np.zeros(0, np.int64)
SIZES = pytest.mark.parametrize("n_items", [5, 20_000, 300_000, 2**31], ids=["tiny", "some", "many", "two words"])


def votes(n_items: int = 5) -> Votes:
    """Item 0 speaks for 2 (0.5) and 3 (0.25), item 1 for 3 (0.5) and 4 (0.125); nobody else speaks."""
    item = np.repeat(np.arange(n_items, dtype=np.int32)[:, None], 2, axis=1)
    weight = np.zeros((n_items, 2), np.float32)
    item[:2], weight[:2] = [[2, 3], [3, 4]], [[0.5, 0.25], [0.5, 0.125]]
    return Votes(np.array([0, 1]), np.ones(2), Neighbours(item=item, weight=weight))


@pytest.mark.parametrize("n_items", [5, 20_000, 300_000])
def test_every_anchor_adds_its_weight(n_items: int) -> None:
    opinion = votes(n_items)
    assert opinion.at(np.array([0, 2, 3, 4])).tolist() == [0.0, 0.5, 0.75, 0.125]
    assert np.sort(opinion.top(2, NOTHING)).tolist() == [2, 3]


def test_a_banned_item_makes_room_for_the_next() -> None:
    assert np.sort(votes().top(2, np.array([3]))).tolist() == [2, 4]


def test_the_loudest_anchor_is_named() -> None:
    assert [votes().loudest(wanted) for wanted in (2, 3, 4, 0)] == [0, 1, 1, None]


def test_who_speaks_through_much_is_heard_through_the_nearest_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_CELLS", 2)
    monkeypatch.setattr(neighbours, "LEAST_WIDTH", 1)
    assert votes().at(np.array([2, 3, 4])).tolist() == [0.5, 0.5, 0.0]
    assert votes().loudest(3) == 1


@SIZES
def test_equal_items_are_added_up_and_the_first_is_told(n_items: int) -> None:
    top = n_items - 1
    item, total, first = kernels.summed(np.array([top, 1, top, 0, 1]), np.array([1.0, 2.0, 4.0, 8.0, 16.0]))
    assert item.tolist() == [0, 1, top]
    assert total.tolist() == [8.0, 18.0, 5.0]
    assert first.tolist() == [3, 1, 0]
