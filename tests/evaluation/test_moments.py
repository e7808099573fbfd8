"""A list asked for at a moment knows what happened before it, and nothing else."""

import numpy as np
import pytest
from interaction_samples import DAY, START, browsing_shop, interactions, random_shop

from recommender.domain.requests import Repeat
from recommender.evaluation.asking import ask
from recommender.evaluation.moments import Archive, Sight, ask_at, edges
from recommender.evaluation.split import Track, before, clock_cut, touched_only, truth_after
from recommender.evaluation.visits import Asked, baskets_after, looks_after, sessions_after
from recommender.interactions import Kind, as_histories, some_histories
from recommender.training.fitting import fit

MINUTE = 1 / 1440


def test_without_orders_a_pause_of_more_than_thirty_minutes_begins_a_new_basket() -> None:
    rows = [(0, item, Kind.PURCHASE, minute * MINUTE) for item, minute in enumerate((0, 30, 61))]
    asked = baskets_after(interactions(rows, order=[-1] * 3), START)
    assert np.diff(asked.truth.indptr).tolist() == [2, 1]
    assert asked.at_us.tolist() == [START, START + int(61 * MINUTE * DAY)]


def test_an_order_is_one_basket_however_long_it_takes_and_two_orders_are_two() -> None:
    rows = [(0, item, Kind.PURCHASE, hour / 24) for item, hour in enumerate((0, 5, 5))]
    asked = baskets_after(interactions(rows, order=[7, 7, 8]), START)
    assert [part.tolist() for part in np.split(asked.truth.item, asked.truth.indptr[1:-1])] == [[0, 1], [2]]


def test_a_basket_is_asked_for_before_the_look_that_led_to_it() -> None:
    rows = [(0, 0, Kind.VIEW, 1.0), (0, 0, Kind.PURCHASE, 1.0 + MINUTE), (0, 1, Kind.VIEW, 2.0)]
    asked = baskets_after(interactions(rows, order=[-1] * 3), START)
    assert asked.at_us.tolist() == [START + DAY]


@pytest.mark.parametrize("session", [-1, 99])
def test_an_order_is_asked_for_before_the_looks_that_led_to_it_and_no_others(session: int) -> None:
    moments = [
        (9, Kind.VIEW, 0, -1),  # long before
        (1, Kind.VIEW, 100, -1),
        (1, Kind.CART, 110, -1),
        (1, Kind.PURCHASE, 112, 7),
        (2, Kind.PURCHASE, 112, 7),
        (3, Kind.VIEW, 120, -1),
        (3, Kind.PURCHASE, 125, 8),
        (4, Kind.PURCHASE, 126, 9),  # an order nothing led to
        (5, Kind.VIEW, 127, -1),  # no order follows
        (6, Kind.PURCHASE, 300, 10),
    ]
    rows = [(0, item, kind, minute * MINUTE) for item, kind, minute, _ in moments]
    rows.insert(3, (1, 1, Kind.VIEW, 111 * MINUTE))  # somebody else
    order = [session if told < 0 else told for *_, told in moments]  # looks bear the code of their session, if any
    order.insert(3, -1)
    asked = baskets_after(interactions(rows, order=order), START)
    assert [round((at - START) / DAY / MINUTE) for at in asked.at_us.tolist()] == [100, 120, 126, 300]
    assert [part.tolist() for part in np.split(asked.truth.item, asked.truth.indptr[1:-1])] == [[1, 2], [3], [4], [6]]


def test_a_visit_wants_what_is_ordered_in_it() -> None:
    rows = [(0, 0, Kind.VIEW, 1.0), (0, 1, Kind.PURCHASE, 1.0 + MINUTE), (0, 2, Kind.PURCHASE, 2.0)]
    asked = sessions_after(interactions(rows, order=[-1, 5, 6]), START)
    assert [part.tolist() for part in np.split(asked.truth.item, asked.truth.indptr[1:-1])] == [[1]]


def test_a_return_opens_no_basket() -> None:
    rows = [(0, 0, Kind.REFUND, 1.0), (0, 1, Kind.PURCHASE, 1.0 + MINUTE)]
    asked = baskets_after(interactions(rows, order=[-1] * 2), START)
    assert asked.at_us.tolist() == [START + DAY + int(MINUTE * DAY)]


def test_a_visit_is_asked_for_after_its_third_view_for_what_was_never_touched() -> None:
    kinds = [Kind.VIEW, Kind.VIEW, Kind.VIEW, Kind.CART, Kind.PURCHASE]
    rows = [(0, 9, Kind.VIEW, 0.0)] + [
        (0, item, kind, 1.0 + n * MINUTE) for n, (item, kind) in enumerate(zip((0, 1, 2, 9, 4), kinds, strict=True))
    ]
    asked = sessions_after(interactions(rows, order=[-1] * 6), START + 1)
    assert asked.truth.item.tolist() == [4]
    assert asked.at_us.tolist() == [START + int((1.0 + 2 * MINUTE) * DAY) + 1]
    assert asked.start_us.tolist() == [START + DAY]


def test_a_visit_of_fewer_views_is_asked_for_after_the_first() -> None:
    rows = [(0, 0, Kind.VIEW, 1.0), (0, 1, Kind.CART, 1.0 + MINUTE), (0, 2, Kind.VIEW, 1.0 + 2 * MINUTE)]
    asked = sessions_after(interactions(rows, order=[-1] * 3), START)
    assert asked.truth.item.tolist() == [1]
    assert asked.at_us.tolist() == [START + DAY + 1]


