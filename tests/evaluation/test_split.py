"""The clock decides what was known and what came later."""

from dataclasses import replace

import numpy as np
import pytest
from interaction_samples import DAY, START, interactions, random_shop

from recommender.domain.requests import Repeat
from recommender.evaluation.asking import ask, baseline
from recommender.evaluation.judging import hits_of, judge_lists
from recommender.evaluation.split import GROUPS, WINDOWS, Group, Track, before, clock_cut, touched_only, truth_after
from recommender.interactions import Kind, as_histories
from recommender.model.contract import Ask, Query
from recommender.training.fitting import fit


def test_the_cut_leaves_a_tenth_of_the_span_by_the_clock() -> None:
    shop = interactions([(0, 0, Kind.PURCHASE, 0.0), (0, 0, Kind.PURCHASE, 1.0), (0, 0, Kind.PURCHASE, 10.0)])
    assert clock_cut(shop) == START + 9 * DAY


def test_nothing_to_split_is_an_error() -> None:
    with pytest.raises(ValueError, match="no interactions"):
        clock_cut(interactions([]))


def test_what_stands_exactly_at_the_cut_came_later() -> None:
    shop = interactions([(0, 0, Kind.PURCHASE, 0.0), (0, 1, Kind.PURCHASE, 5.0)])
    past = before(shop, START + 5 * DAY)
    assert past.item.tolist() == [0]
    assert past.now_us == START + 5 * DAY
    assert truth_after(shop, past.now_us)[Track.WINDOW].item.tolist() == [1]


def test_a_price_told_after_the_cut_is_not_known_at_it() -> None:
    shop = interactions([(0, 0, Kind.PURCHASE, 1.0), (0, 0, Kind.PURCHASE, 5.0), (0, 1, Kind.PURCHASE, 6.0)])
    priced = replace(shop, paid=np.array([2.0, 3.0, 4.0], np.float32), price=np.array([3.0, 4.0], np.float32))
    assert np.array_equal(before(priced, START + 4 * DAY).price, [2.0, np.nan], equal_nan=True)


def test_a_price_that_was_not_told_leaves_the_one_before() -> None:
    shop = interactions([(0, 0, Kind.PURCHASE, 1.0), (0, 0, Kind.PURCHASE, 2.0)])
    priced = replace(shop, paid=np.array([2.0, np.nan], np.float32))
    assert before(priced, START + 4 * DAY).price.tolist() == [2.0]


def test_items_of_the_future_can_be_taken_out_of_the_past() -> None:
    shop = interactions([(0, 2, Kind.PURCHASE, 1.0), (0, 0, Kind.PURCHASE, 5.0)], category=[0, 1, 1])
    past, items = touched_only(before(shop, START + 2 * DAY))
    assert (past.item_ids, past.item.tolist(), past.category.tolist()) == (("i0002",), [0], [1])
    assert items.tolist() == [2]


def test_people_are_grouped_by_what_was_known_of_them() -> None:
    rows = [(0, 0, Kind.PURCHASE, 0.0), (1, 0, Kind.VIEW, 0.0)] + [
        (person, 1, Kind.PURCHASE, 5.0) for person in range(3)
    ]
    truth = truth_after(interactions(rows), START + DAY)[Track.WINDOW]
    assert [GROUPS[code] for code in truth.group] == [Group.KNOWN, Group.VIEWER, Group.NEW]


def test_who_only_sent_something_back_has_not_looked_at_anything() -> None:
    kinds = [Kind.REFUND, Kind.CART, Kind.VIEW]
    rows = [(person, 0, kind, 0.0) for person, kind in enumerate(kinds)] + [
        (person, 1, Kind.PURCHASE, 5.0) for person in range(3)
    ]
    truth = truth_after(interactions(rows), START + DAY)[Track.WINDOW]
    assert [GROUPS[code] for code in truth.group] == [Group.NEW, Group.VIEWER, Group.VIEWER]


def test_the_new_track_holds_only_what_was_never_bought_before() -> None:
    rows = [
        (0, 0, Kind.PURCHASE, 0.0),
        (0, 0, Kind.PURCHASE, 5.0),
        (0, 1, Kind.PURCHASE, 5.0),
        (1, 0, Kind.PURCHASE, 0.0),
        (1, 0, Kind.PURCHASE, 5.0),
    ]
    truths = truth_after(interactions(rows), START + DAY)
    assert truths[Track.WINDOW].person.tolist() == [0, 1]
    assert truths[Track.WINDOW_NEW].person.tolist() == [0]
    assert truths[Track.WINDOW_NEW].item.tolist() == [1]


def test_an_end_hides_what_came_after_it() -> None:
    rows = [(0, 0, Kind.PURCHASE, 0.0), (0, 1, Kind.PURCHASE, 5.0), (0, 2, Kind.PURCHASE, 9.0)]
    truth = truth_after(interactions(rows), START + DAY, START + 6 * DAY)[Track.WINDOW]
    assert truth.item.tolist() == [1]


def test_an_item_listed_twice_is_found_once() -> None:
    truth = truth_after(interactions([(0, 1, Kind.PURCHASE, 5.0)], n_items=3), START)[Track.WINDOW]
    lists = np.full((1, 20), -1, np.int32)
    lists[0, :3] = [1, 1, 2]
    assert hits_of(lists, truth, 3)[0].sum() == 1


def test_lists_of_another_shape_are_refused() -> None:
    truth = truth_after(interactions([(0, 1, Kind.PURCHASE, 5.0)]), START)[Track.WINDOW]
    with pytest.raises(ValueError, match="20"):
        judge_lists(np.zeros((1, 10), np.int32), truth, 2)


def test_lists_asked_at_the_cut_are_the_same_whatever_comes_later() -> None:
    shop = random_shop()
    cut = clock_cut(shop)
    later = shop.time_us >= cut
    other = random_shop()
    other.item[later] = (other.item[later] + 7) % len(other.item_ids)
    people = np.arange(shop.n_people)
    for track in WINDOWS:
        one, two = (ask(fit(before(s, cut)).model, before(s, cut), people, track) for s in (shop, other))
        assert np.array_equal(one, two)


def test_asked_lists_are_what_the_model_proposes_filled_up_with_what_is_popular() -> None:
    shop = random_shop()
    model = fit(shop).model
    lists = ask(model, shop, np.arange(shop.n_people), Track.WINDOW_NEW)
    proposed = model.propose(as_histories(shop), [Query(ask=Ask.HOME, repeat=Repeat.FORBID)] * shop.n_people, limit=20)
    bought = shop.kind == Kind.PURCHASE
    for person, answer in enumerate(proposed):
        assert lists[person, : len(answer.items)].tolist() == answer.items.tolist()
        assert len(set(lists[person].tolist())) == 20
        assert not set(lists[person].tolist()) & set(shop.item[bought & (shop.person == person)].tolist())


def test_the_frequency_baseline_orders_by_number_of_orders() -> None:
    rows = [
        (0, 0, Kind.PURCHASE, 1.0),
        (0, 1, Kind.PURCHASE, 1.0),
        (0, 1, Kind.PURCHASE, 2.0),
        (1, 2, Kind.PURCHASE, 2.0),
    ]
    shop = interactions(rows)
    lists = ask(baseline(fit(shop).model, "own_frequency"), shop, np.array([0]), Track.WINDOW)
    assert lists[0, :3].tolist() == [1, 0, 2]


def test_an_unknown_baseline_is_an_error() -> None:
    with pytest.raises(ValueError, match="popularity, own_frequency, als"):
        baseline(fit(random_shop()).model, "magic")
