"""What many buy now."""

import numpy as np
import pytest
from interaction_samples import interactions, person_of

from recommender.algorithms import popularity, spec_of
from recommender.algorithms.contract import Generator
from recommender.algorithms.popularity import demand
from recommender.interactions import Interactions, Kind
from recommender.training.fitting import FitSettings, fit_one, view_of

NOTHING = np.zeros(0, np.int64)


def fitted(name: str, shop: Interactions, **params: float) -> Generator:
    settings = FitSettings(params={name: params}, blends={})
    generator = fit_one(spec_of(name), shop, view_of(shop), settings, 0).generator
    assert generator is not None
    return generator


def test_a_purchase_counts_half_after_one_half_life() -> None:
    shop = interactions([(0, 0, Kind.PURCHASE, 0.0), (1, 1, Kind.PURCHASE, 10.0)], now_day=10.0)
    assert np.allclose(demand(view_of(shop), 10.0), [0.5, 1.0], atol=1e-9)


def test_a_pallet_counts_as_one_order() -> None:
    rows = [(0, 0, Kind.PURCHASE, 1.0), (1, 1, Kind.PURCHASE, 1.0), (2, 1, Kind.PURCHASE, 1.0)]
    shop = interactions(rows, quantity=[5_000, 1, 1])
    score = demand(view_of(shop), 10.0)
    assert score[1] > score[0]


def test_the_same_item_twice_in_one_order_is_one_purchase() -> None:
    rows = [(0, 0, Kind.PURCHASE, 1.0), (0, 0, Kind.PURCHASE, 1.0), (1, 1, Kind.PURCHASE, 1.0)]
    assert np.allclose(demand(view_of(interactions(rows)), 10.0), [1.0, 1.0])


def test_without_any_purchase_views_are_the_demand() -> None:
    shop = interactions([(0, 0, Kind.VIEW, 1.0), (1, 0, Kind.VIEW, 1.0), (0, 1, Kind.VIEW, 1.0)])
    assert demand(view_of(shop), 10.0).argmax() == 0


def test_each_country_sees_its_own_favourites() -> None:
    rows = [(0, 0, Kind.PURCHASE, 1.0), (1, 0, Kind.PURCHASE, 1.0), (2, 1, Kind.PURCHASE, 1.0)]
    shop = interactions(rows, country=[0, 0, 1])
    generator = fitted("popular_country", shop, prior=0.1)
    assert [generator.look(person_of(shop, person)).at(np.array([0, 1])).argmax() for person in (0, 2)] == [0, 1]
    assert generator.look(person_of(shop, 0)).top(1, NOTHING).tolist() == [0]


def test_an_unknown_country_gets_no_country_list() -> None:
    shop = interactions([(0, 0, Kind.PURCHASE, 1.0), (1, 1, Kind.PURCHASE, 1.0)], country=[0, -1])
    generator = fitted("popular_country", shop)
    assert [len(generator.look(person_of(shop, person)).top(5, NOTHING)) for person in (0, 1)] == [1, 0]


def test_category_favourites_are_those_of_the_item_on_the_page() -> None:
    rows = [(n, item, Kind.PURCHASE, 1.0) for n, item in enumerate([0, 0, 1, 2, 2, 3])]
    shop = interactions(rows, category=[0, 0, 1, 1])
    opinion = fitted("popular_category", shop).look(person_of(shop, 0, context=(3,)))
    assert opinion.top(5, np.array([3])).tolist() == [2]
    assert (opinion.at(np.arange(4)) > 0).tolist() == [False, False, True, True]


def test_a_banned_item_makes_room_for_the_next() -> None:
    shop = interactions([(n % 3, n, Kind.PURCHASE, 1.0) for n in range(6)])
    opinion = fitted("popular", shop).look(person_of(shop, 0))
    assert opinion.top(3, np.array([0, 1, 2])).tolist() == [3, 4, 5]


def test_a_long_list_of_a_country_answers_as_its_table_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    rows = [(n, int(rng.integers(0, 90)), Kind.PURCHASE, 1.0) for n in range(400)]
    shop = interactions([*rows, (400, 99, Kind.PURCHASE, 1.0)], country=[n % 2 for n in range(401)])
    asked = np.arange(100)
    monkeypatch.setattr(popularity, "LONG", 1_000)
    from_table = [fitted("popular_country", shop).look(person_of(shop, person)).at(asked) for person in (0, 1)]
    monkeypatch.setattr(popularity, "LONG", 1)
    generator = fitted("popular_country", shop)
    spread = [generator.look(person_of(shop, person)).at(asked) for person in (0, 1)]
    assert isinstance(generator, popularity.CountryPopularity)
    assert sorted(generator._spread) == [0, 1]
    for one, other in zip(from_table, spread, strict=True):
        np.testing.assert_array_equal(one, other)
        assert (one > 0).any()
        assert (one == 0).any()
