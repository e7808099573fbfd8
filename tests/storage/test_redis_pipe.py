"""Reading profiles from Redis without holding up the event loop, against a real server: ready, frozen, killed, and none at all."""

import asyncio
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest
import redis
from redis_server import RedisServer, stored

from recommender.domain.breaker import Breaker
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.ports import StoredProfile
from recommender.storage.profiles.redis import RedisProfiles
from recommender.storage.profiles.redis_pipe import RedisPipe

KEYS = [f"c:{n}" for n in range(20)]


@pytest.fixture
def store(redis_server: RedisServer) -> Iterator[RedisProfiles]:
    made = RedisProfiles(redis_server.url, prefix="p")
    made.put_many((key, stored(n, b"x" * (900 * n))) for n, key in enumerate(KEYS[:-1]))
    yield made
    made.close()


def run(ask: Callable[[], Awaitable[None]], *stores: RedisProfiles | RedisPipe) -> None:
    """On a loop of its own, after which nothing is left open."""

    async def whole() -> None:
        try:
            await ask()
        finally:
            for store in stores:
                store.close()
            await asyncio.sleep(0.02)

    asyncio.run(whole())


async def opened(store: RedisProfiles, keys: Sequence[str]) -> Awaitable[list[StoredProfile | None]]:
    """What is begun once the connection stands."""
    deadline = time.monotonic() + 5
    while (begun := store.begin(keys)) is None:
        assert time.monotonic() < deadline, "no connection"
        await asyncio.sleep(0.005)
    return begun


def test_what_is_begun_is_what_get_gives(store: RedisProfiles) -> None:
    async def ask() -> None:
        await (await opened(store, KEYS[:1]))
        begun = [store.begin([key]) for key in KEYS] + [store.begin(KEYS)]
        answers = [await one for one in begun if one is not None]
        assert answers == [*([one] for one in store.get(KEYS)), store.get(KEYS)]
        assert [one is None for one in answers[-1]] == [False] * 19 + [True]

    run(ask, store)
    run(ask, store)  # another loop has a connection of its own


def test_there_is_no_pipe_until_it_stands_and_without_a_server() -> None:
    async def ask(url: str) -> None:
        store = RedisProfiles(url, prefix="p")
        assert store.begin(["c:1"]) is None
        await asyncio.sleep(0.1)
        assert store.begin(["c:1"]) is None

    run(lambda: ask("unix:///nowhere/at/all"))
    run(lambda: ask("rediss://127.0.0.1:1/0"))


def test_another_kind_of_value_is_nobody_and_spoils_no_answer_behind_it(
    redis_server: RedisServer, store: RedisProfiles
) -> None:
    with redis_server.client() as client:
        client.delete(store._name("c:1"))
        client.rpush(store._name("c:1"), "a list")

    async def ask() -> None:
        first = await (await opened(store, ["c:1", "c:2"]))
        assert first == [None, store.get(["c:2"])[0]]

    run(ask, store)


def test_a_frozen_server_costs_its_time_once_and_holds_nobody_up(
    redis_server: RedisServer, store: RedisProfiles
) -> None:
    async def ask() -> None:
        await (await opened(store, ["c:1"]))
        redis_server.signal(signal.SIGSTOP)
        began, gaps, last = time.monotonic(), [], time.monotonic()
        waiting = [asyncio.ensure_future(one) for key in KEYS if (one := store.begin([key])) is not None]
        assert len(waiting) == len(KEYS)
        while not all(one.done() for one in waiting):
            await asyncio.sleep(0.001)
            gaps.append(time.monotonic() - last)
            last = time.monotonic()
        assert 0.045 < last - began < 0.5
        assert sorted(gaps)[len(gaps) // 2] < 0.02  # the loop went on all the time
        assert all(isinstance(one.exception(), StoreUnavailableError) for one in waiting)
        assert store.breaker.is_open
        assert store.begin(["c:1"]) is None
        began = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            store.get(["c:1"])
        assert time.monotonic() - began < 0.03
        redis_server.signal(signal.SIGCONT)
        await asyncio.sleep(1.1)
        assert store.get(["c:1"])[0] is not None  # the probe closes the breaker
        assert await (await opened(store, ["c:1"])) == store.get(["c:1"])

    run(ask, store)


def test_a_killed_server_tells_who_waits_and_is_found_again(redis_server: RedisServer, store: RedisProfiles) -> None:
    async def ask() -> None:
        await (await opened(store, ["c:1"]))
        redis_server.signal(signal.SIGSTOP)
        waiting = store.begin(["c:1"])
        assert waiting is not None
        redis_server.signal(signal.SIGKILL)
        with pytest.raises(StoreUnavailableError):
            await waiting
        redis_server.start()
        assert store.put("c:1", stored(7), None)
        store.breaker.succeeded()
        assert await (await opened(store, ["c:1"])) == [stored(7)]

    run(ask, store)


def test_a_password_and_a_number_of_a_database_are_said_first(
    tmp_path: Path, say_missing: Callable[[str], None]
) -> None:
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        say_missing("redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [str(program), "--port", str(port), "--save", "", "--dir", str(tmp_path), "--requirepass", "secret"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        client = redis.Redis(port=port, password="secret", db=3)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.02)

        async def ask() -> None:
            store = RedisProfiles(f"redis://:secret@127.0.0.1:{port}/3", prefix="p")
            store.put("c:1", stored(1), None)
            assert await (await opened(store, ["c:1"])) == [stored(1)]
            assert client.dbsize() == 1
            store.close()
            refused = RedisProfiles(f"redis://:wrong@127.0.0.1:{port}/3", prefix="p")
            assert refused.begin(["c:1"]) is None
            await asyncio.sleep(0.2)
            assert refused.begin(["c:1"]) is None

        run(ask)
    finally:
        process.kill()
        process.wait()


def test_what_is_no_redis_is_hung_up_on() -> None:
    async def ask() -> None:
        class Web(asyncio.Protocol):
            def connection_made(self, pipe: asyncio.BaseTransport) -> None:
                self.pipe = pipe

            def data_received(self, _: bytes) -> None:
                assert isinstance(self.pipe, asyncio.Transport)
                self.pipe.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        server = await asyncio.get_running_loop().create_server(Web, "127.0.0.1", 0)
        breaker = Breaker(failures=1)
        pipe = RedisPipe(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}", seconds=0.2, breaker=breaker)
        deadline, waiting = time.monotonic() + 5, None
        while waiting is None and time.monotonic() < deadline:
            waiting = pipe.ask([("GET", "k")])
            await asyncio.sleep(0.001)
        assert waiting is not None
        with pytest.raises(StoreUnavailableError):
            await waiting
        assert breaker.is_open
        server.close()
        await server.wait_closed()

    run(ask)
