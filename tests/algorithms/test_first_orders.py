"""What people buy first, counted by hand."""

import numpy as np
import pytest
from interaction_samples import interactions, person_of

from recommender.algorithms import spec_of
from recommender.algorithms.contract import Generator
from recommender.algorithms.first_orders import first_demand
from recommender.algorithms.ragged import Floats
from recommender.interactions import Interactions, Kind
from recommender.training.fitting import DEFAULTS, FitSettings, fit_one, view_of
from recommender.training.tuning import QUICK

NOTHING = np.zeros(0, np.int64)
PRINTER, CABLE, INK = 0, 1, 2


def counted(shop: Interactions, half_life_days: float = 10.0) -> Floats:
    return first_demand(shop, view_of(shop), half_life_days)


def fitted(name: str, shop: Interactions, **params: float) -> Generator:
    settings = FitSettings(params={name: params}, blends={})
    generator = fit_one(spec_of(name), shop, view_of(shop), settings, 0).generator
    assert generator is not None
    return generator


def ranked(generator: Generator, shop: Interactions) -> list[int]:
    every = np.arange(len(shop.item_ids))
    order: list[int] = np.argsort(-generator.look(person_of(shop, 0)).at(every), kind="stable").tolist()
    return order


def test_only_the_first_order_counts_half_after_one_half_life() -> None:
    rows = [
        (0, PRINTER, Kind.PURCHASE, 0.0),
        (0, CABLE, Kind.PURCHASE, 0.0),
        (0, INK, Kind.PURCHASE, 5.0),
        (0, PRINTER, Kind.PURCHASE, 9.0),
        (1, INK, Kind.PURCHASE, 10.0),
        (1, PRINTER, Kind.PURCHASE, 20.0),
    ]
    assert np.allclose(counted(interactions(rows, now_day=20.0)), [0.25, 0.25, 0.5], atol=1e-9)


def test_two_orders_of_the_same_moment_are_told_apart_by_the_order() -> None:
    rows = [(0, PRINTER, Kind.PURCHASE, 1.0), (0, CABLE, Kind.PURCHASE, 1.0), (0, INK, Kind.PURCHASE, 1.0)]
    assert counted(interactions(rows, order=[7, 7, 8])).tolist() == pytest.approx([1.0, 1.0, 0.0])


def test_an_order_another_person_shares_is_first_only_for_whom_it_is_first() -> None:
    rows = [(0, INK, Kind.PURCHASE, 1.0), (0, PRINTER, Kind.PURCHASE, 2.0), (1, PRINTER, Kind.PURCHASE, 2.0)]
    assert counted(interactions(rows, order=[4, 5, 5], now_day=2.0), 1e9).tolist() == pytest.approx([1.0, 0.0, 1.0])


def test_where_no_order_is_told_it_is_the_first_day() -> None:
    rows = [(0, PRINTER, Kind.PURCHASE, 1.05), (0, CABLE, Kind.PURCHASE, 1.0), (0, INK, Kind.PURCHASE, 3.0)]
    assert counted(interactions(rows, order=[-1, -1, -1]), 1e9).tolist() == pytest.approx([1.0, 1.0, 0.0])


def test_an_item_twice_in_the_first_order_is_one_person() -> None:
    rows = [(0, PRINTER, Kind.PURCHASE, 1.0), (0, PRINTER, Kind.PURCHASE, 1.0), (1, INK, Kind.PURCHASE, 1.0)]
    shop = interactions(rows, quantity=[400, 1, 1], n_items=3)
    assert counted(shop).tolist() == pytest.approx([1.0, 0.0, 1.0])


def test_what_was_sent_back_and_what_was_only_looked_at_do_not_count() -> None:
    rows = [
        (0, CABLE, Kind.VIEW, 0.0),
        (0, CABLE, Kind.CART, 0.5),
        (0, PRINTER, Kind.PURCHASE, 1.0),
        (0, INK, Kind.PURCHASE, 1.0),
        (0, PRINTER, Kind.REFUND, 2.0),
        (1, INK, Kind.REFUND, 2.0),
    ]
    assert counted(interactions(rows), 1e9).tolist() == pytest.approx([0.0, 0.0, 1.0])


def test_newcomers_hear_of_printers_where_regulars_refill_ink() -> None:
    rows = [(n, PRINTER, Kind.PURCHASE, float(n)) for n in range(40)]
    rows += [(n, INK, Kind.PURCHASE, float(n + month)) for n in range(40) for month in (10, 20, 30)]
    shop = interactions(rows)
    assert ranked(fitted("popular_first", shop), shop)[0] == PRINTER
    assert ranked(fitted("popular", shop), shop)[0] == INK


def test_where_all_orders_are_first_it_is_popularity() -> None:
    rng = np.random.default_rng(0)
    shop = interactions([(n, int(rng.integers(30)), Kind.PURCHASE, float(rng.uniform(0, 90))) for n in range(200)])
    one, other = fitted("popular_first", shop, half_life_days=14.0), fitted("popular", shop, half_life_days=14.0)
    every = np.arange(30)
    scores = [generator.look(person_of(shop, 0)).at(every) for generator in (one, other)]
    assert np.allclose(scores[0] / scores[0].max(), scores[1] / scores[1].max())


def test_where_nobody_came_of_late_everybody_is_heard() -> None:
    rows = [(0, PRINTER, Kind.PURCHASE, 0.0), (1, CABLE, Kind.PURCHASE, 1.0)]
    rows += [(person, INK, Kind.PURCHASE, float(day)) for person in (0, 1) for day in range(900, 1_000, 10)]
    shop = interactions(rows)
    assert ranked(fitted("popular_first", shop), shop)[0] == INK


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([(0, 0, Kind.VIEW, 0.0)], "nobody has bought anything yet"),
        ([(0, 0, Kind.PURCHASE, 0.0), (0, 0, Kind.REFUND, 1.0)], "nobody has kept anything"),
    ],
)
def test_what_it_lacks_is_said(rows: list[tuple[int, int, Kind, float]], note: str) -> None:
    shop = interactions(rows)
    result = fit_one(spec_of("popular_first"), shop, view_of(shop), DEFAULTS, 0)
    assert result.generator is None
    assert note in (result.note or "")


def test_it_is_fitted_without_a_budget() -> None:
    assert "popular_first" in (QUICK.only or ())
