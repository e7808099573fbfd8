"""What the service says of itself in numbers."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from storefronts import READY, Tokens, make_app, opened

from recommender.api import metrics
from recommender.api.access import Door
from recommender.api.admin import Overview
from recommender.api.app import operations_app
from recommender.api.board import Board
from recommender.bundle import Shelf
from recommender.domain.metrics import METRICS, Metric, Registry

REQUESTS = "recommender_http_requests_total"
SECONDS = "recommender_http_request_duration_seconds"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    made = Board.create(tmp_path / "run")
    yield made
    made.remove()


def samples(text: str) -> dict[tuple[str, str], float]:
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[sample.name, labels] = sample.value
    return found


def test_numbers_of_several_processes_are_summed_and_maxima_kept(board: Board) -> None:
    for n in (1, 2):
        registry = Registry()
        before = registry.counter("recommender_ingest_events_total", verdict="accepted")
        before.add(n)
        board.publish(registry)
        before.add(10)
        registry.gauge("recommender_model_stale").set(n)
        registry.gauge("recommender_ingest_queue_events").set(n)
        registry.histogram(SECONDS, route="/x").observe(0.0015)
        registry.histogram(SECONDS, route="/x").observe(5)
    found = samples(metrics.render(board.folder, {}).decode())
    assert found["recommender_ingest_events_total", "verdict=accepted"] == 23
    assert found["recommender_model_stale", ""] == 2
    assert found["recommender_ingest_queue_events", ""] == 3
    assert found[f"{SECONDS}_bucket", "le=0.001,route=/x"] == 0
    assert found[f"{SECONDS}_bucket", "le=0.002,route=/x"] == 2
    assert found[f"{SECONDS}_bucket", "le=+Inf,route=/x"] == 4
    assert found[f"{SECONDS}_sum", "route=/x"] == pytest.approx(10.003)


def test_what_a_dead_process_did_stays_counted_and_what_it_was_doing_does_not(board: Board) -> None:
    registry = Registry()
    board.publish(registry)
    registry.counter("recommender_ingest_events_total", verdict="accepted").add()
    registry.gauge("recommender_ingest_queue_events").set(7)
    for file in board.folder.glob("*-*.*"):
        file.rename(file.with_name(f"999999999-dead{file.suffix}"))
    found = metrics.collected(board.folder)
    assert found["recommender_ingest_events_total", ("accepted",)] == [1]
    assert ("recommender_ingest_queue_events", ()) not in found


@pytest.mark.parametrize(
    ("name", "labels"),
    [("recommender_typo_total", {}), (REQUESTS, {"route": "/"}), ("recommender_model_stale", {})],
)
def test_what_is_not_declared_cannot_be_counted(name: str, labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"domain/metrics\.py"):
        Registry().counter(name, **labels)


def test_more_series_than_fit_are_dropped_and_said() -> None:
    registry = Registry()
    for n in range(20_000):
        registry.counter("recommender_ingest_events_total", verdict=str(n)).add()
    assert registry.read("recommender_metrics_dropped_total", ())[0] > 1_000
    assert registry.read("recommender_ingest_events_total", ("0",)) == [1]


def test_threads_lose_no_count() -> None:
    cell = Registry().counter("recommender_ingest_events_total", verdict="accepted")

    def count() -> None:
        for _ in range(5_000):
            cell.add()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cell._registry.numbers[cell.place] == 20_000


def test_every_name_follows_the_conventions() -> None:
    for name, metric in METRICS.items():
        assert name.startswith("recommender_")
        assert name.endswith("_total") is (metric.kind == "counter"), name
        assert metric.kind != "histogram" or (name.endswith("_seconds") and metric.buckets)
        assert metric.help.endswith(".")
    assert isinstance(METRICS[REQUESTS], Metric)


def test_a_board_of_a_service_that_is_gone_is_taken_away_and_a_living_one_stays(tmp_path: Path) -> None:
    living = Board.create(tmp_path)
    gone = Board.create(tmp_path)
    assert gone._held is not None
    with contextlib.suppress(OSError):
        import os

        os.close(gone._held)
    new = Board.create(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {living.folder.name, new.folder.name}
    assert not Board(new.folder).draining
    new.drain()
    assert Board(new.folder).draining
    living.remove()
    new.remove()
    assert list(tmp_path.iterdir()) == []


def test_requests_are_counted_by_template_and_shown_with_readiness(tmp_path: Path, board: Board) -> None:
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        overview = Overview(shelf=Shelf(tmp_path / "models"), stores=stores, ready=lambda: READY)
        client = make_app(keys=tokens.ring, overview=overview).test_client()
        client.get("/v1/recommendations/home?visitor_id=v-canary", headers={"X-API-Key": tokens.sk})
        client.get("/canary")
        text = client.get("/metrics").text
        found = samples(text)
        route = "/v1/recommendations/<scenario>"
        assert found[REQUESTS, f"method=GET,route={route},status=200"] >= 1
        assert found[REQUESTS, "method=GET,route=-,status=404"] >= 1
        assert found["recommender_ready", ""] == 1
        assert found["recommender_check_database_ok", ""] == 1
        assert found["recommender_bundle_info", "run=run-1"] == 1
        assert "canary" not in text


def test_the_page_for_operations_takes_an_adm_key_as_password_and_runs_no_script(tmp_path: Path, board: Board) -> None:
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        overview = Overview(
            shelf=Shelf(tmp_path / "models"), stores=stores, ready=lambda: None, folder=board.folder, open_metrics=False
        )
        client = operations_app(Door(tokens.ring), overview).test_client()
        refused = client.get("/admin")
        assert (refused.status_code, "Basic" in refused.headers["WWW-Authenticate"]) == (401, True)
        assert client.get("/admin", auth=("any", tokens.sk)).status_code == 403
        answer = client.get("/admin", auth=("any", tokens.adm))
        assert answer.status_code == 200
        assert "No serving process answers" in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "<script" not in answer.text
        assert (client.get("/metrics").status_code, client.get("/readyz").status_code) == (401, 503)
