"""Homes that share one PostgreSQL, as two hosts do, and a server that can be frozen."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from recommender.domain.incoming import Delivery, Incoming
from recommender.domain.ports import Source
from recommender.settings import Settings
from recommender.storage.secret import SECRET_FILE
from recommender.wiring import Shop, connect

BY_API = Source(kind="api", legal_basis="contract")


@contextmanager
def host(
    home: Path, database_url: str, redis_url: str | None = None, *, secret_of: Shop | None = None
) -> Iterator[Shop]:
    """A home on that database; another one brings its secret, as a second host is set up."""
    settings = Settings(home=home, database_url=database_url, redis_url=redis_url)
    if secret_of is not None:
        settings.var_dir.mkdir(parents=True)
        shutil.copy(secret_of.settings.var_dir / SECRET_FILE, settings.var_dir / SECRET_FILE)
    with connect(settings) as shop:
        yield shop


def send(
    shop: Shop, event_id: str, item_id: str, *, customer_id: str | None = None, visitor_id: str | None = None
) -> float:
    """Store one purchase as the service does; the moment it was acknowledged (monotonic seconds)."""
    now_us = int(datetime.now(UTC).timestamp() * 1_000_000)
    event = Incoming(
        event_id=event_id,
        time_us=now_us,
        visitor_id=visitor_id,
        customer_id=customer_id,
        lines=((event_id, 0, "purchase", now_us, visitor_id, customer_id, None, item_id, 1, *[None] * 6),),
        consent={},
        trusted=True,
        body={},
    )
    shop.ingest.store(Delivery(source=BY_API, events=(event,), received_us=now_us))
    return time.monotonic()


@contextmanager
def frozen(database_url: str) -> Iterator[None]:
    """The whole server stopped in its tracks: connections stay open and say nothing."""
    folder = Path(database_url.partition("host=")[2])
    postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    every = [postmaster, *map(int, children)]
    for process in every:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in every:
            os.kill(process, signal.SIGCONT)
