"""The service's second listener, its shared limits and its end, with real processes and sockets."""

import base64
import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_shop import HOME, command, environment, fill, free_port, opened, publish, serving

from recommender.domain.keys import KeyClass
from recommender.services.keys import create_key

RUN = "20260301T000000Z"
ROUNDS = 3
DRAIN_SECONDS = 3
"""Long enough for a caller that a busy machine leaves waiting for a second or two to ask for readiness again."""


class Kept:
    """A shop with a key of each class."""

    def __init__(self, home: Path) -> None:
        self.home = home
        fill(home)
        publish(home, RUN)
        with opened(home) as stores:
            made = {kind: create_key(stores.keys, key_class=kind, now=datetime.now(UTC)).token for kind in KeyClass}
        self.pk, self.sk, self.adm = made[KeyClass.PK], made[KeyClass.SK], made[KeyClass.ADM]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("shop"))


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_numbers_of_all_workers_are_on_the_second_listener_only(shop: Kept) -> None:
    admin_port = free_port()
    with serving(shop.home, "--workers", "2", settings={"RECOMMENDER_ADMIN_PORT": str(admin_port)}) as service:
        for _ in range(30):
            assert service.get(HOME, {"X-API-Key": shop.sk}).status == 200
        status, text = get(admin_port, "/metrics")
        assert status == 200
        route = 'route="/v1/recommendations/<scenario>"'
        counted = [line for line in text.splitlines() if "requests_total{" in line and route in line]
        assert [float(line.split()[-1]) for line in counted] == [30]
        assert f'recommender_bundle_info{{run="{RUN}"}} 1.0' in text
        assert "recommender_fully_ready 1.0" in text
        assert (service.get("/metrics").status, service.get("/admin").status) == (404, 404)
        password = base64.b64encode(f"me:{shop.adm}".encode()).decode()
        assert get(admin_port, "/admin")[0] == 401
        status, page = get(admin_port, "/admin", Authorization=f"Basic {password}")
        assert (status, RUN in page) == (200, True)


def test_workers_share_one_limit_per_address(shop: Kept) -> None:
    with serving(shop.home, "--workers", "2", settings={"RECOMMENDER_LIMIT_PER_ADDRESS": "1"}) as service:
        statuses = [service.get(f"{HOME}?key={shop.pk}").status for _ in range(40)]
    assert statuses[:10] == [200] * 10
    assert 10 <= statuses.count(200) <= 20
    assert statuses[-1] == 429


def refused(port: int, body_bytes: int) -> bytes:
    """The answer to a page of the shop that announces a body and never sends it."""
    head = f"POST /v1/events?key=pk_x HTTP/1.1\r\nHost: localhost\r\nOrigin: {ORIGIN}\r\nContent-Length: {body_bytes}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode())
        return connection.recv(65_536).lower()


ORIGIN = "https://shop.example"


def test_a_page_may_read_that_its_body_was_too_large_or_too_slow(shop: Kept) -> None:
    with serving(shop.home, settings={"RECOMMENDER_ORIGINS": ORIGIN}) as service:
        answers = [refused(service.port, size) for size in (1_100_000, 10)]
    assert [answer.split()[1] for answer in answers] == [b"413", b"408"]
    for answer in answers:
        assert f"access-control-allow-origin: {ORIGIN}\r\n".encode() in answer
        assert b"vary: origin\r\n" in answer


def test_a_taken_second_port_that_was_asked_for_is_said_at_once(shop: Kept) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = {"RECOMMENDER_ADMIN_PORT": str(other.getsockname()[1])}
        call = command("--home", str(shop.home), "serve", "--port", str(free_port()))
        found = subprocess.run(
            call, capture_output=True, text=True, timeout=60, env=environment(**settings), check=False
        )
    assert (found.returncode, "RECOMMENDER_ADMIN_PORT" in found.stderr) == (2, True)


class Caller(threading.Thread):
    """Asks over a new connection each time until the port is closed; ``broken`` is what was promised and not kept."""

    def __init__(self, port: int, key: str) -> None:
        super().__init__()
        head = f"GET {HOME}?size=3 HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n"
        self._head = head.encode()
        self._port = port
        self.answered = 0
        self.broken: list[str] = []

    def run(self) -> None:
        while self.ask():
            pass

    def ask(self) -> bool:
        """One call; False once the port is closed."""
        answer = bytearray()
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=30) as connection:
                connection.sendall(self._head)
                while piece := connection.recv(65_536):
                    answer += piece
        except ConnectionRefusedError:
            return False
        except OSError as error:
            self.broken.append(type(error).__name__)
            return True
        if answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"}"):
            self.answered += 1
        else:
            self.broken.append(repr(bytes(answer[:40])))
        return True


class Balanced(Caller):
    """Sends calls as a balancer does: none any more once readiness has failed."""

    last_status = 0

    def ready(self) -> bool:
        self.last_status = get(self._port, "/readyz")[0]
        return self.last_status == 200

    def run(self) -> None:
        try:
            while self.ready():
                if not self.ask():
                    self.broken.append("refused though it was ready")
        except OSError as error:
            self.broken.append(type(error).__name__)


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_service_told_to_stop_is_unready_first_and_breaks_no_request(shop: Kept, round_: int) -> None:
    with serving(shop.home, "--workers", "2", settings={"RECOMMENDER_DRAIN_SECONDS": str(DRAIN_SECONDS)}) as service:
        callers = [Caller(service.port, shop.sk) for _ in range(4)]
        balanced = Balanced(service.port, shop.sk)
        for caller in (*callers, balanced):
            caller.start()
        time.sleep(0.5 + 0.1 * round_)
        told = time.monotonic()
        os.kill(service.process.pid, signal.SIGTERM)
        assert service.process.wait(60) == 0
        assert time.monotonic() - told >= DRAIN_SECONDS
        for caller in (*callers, balanced):
            caller.join(30)
    assert (balanced.broken, balanced.last_status) == ([], 503)
    assert [caller.broken for caller in callers] == [[]] * len(callers)
    assert sum(caller.answered for caller in callers) > 20
    assert balanced.answered > 0
