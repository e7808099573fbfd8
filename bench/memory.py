"""What a further worker costs in memory."""

from collections.abc import Sequence
from pathlib import Path

from bench.asking import checked_answers, home_paths
from bench.figures import Figure, figure
from bench.load import requests_done
from bench.processes import family, private_mb, resident_mb
from bench.servers import get, live
from bench.serving import Plan, customers_of

FEW, MANY = 1, 3
BAR_MB = 80


def run(home: Path, scratch: Path, plan: Plan) -> dict[str, Figure]:
    """What a service with three workers holds more than one with a single worker, for each of the two.

    Held is the sum of proportional set sizes of the whole family, after the same load: memory that several processes
    map (model, catalogue, libraries) counts once, whoever touched it. A worker's unique set size would count every page of
    the model as its own that no other worker happened to be asked for yet; the smallest is given beside, without a bar.
    """
    held, unique = [], []
    for workers in (FEW, MANY):
        with live(home, core=None, log=scratch / "memory.log", workers=workers) as server:
            paths = home_paths(customers_of(home))
            checked_answers(lambda path, port=server.port: get(port, path), paths)  # type: ignore[misc]
            requests_done(server.port, paths, seconds=plan.seconds * 2, core=None)
            held.append(resident_mb(server.pid))
            unique = [private_mb(pid) for pid in workers_of(server.pid, workers)]
    each = (held[1] - held[0]) / (MANY - FEW)
    return {
        "memory.private_mb_per_worker": figure([each], "MB", bar=BAR_MB, better="lower"),
        "memory.unique_mb_of_idlest_worker": figure([min(unique)], "MB"),
    }


def workers_of(pid: int, expected: int) -> Sequence[int]:
    """The processes of a service that answer: those the first one spawned, without Python's own tracker of resources."""
    found = [one for one in family(pid)[1:] if _is_worker(one)]
    if len(found) != expected:
        raise RuntimeError(f"the service has {len(found)} workers, {expected} were asked for")
    return found


def _is_worker(pid: int) -> bool:
    words = Path(f"/proc/{pid}/cmdline").read_bytes()
    return b"spawn_main" in words and b"resource_tracker" not in words
