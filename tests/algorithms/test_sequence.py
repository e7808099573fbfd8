"""What comes next: direction, distance, and who stands behind it."""

import numpy as np
from interaction_samples import Row, interactions, person_of

from recommender.algorithms import spec_of
from recommender.algorithms.sequence import NextGenerator
from recommender.interactions import Interactions, Kind
from recommender.training.fitting import FitSettings, fit_one, view_of


def fitted(name: str, shop: Interactions, **params: float) -> NextGenerator:
    settings = FitSettings(params={name: params}, blends={})
    generator = fit_one(spec_of(name), shop, view_of(shop), settings, 0).generator
    assert isinstance(generator, NextGenerator)
    return generator


def following(generator: NextGenerator, item: int) -> dict[int, float]:
    table = generator.table
    pairs = zip(table.item[item].tolist(), table.weight[item].tolist(), strict=True)
    return {other: weight for other, weight in pairs if weight > 0}


def walk(*items: int, person: int = 0, kind: Kind = Kind.VIEW, apart: float = 0.01) -> list[Row]:
    return [(person, item, kind, place * apart) for place, item in enumerate(items)]


def test_what_came_after_follows_and_what_came_before_does_not() -> None:
    generator = fitted("viewed_next", interactions(walk(0, 1)))
    assert set(following(generator, 0)) == {1}
    assert following(generator, 1) == {}


def test_the_nearer_of_two_followers_weighs_more() -> None:
    found = following(fitted("viewed_next", interactions(walk(0, 1, 2)), follow_damp=0.0), 0)
    assert found[1] > found[2] > 0


def test_beyond_its_reach_nothing_follows() -> None:
    found = following(fitted("viewed_next", interactions(walk(0, 1, 2, 3)), reach=2.0), 0)
    assert set(found) == {1, 2}


def test_one_persons_events_do_not_follow_anothers() -> None:
    generator = fitted("viewed_next", interactions([*walk(0, 1), *walk(2, 3, person=1)]))
    assert set(following(generator, 1)) == set()
    assert set(following(generator, 2)) == {3}


def test_lines_of_one_order_do_not_follow_each_other_but_the_next_order_follows_both() -> None:
    rows: list[Row] = [(0, item, Kind.PURCHASE, day) for item, day in ((0, 1.0), (1, 1.0), (2, 9.0))]
    generator = fitted("bought_next", interactions(rows))
    assert set(following(generator, 0)) == {2}
    assert set(following(generator, 1)) == {2}


def test_an_old_succession_says_less_than_a_new_one() -> None:
    old, new = walk(0, 1), [(1, item, kind, day + 300.0) for _, item, kind, day in walk(0, 2)]
    found = following(fitted("viewed_next", interactions([*old, *new]), half_life_days=30.0), 0)
    assert found[2] > found[1] > 0


def test_a_succession_of_one_person_is_never_shown_in_a_large_shop() -> None:
    crowd = [row for number in range(1_001) for row in walk(2, 3, person=number)]
    generator = fitted("viewed_next", interactions([*crowd, *walk(0, 1, person=2_000), *walk(0, 1, person=2_000)]))
    assert following(generator, 0) == {}
    assert set(following(generator, 2)) == {3}


def test_the_last_item_speaks_loudest_whatever_the_clock_says() -> None:
    shop = interactions([*walk(0, 4), *walk(1, 5, person=1), *walk(0, 1, person=2, apart=0.0001)])
    generator = fitted("viewed_next", shop, history_half_life_steps=0.5)
    after_0, after_1 = generator.look(person_of(shop, 2)).at(np.array([4, 5])).tolist()
    assert after_1 > after_0 > 0


def test_the_item_that_speaks_loudest_is_told() -> None:
    shop = interactions([*walk(0, 4), *walk(1, 5, person=1), *walk(0, 1, person=2)])
    generator = fitted("viewed_next", shop)
    assert generator.related(person_of(shop, 2), 4) == 0
    assert generator.related(person_of(shop, 2), 5) == 1
    assert generator.related(person_of(shop, 2), 0) is None


def test_what_is_on_the_page_speaks_instead_of_the_history() -> None:
    shop = interactions([*walk(0, 4), *walk(1, 5, person=1), *walk(1, person=2)])
    generator = fitted("viewed_next", shop)
    assert generator.related(person_of(shop, 2, context=(0,)), 4) == 0
    assert generator.related(person_of(shop, 2, context=(0,)), 5) is None
