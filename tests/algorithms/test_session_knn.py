"""Visits like the one that is going on: what a row is, what it proposes, and that it stays anonymous."""

import numpy as np
from interaction_samples import DAY, Row, interactions, person_of

from recommender.algorithms import spec_of
from recommender.algorithms import visits as visits_room
from recommender.algorithms.session_knn import SessionKnn
from recommender.algorithms.visits import visits_of
from recommender.interactions import Interactions, Kind
from recommender.training.fitting import FitSettings, fit_one, view_of

MINUTE = 1 / 1440


def visit(*items: int, person: int = 0, day: float = 0.0, kind: Kind = Kind.VIEW) -> list[Row]:
    return [(person, item, kind, day + place * MINUTE) for place, item in enumerate(items)]


def fitted(shop: Interactions, **params: float) -> SessionKnn:
    settings = FitSettings(params={"session_knn": params}, blends={})
    generator = fit_one(spec_of("session_knn"), shop, view_of(shop), settings, 0).generator
    assert isinstance(generator, SessionKnn)
    return generator


def rows_of(shop: Interactions) -> list[list[int]]:
    found = visits_of(shop, 30.0, 0.0)
    return [] if found is None else [part.tolist() for part in np.split(found.item, found.indptr[1:-1])]


def score(generator: SessionKnn, shop: Interactions, person: int, item: int, context: tuple[int, ...] = ()) -> float:
    return float(generator.look(person_of(shop, person, context=context)).at(np.array([item]))[0])


def test_half_an_hour_of_silence_ends_a_visit() -> None:
    rows = [*visit(0, 1), *visit(2, 3, day=32 * MINUTE), *visit(4, day=50 * MINUTE)]
    assert rows_of(interactions(rows, order=[-1] * 5)) == [[0, 1], [2, 3, 4]]


def test_what_the_shop_calls_one_session_is_one_visit_however_long_the_pause() -> None:
    rows = [*visit(0, 1), *visit(2, 3, day=50 * MINUTE)]
    assert rows_of(interactions(rows, order=[7] * 4)) == [[0, 1, 2, 3]]
    assert rows_of(interactions(rows, order=[7, 7, 8, 8])) == [[0, 1], [2, 3]]


def test_two_people_never_share_a_visit() -> None:
    assert rows_of(interactions([*visit(0, 1), *visit(2, 3, person=1)])) == [[0, 1], [2, 3]]


def test_an_item_stands_where_it_was_touched_last() -> None:
    assert rows_of(interactions(visit(0, 1, 0, 2))) == [[1, 0, 2]]


def test_a_visit_of_one_item_and_an_order_without_a_look_are_no_rows() -> None:
    assert rows_of(interactions([*visit(0), *visit(1, 2, person=1, kind=Kind.PURCHASE)])) == []


def test_only_the_newest_visits_are_kept() -> None:
    shop = interactions([row for day in range(5) for row in visit(day, day + 1, day=float(day))])
    found = visits_of(shop, 30.0, 0.0, most=2)
    assert found is not None
    assert found.item.tolist() == [3, 4, 4, 5]


def test_an_item_leads_to_its_newest_visits_only() -> None:
    many = visits_room.MOST_PER_ITEM + 50
    shop = interactions([row for n in range(many) for row in visit(0, 1 + n % 3, person=n, day=n * 0.01)])
    found = visits_of(shop, 30.0, 0.0)
    assert found is not None
    leading = found.posting[slice(*found.posting_indptr[:2])]
    assert len(leading) == visits_room.MOST_PER_ITEM
    assert found.of_entry[leading].min() == 50


def test_visits_that_share_an_item_propose_their_others() -> None:
    shop = interactions([*visit(0, 1), *visit(2, 3, person=1), *visit(0, person=2)])
    generator = fitted(shop)
    assert score(generator, shop, 2, 1) > 0
    assert score(generator, shop, 2, 3) == 0


def test_the_last_click_counts_more_than_the_one_before() -> None:
    shop = interactions([*visit(0, 4), *visit(1, 5, person=1), *visit(0, 1, person=2)])
    generator = fitted(shop, history_half_life_steps=1.0)
    assert score(generator, shop, 2, 5) > score(generator, shop, 2, 4) > 0


def test_what_came_right_after_the_shared_item_counts_more_than_what_came_before_or_later() -> None:
    shop = interactions([*visit(4, 0, 1, 2, 3), *visit(0, person=1)])
    generator = fitted(shop, worth_power=0.0, before=0.3, after_decay=0.7)
    right_after, later, before = (score(generator, shop, 1, item) for item in (1, 3, 4))
    assert right_after > later > 0
    assert right_after > before > 0


def test_a_fresh_visit_says_more_than_an_old_one() -> None:
    shop = interactions([*visit(0, 1), *visit(0, 2, person=1, day=90.0), *visit(0, person=2, day=91.0)])
    generator = fitted(shop, half_life_days=30.0)
    assert score(generator, shop, 2, 2) > score(generator, shop, 2, 1) > 0


def test_what_is_on_the_page_asks_instead_of_the_history() -> None:
    shop = interactions([*visit(0, 1), *visit(2, 3, person=1), *visit(0, person=2)])
    assert score(fitted(shop), shop, 2, 3, context=(2,)) > 0
    assert score(fitted(shop), shop, 2, 1, context=(2,)) == 0


def test_the_item_of_the_visit_that_led_there_is_told() -> None:
    shop = interactions([*visit(0, 4), *visit(1, 5, person=1), *visit(0, 1, person=2)])
    generator = fitted(shop)
    assert generator.related(person_of(shop, 2), 4) == 0
    assert generator.related(person_of(shop, 2), 5) == 1
    assert generator.related(person_of(shop, 2), 3) is None


def test_rows_stay_the_same_whoever_made_the_visits() -> None:
    one = interactions([*visit(0, 1, person=0), *visit(2, 3, person=1, day=1.0)], n_people=9)
    other = interactions([*visit(0, 1, person=7), *visit(2, 3, person=4, day=1.0)], n_people=9)
    arrays, others = fitted(one).to_arrays(), fitted(other).to_arrays()
    assert {name: array.tobytes() for name, array in arrays.items()} == {n: a.tobytes() for n, a in others.items()}


def test_no_moment_of_a_visit_is_kept() -> None:
    shop = interactions([*visit(0, 1), *visit(2, 3, person=1, day=10.0)])
    assert all(np.abs(array).max() < DAY for array in fitted(shop).to_arrays().values())
