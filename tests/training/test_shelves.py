"""Where items stand, by category and brand, and what a forest is told of it."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import polars as pl
from interaction_samples import random_shop
from test_catalogue_facts import DAY, log

from recommender.algorithms.person import Person
from recommender.domain.items import Item
from recommender.evaluation.split import touched_only
from recommender.features.columns import band_of
from recommender.interactions import Interactions, Kind, as_histories
from recommender.model.columns import FAR, PAIR, TRAITS, pair_columns, person_columns
from recommender.model.facts import SHELVES
from recommender.training.catalogue import facts_told
from recommender.training.fitting import fit
from recommender.training.reading import read_interactions
from recommender.training.traits import OTHERS, shelves_of

ITEMS = (
    Item(item_id="a", category="Food > Dairy > Milk", brand="Leaf", price=Decimal("1.50"), currency="EUR"),
    Item(item_id="b", category="Food > Dairy > Cheese", brand="Moo", price=Decimal("2.56"), currency="EUR"),
    Item(item_id="c", category="Food > Bread", brand="Leaf", price=Decimal("1.45"), currency="EUR"),
    Item(item_id="d", category="Garden", price=Decimal("0.001"), currency="EUR"),
    Item(item_id="e", title="a thing"),
)
ORDERS = (("c1", "a"), ("c1", "b"), ("c1", "a"), ("c2", "c"), ("c2", "d"), ("c3", "e"))


def shop() -> Interactions:
    frame = log(*ORDERS).with_columns(time_us=pl.Series([(20_000 + 10 * n) * DAY for n in range(len(ORDERS))]))
    return read_interactions(iter([frame]), catalogue=facts_told(ITEMS)).interactions


def test_items_stand_on_the_shelves_their_path_and_brand_tell() -> None:
    shelves = dict(zip(SHELVES, shelves_of(shop()).T.tolist(), strict=True))
    a, b, c, d, e = range(5)
    assert len(set(shelves["category"])) == 5
    assert shelves["category"][e] == -1
    assert shelves["parent"][a] == shelves["parent"][b] != shelves["parent"][c] >= 0
    assert [shelves["parent"][one] for one in (d, e)] == [-1, -1]
    assert shelves["department"] == [0, 0, -1, -1, -1]
    assert shelves["brand"][a] == shelves["brand"][c] != shelves["brand"][b] >= 0
    assert [shelves["brand"][one] for one in (d, e)] == [-1, -1]
    assert shelves["price_band"] == [*(band_of(round(10_000 * one)) for one in (1.5, 2.56, 1.45, 0.001)), -1]
    assert shelves["price_band"][a] == shelves["price_band"][c] != shelves["price_band"][b]


def test_a_shop_without_categories_and_brands_has_no_shelves() -> None:
    plain = random_shop()
    plain = replace(plain, category=np.full_like(plain.category, -1), categories=())
    assert (shelves_of(plain) == -1).all()
    assert np.isfinite(fit(plain).model.facts.traits).all()


def test_brands_stay_with_their_items_when_others_go() -> None:
    whole = shop()
    rows = np.flatnonzero(whole.item != 1)
    few = replace(
        whole,
        **{name: getattr(whole, name)[rows] for name in ("person", "item", "kind", "time_us", "quantity", "order")},
        paid=None,
    )
    past, kept = touched_only(few)
    assert kept.tolist() == [0, 2, 3, 4]
    assert past.brand is not None
    assert whole.brand is not None
    assert past.brand.tolist() == whole.brand[kept].tolist()


def test_a_forest_is_told_how_the_person_and_the_item_stand_to_the_shelf() -> None:
    whole = shop()
    facts = fit(whole).model.facts
    person = Person(as_histories(whole), 0, (), 5)
    own = person_columns(person, facts.traits)
    columns = dict(zip(PAIR, pair_columns(person, np.arange(5), own, facts.traits, facts.shelves), strict=True))
    age = (whole.now_us - whole.time_us[whole.person == 0]) / DAY
    weight = 0.5 ** (age / 60)
    np.testing.assert_allclose(columns["category_share"], [0.5, 0.5, 0, 0, 0])
    np.testing.assert_allclose(columns["parent_share"], [1, 1, 0, 0, 0])
    np.testing.assert_allclose(columns["price_band_share"], [0.5, 0.5, 0.5, 0, 0])
    np.testing.assert_allclose(columns["brand_share"], [0.5, 0.5, 0.5, 0, 0])
    np.testing.assert_allclose(columns["brand_days"], [age[2], age[1], age[2], FAR, FAR], atol=1e-3)
    leaf, moo = (weight[0] + weight[2]) / weight.sum(), weight[1] / weight.sum()
    np.testing.assert_allclose(columns["brand_weight"], [leaf, moo, leaf, 0, 0], rtol=1e-3)
    np.testing.assert_allclose(columns["department_weight"], [1, 1, 0, 0, 0], rtol=1e-6)
    sold = np.bincount(whole.item[whole.kind == Kind.PURCHASE], minlength=5)
    share = facts.traits[:, TRAITS.index("share_of_parent")]
    np.testing.assert_allclose(share, [2 / (3 + OTHERS), 1 / (3 + OTHERS), 1 / (1 + OTHERS), 0, 0], rtol=1e-6)
    assert sold.tolist() == [2, 1, 1, 1, 1]
