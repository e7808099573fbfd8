"""The checks that nothing of the future reaches a figure pass where nothing does, and fail where something does."""

from dataclasses import replace
from functools import cache

import numpy as np
from interaction_samples import DAY, browsing_shop, random_shop
from numpy.typing import NDArray

from recommender.evaluation.leaks import asked_moment, cut_moment, later_lines, shuffle_people, shuffled
from recommender.evaluation.moments import Archive, ask_at
from recommender.evaluation.split import Track, before
from recommender.evaluation.tasks import Tasks
from recommender.evaluation.visits import Asked
from recommender.interactions import Interactions
from recommender.model.fitted import FittedModel
from recommender.training.fitting import fit


@cache
def tasks() -> Tasks:
    shop = random_shop(3, n_people=150, days=100)
    return Tasks.at(shop, int(shop.now_us - 25 * DAY))


@cache
def model() -> FittedModel:
    return fit(tasks().past).model


def one_moment_late(interactions: Interactions, cut_us: int) -> Interactions:
    """A cut that takes what happens at its very moment for known."""
    return replace(before(interactions, cut_us + 1), now_us=cut_us + 1)


def a_day_late(interactions: Interactions, cut_us: int) -> Interactions:
    return replace(before(interactions, cut_us + DAY), now_us=cut_us)


def ask_late(model: FittedModel, archive: Archive, asked: Asked) -> NDArray[np.int32]:
    """Lists that see the moment they are asked for."""
    return ask_at(model, archive, replace(asked, at_us=asked.at_us + 1))


def test_what_happens_at_the_cut_helps_no_list() -> None:
    known = tasks()
    assert cut_moment(model(), known.everything, known.past, known.windows[Track.WINDOW]).passed


def test_a_cut_that_lets_its_own_moment_through_is_found_out() -> None:
    known = tasks()
    found = cut_moment(model(), known.everything, known.past, known.windows[Track.WINDOW], cut=one_moment_late)
    assert not found.passed
    assert found.values["changed"] > 0


def test_what_happens_when_a_list_is_asked_for_does_not_help_it() -> None:
    known = tasks()
    assert asked_moment(model(), known.everything, known.moments[Track.BASKET]).passed


def test_lists_that_see_the_moment_they_are_asked_for_are_found_out() -> None:
    known = tasks()
    found = asked_moment(model(), known.everything, known.moments[Track.BASKET], ask_=ask_late)
    assert not found.passed


def test_another_future_changes_nothing_of_what_was_learned_from() -> None:
    known = tasks()
    assert later_lines(known.everything, known.past).passed


def test_learning_from_a_day_of_the_future_is_found_out() -> None:
    known = tasks()
    peeked = a_day_late(known.everything, known.past.now_us)
    found = later_lines(known.everything, peeked, cut=a_day_late)
    assert not found.passed
    assert found.values["late"] > 0


def test_a_price_of_the_future_is_found_out() -> None:
    known = tasks()
    rng = np.random.default_rng(0)
    priced = replace(known.everything, paid=rng.random(len(known.everything.time_us)).astype(np.float32))

    def with_every_price(interactions: Interactions, cut_us: int) -> Interactions:
        out = interactions.price.copy()
        assert interactions.paid is not None
        out[interactions.item] = interactions.paid
        return replace(before(interactions, cut_us), price=out)

    cut_us = known.past.now_us
    assert later_lines(priced, before(priced, cut_us)).passed
    assert not later_lines(priced, with_every_price(priced, cut_us), cut=with_every_price).passed


def test_who_learns_from_shuffled_people_knows_no_more_than_a_stranger() -> None:
    known = tasks()
    mixed = shuffle_people(known.past, np.random.default_rng(0))
    assert sorted(mixed.person.tolist()) == sorted(known.past.person.tolist())
    found = shuffled(fit(mixed).model, mixed, known.past, known.windows[Track.WINDOW])
    assert found.passed, found.sentence


def test_shuffled_labels_that_still_tell_who_is_who_are_found_out() -> None:
    known = tasks()
    found = shuffled(model(), known.past, known.past, known.windows[Track.WINDOW])
    assert not found.passed
    assert found.values["shuffled"] > found.values["stranger"]


def test_every_track_has_a_list_for_each_of_its_truths() -> None:
    shop = browsing_shop(3, n_people=80)  # people buy what they had not looked at before, too
    known = Tasks.at(shop, int(shop.now_us - 15 * DAY))
    lists = known.lists(fit(known.past).model)
    for track in (Track.WINDOW, Track.WINDOW_NEW, Track.BASKET, Track.SESSION):
        assert len(lists[track]) == len(known.truths[track].person) > 0
