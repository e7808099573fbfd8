"""The service as an operator meets it: real processes, real signals, real sockets."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from statistics import median

import psutil
import pytest
from small_shop import (
    ITEMS,
    Service,
    alive,
    command,
    environment,
    fill,
    free_port,
    opened,
    publish,
    serving,
    wait_until,
)

from recommender.bundle import Shelf
from recommender.domain.items import Availability, Item
from recommender.domain.keys import KeyClass
from recommender.services.keys import create_key, revoke_key

HOME = "/v1/recommendations/home"
OPEN = "--insecure-loopback"
COSTLY = ("implicit", "lightgbm", "optuna", "alembic", "joblib", "polars", "scipy", "pyarrow", "typer", "rich", "redis")
"""Packages of which a worker on one host needs none."""
A_WORKER = f"""
import sys
from pathlib import Path
from recommender.serve import Plan
from recommender.settings import Settings
from recommender.worker import Worker
Worker(Plan(settings=Settings(home=Path(sys.argv[1])), open_to_all=True))
print("loaded:", *sorted({{*{COSTLY!r}}} & {{*sys.modules}}))
"""
"""Makes all that a worker answers from, and says which of the costly packages are loaded then."""
RUN_1, RUN_2 = "20260301T000000Z", "20260302T000000Z"
HALF_A_POST = (
    b"POST /v1/recommendations/home HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("shop")
    fill(home)
    publish(home, RUN_1)
    return home


@pytest.fixture
def home(shop: Path, tmp_path: Path) -> Path:
    """A shop of the test's own."""
    return Path(shutil.copytree(shop, tmp_path / "home"))


@pytest.fixture(scope="session")
def running(shop: Path) -> Iterator[Service]:
    """One service for tests that change nothing."""
    with serving(shop, OPEN) as service:
        yield service


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


def test_a_new_model_is_taken_up_and_a_rollback_too_while_requests_run(home: Path) -> None:
    with serving(home, OPEN, "--workers", "2") as service:
        seen: list[tuple[int, str]] = []
        stop = threading.Event()

        def load() -> None:
            while not stop.is_set():
                answer = service.get(f"{HOME}?customer_id=c0")
                seen.append((answer.status, answer.json["model"]))

        thread = threading.Thread(target=load)
        thread.start()
        try:
            publish(home, RUN_2)
            assert wait_until(lambda: all_say(service, RUN_2), seconds=10)
            assert Shelf(home / "models").rollback() == RUN_1
            assert wait_until(lambda: all_say(service, RUN_1), seconds=10)
        finally:
            stop.set()
            thread.join()
    assert {status for status, _ in seen} == {200}
    assert {model for _, model in seen} == {RUN_1, RUN_2}


def all_say(service: Service, run_id: str) -> bool:
    return {service.get(HOME).json["model"] for _ in range(8)} == {run_id}


def test_a_damaged_model_is_refused_and_the_old_one_stays(home: Path) -> None:
    with serving(home, OPEN) as service:
        publish(home, RUN_2)
        assert wait_until(lambda: all_say(service, RUN_2), seconds=10)
        victim = max((home / "models" / RUN_1).glob("*.npy"), key=lambda path: path.stat().st_size)
        victim.write_bytes(victim.read_bytes()[:-1] + b"\x55")
        (home / "models" / "CURRENT").write_text(RUN_1 + "\n")
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


def test_keys_open_and_close_the_service_while_it_runs(home: Path) -> None:
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    with opened(home) as stores:
        first = create_key(stores.keys, key_class=KeyClass.SK, now=now)
    with serving(home) as service:
        assert service.get(HOME).status == 401
        assert service.get(HOME, {"X-API-Key": first.token}).status == 200
        with opened(home) as stores:
            later = create_key(stores.keys, key_class=KeyClass.PK, now=now)
            revoke_key(stores.keys, first.record.key_id, now=now)
        time.sleep(1)
        assert service.get(HOME, {"X-API-Key": first.token}).status == 401
        assert service.get(f"{HOME}?key={later.token}").status == 200
        assert first.token not in service.text()
        assert later.token not in service.text()


