"""The person's own items."""

import numpy as np
from interaction_samples import interactions, person_of

from recommender.algorithms import spec_of
from recommender.algorithms.own import Own
from recommender.algorithms.ragged import Floats
from recommender.algorithms.sides import Side
from recommender.interactions import Interactions, Kind
from recommender.training.fitting import FitSettings, fit_one, view_of


def scores(name: str, shop: Interactions, **params: float) -> Floats:
    settings = FitSettings(params={name: params}, blends={})
    generator = fit_one(spec_of(name), shop, view_of(shop), settings, 0).generator
    assert generator is not None
    return generator.look(person_of(shop, 0)).at(np.arange(len(shop.item_ids)))


def test_what_is_bought_more_often_scores_higher() -> None:
    rows = [(0, 0, Kind.PURCHASE, 1.0), (0, 1, Kind.PURCHASE, 1.0), (0, 1, Kind.PURCHASE, 2.0)]
    assert scores("own", interactions(rows)).argmax() == 1


def test_a_thousand_units_in_one_order_are_one_purchase() -> None:
    rows = [(0, 0, Kind.PURCHASE, 1.0), (0, 1, Kind.PURCHASE, 1.0), (0, 1, Kind.PURCHASE, 2.0)]
    assert scores("own", interactions(rows, quantity=[1_000, 1, 1])).argmax() == 1


def test_what_went_back_whole_is_forgotten_and_a_part_counts_less() -> None:
    rows = [
        (0, 0, Kind.PURCHASE, 1.0),
        (0, 0, Kind.REFUND, 2.0),
        (0, 1, Kind.PURCHASE, 1.0),
        (0, 1, Kind.REFUND, 2.0),
        (0, 2, Kind.PURCHASE, 1.0),
    ]
    whole, part, kept = scores("own", interactions(rows, quantity=[2, 2, 4, 1, 1]))
    assert whole == 0
    assert np.isclose(part / kept, 0.75)


def test_what_is_long_overdue_fades_and_what_is_not_yet_due_does_not() -> None:
    weekly = [
        (0, 0, Kind.PURCHASE, day) for day in (0.0, 7.0, 14.0)
    ]  # due on day 21, asked for on day 98: twelve intervals
    yearly = [(0, 1, Kind.PURCHASE, day) for day in (0.0, 7.0, 90.0)]
    once = [(0, 2, Kind.PURCHASE, day) for day in (14.0, 14.01)]
    shop = interactions([*weekly, *yearly, *once], now_day=98.0)
    plain, faded = scores("own", shop, overdue_power=0.0), scores("own", shop, overdue_power=0.5)
    assert np.allclose(faded / plain, [12**-0.5, 1.0, 1.0])


def test_a_list_of_own_items_from_before_due_dates_is_read_as_it_was() -> None:
    arrays = dict(Own(name="own", half_life_days=9.0, side=Side.BOUGHT, wanted=np.ones(2)).to_arrays())
    arrays["constants"] = arrays["constants"][:2]
    assert Own.from_arrays("own", arrays).overdue_power == 0.0


def test_what_nobody_wants_any_more_falls_behind_in_own_wanted() -> None:
    mine = [(0, 0, Kind.PURCHASE, 100.0), (0, 1, Kind.PURCHASE, 100.0)]
    others = [(n, 1, Kind.PURCHASE, 199.0) for n in range(1, 9)] + [(9, 2, Kind.PURCHASE, 200.0)]
    shop = interactions(mine + others)
    plain, wanted = scores("own", shop), scores("own_wanted", shop)
    assert plain[0] == plain[1]
    assert wanted[1] > wanted[0]


def test_carts_have_a_list_of_their_own_and_count_one_among_looks() -> None:
    shop = interactions([(0, 0, Kind.VIEW, 1.0), (0, 1, Kind.CART, 1.0), (0, 2, Kind.PURCHASE, 1.0)])
    assert scores("looked", shop).tolist() == [1.0, 1.0, 0.0]
    assert scores("carted", shop).tolist() == [0.0, 1.0, 0.0]
