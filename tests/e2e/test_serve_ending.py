"""How the service ends, and what becomes of workers that are killed: real processes, real signals."""

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
from small_shop import (
    HOME,
    OPEN,
    Service,
    alive,
    command,
    environment,
    free_port,
    serving,
    wait_until,
)

SHARED_PORT = free_port()
"""Of services that run one after the other: a port is free again as soon as its service has stopped."""


@pytest.mark.parametrize(
    ("number", "to_group"),
    [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGHUP, True)],
)
def test_a_signal_ends_every_process_and_the_requests_in_hand(
    own_home: Path, number: signal.Signals, *, to_group: bool
) -> None:
    with serving(own_home, OPEN, "--workers", "2", port=SHARED_PORT) as service:
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


def test_started_in_the_background_it_still_hears_an_interrupt(own_home: Path) -> None:
    """A shell without job control starts background commands with SIGINT ignored."""
    port = free_port()
    call = " ".join(command("--home", str(own_home), "serve", OPEN, "--port", str(port)))
    out = own_home / "said.txt"
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


def test_a_parent_that_is_killed_takes_its_workers_along(own_home: Path) -> None:
    with serving(own_home, OPEN, "--workers", "2") as service:
        pids = {process.pid for process in service.processes()}
        service.process.kill()
        service.process.wait(5)
        assert wait_until(lambda: alive(pids) == [], seconds=5)


def test_a_worker_that_is_killed_is_replaced(own_home: Path) -> None:
    with serving(own_home, OPEN) as service:
        worker = service.workers()[0]
        worker.kill()
        assert wait_until(lambda: answers(service), seconds=20)
        assert worker.pid not in {process.pid for process in service.processes()}


def test_a_worker_whose_replacement_is_killed_too_takes_nobody_along(own_home: Path) -> None:
    with serving(own_home, OPEN, "--workers", "2") as service:
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
