"""The service as its callers meet it: real processes, real sockets."""

import socket
import threading
import time
from pathlib import Path
from statistics import median

import pytest
from small_shop import (
    HOME,
    ITEMS,
    OPEN,
    RUN_1,
    RUN_2,
    Service,
    fill,
    opened,
    publish,
    serving,
    wait_until,
)

from recommender.bundle import Shelf
from recommender.domain.items import Availability, Item
from recommender.domain.keys import KeyClass
from recommender.services.keys import create_key, revoke_key

HALF_A_POST = (
    b"POST /v1/recommendations/home HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)


@pytest.mark.parametrize("scenario", ["home", "similar", "cart", "trending"])
@pytest.mark.parametrize(
    "who", ["customer_id=c0", "customer_id=nobody", "visitor_id=v7", "item_id=i03&cart=i05", "item_id=unknown"]
)
def test_everybody_gets_a_full_list_everywhere(running: Service, scenario: str, who: str) -> None:
    answer = running.get(f"/v1/recommendations/{scenario}?{who}&size=5")
    assert answer.status == 200
    items = answer.json["items"]
    assert [item["rank"] for item in items] == [1, 2, 3, 4, 5]
    assert len({item["item_id"] for item in items}) == 5
    assert all(item["reason"]["text"] and item["source"] and item["title"] for item in items)
    assert answer.json["model"] == RUN_1


def test_a_known_customers_list_is_personal_and_a_strangers_is_not(running: Service) -> None:
    assert running.get(f"{HOME}?customer_id=c0").json["basis"] == "personal"
    assert running.get(HOME).json["basis"] == "anonymous"


def test_the_service_is_ready_with_its_model(running: Service) -> None:
    answer = running.get("/readyz")
    assert (answer.status, answer.json["status"], answer.json["model"]) == (200, "ready", RUN_1)


def test_a_post_gives_the_same_list_as_a_get(running: Service) -> None:
    by_query = running.get(f"{HOME}?customer_id=c1&size=6").json["items"]
    by_body = running.get(HOME, method="POST", body={"customer_id": "c1", "size": 6}).json["items"]
    assert by_query == by_body


def test_a_head_is_answered_without_a_body(running: Service) -> None:
    answer = running.get("/healthz", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")


def test_an_unknown_scenario_is_a_problem_that_helps(running: Service) -> None:
    answer = running.get("/v1/recommendations/hom")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "home" in answer.json["detail"]


def waits(service: Service, seconds: float) -> list[float]:
    """Milliseconds that calls one after the other take."""
    began, found = time.monotonic(), []
    while time.monotonic() - began < seconds:
        asked = time.perf_counter()
        assert service.get(f"{HOME}?customer_id=c0").status == 200
        found.append((time.perf_counter() - asked) * 1000)
    return found


def test_slow_bodies_delay_nobody_else_and_are_given_up(running: Service) -> None:
    """Half-sent bodies are given up after two seconds; one that held up the others would cost them that."""
    before = waits(running, 1.0)
    slow = []
    for _ in range(40):
        connection = socket.create_connection(("127.0.0.1", running.port))
        connection.sendall(HALF_A_POST)
        slow.append(connection)
    meanwhile = waits(running, 1.0)
    assert median(meanwhile) < 5 * median(before) + 5
    assert max(meanwhile) < max(1_000.0, 5 * max(before))
    for connection in slow:
        connection.settimeout(5)
        assert connection.recv(4_000).startswith(b"HTTP/1.1 408")
        connection.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(running: Service, *, chunked: bool) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as connection:
        length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 300000000"
        connection.sendall(b"POST " + HOME.encode() + b" HTTP/1.1\r\nHost: localhost\r\n" + length + b"\r\n\r\n")
        if chunked:
            for _ in range(3):
                connection.sendall(b"61a80\r\n" + b" " * 400_000 + b"\r\n")
        assert connection.recv(4_000).startswith(b"HTTP/1.1 413")


def test_a_caller_who_hangs_up_harms_nobody(running: Service) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", running.port)) as connection:
            connection.sendall(HALF_A_POST)
    assert running.get(HOME).status == 200


def test_no_request_reaches_the_log_with_an_id_in_it(running: Service) -> None:
    running.get(f"{HOME}?customer_id=c-canary&visitor_id=v-canary&item_id=i-canary")
    running.get("/c-canary")
    assert wait_until(lambda: '"route":"-"' in running.text(), seconds=5)
    assert "canary" not in running.text()


def test_a_new_model_is_taken_up_and_a_rollback_too_while_requests_run(own_home: Path) -> None:
    with serving(own_home, OPEN, "--workers", "2") as service:
        seen: list[tuple[int, str]] = []
        stop = threading.Event()

        def load() -> None:
            while not stop.is_set():
                answer = service.get(f"{HOME}?customer_id=c0")
                seen.append((answer.status, answer.json["model"]))

        thread = threading.Thread(target=load)
        thread.start()
        try:
            publish(own_home, RUN_2)
            assert wait_until(lambda: all_say(service, RUN_2), seconds=10)
            assert Shelf(own_home / "models").rollback() == RUN_1
            assert wait_until(lambda: all_say(service, RUN_1), seconds=10)
        finally:
            stop.set()
            thread.join()
    assert {status for status, _ in seen} == {200}
    assert {model for _, model in seen} == {RUN_1, RUN_2}


def all_say(service: Service, run_id: str) -> bool:
    return {service.get(HOME).json["model"] for _ in range(8)} == {run_id}


def test_a_damaged_model_is_refused_and_the_old_one_stays(own_home: Path) -> None:
    with serving(own_home, OPEN) as service:
        publish(own_home, RUN_2)
        assert wait_until(lambda: all_say(service, RUN_2), seconds=10)
        victim = max((own_home / "models" / RUN_1).glob("*.npy"), key=lambda path: path.stat().st_size)
        victim.write_bytes(victim.read_bytes()[:-1] + b"\x55")
        (own_home / "models" / "CURRENT").write_text(RUN_1 + "\n")
        assert wait_until(lambda: "cannot be loaded" in service.text(), seconds=10)
        answer = service.get("/readyz").json
        assert (answer["status"], answer["model"]) == ("degraded", RUN_2)
        assert b"\nrecommender_model_stale 1.0\n" in service.get("/metrics").body
        assert service.get(HOME).json["model"] == RUN_2


def test_an_empty_home_is_alive_but_not_ready_until_there_is_something_to_show(tmp_path: Path) -> None:
    with serving(tmp_path, OPEN) as service:
        assert service.get("/readyz").status == 503
        assert service.get("/healthz").status == 200
        assert service.get(HOME).json["items"] == []
        fill(tmp_path)
        assert wait_until(lambda: service.get("/readyz").json["status"] == "degraded", seconds=3)
        answer = service.get(f"{HOME}?customer_id=c0&size=4").json
        assert (answer["model"], answer["fallback"], len(answer["items"])) == (None, "no_model", 4)


def test_stock_that_runs_out_disappears_within_a_second(running: Service, shop: Path) -> None:
    top = running.get(f"{HOME}?customer_id=c0&size=3").json["items"][0]["item_id"]
    with opened(shop) as stores:
        stores.catalogue.put([Item(item_id=top, availability=Availability.OUT_OF_STOCK)])
        time.sleep(1)
        items = running.get(f"{HOME}?customer_id=c0&size={len(ITEMS)}").json["items"]
        stores.catalogue.put([Item(item_id=top, availability=Availability.IN_STOCK)])
        time.sleep(1)
        assert top in [item["item_id"] for item in running.get(f"{HOME}?customer_id=c0").json["items"]]
    assert top not in [item["item_id"] for item in items]


def test_keys_open_and_close_the_service_while_it_runs(own_home: Path) -> None:
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    with opened(own_home) as stores:
        first = create_key(stores.keys, key_class=KeyClass.SK, now=now)
    with serving(own_home) as service:
        assert service.get(HOME).status == 401
        assert service.get(HOME, {"X-API-Key": first.token}).status == 200
        with opened(own_home) as stores:
            later = create_key(stores.keys, key_class=KeyClass.PK, now=now)
            revoke_key(stores.keys, first.record.key_id, now=now)
        time.sleep(1)
        assert service.get(HOME, {"X-API-Key": first.token}).status == 401
        assert service.get(f"{HOME}?key={later.token}").status == 200
        assert first.token not in service.text()
        assert later.token not in service.text()