def test_a_visit_that_looks_at_nothing_is_no_session() -> None:
    assert not len(sessions_after(interactions([(0, 0, Kind.PURCHASE, 1.0)], order=[-1]), START).at_us)


def asked_of(shop_seed: int = 0) -> tuple[Asked, int]:
    shop = random_shop(shop_seed)
    return baskets_after(shop, clock_cut(shop)), clock_cut(shop)


@pytest.mark.parametrize("sight", Sight)
def test_histories_hold_exactly_what_the_sight_may_see(sight: Sight) -> None:
    shop = browsing_shop()
    cut = clock_cut(shop, 0.3)
    asked = sessions_after(shop, cut)
    assert len(asked.at_us) > 5
    since, until = edges(asked, sight, cut)
    cut_out = Archive.of(shop).histories(asked.truth.person, since, until)
    for row, person in enumerate(asked.truth.person.tolist()):
        theirs = (shop.person == person) & (shop.time_us >= since[row]) & (shop.time_us < until[row])
        assert cut_out.item[cut_out.indptr[row] : cut_out.indptr[row + 1]].tolist() == shop.item[theirs].tolist()


def test_what_is_seen_grows_from_the_cut_over_midnight_to_the_moment() -> None:
    asked, cut = asked_of()
    frozen, nightly, live = (edges(asked, sight, cut)[1] for sight in (Sight.FROZEN, Sight.NIGHTLY, Sight.LIVE))
    assert (frozen == cut).all()
    assert (nightly >= frozen).all()
    assert (live >= nightly).all()
    assert (nightly > frozen).any()
    assert ((nightly % DAY == 0) | (nightly == cut)).all()


def test_histories_at_the_cut_are_those_of_the_window() -> None:
    shop = random_shop()
    cut = clock_cut(shop)
    person = truth_after(shop, cut)[Track.WINDOW].person
    never = np.full(len(person), np.iinfo(np.int64).min)
    mine = Archive.of(shop).histories(person, never, np.full(len(person), cut))
    theirs = some_histories(as_histories(before(shop, cut)), person)
    for name in ("indptr", "item", "kind", "time_us", "quantity", "order", "country", "now_us"):
        assert np.array_equal(getattr(mine, name), getattr(theirs, name))


def test_lists_asked_at_the_cut_are_those_of_the_window() -> None:
    shop = random_shop()
    past = before(shop, clock_cut(shop))
    model = fit(past).model
    person = truth_after(shop, past.now_us)[Track.WINDOW].person
    asked = baskets_after(shop, past.now_us)
    first = np.searchsorted(asked.truth.person, person)
    frozen = ask_at(model, Archive.of(shop), asked, sight=Sight.FROZEN, cut_us=past.now_us)
    assert np.array_equal(frozen[first], ask(model, past, person, Track.WINDOW))


def test_lists_are_the_same_in_blocks_of_any_size() -> None:
    shop = random_shop()
    past = before(shop, int(np.quantile(shop.time_us, 0.5)))
    model, archive, asked = fit(past).model, Archive.of(shop), baskets_after(shop, past.now_us)
    assert len(asked.at_us) > 20
    assert np.array_equal(ask_at(model, archive, asked, block=7), ask_at(model, archive, asked))


def test_nothing_at_or_after_the_moment_reaches_a_list() -> None:
    shop, other = random_shop(), random_shop()
    cut = clock_cut(shop)
    model = fit(before(shop, cut)).model
    asked = baskets_after(shop, cut)
    last = int(asked.at_us.argmax())
    later = other.time_us >= asked.at_us[last]
    other.item[later] = (other.item[later] + 7) % len(other.item_ids)
    one, two = (ask_at(model, Archive.of(s), asked)[last] for s in (shop, other))
    assert np.array_equal(one, two)


def test_a_model_that_knows_fewer_items_is_asked_in_its_own_rows() -> None:
    shop = interactions([(0, 3, Kind.PURCHASE, 1.0), (0, 1, Kind.PURCHASE, 2.0), (0, 2, Kind.PURCHASE, 9.0)])
    past, items = touched_only(before(shop, START + 5 * DAY))
    assert past.item_ids == ("i0001", "i0003")
    row_of = np.full(4, -1, np.int32)
    row_of[items] = [0, 1]
    seen = Archive.of(shop, row_of).histories(np.array([0]), np.array([0]), np.array([START + 10 * DAY]))
    assert seen.item.tolist() == [1, 0]


def test_new_only_lists_at_a_moment_hold_nothing_bought_before_it() -> None:
    shop = random_shop()
    cut = clock_cut(shop)
    asked = baskets_after(shop, cut)
    lists = ask_at(fit(before(shop, cut)).model, Archive.of(shop), asked, repeat=Repeat.FORBID)
    for row, person in enumerate(asked.truth.person.tolist()):
        had = (shop.person == person) & (shop.kind == Kind.PURCHASE) & (shop.time_us < asked.at_us[row])
        assert not set(shop.item[had].tolist()) & set(lists[row].tolist())


def test_what_is_told_at_one_moment_is_not_looked_at_next() -> None:
    rows = [(0, item, Kind.VIEW, 1.0) for item in range(3)]
    rows += [(1, item, Kind.VIEW, 1.0 + item * MINUTE) for item in range(2)]
    asked = looks_after(interactions(rows, order=[-1] * len(rows)), START, None, np.random.default_rng(0))
    assert (asked.truth.person.tolist(), asked.truth.item.tolist()) == ([1], [1])
    assert asked.at_us.tolist() == [START + DAY + 1]
