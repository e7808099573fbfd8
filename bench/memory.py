"""What a further worker costs in memory that nobody shares with it."""

from collections.abc import Sequence
from pathlib import Path

from bench.asking import checked_answers, home_paths
from bench.figures import Figure, figure
from bench.load import requests_done
from bench.processes import family, private_mb
from bench.servers import get, live
from bench.serving import Plan, customers_of

WORKERS = 2
BAR_MB = 80


def run(home: Path, scratch: Path, plan: Plan) -> dict[str, Figure]:
    """Private memory (unique set size) of each worker of a service with two, after both have answered for a while."""
    with live(home, core=None, log=scratch / "memory.log", workers=WORKERS) as server:
        paths = home_paths(customers_of(home))
        checked_answers(lambda path: get(server.port, path), paths)
        requests_done(server.port, paths, seconds=plan.seconds * 2, core=None)
        found = [private_mb(pid) for pid in workers_of(server.pid)]
    return {"memory.private_mb_per_worker": figure(found, "MB", bar=BAR_MB, better="lower")}


def workers_of(pid: int, expected: int = WORKERS) -> Sequence[int]:
    """The processes of a service that answer: those the first one spawned, without Python's own tracker of resources."""
    found = [one for one in family(pid)[1:] if _is_worker(one)]
    if len(found) != expected:
        raise RuntimeError(f"the service has {len(found)} workers, {expected} were asked for")
    return found


def _is_worker(pid: int) -> bool:
    words = Path(f"/proc/{pid}/cmdline").read_bytes()
    return b"spawn_main" in words and b"resource_tracker" not in words
