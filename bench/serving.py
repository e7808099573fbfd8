"""What a live list costs beside the least a Flask view can do, on the same server, in the same minutes."""

import json
import os
import socket
import statistics
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote

import polars as pl

from bench.figures import Figure, figure
from bench.load import requests_done
from bench.processes import background, cpu_seconds
from bench.shop import DATA, command, trained

ROUNDS = 5
SECONDS = 3.0
PEOPLE = 500
READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """One round of one server: requests per second, and processor microseconds per request."""

    rate: float
    cpu_us: float


def run(scratch: Path) -> dict[str, Figure]:
    """Live ``home`` lists of known customers and a trivial Flask view, each with one worker on one core, by turns."""
    home = trained(scratch / "shop")
    ours, theirs = free_port(), free_port()
    cores = sorted(os.sched_getaffinity(0))
    server_core, load_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
    flask = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1"]
    live = command(home, "serve", "--insecure-loopback", "--port", str(ours))
    with (
        background(live, core=server_core, log=scratch / "live.log") as live_pid,
        background(
            [*flask, "--port", str(theirs), "bench.trivial:app"], core=server_core, log=scratch / "flask.log"
        ) as pid,
    ):
        wait_for(ours, "/healthz")
        wait_for(theirs, "/")
        paths = personal_paths(ours)

        def one(port: int, asked: Sequence[str], process: int) -> Cost:
            return cost(port, asked, process, load_core)

        rounds = [(one(ours, paths, live_pid), one(theirs, ["/"], pid)) for _ in range(ROUNDS + 1)][1:]
    return figures_of(rounds)


def figures_of(rounds: Sequence[tuple[Cost, Cost]]) -> dict[str, Figure]:
    """Ratios within each round, and what they are ratios of."""

    def each(value: Callable[[Cost, Cost], float]) -> list[float]:
        return [value(ours, flask) for ours, flask in rounds]

    return {
        "serve.home.demo.share_of_flask": figure(each(lambda a, b: a.rate / b.rate), "ratio"),
        "serve.home.demo.cpu_over_flask": figure(each(lambda a, b: a.cpu_us / b.cpu_us), "ratio"),
        "serve.home.demo.requests_per_s": figure(each(lambda a, _: a.rate), "requests/s"),
        "serve.home.demo.cpu_us": figure(each(lambda a, _: a.cpu_us), "µs/request"),
        "serve.flask.requests_per_s": figure(each(lambda _, b: b.rate), "requests/s"),
        "serve.flask.cpu_us": figure(each(lambda _, b: b.cpu_us), "µs/request"),
    }


def cost(port: int, paths: Sequence[str], process: int, core: int | None) -> Cost:
    """Load one server for a few seconds."""
    before = cpu_seconds(process)
    done, seconds = requests_done(port, paths, seconds=SECONDS, core=core)
    return Cost(rate=done / seconds, cpu_us=(cpu_seconds(process) - before) * 1e6 / done)


def personal_paths(port: int) -> list[str]:
    """Questions of known customers; each is asked once, and an answer that is not the model's own is an error."""
    ids = pl.read_parquet(DATA / "customers.parquet", columns=["customer_id"])["customer_id"].sort().cast(pl.String)
    chosen = ids.gather_every(max(1, len(ids) // PEOPLE)).to_list()[:PEOPLE]
    paths = [f"/v1/recommendations/home?customer_id={quote(person)}" for person in chosen]
    bases = []
    for path in paths:
        answer = json.loads(get(port, path))
        if answer["fallback"] is not None or len(answer["items"]) < 10:
            raise RuntimeError(f"{path} was not answered by the model: {answer['fallback']}")
        bases.append(answer["basis"])
    if statistics.mode(bases) != "personal" or bases.count("personal") < 0.95 * len(bases):
        raise RuntimeError(f"only {bases.count('personal')} of {len(bases)} answers are personal")
    return paths


def get(port: int, path: str) -> bytes:
    """One answer."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        body: bytes = answer.read()
    return body


def wait_for(port: int, path: str) -> None:
    """Return when a server answers."""
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        try:
            get(port, path)
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers on port {port} after {READY_SECONDS:g} s")


def free_port() -> int:
    """A port nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
