"""Models published one after the other while lists are asked for, and bodies that never come."""

import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from bench.figures import Figure, figure
from drill.load import Storefronts
from drill.outcome import lists, none, p99
from drill.processes import serving
from drill.shop import do

HALF_A_BODY = (
    b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
)
HALF_BODIES = 40
DELAY_MS = 50.0
SETTLE_SECONDS = 1.0


def publishes(home: Path, number: int) -> dict[str, Figure]:
    """Several publishes within three seconds under load: no error, and every answer is of one model that was published."""
    name = "publishes"
    while len(_runs(home)) < 2:
        do(home, "train", "--budget", "0", "--seed", str(len(_runs(home)) + 1))
    runs = _runs(home)[:2]
    current = home / "models" / "CURRENT"
    with serving(home, workers=2) as service, Storefronts(port=service.port) as storefronts:
        time.sleep(SETTLE_SECONDS)
        began = time.monotonic()
        for turn in range(number):
            fresh = current.with_name("CURRENT.next")
            fresh.write_text(runs[turn % 2] + "\n")
            fresh.replace(current)
            time.sleep(max(0.0, began + 3 * (turn + 1) / number - time.monotonic()))
        time.sleep(SETTLE_SECONDS)
        asked = storefronts.since(began)
    seen = {one.model for one in asked}
    strangers = sum(one.model not in runs for one in asked)
    found = lists(name, asked) | none(name, "answers_by_no_published_model", strangers)
    return found | {f"{name}.models_seen": figure([len(seen)], "models", bar=2)}


def _runs(home: Path) -> list[str]:
    return sorted(folder.name for folder in (home / "models").iterdir() if (folder / "manifest.json").is_file())


def half_sent_bodies(home: Path, seconds: float) -> dict[str, Figure]:
    """Forty connections that send half a body and stop: nobody else waits, and each is told 408."""
    name = "half_sent_bodies"
    with serving(home) as service, Storefronts(port=service.port, number=1) as storefronts, ExitStack() as opened:
        time.sleep(max(seconds, SETTLE_SECONDS))
        began = time.monotonic()
        halves = [
            opened.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=20))
            for _ in range(HALF_BODIES)
        ]
        for half in halves:
            half.sendall(HALF_A_BODY)
        told: list[bytes] = []
        readers = [
            threading.Thread(target=lambda one=half: told.append(one.recv(4096)), daemon=True) for half in halves
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(20)
        ended = time.monotonic()
        before, during = storefronts.since(0, began), storefronts.since(began, ended)
    late = sum(b" 408 " not in one[:16] for one in told) + HALF_BODIES - len(told)
    delay = max(0.0, p99(during) - p99(before))
    found = lists(name, during) | none(name, "not_told_408", late)
    return found | {f"{name}.delay_p99_ms": figure([delay], "ms", bar=DELAY_MS, better="lower")}
