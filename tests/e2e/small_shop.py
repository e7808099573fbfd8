"""A shop of twelve items and eight customers in a home of its own, and what its service is started with."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from drill import processes
from recommender.bundle import Shelf, write_bundle
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Item
from recommender.domain.ports import Source, Stores
from recommender.interactions import Interactions, Kind
from recommender.storage import default_url, open_stores
from recommender.training.fitting import fit
from recommender.wiring import MODEL

ITEMS = tuple(f"i{n:02d}" for n in range(12))
PEOPLE = tuple(f"c{n}" for n in range(8))
LAST_ORDER = datetime(2026, 3, 1, tzinfo=UTC)
RUN_1, RUN_2 = "20260301T000000Z", "20260302T000000Z"
HOME = "/v1/recommendations/home"
OPEN = "--insecure-loopback"
"""Of ``serve``: without keys, to callers on this machine."""
free_port = processes.free_port


@contextmanager
def opened(home: Path, url: str | None = None) -> Iterator[Stores]:
    stores = open_stores(url or default_url(home), home=home)
    try:
        yield stores
    finally:
        stores.close()


def orders() -> list[tuple[int, int, datetime]]:
    """(customer, item, time): the even customers buy even items, the odd ones odd items, each four of them."""
    found = []
    for person in range(len(PEOPLE)):
        for place in range(4):
            item = (person + 2 * place) % len(ITEMS)
            found.append((person, item, LAST_ORDER - timedelta(days=10 * place + person)))
    return sorted(found, key=lambda order: order[2])


def fill(home: Path, url: str | None = None) -> None:
    """Store the catalogue and the orders."""
    with opened(home, url) as stores:
        stores.catalogue.put(
            Item(item_id=item, title=f"Thing {item}", price=Decimal("2.50"), currency="GBP") for item in ITEMS
        )
        events = [
            Event(
                event_id=f"e{n}",
                type=EventType.PURCHASE,
                time=time_,
                customer_id=PEOPLE[person],
                order_id=f"o{n}",
                items=(EventItem(item_id=ITEMS[item], price=Decimal("2.50")),),
            )
            for n, (person, item, time_) in enumerate(orders())
        ]
        stores.log.append(events, Source(kind="api", legal_basis="contract"))


def publish(home: Path, run_id: str) -> None:
    """Fit a model on the orders and publish it."""
    model = fit(interactions()).model
    arrays, described = model.to_arrays()
    write_bundle(home / "models", run_id, arrays, {MODEL: described}, created=LAST_ORDER)
    Shelf(home / "models").publish(run_id)


def interactions() -> Interactions:
    rows = orders()
    n = len(rows)
    return Interactions(
        item_ids=ITEMS,
        n_people=len(PEOPLE),
        person=np.array([person for person, _, _ in rows], np.int32),
        item=np.array([item for _, item, _ in rows], np.int32),
        kind=np.full(n, Kind.PURCHASE, np.int8),
        time_us=np.array([int(time_.timestamp() * 1e6) for _, _, time_ in rows], np.int64),
        quantity=np.ones(n, np.float32),
        order=np.arange(n, dtype=np.int64),
        countries=(),
        country=np.full(len(PEOPLE), -1, np.int32),
        categories=(),
        category=np.full(len(ITEMS), -1, np.int32),
        price=np.full(len(ITEMS), np.nan, np.float32),
        now_us=int(LAST_ORDER.timestamp() * 1e6) + 1,
    )


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Service:
    """A running service: its process, where it listens, what it says."""

    process: "subprocess.Popen[bytes]"
    port: int
    said: Path
    seen: set[int] = field(default_factory=set)

    def get(
        self, path: str, headers: dict[str, str] | None = None, *, method: str = "GET", body: Any = None
    ) -> Answered:
        return ask(self.port, path, headers, method=method, body=body)

    def processes(self) -> list[psutil.Process]:
        """The service's process and all its children, alive."""
        try:
            parent = psutil.Process(self.process.pid)
            found = [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []
        self.seen |= {process.pid for process in found}
        return found

    def workers(self) -> list[psutil.Process]:
        """Those of them that answer requests; one that ends while it is looked at is none."""
        return [process for process in self.processes() if _is_worker(process)]

    def text(self) -> str:
        return self.said.read_text()


def _is_worker(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def ask(
    port: int, path: str, headers: dict[str, str] | None = None, *, method: str = "GET", body: Any = None
) -> Answered:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        data = None if body is None else json.dumps(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, path, body=data, headers={**kind, **(headers or {})})
        answer = connection.getresponse()
        return Answered(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "recommender", *arguments]


@contextmanager
def serving(
    home: Path, *options: str, port: int | None = None, ready: bool = True, settings: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """A service over a home (with ``RECOMMENDER_*`` settings); nothing of it is left afterwards, whatever the test did."""
    port = port or free_port()
    said = home / f"service-{port}.txt"
    with said.open("wb") as out:
        process = subprocess.Popen(
            command("--home", str(home), "serve", "--port", str(port), *options),
            stdout=out,
            stderr=out,
            env=environment(**(settings or {})),
            start_new_session=True,
        )
    service = Service(process, port, said)
    try:
        if ready:
            wait_until(lambda: "answers at" in service.text() or process.poll() is not None, seconds=120)
            assert process.poll() is None, service.text()
        yield service
    finally:
        leave_nobody(service)


def leave_nobody(service: Service) -> None:
    for process in service.processes():
        with suppress(psutil.NoSuchProcess):  # one that was about to end has ended meanwhile
            process.kill()
    service.process.wait(10)


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RECOMMENDER_", "MAKE"))}
    return {**kept, **more}


def wait_until(true: Any, *, seconds: float, every: float = 0.05) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(every)
    return bool(true())


def alive(pids: Sequence[int] | set[int]) -> list[int]:
    """Those of the processes that still run (a zombie does not)."""
    found = []
    for pid in pids:
        try:
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
        except psutil.NoSuchProcess:
            continue
    return found
