"""Closeness by what the catalogue says: for items nobody or hardly anybody has bought."""

from dataclasses import replace

import numpy as np
from interaction_samples import Row, interactions, person_of

from recommender.algorithms import spec_of
from recommender.algorithms.content import Content, thin_items
from recommender.interactions import Interactions, Kind
from recommender.training.fitting import DEFAULTS, FitSettings, fit_one, view_of

NOTHING = np.zeros(0, np.int64)
TITLES = ("green teapot", "green teapot large", "garden gnome", "garden gnome red", "teapot new")


def shop(rows: list[Row] | None = None, titles: tuple[str, ...] = TITLES) -> Interactions:
    """Person 0 buys the teapots, person 1 the gnomes; item 4 is new."""
    told = rows or [(0, 0, Kind.PURCHASE, 1.0), (0, 1, Kind.PURCHASE, 2.0), (1, 2, Kind.PURCHASE, 1.0)]
    return replace(interactions(told, n_items=len(TITLES)), titles=titles)


def fitted(of: Interactions, **params: float) -> Content:
    settings = FitSettings(params={"content": params}, blends={}) if params else DEFAULTS
    generator = fit_one(spec_of("content"), of, view_of(of), settings, 0).generator
    assert isinstance(generator, Content)
    return generator


def nearest(generator: Content, item: int) -> list[int]:
    near: list[int] = generator.table.item[item][generator.table.weight[item] > 0].tolist()
    return near


def test_a_new_item_is_proposed_to_who_bought_what_its_title_meets() -> None:
    generator = fitted(shop())
    assert 4 in generator.look(person_of(shop(), 0)).top(2, np.array([0, 1]))
    assert 4 not in generator.look(person_of(shop(), 1)).top(5, NOTHING)


def test_it_names_the_item_that_speaks_loudest() -> None:
    of = shop()
    assert fitted(of).related(person_of(of, 0), 4) in (0, 1)
    assert fitted(of).related(person_of(of, 1), 4) is None


def test_two_items_that_many_bought_are_left_to_the_others() -> None:
    of = shop([(person, item, Kind.PURCHASE, 1.0) for person in range(12) for item in (0, 1)])
    assert nearest(fitted(of), 0) == [4]
    assert set(nearest(fitted(of, thin_below=13.0), 0)) == {1, 4}


def test_thin_is_what_few_people_bought_or_without_any_purchase_looked_at() -> None:
    rows: list[Row] = [(person, 0, Kind.VIEW, 1.0) for person in range(3)]
    assert thin_items(view_of(interactions(rows, n_items=2)), 3.0).tolist() == [False, True]
    rows.append((0, 1, Kind.PURCHASE, 2.0))
    assert thin_items(view_of(interactions(rows, n_items=2)), 1.0).tolist() == [True, False]


def test_a_category_alone_is_enough() -> None:
    rows: list[Row] = [(0, 0, Kind.PURCHASE, 1.0), (1, 2, Kind.PURCHASE, 1.0)]
    of = interactions(rows, n_items=4, category=[0, 0, 1, 1])
    assert nearest(fitted(of), 0) == [1]


def test_an_equal_price_is_closer_than_a_quarter_of_it() -> None:
    of = shop(titles=("pot a", "pot b", "pot c", "gnome", "gnome"))
    of = replace(of, price=np.array([8.0, 2.0, 8.0, np.nan, np.nan], np.float32))
    assert nearest(fitted(of), 0) == [2, 1]


def test_looks_speak_beside_purchases() -> None:
    of = shop([(0, 2, Kind.PURCHASE, 1.0), (0, 0, Kind.VIEW, 3.0)])
    person = person_of(of, 0)
    assert 4 in fitted(of).look(person).top(5, np.array([0, 2]))


def test_a_catalogue_that_says_nothing_is_named_in_the_note() -> None:
    result = fit_one(spec_of("content"), shop(titles=()), view_of(shop(titles=())), DEFAULTS, 0)
    assert result.generator is None
    assert result.note == "content: the catalogue tells neither titles nor categories."
