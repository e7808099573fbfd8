"""What every profile store promises: the SQLite file and a real Redis server alike."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis_server import running_redis, stored

from recommender.domain.people import Person
from recommender.domain.ports import ProfileStore, StoredProfile
from recommender.storage.profiles.redis import RedisProfiles
from recommender.storage.profiles.sqlite import SqliteProfiles

ANNA = "c:anna"
BROWSER = "v:b1"


@pytest.fixture(params=["sqlite", "redis"])
def open_store(
    request: pytest.FixtureRequest, tmp_path: Path, say_missing: Callable[[str], None]
) -> Iterator[Callable[[], ProfileStore]]:
    opened: list[ProfileStore] = []

    def keep(store: ProfileStore) -> ProfileStore:
        opened.append(store)
        return store

    if request.param == "sqlite":
        yield lambda: keep(SqliteProfiles(tmp_path / "profiles.db"))
    else:
        with running_redis() as server:
            if server is None:
                say_missing("no redis-server program is installed")
                return
            yield lambda: keep(RedisProfiles(server.url, prefix="shop"))
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], ProfileStore]) -> ProfileStore:
    return open_store()


def test_nobody_is_known_at_first(store: ProfileStore) -> None:
    assert store.get([ANNA, BROWSER]) == [None, None]


def test_what_was_put_is_read_in_the_order_asked(store: ProfileStore) -> None:
    assert store.put(ANNA, stored(3, b"a"), None)
    assert store.put(BROWSER, stored(5, b"b"), None)
    assert store.get([BROWSER, "c:ben", ANNA]) == [stored(5, b"b"), None, stored(3, b"a")]


def test_parts_hold_any_bytes_and_none(store: ProfileStore) -> None:
    odd = StoredProfile(position=2**62, state=b"", items=bytes(range(256)) * 300, facts=b"\0")
    assert store.put(ANNA, odd, None)
    assert store.get([ANNA]) == [odd]


def test_a_put_that_expects_another_position_changes_nothing(store: ProfileStore) -> None:
    store.put(ANNA, stored(3), None)
    assert not store.put(ANNA, stored(9), 2)
    assert not store.put(ANNA, stored(9), None)
    assert store.get([ANNA]) == [stored(3)]
    assert store.put(ANNA, stored(4), 3)
    assert store.get([ANNA]) == [stored(4)]


def test_a_put_that_expects_somebody_who_is_not_there_stores_nothing(store: ProfileStore) -> None:
    assert not store.put(ANNA, stored(4), 3)
    assert store.get([ANNA]) == [None]


def test_of_many_who_move_on_from_one_position_one_wins(open_store: Callable[[], ProfileStore]) -> None:
    first = open_store()
    first.put(ANNA, stored(0), None)
    won: list[bool] = []
    start = threading.Barrier(6)

    def race(place: int) -> None:
        mine = open_store()
        start.wait()
        won.append(mine.put(ANNA, stored(1, b"%d" % place), 0))

    threads = [threading.Thread(target=race, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == 1


def test_many_are_put_over_what_stands(store: ProfileStore) -> None:
    store.put(ANNA, stored(9), None)
    assert store.put_many((f"c:{n}", stored(n)) for n in range(1, 4_001)) == 4_000
    assert store.put_many([(ANNA, stored(2))]) == 1
    assert store.get([ANNA, "c:1", "c:4000"]) == [stored(2), stored(1), stored(4_000)]


def test_a_replacement_leaves_only_what_it_was_given(store: ProfileStore) -> None:
    store.put(ANNA, stored(9), None)
    store.put(BROWSER, stored(9), None)
    store.put_many([(BROWSER, stored(2))], replace=True)
    assert store.get([ANNA, BROWSER]) == [None, stored(2)]


def test_an_erased_person_is_gone_by_both_ids_and_the_others_stay(store: ProfileStore) -> None:
    store.put_many([(ANNA, stored(1)), (BROWSER, stored(1)), ("c:ben", stored(1)), ("v:anna", stored(1))])
    assert store.erase(Person(customer_id="anna", visitor_id="b1")) == 2
    assert store.get([ANNA, BROWSER, "c:ben", "v:anna"]) == [None, None, stored(1), stored(1)]
    assert store.erase(Person(customer_id="anna")) == 0


def test_everything_can_be_cleared(store: ProfileStore) -> None:
    store.put_many((f"c:{n}", stored(n)) for n in range(1_200))
    store.clear()
    assert store.get([f"c:{n}" for n in range(1_200)]) == [None] * 1_200


def test_another_connection_sees_it_at_once(open_store: Callable[[], ProfileStore]) -> None:
    one, two = open_store(), open_store()
    one.put(ANNA, stored(1), None)
    assert two.get([ANNA]) == [stored(1)]
    two.erase(Person(customer_id="anna"))
    assert one.get([ANNA]) == [None]


def test_a_store_that_answers_passes_its_check(store: ProfileStore) -> None:
    store.check()
    store.put(ANNA, stored(1), None)
    store.check()