def refused(home: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    call = command("--home", str(home), "serve", *options)
    return subprocess.run(call, capture_output=True, text=True, timeout=60, env=environment(), check=False)


def test_without_a_key_it_refuses_to_start_and_says_how_to_make_one(home: Path) -> None:
    found = refused(home, "--port", str(free_port()))
    assert found.returncode == 2
    assert "keys create --class sk" in found.stderr


def test_without_keys_it_stays_on_this_machine(home: Path) -> None:
    found = refused(home, OPEN, "--host", "0.0.0.0", "--port", str(free_port()))  # noqa: S104 - it must be refused
    assert found.returncode == 2
    assert "127.0.0.1" in found.stderr


@pytest.mark.parametrize("listening", [True, False])
def test_a_taken_port_gives_one_clear_sentence(home: Path, *, listening: bool) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listening:
            other.listen()
        port = other.getsockname()[1]
        found = refused(home, OPEN, "--port", str(port))
    assert found.returncode == 2
    assert f"Port {port}" in found.stderr
    assert "--port" in found.stderr
    assert "Traceback" not in found.stderr


def test_two_services_cannot_share_a_port(running: Service, home: Path) -> None:
    assert refused(home, OPEN, "--port", str(running.port)).returncode == 2


SHARED_PORT = free_port()
"""Of services that run one after the other: a port is free again as soon as its service has stopped."""


@pytest.mark.parametrize(
    ("number", "to_group"),
    [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGHUP, True)],
)
def test_a_signal_ends_every_process_and_the_requests_in_hand(
    home: Path, number: signal.Signals, *, to_group: bool
) -> None:
    with serving(home, OPEN, "--workers", "2", port=SHARED_PORT) as service:
        pids = {process.pid for process in service.processes()}
        assert len(pids) >= 3
        failures: list[str] = []
        done = threading.Event()
        threads = [threading.Thread(target=keep_asking, args=(service, done, failures)) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        (os.killpg if to_group else os.kill)(service.process.pid, number)
        assert service.process.wait(10) == 0
        done.set()
        for thread in threads:
            thread.join()
        # Python's own tracker of resources ends only when it hears that the parent has
        assert wait_until(lambda: alive(pids) == [], seconds=2)
        assert failures == []
        assert "Traceback" not in service.text()


def keep_asking(service: Service, done: threading.Event, failures: list[str]) -> None:
    """Ask over one connection until it is closed; an answer that breaks off halfway is a failure."""
    head = f"GET {HOME}?customer_id=c0 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        stream = connection.makefile("rb")
        while not done.is_set():
            try:
                connection.sendall(head)
                first = stream.readline()
            except OSError:
                return
            if not first:
                return  # closed between two answers
            length = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            body = stream.read(length)
            if len(body) < length or not json.loads(body)["items"]:
                failures.append(f"{first!r}: {len(body)} of {length} bytes")
                return


def test_started_in_the_background_it_still_hears_an_interrupt(home: Path) -> None:
    """A shell without job control starts background commands with SIGINT ignored."""
    port = free_port()
    call = " ".join(command("--home", str(home), "serve", OPEN, "--port", str(port)))
    out = home / "said.txt"
    out.touch()
    shell = subprocess.Popen(
        ["/bin/sh", "-c", f"{call} >{out} 2>&1 & echo $!; wait"], stdout=subprocess.PIPE, text=True, env=environment()
    )
    assert shell.stdout is not None
    pid = int(shell.stdout.readline())
    pids = {pid}
    try:
        assert wait_until(lambda: "answers at" in out.read_text(), seconds=40)
        pids |= {child.pid for child in psutil.Process(pid).children(recursive=True)}
        os.kill(pid, signal.SIGINT)
        shell.wait(10)
        assert alive(pids) == []
    finally:
        for left in alive(pids):
            os.kill(left, signal.SIGKILL)
        shell.wait(10)
        shell.stdout.close()


def test_a_parent_that_is_killed_takes_its_workers_along(home: Path) -> None:
    with serving(home, OPEN, "--workers", "2") as service:
        pids = {process.pid for process in service.processes()}
        service.process.kill()
        service.process.wait(5)
        assert wait_until(lambda: alive(pids) == [], seconds=5)


def test_a_worker_that_is_killed_is_replaced(home: Path) -> None:
    with serving(home, OPEN) as service:
        worker = service.workers()[0]
        worker.kill()
        assert wait_until(lambda: answers(service), seconds=20)
        assert worker.pid not in {process.pid for process in service.processes()}


def test_a_worker_whose_replacement_is_killed_too_takes_nobody_along(home: Path) -> None:
    with serving(home, OPEN, "--workers", "2") as service:
        assert wait_until(lambda: len(listening(service)) == 2, seconds=20)
        victim, other = listening(service)
        with connected_to(other, service) as stay:
            for _ in range(2):
                victim.kill()
                gone = victim
                assert answered_until(stay, partial(has_another_than, service, {gone, other}), seconds=30)
                victim = next(worker for worker in listening(service) if worker not in {gone, other})
            assert answered_until(stay, lambda: False, seconds=1) is False
        assert other in listening(service)
        assert len(listening(service)) == 2
        assert {service.get(HOME).status for _ in range(20)} == {200}
        assert service.text().count("another one begins in") == 2
        service.process.terminate()
        assert service.process.wait(10) == 0


def has_another_than(service: Service, known: set[psutil.Process]) -> bool:
    return bool({*listening(service)} - known)


def test_workers_that_cannot_start_end_the_service_which_says_so(home: Path) -> None:
    call = command("--home", str(home), "serve", OPEN, "--workers", "2", "--port", str(free_port()))
    told = environment(RECOMMENDER_IDENTITY_SECRETS="no secret at all")
    found = subprocess.run(call, capture_output=True, text=True, timeout=60, env=told, check=False)
    assert found.returncode == 1
    assert "a worker cannot start: RECOMMENDER_IDENTITY_SECRETS" in found.stderr
    assert "The workers stop right after their start" in found.stderr


def listening(service: Service) -> list[psutil.Process]:
    """The workers that take connections."""
    found = []
    for worker in service.workers():
        with suppress(psutil.Error):
            mine = [one for one in worker.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
            found += [worker] if any(one.laddr.port == service.port for one in mine) else []
    return found


@contextmanager
def connected_to(worker: psutil.Process, service: Service) -> Iterator[http.client.HTTPConnection]:
    """A connection that stays, to this worker and no other."""
    for _ in range(200):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=5)
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        mine = connection.sock.getsockname()[1]
        if any(one.raddr and one.raddr.port == mine for one in worker.net_connections("tcp")):
            break
        connection.close()
    assert connection.sock is not None
    try:
        yield connection
    finally:
        connection.close()


def answered_until(connection: http.client.HTTPConnection, true: Callable[[], bool], *, seconds: float) -> bool:
    """Ask again and again over one connection until something is true; every answer must be a list."""
    connection.auto_open = False  # a connection that was closed stays so, and is an error
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connection.request("GET", HOME)
        answer = connection.getresponse()
        assert (answer.status, bool(json.loads(answer.read())["items"])) == (200, True)
        if true():
            return True
        time.sleep(0.02)
    return False


def answers(service: Service) -> bool:
    try:
        return service.get(HOME).status == 200
    except OSError:
        return False


def test_a_serving_process_loads_nothing_that_only_training_needs(running: Service) -> None:
    running.get(f"{HOME}?customer_id=c0")
    workers = running.workers()
    assert workers
    for worker in workers:
        files = [Path(found.path).as_posix() for found in worker.memory_maps()]
        assert [name for name in files if any(f"/{one}/" in name for one in COSTLY)] == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the policy")
def test_no_thread_of_a_worker_takes_the_core_from_another_by_waking_up(running: Service) -> None:
    running.get(f"{HOME}?customer_id=c0")
    for worker in running.workers():
        threads = [int(found.name) for found in Path(f"/proc/{worker.pid}/task").iterdir()]
        assert len(threads) > 1
        assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_BATCH}


def test_what_a_worker_loads_leaves_out_what_only_training_and_moving_data_need(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", A_WORKER, str(home)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split()) == (0, ["loaded:"]), done.stderr


def test_the_module_is_the_command(home: Path) -> None:
    import sys

    call = [sys.executable, "-m", "recommender.serve", "--home", str(home), "--host", "0.0.0.0", OPEN]  # noqa: S104
    found = subprocess.run(call, capture_output=True, text=True, timeout=60, env=environment(), check=False)
    assert found.returncode == 2
    assert "127.0.0.1" in found.stderr
