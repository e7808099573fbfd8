"""Evidence says what the generator saw, no more."""

import numpy as np
import pytest
from interaction_samples import DAY, START, interactions

from recommender.interactions import Interactions, Kind, as_histories, some_histories
from recommender.model.contract import Ask, Evidence, Query
from recommender.training.fitting import fit

HOME = Query(ask=Ask.HOME)


def evidence(shop: Interactions, source: str, item: int, query: Query = HOME) -> Evidence:
    histories = some_histories(as_histories(shop), np.array([0]))
    return fit(shop).model.evidence(source, item, histories, 0, query)


def test_again_counts_orders_and_knows_the_last() -> None:
    rows = [
        (0, 0, Kind.PURCHASE, 1.0),
        (0, 0, Kind.PURCHASE, 1.0),
        (0, 0, Kind.PURCHASE, 3.0),
        (1, 1, Kind.PURCHASE, 3.0),
    ]
    found = evidence(interactions(rows), "own", 0)
    assert (found.code, found.count, found.when_us) == ("again", 2, START + 3 * DAY)


def test_a_cart_is_told_before_views() -> None:
    rows = [
        (0, 0, Kind.VIEW, 1.0),
        (0, 0, Kind.CART, 2.0),
        (0, 0, Kind.VIEW, 3.0),
        (0, 1, Kind.VIEW, 3.0),
        (0, 1, Kind.VIEW, 4.0),
    ]
    shop = interactions(rows)
    carted, viewed = evidence(shop, "looked", 0), evidence(shop, "looked", 1)
    assert (carted.code, carted.when_us) == ("carted", START + 2 * DAY)
    assert (viewed.code, viewed.count, viewed.when_us) == ("viewed", 2, START + 4 * DAY)


@pytest.mark.parametrize(
    ("source", "code"), [("bought_together", "bought_with"), ("als", "close_to"), ("item_knn", "close_to")]
)
def test_the_related_item_is_one_the_person_had(source: str, code: str) -> None:
    rows = [(person, item, Kind.PURCHASE, 1.0) for person in range(1, 5) for item in (0, 1)]
    rows += [(person, item, Kind.PURCHASE, 1.0) for person in range(5, 9) for item in (2, 3)]
    rows += [(0, 0, Kind.PURCHASE, 1.0)]
    found = evidence(interactions(rows), source, 1)
    assert (found.code, found.related) == (code, 0)


def test_an_item_looked_at_weeks_ago_still_leads_to_its_neighbours_and_is_the_related_one() -> None:
    rows = [(person, item, Kind.VIEW, 100.0) for person in range(1, 5) for item in (0, 1)]
    rows += [(person, item, Kind.VIEW, 100.0) for person in range(5, 9) for item in (2, 3)]
    rows += [(0, 0, Kind.VIEW, 40.0)]
    found = evidence(interactions(rows), "item_knn_looked", 1)
    assert (found.code, found.related) == ("close_to", 0)


def test_beside_an_item_the_page_is_the_related_one() -> None:
    rows = [(person, item, Kind.PURCHASE, 1.0) for person in range(4) for item in (0, 1)]
    found = evidence(interactions(rows), "bought_together", 1, query=Query(ask=Ask.SIMILAR, context=(0,)))
    assert (found.code, found.related) == ("bought_with", 0)


def test_what_is_trending_rests_on_nobody() -> None:
    found = evidence(interactions([(0, 0, Kind.PURCHASE, 1.0), (1, 1, Kind.PURCHASE, 1.0)]), "popular", 1)
    assert (found.code, found.related) == ("trending", None)


def test_who_wanted_an_item_is_counted_once_and_by_purchases_where_there_are_any() -> None:
    looks = [
        (person, item, Kind.VIEW, day) for person in range(6) for item in range(person % 2 + 1) for day in (1.0, 2.0)
    ]
    only_looked = fit(interactions(looks, now_day=20.0)).model
    assert only_looked.wanted_by(np.array([1, 0], np.int32)).tolist() == [3, 6]
    bought = [(person, 1, Kind.PURCHASE, day) for person in range(5) for day in (1.0, 9.0)]
    assert fit(interactions(looks + bought)).model.wanted_by(np.array([0, 1], np.int32)).tolist() == [0, 5]


def test_what_people_buy_first_is_told_by_how_many_bought_it_this_week() -> None:
    rows = [(person, 1, Kind.PURCHASE, 1.0) for person in range(9)]
    rows += [(person, 0, Kind.PURCHASE, 20.0) for person in range(6)]
    shop = interactions(rows)
    first, refilled = evidence(shop, "popular_first", 1), evidence(shop, "popular_first", 0)
    assert (first.code, first.related, first.count) == ("trending", None, 0)
    assert (refilled.code, refilled.related, refilled.count) == ("trending", None, 6)
