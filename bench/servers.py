"""Servers under measurement: ours, and yardsticks on the same granian with the same Flask, one worker, one thread each."""

import os
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError

from bench.load import requests_done
from bench.processes import background, cpu_seconds, ended
from bench.shop import command

READY_SECONDS = 180.0
"""A million items are read at the start."""


@dataclass(frozen=True, slots=True)
class Server:
    """One that answers: its port and its first process."""

    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Cost:
    """One round of one server: requests per second, and processor microseconds per request."""

    rate: float
    cpu_us: float


def cores() -> tuple[int | None, int | None]:
    """The core for servers and the core for the load; None where there is only one."""
    found = sorted(os.sched_getaffinity(0))
    return (found[0], found[1]) if len(found) > 1 else (None, None)


@contextmanager
def live(
    home: Path,
    *,
    core: int | None,
    log: Path,
    workers: int = 1,
    variables: Mapping[str, str] | None = None,
    ready: str = "/readyz",
) -> Iterator[Server]:
    """The service of a home, as ``recommender serve`` starts it, once it answers at ``ready``.

    An empty shop is never ready for lists; ``/healthz`` says that events can be sent.
    """
    port = free_port()
    words = ["serve", "--insecure-loopback", "--port", str(port), "--workers", str(workers)]
    with background(command(home, *words), core=core, log=log, variables=variables) as pid:
        wait_for(port, ready, pid, log)
        yield Server(port, pid)


@contextmanager
def yardstick(
    target: str, *, core: int | None, log: Path, workers: int = 1, variables: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A Flask application on granian's WSGI interface, ready to answer at ``/``."""
    port = free_port()
    words = ["--interface", "wsgi", "--workers", str(workers), "--blocking-threads", "1", "--port", str(port), target]
    started = [sys.executable, "-m", "granian", *words]
    with background(started, core=core, log=log, variables=variables) as pid:
        wait_for(port, "/", pid, log)
        yield Server(port, pid)


def cost(server: Server, paths: list[str], *, seconds: float, core: int | None) -> Cost:
    """Load one server for a few seconds."""
    before = cpu_seconds(server.pid)
    done, passed = requests_done(server.port, paths, seconds=seconds, core=core)
    return Cost(rate=done / passed, cpu_us=(cpu_seconds(server.pid) - before) * 1e6 / done)


def get(port: int, path: str) -> bytes:
    """One answer."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        body: bytes = answer.read()
    return body


def wait_for(port: int, path: str, pid: int, log: Path) -> None:
    """Return when a server answers with 200; the log's end is in the error if it ends before or never does."""
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        try:
            get(port, path)
        except (HTTPError, URLError, ConnectionError, TimeoutError):
            if ended(pid):
                break
            time.sleep(0.1)
        else:
            return
    said = log.read_text(errors="replace")[-1000:]
    raise RuntimeError(f"nothing answers at {path} on port {port} (waited up to {READY_SECONDS:g} s): {said}")


def free_port() -> int:
    """A port nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
