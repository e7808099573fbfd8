"""Votes through a neighbour table come out the same however large the catalogue is."""

import numpy as np
import pytest
from interaction_samples import interactions

from recommender.algorithms.neighbours import Neighbours, Votes, anchors, loudest
from recommender.interactions import Kind
from recommender.training.fitting import view_of

NOTHING = np.zeros(0, np.int64)
ROWS = [(0, 0, Kind.PURCHASE, 1.0), (0, 1, Kind.PURCHASE, 1.0), (1, 1, Kind.PURCHASE, 1.0)]


def votes(n_items: int) -> Votes:
    """Item 0 speaks for 2 (0.5) and 3 (0.25), item 1 for 3 (0.5) and 4 (0.125); nobody else speaks."""
    item = np.repeat(np.arange(n_items, dtype=np.int32)[:, None], 2, axis=1)
    weight = np.zeros((n_items, 2), np.float32)
    item[:2], weight[:2] = [[2, 3], [3, 4]], [[0.5, 0.25], [0.5, 0.125]]
    view = view_of(interactions(ROWS, n_items=n_items))
    return Votes(anchors(view, view.bought.pair, np.ones(3)), Neighbours(item=item, weight=weight))


@pytest.mark.parametrize("n_items", [5, 20_000, 300_000], ids=["dense", "listed", "sorted"])
def test_every_anchor_adds_its_weight(n_items: int) -> None:
    keys = np.array([2, 3, 4, n_items + 3, n_items + 4])
    opinion = votes(n_items)
    assert opinion.at(keys).tolist() == [0.5, 0.75, 0.125, 0.5, 0.125]
    assert np.sort(opinion.top(2, NOTHING)).tolist() == [2, 3, n_items + 3, n_items + 4]


@pytest.mark.parametrize("n_items", [5, 20_000, 300_000], ids=["dense", "listed", "sorted"])
def test_a_banned_item_makes_room_for_the_next(n_items: int) -> None:
    assert np.sort(votes(n_items).top(2, np.array([3]))).tolist() == [2, 4, n_items + 3, n_items + 4]


def test_the_loudest_anchor_is_named() -> None:
    view = view_of(interactions(ROWS[:2], n_items=5))
    item, weight = np.array([[2, 3], [3, 4], [2, 2], [3, 3], [4, 4]], np.int32), np.zeros((5, 2), np.float32)
    weight[:2] = [[0.5, 0.25], [0.5, 0.125]]
    anchored = anchors(view, view.bought.pair, np.ones(2))
    table = Neighbours(item=item, weight=weight)
    assert [loudest(anchored, table, wanted) for wanted in (2, 3, 4, 0)] == [0, 1, 1, None]
