"""An item that came after the training, from the first look at it on: in live lists and in batches alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from answer_samples import END, SOURCE, Spring, make_spring, recommender_of
from profile_samples import Corner

from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Item
from recommender.domain.people import Person
from recommender.domain.ports import Stores
from recommender.domain.requests import Repeat, Request
from recommender.domain.slates import Basis, Slate
from recommender.services.recommend import Recommender

BROWSER = Person(visitor_id="never seen before")
REGULAR = Person(customer_id="c1")


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Spring:
    return make_spring(tmp_path_factory.mktemp("spring"))


@pytest.fixture
def stores(spring: Spring, tmp_path: Path) -> Iterator[Stores]:
    opened = spring.copy(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def shop(stores: Stores, spring: Spring) -> Recommender:
    return recommender_of(stores, spring.model)


def looked(stores: Stores, person: Person, item_id: str = "fresh", kind: EventType = EventType.VIEW_ITEM) -> None:
    event = Event(
        event_id=f"{kind}-{item_id}-{person.visitor_id or person.customer_id}",
        type=kind,
        time=END - timedelta(minutes=5),
        visitor_id=person.visitor_id,
        customer_id=person.customer_id,
        items=(EventItem(item_id=item_id),),
        order_id="o-new" if kind is EventType.PURCHASE else None,
    )
    stores.log.append([event], SOURCE)


def request(person: Person, scenario: str = "home", repeat: Repeat = Repeat.AUTO) -> Request:
    return Request(scenario=scenario, person=person, now=END, repeat=repeat)


def ids(slate: Slate) -> list[str]:
    return [place.item_id for place in slate.items]


def test_the_model_has_never_seen_the_item(spring: Spring) -> None:
    assert spring.model.index_of("fresh") is None


def test_one_look_brings_it_into_the_list_with_a_true_reason(shop: Recommender, stores: Stores) -> None:
    looked(stores, BROWSER)
    slate = shop.slate(request(BROWSER))
    first = slate.items[0]
    assert (first.item_id, first.source, first.reason.code) == ("fresh", "looked", "viewed_times")
    assert (slate.basis, slate.fallback, len(slate.items)) == (Basis.PERSONAL, None, 12)


def test_recently_viewed_begins_with_it(shop: Recommender, stores: Stores) -> None:
    looked(stores, REGULAR, "i05")
    looked(stores, REGULAR)
    assert ids(shop.slate(request(REGULAR, "recently_viewed")))[:2] == ["fresh", "i05"]


def test_sold_out_it_does_not_appear(shop: Recommender, stores: Stores) -> None:
    looked(stores, BROWSER)
    stores.catalogue.put([Item(item_id="fresh", title="Fresh thing", category="Garden", stock=0)])
    assert "fresh" not in ids(shop.slate(request(BROWSER)))


def test_what_was_bought_does_not_come_back(shop: Recommender, stores: Stores) -> None:
    looked(stores, REGULAR)
    assert "fresh" in ids(shop.slate(request(REGULAR)))
    looked(stores, REGULAR, kind=EventType.PURCHASE)
    assert "fresh" not in ids(shop.slate(request(REGULAR)))
    assert "fresh" not in ids(shop.slate(request(REGULAR, repeat=Repeat.FORBID)))


def test_one_by_one_in_a_block_and_from_profiles_the_same_lists(
    shop: Recommender, stores: Stores, spring: Spring, tmp_path: Path
) -> None:
    people = [BROWSER, REGULAR, *(Person(customer_id=f"c{n}") for n in range(2, 12))]
    for person in people[:6]:
        looked(stores, person)
    block = shop.slates([request(person) for person in people])
    assert [ids(shop.slate(request(person))) for person in people] == [ids(slate) for slate in block]
    live = recommender_of(stores, spring.model)
    corner = Corner(tmp_path, stores)
    live.records = replace(live.records, profiles=corner.profiles)
    for _ in range(2):  # from the log, then from the cache
        assert [live.slate(request(person)).items for person in people] == [slate.items for slate in block]
    corner.store.close()
    assert sum("fresh" in ids(slate) for slate in block) >= 6
