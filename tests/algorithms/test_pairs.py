"""Pairs of items: what is counted, and that no pair rests on one person alone in a large shop."""

import numpy as np
import pytest
from interaction_samples import interactions, person_of
from scipy import sparse

from recommender.algorithms import spec_of
from recommender.algorithms.anchored import TableGenerator
from recommender.algorithms.item_linear import ridge_weights
from recommender.algorithms.neighbours import NARROW, Neighbours, detoured
from recommender.algorithms.sequence import NextGenerator
from recommender.algorithms.sides import Side
from recommender.algorithms.support import EnoughPeople, least_people
from recommender.interactions import Interactions, Kind
from recommender.training.fitting import DEFAULTS, FitSettings, fit_one, view_of

PAIRS = ["bought_together", "item_knn", "item_linear", "graph_filter"]


def fitted(name: str, shop: Interactions, **params: float) -> TableGenerator:
    settings = FitSettings(params={name: params}, blends={}) if params else DEFAULTS
    generator = fit_one(spec_of(name), shop, view_of(shop), settings, 0).generator
    assert isinstance(generator, TableGenerator)
    return generator


def neighbours(generator: TableGenerator | NextGenerator, item: int) -> set[int]:
    table = generator.table
    return set(table.item[item][table.weight[item] > 0].tolist())


def test_two_people_are_needed_above_a_thousand() -> None:
    assert [least_people(n) for n in (1, 1_000, 1_001)] == [1, 1, 2]


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_of_one_person_is_never_shown_in_a_large_shop(name: str) -> None:
    crowd = [(n, 2 + n % 2, Kind.PURCHASE, float(n % 7)) for n in range(1_001)]
    lone = [(2_000, 0, Kind.PURCHASE, float(day)) for day in range(3)] + [
        (2_000, 1, Kind.PURCHASE, float(day)) for day in range(3)
    ]
    both = [(3_000 + n, item, Kind.PURCHASE, 1.0) for n in range(2) for item in (2, 3)]
    generator = fitted(name, interactions(crowd + lone + both))
    assert neighbours(generator, 0) == set()
    assert neighbours(generator, 2) == {3}


def test_items_of_one_order_go_together_and_those_of_two_orders_do_not() -> None:
    rows = [
        (0, 0, Kind.PURCHASE, 1.0),
        (0, 1, Kind.PURCHASE, 1.0),
        (0, 2, Kind.PURCHASE, 9.0),
        (0, 3, Kind.PURCHASE, 9.0),
    ]
    generator = fitted("bought_together", interactions(rows))
    assert neighbours(generator, 0) == {1}
    assert neighbours(generator, 2) == {3}


def test_each_sort_of_event_has_pairs_of_its_own() -> None:
    day = [(0, Kind.VIEW), (1, Kind.VIEW), (2, Kind.CART), (3, Kind.CART), (4, Kind.PURCHASE)]
    shop = interactions([(person, item, kind, 1.0) for person in range(3) for item, kind in day])
    found = {
        name: {item: neighbours(fitted(name, shop), item) for item in range(5)}
        for name in (
            "viewed_together",
            "viewed_then_carted",
            "viewed_then_bought",
            "carted_together",
            "carted_then_bought",
        )
    }
    nothing: dict[int, set[int]] = {item: set() for item in range(5)}
    assert found == {
        "viewed_together": nothing | {0: {1}, 1: {0}},
        "viewed_then_carted": nothing | {0: {2, 3}, 1: {2, 3}},
        "viewed_then_bought": nothing | {0: {4}, 1: {4}},
        "carted_together": nothing | {2: {3}, 3: {2}},
        "carted_then_bought": nothing | {2: {4}, 3: {4}},
    }


def test_only_carts_speak_through_pairs_of_carts() -> None:
    rows = [(person, item, Kind.CART, 1.0) for person in range(3) for item in (0, 1)]
    shop = interactions([*rows, (3, 0, Kind.VIEW, 1.0), (4, 0, Kind.CART, 1.0)])
    generator = fitted("carted_together", shop)
    assert [generator.look(person_of(shop, person)).at(np.array([1])).item() > 0 for person in (3, 4)] == [False, True]


def test_a_table_from_before_carts_had_their_own_speaks_as_it_did() -> None:
    table = fitted("viewed_together", interactions([(0, item, Kind.VIEW, 1.0) for item in (0, 1)])).to_arrays()
    for from_bought, side in ((True, Side.BOUGHT), (False, Side.LOOKED)):
        old = {name: array for name, array in table.items() if name != "side"} | {
            "from_bought": np.array([from_bought])
        }
        assert TableGenerator.from_arrays("viewed_together", old).side is side


