"""Questions of moments at which people were there, and windows that leave something to learn from."""

import numpy as np
from interaction_samples import DAY, START, browsing_shop, interactions

from recommender.domain.requests import Repeat
from recommender.evaluation.split import before
from recommender.interactions import Kind
from recommender.training.live_questions import live_questions
from recommender.training.places import questions
from recommender.training.windows import SLICE, window_cuts

RNG = np.random.default_rng(0)
END = START + 100 * DAY
CUT = START + 10 * DAY
ROWS = [
    (0, 1, Kind.PURCHASE, 1.0),  # a customer, who comes back
    (0, 2, Kind.VIEW, 12.0),
    (0, 1, Kind.PURCHASE, 20.0),
    (0, 3, Kind.PURCHASE, 20.0),
    (1, 4, Kind.VIEW, 15.0),  # a visitor
    (1, 5, Kind.CART, 15.001),
    (2, 6, Kind.PURCHASE, 16.0),  # bought without ever looking
]
SHOP = interactions(ROWS, order=[1, -1, 2, 2, -1, -1, 3])


def test_who_bought_before_is_asked_before_the_basket_with_all_that_happened_until_then() -> None:
    asked = live_questions(SHOP, CUT, END, RNG)["home.known.repeats"]
    assert asked.item.tolist() == [1, 3]
    assert asked.histories.item.tolist() == [1, 2]
    assert asked.histories.now_us.tolist() == [START + 20 * DAY]
    assert asked.queries[0].repeat is Repeat.ALLOW


def test_what_is_new_to_them_is_asked_apart() -> None:
    asked = live_questions(SHOP, CUT, END, RNG)["home.known.new"]
    assert asked.item.tolist() == [3]
    assert asked.queries[0].repeat is Repeat.FORBID


def test_who_only_looked_is_asked_in_the_middle_of_the_visit() -> None:
    asked = live_questions(SHOP, CUT, END, RNG)["home.session.repeats"]
    assert asked.item.tolist() == [5]
    assert asked.histories.item.tolist() == [4]


def test_a_stranger_without_a_look_is_none_of_them() -> None:
    asked = live_questions(SHOP, CUT, END, RNG)
    assert all(6 not in one.item for one in asked.values())


def test_where_nobody_ever_bought_the_next_look_is_wanted() -> None:
    rows = [(0, item, Kind.VIEW, 12.0 + item / 1000) for item in range(4)]
    asked = live_questions(interactions(rows, order=[-1] * 4), CUT, END, np.random.default_rng(1))[
        "home.session.repeats"
    ]
    seen = len(asked.histories.item)
    assert 1 <= seen < 4
    assert asked.histories.item.tolist() == list(range(seen))
    assert asked.item.tolist() == [seen]


def test_a_log_of_orders_alone_asks_nothing_here() -> None:
    rows = [(0, 1, Kind.PURCHASE, 1.0), (0, 2, Kind.PURCHASE, 20.0)]
    assert live_questions(interactions(rows), CUT, END, RNG) == {}


def test_they_stand_behind_the_questions_at_the_cut() -> None:
    shop = browsing_shop(n_people=60)
    cut, end = window_cuts(shop, 1)[0]
    live = live_questions(shop, cut, end, np.random.default_rng(0))
    both = questions(shop, before(shop, cut), end, np.random.default_rng(0))
    for place, one in live.items():
        assert both[place].item[-len(one.item) :].tolist() == one.item.tolist()
        assert both[place].indptr[-1] == len(both[place].item)
        assert len(both[place].histories) == len(both[place].queries) == len(both[place].indptr) - 1


def test_a_window_leaves_most_of_the_log_to_learn_from() -> None:
    rows = [(n, n % 7, Kind.PURCHASE, 1.0) for n in range(20)]
    rows += [(n, n % 5, Kind.PURCHASE, 90.0 + n / 10) for n in range(100)]
    shop = interactions(rows)
    for cut, end in window_cuts(shop):
        held, known = ((shop.time_us < edge).sum() for edge in (cut, end))
        assert known - held <= known / 3
        assert known - held >= SLICE * known - 1


def test_windows_of_an_even_log_are_a_tenth_of_its_span() -> None:
    shop = interactions([(n, n % 7, Kind.PURCHASE, float(n)) for n in range(100)])
    cuts = window_cuts(shop, 3)
    assert [round((end - cut) / DAY, 1) for cut, end in cuts] == [9.9, 9.9, 9.9]
