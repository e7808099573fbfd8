"""Every fault there is, how long it lasts, and the shop it is made in."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure
from drill import cache_faults, publish_faults, store_faults
from drill.shop import open_shop


@dataclass(frozen=True, slots=True)
class Drill:
    """One fault: its name for ``--only``, what it does, and how long or how often, in full and when time is short."""

    name: str
    run: Callable[[Path, int], dict[str, Figure]]
    full: int
    quick: int


DRILLS = (
    Drill("redis-frozen", cache_faults.frozen, 6, 2),
    Drill("redis-killed", cache_faults.killed, 6, 2),
    Drill("redis-flushed", cache_faults.flushed, 4, 1),
    Drill("redis-full", cache_faults.full, 4, 1),
    Drill("redis-nonsense", cache_faults.nonsense, 4, 2),
    Drill("redis-never-there", cache_faults.never_there, 4, 1),
    Drill("postgresql-killed", store_faults.postgres_killed, 5, 2),
    Drill("no-model", store_faults.no_model, 3, 1),
    Drill("bad-model", store_faults.bad_model, 4, 2),
    Drill("everything-away", store_faults.no_database_no_model, 4, 2),
    Drill("worker-killed", store_faults.worker_killed, 3, 1),
    Drill("service-killed", store_faults.service_killed, 10, 3),
    Drill("replayed", store_faults.replayed, 2_000, 400),
    Drill("terminated", store_faults.terminated, 10, 2),
    Drill("publishes", publish_faults.publishes, 5, 5),
    Drill("half-sent-bodies", publish_faults.half_sent_bodies, 2, 1),
)


def run(drill: Drill, scratch: Path, *, quick: bool) -> dict[str, Figure]:
    """Make one fault in a copy of the shop, so that no drill meets what another left."""
    shop = scratch / "shop"
    if not shop.exists():
        open_shop(shop)
    home = Path(shutil.copytree(shop, scratch / drill.name))
    try:
        found = drill.run(home, drill.quick if quick else drill.full)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return {f"drill.{name}": value for name, value in found.items()}
