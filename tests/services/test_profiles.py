"""A person is read from the cache as long as nothing changed, and from the log when something did."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from profile_samples import NOON, SERVER, Corner, corner_at, happened

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.events import EventType
from recommender.domain.people import Customer, Person
from recommender.domain.ports import StoredProfile
from recommender.services.profiles import Profiles

ANNA = Person(customer_id="anna")
BROWSER = Person(visitor_id="b1")
BOTH = Person(customer_id="anna", visitor_id="b1")


@pytest.fixture
def corner(home: Path) -> Iterator[Corner]:
    with corner_at(home) as made:
        yield made


def items(profiles: Profiles, person: Person) -> list[str]:
    record = profiles.read(person).record
    assert record is not None
    return [record.item_ids[row] for row in record.item.tolist()]


class Down:
    """A log that does not answer."""

    def __getattr__(self, name: str) -> object:
        raise StoreUnavailableError("down")


class DownStore:
    """A cache that does not answer."""

    def get(self, _keys: Sequence[str]) -> list[StoredProfile | None]:
        raise StoreUnavailableError("down")

    def put(self, _key: str, _profile: StoredProfile, _expected: int | None) -> bool:
        raise StoreUnavailableError("down")


def test_a_stranger_has_an_empty_record(corner: Corner) -> None:
    assert items(corner.profiles, Person(visitor_id="nobody")) == []
    assert corner.store.get(["v:nobody"]) == [None]


def test_an_event_counts_from_the_moment_it_is_marked(corner: Corner) -> None:
    assert items(corner.profiles, ANNA) == []
    corner.tell(happened("e1", customer_id="anna"))
    assert items(corner.profiles, ANNA) == ["mug"]
    corner.tell(happened("e2", "pot", customer_id="anna", seconds=1))
    assert items(corner.profiles, ANNA) == ["mug", "pot"]


def test_another_worker_reads_what_the_first_one_cached(corner: Corner) -> None:
    corner.tell(happened("e1", customer_id="anna"))
    items(corner.profiles, ANNA)
    other = corner.reader()
    other.log = Down()  # type: ignore[assignment] # it must not be asked
    other.changes = Down()  # type: ignore[assignment]
    assert items(other, ANNA) == ["mug"]
    assert other.read(ANNA).trouble is None


def test_an_event_nobody_marked_counts_after_the_next_look_at_the_log(corner: Corner) -> None:
    items(corner.profiles, ANNA)
    corner.stores.log.append([happened("e1", customer_id="anna")], SERVER)
    corner.follower.poll()
    assert items(corner.profiles, ANNA) == ["mug"]


def test_a_browser_that_becomes_a_customers_brings_its_past(corner: Corner) -> None:
    corner.tell(happened("e1", "tea", visitor_id="b1", kind=EventType.VIEW_ITEM))
    corner.tell(happened("e2", customer_id="anna", seconds=1))
    assert items(corner.profiles, ANNA) == ["mug"]
    assert items(corner.profiles, BOTH) == ["tea", "mug"]
    corner.tell(happened("e3", "pot", customer_id="anna", visitor_id="b1", seconds=2))
    assert items(corner.profiles, ANNA) == ["tea", "mug", "pot"]


def test_an_anonymous_event_of_a_linked_browser_counts_for_the_customer(corner: Corner) -> None:
    corner.tell(happened("e1", customer_id="anna", visitor_id="b1"))
    assert items(corner.profiles, ANNA) == ["mug"]
    corner.tell(happened("e2", "tea", visitor_id="b1", seconds=1))
    assert items(corner.profiles, ANNA) == ["mug", "tea"]


def test_a_browser_that_becomes_anothers_takes_its_anonymous_events_along(corner: Corner) -> None:
    corner.tell(happened("e1", customer_id="anna", visitor_id="b1"), happened("e2", "tea", visitor_id="b1", seconds=1))
    assert items(corner.profiles, ANNA) == ["mug", "tea"]
    corner.tell(happened("e3", "pot", customer_id="ben", visitor_id="b1", seconds=2))
    assert items(corner.profiles, ANNA) == ["mug"]
    assert items(corner.profiles, Person(customer_id="ben")) == ["tea", "pot"]


def test_a_visitor_sees_the_browsers_own_lines_only(corner: Corner) -> None:
    corner.tell(happened("e1", customer_id="anna"), happened("e2", "tea", visitor_id="b1"))
    assert items(corner.profiles, BROWSER) == ["tea"]


def test_a_withdrawal_and_a_move_count_after_the_next_look(corner: Corner) -> None:
    corner.stores.customers.put([Customer(customer_id="anna", country="Poland")])
    corner.tell(happened("e1", customer_id="anna"))
    assert (corner.profiles.read(ANNA).country, corner.profiles.read(ANNA).refused) == ("Poland", frozenset())
    corner.stores.customers.put([Customer(customer_id="anna", country="Norway")])
    refusal = ConsentRecord(
        person=ANNA,
        purpose=Purpose.ONSITE_PERSONALISATION,
        state=ConsentState.WITHDRAWN,
        time=NOON,
        source="test",
    )
    corner.stores.consent.record([refusal])
    corner.follower.poll()
    assert corner.profiles.read(ANNA).country == "Norway"
    assert corner.profiles.read(ANNA).refused == {"onsite_personalisation"}


def test_what_the_browser_refuses_holds_for_the_customer_in_it(corner: Corner) -> None:
    refusal = ConsentRecord(
        person=BROWSER, purpose=Purpose.ONSITE_PERSONALISATION, state=ConsentState.DENIED, time=NOON, source="test"
    )
    corner.stores.consent.record([refusal])
    corner.follower.poll()
    assert corner.profiles.read(BOTH).refused == {"onsite_personalisation"}
    assert corner.profiles.read(ANNA).refused == frozenset()


def test_what_a_customer_refuses_holds_in_their_browser_as_long_as_it_is_theirs(corner: Corner) -> None:
    corner.tell(happened("e1", customer_id="anna", visitor_id="b1"), happened("e2", "tea", visitor_id="b1", seconds=1))
    other = corner.reader()
    assert other.read(BROWSER).refused == frozenset()
    said = {"purpose": Purpose.ONSITE_PERSONALISATION, "source": "test"}
    refusal = ConsentRecord(person=ANNA, state=ConsentState.WITHDRAWN, time=NOON, **said)  # type: ignore[arg-type]
    corner.stores.consent.record([refusal])
    corner.follower.poll()
    for profiles in (other, corner.profiles):
        assert profiles.read(BROWSER).refused == {"onsite_personalisation"}
    corner.tell(happened("e3", customer_id="ben", visitor_id="b1", seconds=2))
    for profiles in (other, corner.profiles):
        assert profiles.read(BROWSER).refused == frozenset()


def test_without_the_cache_people_are_read_from_the_log(corner: Corner) -> None:
    corner.tell(happened("e1", customer_id="anna"))
    corner.store = DownStore()  # type: ignore[assignment] # what is needed of a store
    alone = corner.reader()
    assert items(alone, ANNA) == ["mug"]
    assert alone.read(ANNA).trouble is None


def test_without_the_log_a_stale_profile_is_used_and_said(corner: Corner) -> None:
    corner.tell(happened("e1", customer_id="anna"))
    items(corner.profiles, ANNA)
    corner.tell(happened("e2", "pot", customer_id="anna"))
    other = corner.reader()
    other.changes = Down()  # type: ignore[assignment]
    assert items(other, ANNA) == ["mug"]
    assert other.read(ANNA).trouble == "events_unavailable"


def test_without_log_and_cache_nothing_is_known_of_anybody(corner: Corner) -> None:
    corner.store = DownStore()  # type: ignore[assignment]
    alone = corner.reader()
    alone.changes = Down()  # type: ignore[assignment]
    reading = alone.read(ANNA)
    assert (reading.record, reading.unknown, reading.trouble) == (None, True, "events_unavailable")


def test_a_dead_log_is_not_asked_for_every_list(corner: Corner) -> None:
    asked = 0

    class Counting(Down):
        def __getattr__(self, name: str) -> object:
            nonlocal asked
            asked += 1
            raise StoreUnavailableError("down")

    corner.profiles.changes = Counting()  # type: ignore[assignment]
    for n in range(50):
        corner.profiles.read(Person(visitor_id=f"v{n}"))
    assert asked <= 3


@pytest.mark.parametrize("garbage", [b"", b"\xc1", b"not msgpack", bytes(40)])
def test_a_garbled_profile_is_made_anew(corner: Corner, garbage: bytes) -> None:
    corner.tell(happened("e1", customer_id="anna"))
    position = corner.stores.log.position()
    bad = StoredProfile(position=position + 5, state=garbage, items=garbage, facts=garbage)
    corner.store.put_many([("c:anna", bad)])
    assert items(corner.profiles, ANNA) == ["mug"]
    assert items(corner.reader(), ANNA) == ["mug"]


def test_a_restored_log_is_read_anew(corner: Corner) -> None:
    corner.tell(*(happened(f"e{n}", customer_id="anna") for n in range(3)))
    items(corner.profiles, ANNA)
    ahead = corner.stores.changes.standing()
    corner.board.saw(type(ahead)(position=ahead.position + 7, consent=9, customers=9))
    corner.follower.poll()
    assert corner.store.get(["c:anna"]) == [None]
    assert items(corner.profiles, ANNA) == ["mug"] * 3
