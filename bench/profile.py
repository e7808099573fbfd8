"""``python -m bench.profile home|first-home|events --home DIR``: where the time of one request goes, function by function.

Runs the service in this process, without a socket: the whole application from the parsed request to the bytes of the
answer. Prints the plain cost first (without a profiler, which makes small functions look dear), then the functions.
"""

import argparse
import cProfile
import gc
import io
import itertools
import json
import os
import pstats
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy
from bench.asking import NEWCOMERS, PEOPLE, checked_answers, home_paths

PLAIN = 2_000
TOP = 45
STRANGERS = 2 * NEWCOMERS
"""Customers asked in turn, so many that the first is out of the worker's memory again when the last was answered."""
Answerer = Callable[[str, str, bytes], tuple[int, bytes]]


@contextmanager
def in_process(home: Path) -> Iterator[Answerer]:
    """The service of a home in this process: a function of method, address and body that gives status and answer."""
    from recommender.api import create_app
    from recommender.api.rsgi import call
    from recommender.settings import from_environment
    from recommender.wiring import connect, hot_of, service_of

    with connect(from_environment({**os.environ, "RECOMMENDER_HOME": str(home)})) as shop:
        service, watches = service_of(shop, open_to_all=True)
        app, hot = create_app(service), hot_of(shop, service)
        for watch in watches:
            watch.start()
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 50, 50)

        def answer(method: str, address: str, body: bytes) -> tuple[int, bytes]:
            path, _, query = address.partition("?")
            if method == "GET" and (method, path) in hot:
                scope: Any = _Scope(method, path, query)
                status, _, answered = _at_once(hot[method, path](scope, body))
                return status, answered
            status, _, answered = call(app.wsgi_app, _environ(method, address, body))
            return status, answered

        try:
            yield answer
        finally:
            for watch in watches:
                watch.stop()


@dataclass(frozen=True, slots=True)
class _Scope:
    """A request as the server tells of it."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str] = field(default_factory=lambda: {"host": "127.0.0.1:8000"})
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "127.0.0.1:5000"
    scheme: str = "http"
    authority: str | None = None


def _at_once(answer: Any) -> Any:
    """The result of an answer that waits for nothing."""
    try:
        answer.__await__().send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("a list waited for something")


def _environ(method: str, address: str, body: bytes) -> dict[str, Any]:
    """A request as the shim makes it."""
    path, _, query = address.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "CONTENT_TYPE": "application/json" if body else "",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def home_asker(answer: Answerer, home: Path, *, people: int = PEOPLE) -> Callable[[], None]:
    """Each call answers one ``home`` list, of many customers in turn; the answers are checked once first."""
    files = home / "files" / "customers.parquet"
    paths = home_paths(files if files.exists() else _bundled(), people=people)
    checked_answers(lambda path: answer("GET", path, b"")[1], paths)
    turns = itertools.cycle(paths)

    def once() -> None:
        status, _ = answer("GET", next(turns), b"")
        if status != 200:
            raise RuntimeError(f"answered with {status}")

    return once


def event_sender(answer: Answerer, _home: Path) -> Callable[[], None]:
    """Each call sends one new view; in this process nothing shares its commit, so the commit's wait is in it."""
    started, numbers = time.time_ns(), itertools.count()

    def once() -> None:
        number = next(numbers)
        event = {"event_id": f"p-{started}-{number}", "type": "view_item", "visitor_id": f"v{number % 1000}"}
        body = json.dumps({"events": [{**event, "items": [{"item_id": "22423"}]}]}).encode()
        status, answered = answer("POST", "/v1/events", body)
        if status != 202 or json.loads(answered)["accepted"] != 1:
            raise RuntimeError(f"answered with {status}: {answered[:200]!r}")

    return once


def _bundled() -> Path:
    from bench.shop import DATA

    return DATA / "customers.parquet"


def main(words: Sequence[str] | None = None) -> int:
    """Print the cost of a request and the functions it goes to."""
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description="Where the time of a request goes.")
    parser.add_argument("what", choices=("home", "first-home", "events"))
    parser.add_argument("--home", type=Path, required=True, help="a trained home; `events` writes into it, use a copy")
    parser.add_argument("--requests", type=int, default=PLAIN)
    parser.add_argument("--sort", default="tottime", choices=("tottime", "cumtime"))
    options = parser.parse_args(words)
    with in_process(options.home) as answer:
        askers: dict[str, Callable[[Answerer, Path], Callable[[], None]]]
        askers = {"home": home_asker, "first-home": partial(home_asker, people=STRANGERS), "events": event_sender}
        once = askers[options.what](answer, options.home)
        for _ in range(200):
            once()
        began, worked = time.perf_counter(), time.process_time()
        for _ in range(options.requests):
            once()
        wall, cpu = time.perf_counter() - began, time.process_time() - worked
        print(f"{options.what}: {wall * 1e6 / options.requests:,.0f} µs by the clock, ", end="")
        print(f"{cpu * 1e6 / options.requests:,.0f} µs of processor time a request, {options.requests} requests")
        profiler = cProfile.Profile()
        profiler.enable()
        for _ in range(options.requests):
            once()
        profiler.disable()
    pstats.Stats(profiler).strip_dirs().sort_stats(options.sort).print_stats(TOP)
    return 0


if __name__ == "__main__":
    sys.exit(main())
