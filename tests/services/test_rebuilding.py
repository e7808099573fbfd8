"""All profiles made anew in columns are those made one by one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from profile_samples import NOON, Corner, corner_at, happened

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.events import EventType
from recommender.domain.people import Customer, Person
from recommender.services.attributes import Portraits
from recommender.services.item_lookup import CatalogueLookup
from recommender.services.rebuilding import RebuildReport, rebuild_profiles

PEOPLE = [
    Person(customer_id="anna"),
    Person(customer_id="ben"),
    Person(visitor_id="b1"),
    Person(visitor_id="b2"),
]
KEYS = ["c:anna", "c:ben", "v:b1", "v:b2"]


@pytest.fixture
def corner(home: Path) -> Iterator[Corner]:
    with corner_at(home) as made:
        made.tell(
            happened("e1", "tea", visitor_id="b1", kind=EventType.VIEW_ITEM),
            happened("e2", "mug", customer_id="anna", visitor_id="b1", seconds=1.5),
            happened("e3", "pot", visitor_id="b2", kind=EventType.ADD_TO_CART, seconds=0.25),
            happened("e4", "mug", customer_id="ben", seconds=7),
            happened("e5", "cup", customer_id="anna", seconds=-90_000),
        )
        made.stores.customers.put([Customer(customer_id="anna", country="Poland")])
        made.stores.consent.record(
            [
                ConsentRecord(
                    person=Person(visitor_id="b2"),
                    purpose=Purpose.MODEL_TRAINING,
                    state=ConsentState.DENIED,
                    time=NOON,
                    source="test",
                ),
                ConsentRecord(
                    person=Person(customer_id="anna"),
                    purpose=Purpose.EMAIL_PERSONALISATION,
                    state=ConsentState.OBJECTED,
                    time=NOON,
                    source="test",
                ),
            ]
        )
        made.follower.poll()
        yield made


def rebuilt(corner: Corner) -> RebuildReport:
    return rebuild_profiles(corner.stores, corner.store, CatalogueLookup(corner.stores.catalogue), limit=corner.limit)


def test_a_rebuilt_profile_equals_the_one_made_on_reading(corner: Corner) -> None:
    portraits = Portraits(corner.profiles, CatalogueLookup(corner.stores.catalogue))
    for person in PEOPLE:
        corner.profiles.read(person)
        portraits.of(person, 0)
    one_by_one = corner.store.get(KEYS)
    report = rebuilt(corner)
    assert corner.store.get(KEYS) == one_by_one
    assert None not in one_by_one
    assert (report.events, report.people) == (5, 4)


def test_a_rebuilt_profile_is_fresh(corner: Corner) -> None:
    rebuilt(corner)
    stored = corner.store.get(["c:anna"])[0]
    assert stored is not None
    assert stored.position == corner.stores.log.position() >= corner.board.of(PEOPLE[0])


def test_events_after_a_rebuild_are_folded_once(corner: Corner) -> None:
    rebuilt(corner)
    corner.tell(happened("e9", "mug", customer_id="anna", seconds=60))
    portraits = Portraits(corner.reader(), CatalogueLookup(corner.stores.catalogue))
    live = portraits.of(PEOPLE[0], 10**15).values
    corner.store.clear()
    whole = Portraits(corner.reader(), CatalogueLookup(corner.stores.catalogue)).of(PEOPLE[0], 10**15).values
    assert live == whole


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_who_has_more_lines_than_a_record_holds_gets_the_record_the_log_gives(corner: Corner, limit: int) -> None:
    corner.limit = limit
    corner.tell(
        happened("e6", "mug", customer_id="anna", kind=EventType.SEARCH, seconds=3),
        happened("e7", "mug", visitor_id="b1", kind=EventType.VIEW_ITEM_LIST, seconds=-100_000),
    )
    reader = corner.reader()
    portraits = Portraits(reader, CatalogueLookup(corner.stores.catalogue))
    for person in PEOPLE:
        portraits.of(person, 0)
    one_by_one = corner.store.get(KEYS)
    corner.store.clear()
    rebuilt(corner)
    assert corner.store.get(KEYS) == one_by_one
    assert None not in one_by_one


def test_who_is_no_longer_in_the_log_is_gone_from_the_cache(corner: Corner) -> None:
    corner.profiles.read(PEOPLE[1])
    corner.stores.log.erase(PEOPLE[1])
    rebuilt(corner)
    assert corner.store.get(["c:ben"]) == [None]
