"""What happens to the lists when Redis freezes, dies, forgets, fills up or holds nonsense."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import Figure
from drill.load import Senders, Storefronts, is_useful
from drill.outcome import first_second, lists, recovered
from drill.processes import Redis, Service, get, redis_server, serving, wait_until
from drill.shop import CUSTOMERS

SETTLE_SECONDS = 1.0


@contextmanager
def _under_load(home: Path) -> Iterator[tuple[Redis, Service, Storefronts]]:
    with (
        redis_server() as redis,
        serving(home, variables={"RECOMMENDER_REDIS_URL": redis.url}) as service,
        Storefronts(port=service.port) as storefronts,
        Senders(port=lambda: service.port, number=1, tag="redis"),  # what happens to people makes their profiles move
    ):
        time.sleep(SETTLE_SECONDS)
        wait_until(lambda: int(redis.tell("dbsize")) > 0, seconds=10, what="a profile in Redis")
        yield redis, service, storefronts


def frozen(home: Path, seconds: float) -> dict[str, Figure]:
    """SIGSTOP: connections stand and nothing answers; then it goes on."""

    def back(redis: Redis) -> None:
        redis.thaw()

    return _away(home, seconds, "redis.frozen", Redis.freeze, back)


def killed(home: Path, seconds: float) -> dict[str, Figure]:
    """``kill -9``, then an empty server in its place."""
    return _away(home, seconds, "redis.killed", Redis.kill, Redis.start_again)


def _away(
    home: Path, seconds: float, name: str, fault: Callable[[Redis], None], end: Callable[[Redis], None]
) -> dict[str, Figure]:
    with _under_load(home) as (redis, _, storefronts):
        gone = time.monotonic()
        fault(redis)
        time.sleep(seconds)
        end(redis)
        back = time.monotonic()
        before = _sets(redis)
        wait_until(lambda: _sets(redis) > before, seconds=30, what="Redis being used again")
        used = time.monotonic() - back
        time.sleep(SETTLE_SECONDS)
        asked = storefronts.since(gone)
        soon = storefronts.since(gone, gone + 1)
    return lists(name, asked) | first_second(name, soon) | recovered(name, used)


def _sets(redis: Redis) -> int:
    """How many commands the server has been given, ours to ask left out of sight."""
    said = redis.tell("info", "commandstats")
    return sum(
        int(part.partition("calls=")[2].partition(",")[0])
        for part in said.splitlines()
        if part.startswith(("cmdstat_get", "cmdstat_mget", "cmdstat_set", "cmdstat_eval"))
    )


def flushed(home: Path, seconds: float) -> dict[str, Figure]:
    """Everything in it is gone, again and again."""
    with _under_load(home) as (redis, _, storefronts):
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            redis.tell("flushall")
            time.sleep(0.1)
        asked = storefronts.since(began)
    return lists("redis.flushed", asked)


def full(home: Path, seconds: float) -> dict[str, Figure]:
    """No memory left and nothing may be evicted: every write is refused."""
    with _under_load(home) as (redis, _, storefronts):
        redis.tell("config", "set", "maxmemory-policy", "noeviction")
        redis.tell("flushall")
        redis.tell("config", "set", "maxmemory", "1")
        began = time.monotonic()
        time.sleep(seconds)
        asked = storefronts.since(began)
    return lists("redis.full", asked)


def nonsense(home: Path, seconds: float) -> dict[str, Figure]:
    """Values of the wrong type, then bytes that are no profile, under every key there is."""
    with _under_load(home) as (redis, service, storefronts):
        began = time.monotonic()
        names = redis.tell("keys", "*").split()
        for name in names:
            redis.tell("del", name)
            redis.tell("rpush", name, "not a profile")
        time.sleep(seconds / 2)
        for name in names:
            redis.tell("del", name)
            redis.tell("set", name, "neither is this")
        time.sleep(seconds / 2)
        asked = storefronts.since(began)
        status, body = get(service.port, f"/v1/recommendations/home?customer_id={CUSTOMERS[0]}&size=8")
        if not is_useful(status, body):
            raise RuntimeError(f"after nonsense in Redis: {status} {body[:200]!r}")
    return lists("redis.nonsense", asked)


def never_there(home: Path, seconds: float) -> dict[str, Figure]:
    """Redis is named and was not there when the service started."""
    variables = {"RECOMMENDER_REDIS_URL": "redis://127.0.0.1:9/0"}
    with serving(home, variables=variables) as service, Storefronts(port=service.port) as storefronts:
        began = time.monotonic()
        time.sleep(seconds)
        asked = storefronts.since(began)
    return lists("redis.never_there", asked)
