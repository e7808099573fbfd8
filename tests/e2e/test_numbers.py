"""Numbers that are promised are told: none of them is declared and then forgotten."""

import re
from pathlib import Path

from redis_server import RedisServer
from small_shop import HOME, Service, fill, publish, serving, wait_until

from recommender.domain.metrics import METRICS

NOW = "2026-03-02T12:00:00Z"


def numbers(service: Service) -> dict[str, float]:
    """Every sample by name and labels, as it is written."""
    lines = service.get("/metrics").body.decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def told(service: Service) -> set[str]:
    """Names of the metrics that have a sample."""
    return {re.sub(r"(_bucket|_sum|_count)?(\{.*)?$", "", name) for name in numbers(service)}


def test_every_metric_there_is_has_a_sample_once_the_service_was_used(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    fill(tmp_path)
    publish(tmp_path, "20260301T000000Z")
    with serving(tmp_path, "--insecure-loopback", settings={"RECOMMENDER_REDIS_URL": redis_server.url}) as service:
        event = {"type": "view", "event_id": "e-1", "timestamp": NOW, "visitor_id": "v1", "items": [{"item_id": "i03"}]}
        assert service.get("/v1/events", method="POST", body={"events": [event]}).status in {200, 202}
        assert service.get(f"{HOME}?size=0").status == 400
        for who in ("customer_id=c0", "visitor_id=v1", "customer_id=nobody"):
            assert service.get(f"{HOME}?{who}").status == 200
        assert wait_until(lambda: told(service) >= {*METRICS}, seconds=5), {*METRICS} - told(service)
        found = numbers(service)
        assert sum(count for name, count in found.items() if name.startswith("recommender_candidates_total{")) > 0
        assert found['recommender_store_duration_seconds_count{store="redis"}'] > 0
        assert found['recommender_store_duration_seconds_count{store="database"}'] > 0
        assert found['recommender_store_breaker_open{store="redis"}'] == 0