def test_a_long_order_says_less_of_each_pair_than_a_short_one() -> None:
    short = [(0, 0, Kind.PURCHASE, 1.0), (0, 1, Kind.PURCHASE, 1.0)]
    long = [(1, item, Kind.PURCHASE, 1.0) for item in (0, *range(2, 40))]
    generator = fitted("bought_together", interactions(short + long), lead_damp=0.0, follow_damp=0.0)
    assert generator.table.item[0][0] == 1


def test_an_old_order_says_less_than_a_new_one() -> None:
    rows = [
        (0, 0, Kind.PURCHASE, 1.0),
        (0, 1, Kind.PURCHASE, 1.0),
        (1, 0, Kind.PURCHASE, 90.0),
        (1, 2, Kind.PURCHASE, 90.0),
    ]
    generator = fitted("bought_together", interactions(rows), lead_damp=0.0, follow_damp=0.0)
    assert generator.table.item[0][:2].tolist() == [2, 1]


@pytest.mark.parametrize("least", [2, 3])
def test_enough_people_is_what_counting_each_pair_by_hand_gives(least: int) -> None:
    rng = np.random.default_rng(3)
    leading, following = (sparse.csr_matrix(rng.random((60, 40)) < 0.2, dtype=np.float64) for _ in range(2))
    person = np.sort(rng.integers(0, 9, 60))
    met = (leading.T @ following).tocsr()[10:30]
    enough = EnoughPeople(leading.T.tocsr(), following, person, least).of(10, met)
    one, other, cells = leading.toarray() > 0, following.toarray() > 0, met.tocoo()
    by_hand = [
        len(set(person[one[:, 10 + i] & other[:, j]])) >= least for i, j in zip(cells.row, cells.col, strict=True)
    ]
    assert enough.tolist() == by_hand
    assert 0 < sum(by_hand) < len(by_hand)


def test_the_second_person_may_have_bought_both_at_other_moments() -> None:
    """Otherwise a shop where few buy the same in the same order would know next to nothing of what comes next."""
    crowd = [(n, 2, Kind.PURCHASE, float(n % 7)) for n in range(1_001)]
    one = [(2_000, 0, Kind.PURCHASE, 5.0), (2_000, 1, Kind.PURCHASE, 4.0)]
    other = [(2_001, 1, Kind.PURCHASE, 90.0), (2_001, 0, Kind.PURCHASE, 9.0)]
    shop = interactions(crowd + one + other)
    generator = fit_one(spec_of("bought_next"), shop, view_of(shop), DEFAULTS, 0).generator
    assert isinstance(generator, NextGenerator)
    assert neighbours(generator, 0) == {1}
    alone = interactions(crowd + one)
    assert fit_one(spec_of("bought_next"), alone, view_of(alone), DEFAULTS, 0).generator is None


def test_the_regression_is_the_closed_form() -> None:
    rng = np.random.default_rng(0)
    people = rng.random((30, 8))
    gram = people.T @ people
    inverse = np.linalg.inv(gram + 2.0 * np.eye(8))
    wanted = -inverse / np.diag(inverse)
    np.fill_diagonal(wanted, 0.0)
    found = ridge_weights(np.asarray(gram, np.float32, order="F"), 2.0)
    assert np.allclose(found, wanted, atol=1e-4)


def test_detours_lead_to_what_stands_two_steps_away() -> None:
    item = np.array([[1, 0], [2, 3], [2, 2], [0, 3]], np.int32)
    weight = np.array([[4, 0], [3, 1], [0, 0], [5, 0]], np.float32)
    found = detoured(Neighbours(item=item, weight=weight), 0.5)
    rows = {
        row: {int(i): float(w) for i, w in zip(found.item[row], found.weight[row], strict=True) if w > 0}
        for row in range(4)
    }
    assert rows == {
        0: {1: 4.0, 2: 1.5, 3: 0.5},  # by way of 1, half of its row
        1: {2: 3.0, 3: 1.0, 0: 0.625},  # a quarter of its votes go by way of 3, which leads to 0 with 5
        2: {},
        3: {0: 5.0, 1: 2.0},
    }


def test_who_has_neighbours_enough_takes_no_detour() -> None:
    n = NARROW + 2
    item = np.tile(np.arange(n, dtype=np.int32), (n, 1))
    weight = np.zeros((n, n), np.float32)
    weight[0, 1 : NARROW + 1] = 1.0
    weight[1, n - 1] = 1.0
    found = detoured(Neighbours(item=item, weight=weight), 0.5)
    assert (found.weight[0] > 0).sum() == NARROW
    assert found.item[0][0] == 1
    assert n - 1 not in found.item[0][found.weight[0] > 0]
