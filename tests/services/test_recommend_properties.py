"""What holds for every list, whoever asks, for whatever place, at whatever moment, live or in blocks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from math import isfinite

import pytest
from answer_samples import END, EVERYBODY, ITEMS, START, Spring, make_spring, recommender_of
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.items import Item
from recommender.domain.people import Person
from recommender.domain.ports import Stores
from recommender.domain.requests import Repeat, Request
from recommender.domain.slates import Slate
from recommender.ranking.scenarios import SCENARIOS
from recommender.services.recommend import Recommender

MOMENTS = st.integers(0, 61 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
SOME_ITEMS = st.lists(st.sampled_from((*ITEMS, "fresh", "nowhere")), max_size=12).map(tuple)


@st.composite
def requests(draw: st.DrawFn, now: datetime | None = None) -> Request:
    return Request(
        scenario=draw(st.sampled_from(sorted(SCENARIOS))),
        now=now or draw(MOMENTS),
        person=draw(st.sampled_from(EVERYBODY)),
        item_ids=draw(SOME_ITEMS)[:2],
        cart=draw(SOME_ITEMS)[:3],
        exclude=draw(SOME_ITEMS),
        repeat=draw(st.sampled_from(Repeat)),
        size=draw(st.integers(1, 50)),
        country=draw(st.sampled_from([None, None, "Norway", "Atlantis"])),
    )


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Spring:
    return make_spring(tmp_path_factory.mktemp("spring"))


@pytest.fixture(scope="module")
def stores(spring: Spring, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    opened = spring.copy(tmp_path_factory.mktemp("copy"))
    refusing = (Person(customer_id="c4"), Person(visitor_id="v6"))
    opened.consent.record(
        ConsentRecord(
            person=person,
            purpose=Purpose.ONSITE_PERSONALISATION,
            state=ConsentState.OBJECTED,
            time=START,
            source="form",
        )
        for person in refusing
    )
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["model", "no model"])
def shop(request: pytest.FixtureRequest, stores: Stores, spring: Spring) -> Recommender:
    return recommender_of(stores, spring.model if request.param == "model" else None)


@settings(max_examples=80, deadline=None)
@given(asked=requests())
def test_a_list_keeps_every_rule(shop: Recommender, stores: Stores, asked: Request) -> None:
    check_rules(stores, asked, shop.slate(asked))


@settings(max_examples=15, deadline=None)
@given(data=st.data(), now=MOMENTS)
def test_a_block_gives_the_lists_one_by_one_gives(shop: Recommender, data: st.DataObject, now: datetime) -> None:
    asked = data.draw(st.lists(requests(now), min_size=1, max_size=24))
    assert shop.slates(asked) == [shop.slate(one) for one in asked]


@settings(max_examples=15, deadline=None)
@given(asked=st.lists(requests(), min_size=2, max_size=12))
def test_a_block_of_different_moments_gives_the_same_too(shop: Recommender, asked: list[Request]) -> None:
    assert shop.slates(asked) == [shop.slate(one) for one in asked]


@settings(max_examples=8, deadline=None)
@given(asked=requests(), people=st.permutations(EVERYBODY))
def test_a_batch_gives_the_lists_live_gives(
    shop: Recommender, stores: Stores, asked: Request, people: list[Person]
) -> None:
    block = [structs.replace(asked, person=person) for person in people]
    batch = shop.pinned(asked.scenario).slates(block)
    assert batch == [shop.slate(one) for one in block]
    for one, slate in zip(block, batch, strict=True):
        check_rules(stores, one, slate)


def check_rules(stores: Stores, asked: Request, slate: Slate) -> None:
    """Hold one list against the shop's stores, read afresh and judged item by item."""
    items = {item.item_id: item for item in stores.catalogue.all()}
    shown = [place.item_id for place in slate.items]
    barred = {*asked.exclude, *asked.item_ids, *asked.cart} | bought_before(stores, asked)
    assert not barred & set(shown)
    assert all(items[item_id].sellable(asked.now) for item_id in shown if item_id in items)
    assert [place.rank for place in slate.items] == list(range(1, len(shown) + 1))
    assert len(set(shown)) == len(shown) <= asked.size
    groups = [items[item_id].item_group_id for item_id in shown if item_id in items and items[item_id].item_group_id]
    assert len(set(groups)) == len(groups)
    assert all(isfinite(place.score) for place in slate.items)
    assert all(left.score >= right.score for left, right in pairwise(slate.items))
    possible = {item_id for item_id, item in items.items() if item.sellable(asked.now)} - barred
    assert len(shown) >= min(asked.size, distinct_offers(items, possible, asked))


def bought_before(stores: Stores, asked: Request) -> set[str]:
    """What ``Repeat.FORBID`` keeps out, unless the person refuses to be known."""
    if asked.repeat is not Repeat.FORBID:
        return set()
    if not stores.consent.allows(asked.person, SCENARIOS[asked.scenario].purpose, default=True):
        return set()
    lines = stores.log.of_person(asked.person, until=asked.now)
    return {line.item_id for line in lines if line.type == "purchase" and line.item_id}


def distinct_offers(items: dict[str, Item], possible: set[str], asked: Request) -> int:
    """How many places the catalogue can fill: one per group, none of the groups in hand."""
    in_hand = {items[item_id].item_group_id for item_id in (*asked.item_ids, *asked.cart) if item_id in items} - {None}
    offers = {items[item_id].item_group_id or item_id for item_id in possible}
    return len(offers - in_hand)


def test_the_moment_after_everything_is_among_those_tried() -> None:
    assert START < END < START + timedelta(minutes=61 * 24 * 60)
