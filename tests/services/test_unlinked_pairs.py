"""A customer in a browser that is not (yet) known to be theirs."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from profile_samples import NOON, Corner, corner_at, happened

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.events import EventType
from recommender.domain.people import Person
from recommender.features.record import encode_record
from recommender.services.profiles import record_of

ANNA, BROWSER = Person(customer_id="anna"), Person(visitor_id="b9")
BOTH = Person(customer_id="anna", visitor_id="b9")


@pytest.fixture
def corner(home: Path) -> Iterator[Corner]:
    with corner_at(home) as made:
        made.tell(
            happened("e1", "tea", customer_id="anna"),
            happened("e2", "mug", visitor_id="b9", kind=EventType.VIEW_ITEM, seconds=5),
            happened("e3", "pot", customer_id="anna", seconds=9),
        )
        yield made


def items(corner: Corner, person: Person) -> list[str]:
    """The items of the person's record, oldest first; it is checked to be the record of the log."""
    record = corner.profiles.read(person).record
    assert record is not None
    lines = corner.stores.log.of_person(person, until=NOON + timedelta(days=1))
    assert encode_record(record) == encode_record(record_of(lines, corner.limit))
    return [record.item_ids[item] for item in record.item.tolist()]


def test_what_happened_in_the_browser_is_between_what_the_customer_did(corner: Corner) -> None:
    assert items(corner, BOTH) == ["tea", "mug", "pot"]
    assert items(corner, ANNA) == ["tea", "pot"]
    assert items(corner, BROWSER) == ["mug"]


def test_whatever_either_does_next_is_in(corner: Corner) -> None:
    items(corner, BOTH)
    corner.tell(happened("e4", "cup", visitor_id="b9", kind=EventType.ADD_TO_CART, seconds=11))
    assert items(corner, BOTH) == ["tea", "mug", "pot", "cup"]
    corner.tell(happened("e5", "jar", customer_id="anna", seconds=12))
    assert items(corner, BOTH) == ["tea", "mug", "pot", "cup", "jar"]


@pytest.mark.parametrize("who", [ANNA, BROWSER], ids=["the customer", "the browser"])
def test_who_refuses_refuses_for_both(corner: Corner, who: Person) -> None:
    assert corner.profiles.read(BOTH).refused == frozenset()
    told = ConsentRecord(
        person=who, purpose=Purpose.ONSITE_PERSONALISATION, state=ConsentState.DENIED, time=NOON, source="test"
    )
    corner.stores.consent.record([told])
    corner.follower.poll()
    assert corner.profiles.read(BOTH).refused == {Purpose.ONSITE_PERSONALISATION.value}


def test_once_the_browser_is_known_to_be_theirs_one_profile_says_it_all(corner: Corner) -> None:
    items(corner, BOTH)
    corner.tell(happened("e6", "cup", customer_id="anna", visitor_id="b9", seconds=20))
    assert items(corner, BOTH) == items(corner, ANNA) == ["tea", "mug", "pot", "cup"]


def test_of_a_pair_nothing_is_stored(corner: Corner) -> None:
    items(corner, BOTH)
    assert corner.store.get(["p:anna\0b9"]) == [None]
