"""A profile cache that is damaged, dead, frozen or full costs a miss and some milliseconds, never an error for a list."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis_server import RedisServer

from recommender.domain.breaker import Breaker
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.people import Person
from recommender.domain.ports import StoredProfile
from recommender.storage.profiles.redis import RedisProfiles
from recommender.storage.profiles.sqlite import SqliteProfiles

ANNA = "c:anna-of-the-canaries"
PROFILE = StoredProfile(position=3, state=b"s" * 300, items=b"canary-bytes" * 20, facts=b"f")


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 100, bytes(8192)])
def test_a_damaged_file_is_thrown_away_and_begun_anew(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "profiles.db"
    first = SqliteProfiles(path)
    first.put(ANNA, PROFILE, None)
    first.close()
    path.write_bytes(damage)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    store = SqliteProfiles(path)
    assert store.get([ANNA]) == [None]
    assert store.put(ANNA, PROFILE, None)
    assert store.get([ANNA]) == [PROFILE]
    store.close()


def test_a_file_that_is_damaged_while_it_is_open_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "profiles.db"
    store = SqliteProfiles(path)
    store.put_many((f"c:{n}", PROFILE) for n in range(500))
    store._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * (size - 100))
    store.close()
    for key in ("c:1", "c:250"):
        assert store.get([key]) == [None]
    assert store.put("c:1", PROFILE, None) or store.put("c:1", PROFILE, None)
    assert store.get(["c:1"]) == [PROFILE]
    store.close()


@pytest.mark.parametrize("left", [0, 1, 4096, 100_000])
def test_a_file_that_is_cut_short_while_it_is_open_is_begun_anew_and_kills_nobody(tmp_path: Path, left: int) -> None:
    path = tmp_path / "profiles.db"
    store = SqliteProfiles(path)
    store.put_many((f"c:{n}", PROFILE) for n in range(500))
    store._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert store.get(["c:1", "c:499"]) == [PROFILE] * 2
    assert path.stat().st_size > left
    os.truncate(path, left)
    assert store.get(["c:1", "c:250", "c:499"]) == [None] * 3
    assert store.put("c:1", PROFILE, None)
    assert store.get(["c:1"]) == [PROFILE]
    store.close()


def test_a_file_that_is_removed_while_it_is_open_is_begun_anew_by_all(tmp_path: Path) -> None:
    path = tmp_path / "profiles.db"
    one, two = SqliteProfiles(path), SqliteProfiles(path)
    assert one.put(ANNA, PROFILE, None)
    assert two.get([ANNA]) == [PROFILE]
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    assert one.get([ANNA]) == [None]
    assert one.put(ANNA, PROFILE, None)
    assert two.get([ANNA]) == [PROFILE]
    assert one._every == [one._connection()]
    one.close()
    two.close()


def test_a_file_of_another_log_is_begun_anew(tmp_path: Path) -> None:
    one = SqliteProfiles(tmp_path / "p.db", shop="one")
    one.put(ANNA, PROFILE, None)
    one.close()
    assert SqliteProfiles(tmp_path / "p.db", shop="two").get([ANNA]) == [None]


def test_no_byte_of_an_erased_person_is_left_in_the_files(tmp_path: Path) -> None:
    store = SqliteProfiles(tmp_path / "profiles.db")
    store.put_many((f"c:{n}", StoredProfile(position=1, state=b"", items=b"x" * 400, facts=b"")) for n in range(50))
    store.put(ANNA, PROFILE, None)
    assert any(b"canary-bytes" in file.read_bytes() for file in tmp_path.iterdir())
    assert store.erase(Person(customer_id="anna-of-the-canaries")) == 1
    assert not any(b"canary-bytes" in file.read_bytes() for file in tmp_path.iterdir())
    store.close()


def test_a_writer_that_takes_long_delays_no_reader_and_a_put_gives_up(tmp_path: Path) -> None:
    store, other = SqliteProfiles(tmp_path / "p.db"), SqliteProfiles(tmp_path / "p.db")
    store.put(ANNA, PROFILE, None)

    def slowly() -> Iterator[tuple[str, StoredProfile]]:
        yield "c:new", PROFILE
        began = time.monotonic()
        assert other.get([ANNA, "c:new"]) == [PROFILE, None]
        assert not other.put("c:other", PROFILE, None)
        assert time.monotonic() - began < 2

    store.put_many(slowly(), replace=True)
    assert other.get([ANNA, "c:new"]) == [None, PROFILE]
    store.close()
    other.close()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_silence_opens_a_breaker_at_once() -> None:
    breaker = Breaker()
    breaker.failed(silent=True)
    assert breaker.is_open
    assert not breaker.allows()


def test_a_breaker_opens_after_five_failures_in_a_row_and_lets_one_through_each_second() -> None:
    clock = Clock()
    breaker = Breaker(monotonic=clock)
    for _ in range(4):
        breaker.failed()
    breaker.succeeded()
    for _ in range(5):
        assert breaker.allows()
        breaker.failed()
    assert not breaker.allows()
    clock.now += 1.1
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.succeeded()
    assert breaker.allows()


def misses(store: RedisProfiles, times: int) -> float:
    """Ask that often of a server in trouble; how long the slowest took, in seconds."""
    slowest = 0.0
    for _ in range(times):
        began = time.monotonic()
        with contextlib.suppress(StoreUnavailableError):
            assert store.get([ANNA]) != [PROFILE]
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def answers_again(store: RedisProfiles, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(StoreUnavailableError):
            store.get([ANNA])
            return True
        time.sleep(0.05)
    return False


def test_a_frozen_server_costs_its_time_limit_five_times_and_then_nothing(redis_server: RedisServer) -> None:
    store = RedisProfiles(redis_server.url, prefix="shop")
    store.put(ANNA, PROFILE, None)
    redis_server.signal(signal.SIGSTOP)
    assert misses(store, 5) < 2  # whoever waited for the server would wait for ever
    assert store.breaker.is_open
    began = time.monotonic()
    misses(store, 200)
    assert time.monotonic() - began < 5  # 200 time limits are ten seconds
    redis_server.signal(signal.SIGCONT)
    assert answers_again(store)
    assert store.get([ANNA]) == [PROFILE]


def test_a_killed_server_is_found_again_when_it_is_back(redis_server: RedisServer) -> None:
    store = RedisProfiles(redis_server.url, prefix="shop")
    store.put(ANNA, PROFILE, None)
    redis_server.signal(signal.SIGKILL)
    assert misses(store, 10) < 0.5
    redis_server.start()
    assert answers_again(store)
    assert store.get([ANNA]) == [None]


def test_the_check_of_a_server_fails_in_its_time_limit_and_closes_the_breaker_once_it_is_back(
    redis_server: RedisServer,
) -> None:
    store = RedisProfiles(redis_server.url, prefix="shop")
    store.check()
    redis_server.signal(signal.SIGSTOP)
    for _ in range(20):
        began = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            store.check()
        assert time.monotonic() - began < 1
    assert store.breaker.is_open
    redis_server.signal(signal.SIGCONT)
    deadline = time.monotonic() + 5
    while store.breaker.is_open and time.monotonic() < deadline:
        with contextlib.suppress(StoreUnavailableError):
            store.check()
        time.sleep(0.05)
    assert store.get([ANNA]) == [None]


def test_a_server_that_answers_by_an_error_does_not_pass(redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.acl_setuser("default", enabled=True, nopass=True, keys=["*"], commands=["+@all", "-ping"])
    with pytest.raises(StoreUnavailableError, match="by an error"):
        RedisProfiles(redis_server.url, prefix="shop").check()


def test_a_flushed_server_has_nobody(redis_server: RedisServer) -> None:
    store = RedisProfiles(redis_server.url, prefix="shop")
    store.put(ANNA, PROFILE, None)
    redis_server.client().flushall()
    assert store.get([ANNA]) == [None]
    assert store.put(ANNA, PROFILE, None)


def test_a_full_server_stores_nothing_and_still_answers(redis_server: RedisServer) -> None:
    store = RedisProfiles(redis_server.url, prefix="shop")
    store.put(ANNA, PROFILE, None)
    with redis_server.client() as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1")
    assert not store.put("c:ben", PROFILE, None)
    assert store.get([ANNA, "c:ben"]) == [PROFILE, None]
    assert not store.breaker.is_open


@pytest.mark.parametrize("garbage", [b"", b"rpf1", b"rpf1" + bytes(60), b"\xff" * 500])
def test_garbage_under_a_key_is_nobody_and_can_be_overwritten(redis_server: RedisServer, garbage: bytes) -> None:
    store = RedisProfiles(redis_server.url, prefix="shop")
    with redis_server.client() as client:
        client.set(store._name(ANNA), garbage)
    assert store.get([ANNA]) == [None]


def test_another_kind_of_value_is_nobody_and_is_replaced(redis_server: RedisServer) -> None:
    store = RedisProfiles(redis_server.url, prefix="shop")
    with redis_server.client() as client:
        client.lpush(store._name(ANNA), "not", "a", "profile")
    assert store.get([ANNA]) == [None]
    assert store.put(ANNA, PROFILE, None)
    assert store.get([ANNA]) == [PROFILE]


def test_an_erased_person_is_not_brought_back_by_who_read_just_before(redis_server: RedisServer) -> None:
    store = RedisProfiles(redis_server.url, prefix="shop")
    store.put(ANNA, PROFILE, None)
    store.erase(Person(customer_id="anna-of-the-canaries"))
    assert not store.put(ANNA, PROFILE, None)
    assert not store.put(ANNA, PROFILE, 3)
    assert store.get([ANNA]) == [None]


def test_no_id_stands_in_a_key(redis_server: RedisServer) -> None:
    store = RedisProfiles(redis_server.url, prefix="shop")
    store.put(ANNA, PROFILE, None)
    with redis_server.client() as client:
        assert [b"canaries" in key for key in client.keys("*")] == [False]


def test_shops_on_one_server_do_not_meet(redis_server: RedisServer) -> None:
    one, two = RedisProfiles(redis_server.url, prefix="one"), RedisProfiles(redis_server.url, prefix="two")
    one.put(ANNA, PROFILE, None)
    assert two.get([ANNA]) == [None]
    two.clear()
    assert one.get([ANNA]) == [PROFILE]
