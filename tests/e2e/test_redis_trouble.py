"""A service whose Redis freezes, dies and comes back says so, and answers all the time."""

import json
import signal
from pathlib import Path

from redis_server import RedisServer
from small_shop import HOME, OPEN, Service, fill, publish, serving, wait_until

SAID_WITHIN = 6
"""Seconds, as docs/operations.md promises."""
SECRET = "canary-of-redis"


def with_password(redis_server: RedisServer) -> str:
    """Ask for a password from now on; the URL that has it."""
    with redis_server.client() as client:
        client.config_set("requirepass", SECRET)
    return f"unix://:{SECRET}@{redis_server.socket}?db=0"


def stands(service: Service, *, status: str, redis: str) -> bool:
    """What ``/readyz`` and the numbers say; a list is given whatever they do."""
    assert service.get(f"{HOME}?customer_id=c0").json["basis"] == "personal"
    found, numbers = service.get("/readyz").json, service.get("/metrics").body.decode()
    others = {name: state for name, state in found["checks"].items() if name != "redis"}
    assert set(others.values()) == {"ok"}
    told = {
        f"recommender_fully_ready {float(status == 'ready')}",
        f'recommender_store_breaker_open{{store="redis"}} {float(status != "ready")}',
    }
    return (found["status"], found["checks"]["redis"], told <= {*numbers.splitlines()}) == (status, redis, True)


def lines_of_redis(service: Service) -> list[str]:
    said = [json.loads(line) for line in service.text().splitlines() if line.startswith("{")]
    return [line["message"] for line in said if line.get("message", "").startswith("redis: ")]


def test_readiness_tells_of_a_redis_that_freezes_or_dies_and_of_its_return(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    fill(tmp_path)
    publish(tmp_path, "20260301T000000Z")
    gone, back = "redis: StoreUnavailableError; people are read from the log", "redis: well again"
    with serving(tmp_path, OPEN, settings={"RECOMMENDER_REDIS_URL": with_password(redis_server)}) as service:
        assert wait_until(lambda: stands(service, status="ready", redis="ok"), seconds=SAID_WITHIN)
        redis_server.signal(signal.SIGSTOP)
        assert wait_until(lambda: stands(service, status="degraded", redis="degraded"), seconds=SAID_WITHIN)
        assert lines_of_redis(service) == [gone]
        redis_server.signal(signal.SIGCONT)
        assert wait_until(lambda: stands(service, status="ready", redis="ok"), seconds=SAID_WITHIN)
        redis_server.signal(signal.SIGKILL)
        assert wait_until(lambda: stands(service, status="degraded", redis="degraded"), seconds=SAID_WITHIN)
        redis_server.start()
        with_password(redis_server)
        assert wait_until(lambda: stands(service, status="ready", redis="ok"), seconds=SAID_WITHIN)
        assert lines_of_redis(service) == [gone, back, gone, back]
        assert SECRET not in service.text()


def test_without_redis_nothing_is_said_of_it(tmp_path: Path) -> None:
    fill(tmp_path)
    with serving(tmp_path, OPEN) as service:
        assert "redis" not in service.get("/readyz").json["checks"]
