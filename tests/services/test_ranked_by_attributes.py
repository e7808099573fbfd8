"""A forest that splits on attributes of the profile: live, in batch, and from the log it is told the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from answer_samples import CUSTOMERS, END, EVERYBODY, VISITORS, Spring, interactions_of, make_spring, recommender_of
from profile_samples import Corner

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.people import Person
from recommender.domain.requests import Request
from recommender.domain.slates import Slate
from recommender.features.chronicle import Chronicle
from recommender.features.numbers import NUMBERS
from recommender.interactions import MISSING
from recommender.model.columns import names_of
from recommender.model.fitted import FittedModel
from recommender.model.forest import Forest, Tree
from recommender.model.ranker import Order, Ranker, without_unused
from recommender.ranking.scenarios import scenario_named
from recommender.services.attributes import Portraits
from recommender.services.item_lookup import CatalogueLookup
from recommender.services.recommend import Recommender
from recommender.services.records import Records

USED = ("orders", "known_days", "interval_days")
PLACES = ("home.known.repeats", "home.known.new", "home.session.repeats", "home.session.new")
NOW = END + timedelta(hours=1)


def splitting(names: tuple[str, ...]) -> Forest:
    """One tree an attribute: above some level the blend's order is turned round."""

    def tree(attribute: int, level: float) -> Tree:
        turned = names.index("blend_place")
        return Tree(
            feature=np.array([attribute, turned, turned]),
            threshold=np.array([level, 2.0, 1.0]),
            left=np.array([1, ~0, ~2]),
            right=np.array([2, ~1, ~3]),
            value=np.array([0.1, 0.9, 0.7, 0.2]),
        )

    levels = {"orders": 2.5, "known_days": 30.0, "interval_days": 7.0}
    return Forest.of_trees([tree(names.index(f"profile.{one}"), level) for one, level in levels.items()], len(names))


def ranked(model: FittedModel) -> FittedModel:
    rankers = {}
    for place in PLACES:
        generators = model.panel(place).speaking
        if generators:
            forest, used = without_unused(splitting(names_of(generators, NUMBERS)), generators, NUMBERS)
            ranker = Ranker(forest=forest, generators=generators, order=Order.FOREST, attributes=used)
            rankers[place] = ranker.fitted_to(model.facts.traits)
    return replace(model, rankers=rankers)


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Spring:
    made = make_spring(tmp_path_factory.mktemp("spring"))
    assert isinstance(made.model, FittedModel)
    return replace(made, model=ranked(made.model))


@pytest.fixture
def shop(spring: Spring, home: Path) -> Iterator[Corner]:
    stores = spring.copy(home)
    corner = Corner(home, stores)
    yield corner
    corner.store.close()
    stores.close()


def recommender(shop: Corner, spring: Spring, *, live: bool) -> Recommender:
    made = recommender_of(shop.stores, spring.model)
    portraits = Portraits(shop.profiles, CatalogueLookup(shop.stores.catalogue))
    made.records = replace(made.records, profiles=shop.profiles if live else None, portraits=portraits)
    return made


def asked(person: Person, now: datetime = NOW) -> Request:
    return Request(scenario="home", now=now, person=person, size=10)


def items(slate: Slate) -> list[tuple[str, float]]:
    return [(item.item_id, item.score) for item in slate.items]


def test_only_attributes_the_forests_split_on_are_asked_for(spring: Spring) -> None:
    assert spring.model.attributes == tuple(sorted(USED))


@pytest.mark.parametrize("days", [0, 20])
def test_batch_and_live_are_equal_lists_for_the_same_moment(shop: Corner, spring: Spring, days: int) -> None:
    requests = [asked(person, NOW - timedelta(days=days)) for person in EVERYBODY]
    block = recommender(shop, spring, live=False).slates(requests)
    one_by_one = [recommender(shop, spring, live=False).slates([request])[0] for request in requests]
    live = [recommender(shop, spring, live=True).slates([request])[0] for request in requests]
    again = [recommender(shop, spring, live=True).slates([request])[0] for request in requests]
    for batch, single, fresh, folded in zip(block, one_by_one, live, again, strict=True):
        assert items(batch) == items(single) == items(fresh) == items(folded)


def test_the_attributes_change_lists(shop: Corner, spring: Spring) -> None:
    told = recommender(shop, spring, live=True)
    untold = recommender_of(shop.stores, spring.model)
    requests = [asked(Person(customer_id=one)) for one in CUSTOMERS]
    changed = [items(a) != items(b) for a, b in zip(told.slates(requests), untold.slates(requests), strict=True)]
    assert any(changed)


def test_training_is_told_the_numbers_serving_is_told(shop: Corner, spring: Spring) -> None:
    stores = shop.stores
    chronicle = Chronicle(CatalogueLookup(stores.catalogue), dict(stores.log.links()))
    for frame in stores.log.frames():
        chronicle.add(frame)
    names = [f"c:{one}" for one in CUSTOMERS] + [f"v:{one}" for one in VISITORS]
    source = chronicle.of(pl.Series(names))
    assert source is not None
    people = [Person(customer_id=one) for one in CUSTOMERS] + [Person(visitor_id=one) for one in VISITORS]
    moment = interactions_of(stores, END).now_us
    taught = source.at(np.arange(len(names)), np.zeros(len(names), np.int64), np.full(len(names), moment))
    portraits = Portraits(shop.profiles, CatalogueLookup(stores.catalogue))
    now = datetime.fromtimestamp(0, END.tzinfo) + timedelta(microseconds=moment)
    for row, person in enumerate(people):
        np.testing.assert_array_equal(taught.of(row, NUMBERS), portraits.numbers_then(person, now, NUMBERS))
        np.testing.assert_array_equal(taught.of(row, NUMBERS), portraits.numbers(person, now, NUMBERS))


def test_of_who_refuses_to_be_described_nothing_is_told(shop: Corner, spring: Spring) -> None:
    anna = Person(customer_id=CUSTOMERS[0])
    purpose, state = Purpose.INFERRED_TRAITS, ConsentState.WITHDRAWN
    record = ConsentRecord(person=anna, purpose=purpose, state=state, time=END - timedelta(days=1), source="test")
    shop.stores.consent.record([record])
    shop.follower.poll()
    for live in (True, False):
        records: Records = recommender(shop, spring, live=live).records
        for people in ([anna], [anna, *(Person(customer_id=one) for one in CUSTOMERS[1:]), *[Person()] * 9]):
            requests = [asked(person) for person in people]
            known = records.read([(one, scenario_named(one.scenario)) for one in requests], spring.model)
            assert known.histories is not None
            assert known.histories.attributes is not None
            assert known.histories.attributes.of(0, USED).tolist() == [np.float32(MISSING)] * len(USED)
            if len(people) > 1:
                assert known.histories.attributes.of(1, USED).tolist() != [np.float32(MISSING)] * len(USED)
