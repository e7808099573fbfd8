"""Events into a running service: real processes, sockets and kills."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from small_shop import OPEN, Service, fill, opened, serving, wait_until

HALF = b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
ROUNDS = int(os.environ.get("KILL_ROUNDS", "2"))
"""Rounds of each kind of kill; more with ``KILL_ROUNDS=10``."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    fill(folder)
    return folder


def event(name: str, person: str = "v1") -> dict[str, object]:
    return {
        "event_id": name,
        "type": "view_item",
        "visitor_id": person,
        "items": [{"item_id": "i03"}, {"item_id": "i04"}],
    }


def send(port: int, events: list[dict[str, object]], timeout: float = 10) -> tuple[int, dict[str, int], dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/v1/events", body=json.dumps({"events": events}), headers=headers)
        answer = connection.getresponse()
        found = json.loads(answer.read())
        return answer.status, found, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


@dataclass
class Sender:
    """A client that sends batches of two until told to stop, and notes what was acknowledged."""

    port: int
    name: str
    acknowledged: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            names = [f"{self.name}-{number}", f"{self.name}-{number + 1}"]
            number += 2
            self.sent += names
            with suppress(OSError, http.client.HTTPException, ValueError):
                status, answer, _ = send(self.port, [event(name) for name in names], timeout=5)
                if status == 202 and answer["accepted"] == 2:
                    self.acknowledged += names


def stored(home: Path) -> list[str]:
    """Event ids, one per line of the log, of events sent here."""
    with sqlite3.connect(home / "var" / "shop.db") as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        rows = connection.execute("SELECT event_id FROM events WHERE type = 'view_item'").fetchall()
    connection.close()
    assert verdict == "ok"
    return [row[0] for row in rows]


def kill_round(home: Path, name: str, kill: Callable[[Service], None]) -> list[Sender]:
    """Four clients send; something is killed; the senders, after the service (or what is left) took it."""
    with serving(home, OPEN, "--workers", "2") as service:
        senders = [Sender(service.port, f"{name}-{number}") for number in range(4)]
        threads = [threading.Thread(target=sender.run) for sender in senders]
        for thread in threads:
            thread.start()
        assert wait_until(lambda: all(len(sender.acknowledged) >= 10 for sender in senders), seconds=20)
        kill(service)
        for sender in senders:
            sender.stop.set()
        for thread in threads:
            thread.join()
    return senders


def kill_all(service: Service) -> None:
    for process in service.processes():
        with suppress(psutil.NoSuchProcess):
            process.kill()


def kill_one(service: Service) -> None:
    service.workers()[0].kill()
    before = len(service.text())
    time.sleep(0.5)
    assert wait_until(lambda: send_works(service), seconds=20), service.text()[before:]


def send_works(service: Service) -> bool:
    with suppress(OSError, http.client.HTTPException):
        return send(service.port, [event("probe")])[0] == 202
    return False


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_a_worker_or_the_whole_service_is_killed(home: Path) -> None:
    everybody: list[Sender] = []
    for turn in range(ROUNDS):
        kill = kill_all if turn % 2 == 0 else kill_one
        everybody += kill_round(home, f"r{turn}", kill)
        found = stored(home)
        acknowledged = {name for sender in everybody for name in sender.acknowledged}
        assert acknowledged <= set(found)
        assert all(found.count(name) == 2 for name in list(acknowledged)[:50]), "both lines or none"
    replay_adds_only_what_is_missing(home, everybody)


def replay_adds_only_what_is_missing(home: Path, senders: list[Sender]) -> None:
    """Everything that was ever sent, sent again: each event is there once afterwards."""
    names = sorted({name for sender in senders for name in sender.sent})
    with serving(home, OPEN) as service:
        for start in range(0, len(names), 400):
            status, answer, _ = send(service.port, [event(name) for name in names[start : start + 400]])
            assert status == 202
            assert answer["accepted"] + answer["duplicates"] == len(names[start : start + 400])
    found = [name for name in stored(home) if name != "probe"]
    assert sorted(found) == sorted(names * 2)


def test_half_sent_bodies_delay_no_event_and_a_body_cut_off_stores_nothing(home: Path) -> None:
    with serving(home, OPEN) as service:
        send(service.port, [event("first")])
        slow = []
        for _ in range(40):
            connection = socket.create_connection(("127.0.0.1", service.port))
            connection.sendall(HALF)
            slow.append(connection)
        waits = []
        for number in range(30):
            began = time.perf_counter()
            assert send(service.port, [event(f"h{number}")])[0] == 202
            waits.append(time.perf_counter() - began)
        assert sorted(waits)[-3] < 0.5
        for connection in slow[:20]:
            connection.close()
        for connection in slow[20:]:
            connection.settimeout(5)
            assert connection.recv(4_000).startswith(b"HTTP/1.1 408")
            connection.close()
        assert send(service.port, [event("last")])[0] == 202
    assert len(set(stored(home))) == 32


def test_a_stop_commits_what_was_taken(home: Path) -> None:
    with serving(home, OPEN, "--workers", "2") as service:
        sender = Sender(service.port, "s")
        thread = threading.Thread(target=sender.run)
        thread.start()
        assert wait_until(lambda: len(sender.acknowledged) >= 20, seconds=20)
        os.kill(service.process.pid, signal.SIGTERM)
        assert service.process.wait(20) == 0
        sender.stop.set()
        thread.join()
    assert set(sender.acknowledged) <= set(stored(home))


@pytest.fixture
def small_disk(tmp_path: Path, say_missing: Callable[[str], None]) -> Iterator[Path]:
    """A home on a disk of 12 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        say_missing("mounting a small disk needs root")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if made.returncode:
        say_missing(f"a small disk cannot be mounted here: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_nothing_acknowledged_is_lost_and_work_goes_on_without_a_restart(small_disk: Path) -> None:
    fill(small_disk)
    with serving(small_disk, OPEN) as service:
        sent = send(service.port, [event("before")])
        assert sent[0] == 202
        ballast = small_disk / "ballast"
        with ballast.open("wb") as out, suppress(OSError):
            while True:
                out.write(b"x" * 65_536)
                out.flush()
        acknowledged = ["before"]
        refused = None
        for number in range(400):
            status, _, headers = send(service.port, [event(f"e{number}-{n}") for n in range(50)])
            if status != 202:
                refused = status, headers
                break
            acknowledged += [f"e{number}-{n}" for n in range(50)]
        assert refused is not None
        assert refused[0] == 503
        assert "retry-after" in refused[1]
        assert service.get("/v1/recommendations/home").status == 200
        ballast.unlink()
        assert wait_until(lambda: send(service.port, [event("after")])[0] == 202, seconds=10)
    assert {*acknowledged, "after"} <= set(stored(small_disk))


def test_a_change_of_an_item_shows_in_every_worker_within_a_second(home: Path) -> None:
    with serving(home, OPEN, "--workers", "2") as service:

        def listed() -> list[bool]:
            return [
                "i03" in [one["item_id"] for one in service.get("/v1/recommendations/trending?size=12").json["items"]]
                for _ in range(12)
            ]

        assert all(listed())
        change = {"stock": 0}
        assert service.get("/v1/items/i03", method="PATCH", body=change).status == 200
        time.sleep(1)
        assert not any(listed())
        assert service.get("/v1/items/i03", method="PATCH", body={"stock": 4}).status == 200
        time.sleep(1)
        assert all(listed())
    with opened(home) as stores:
        assert stores.catalogue.get(["i03"])["i03"].stock == 4
