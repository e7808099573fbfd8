"""What durable events cost: one a request beside a server that only validates them, and twenty a request by store."""

import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from bench.figures import Figure, figure
from bench.load import POSTING_CONNECTIONS, Answered, Batches, batches_done
from bench.postgres import postgres_server
from bench.processes import cpu_seconds
from bench.servers import Server, live, yardstick
from bench.serving import Plan
from bench.shop import DATA, loaded

WORKERS = 2
READY = "/healthz"
NOOP = "bench.noop:app"
SHARE, TAIL, BATCHES = 0.30, 10.0, 25_000.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One round: how it was answered, and the processor time of the server's processes per request."""

    answered: Answered
    cpu_us: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.answered.done / self.answered.seconds


def run(scratch: Path, plan: Plan) -> dict[str, Figure]:
    """Single events against the yardstick by turns, then batches of twenty on SQLite and on PostgreSQL."""
    return single(scratch, plan) | batches(scratch, plan, "sqlite") | batches(scratch, plan, "postgresql")


def single(scratch: Path, plan: Plan) -> dict[str, Figure]:
    """One event a request, two workers; an answer comes after the commit."""
    home = fresh(scratch, "single")
    with ExitStack() as stack:
        noop = stack.enter_context(yardstick(NOOP, core=None, log=scratch / "noop.log", workers=WORKERS))
        ours = stack.enter_context(live(home, core=None, log=scratch / "ingest.log", workers=WORKERS, ready=READY))
        rounds = [
            (_send(ours, f"s{number}", 1, plan), _send(noop, f"s{number}", 1, plan))
            for number in range(plan.rounds + 1)
        ]
    require_stored(home, "s", [sent.answered for sent, _ in rounds], 1)
    return single_figures(rounds[1:])


def single_figures(rounds: Sequence[tuple[Sent, Sent]]) -> dict[str, Figure]:
    """Ratios within each round of ours and the yardstick's, and what they are ratios of."""
    rates = [(a.rate, b.rate) for a, b in rounds]
    return {
        "ingest.single.share_of_noop": figure([a / b for a, b in rates], "ratio", bar=SHARE),
        "ingest.single.p99_over_p50": figure(
            [a.answered.p99_ms / a.answered.p50_ms for a, _ in rounds], "ratio", bar=TAIL, better="lower"
        ),
        "ingest.single.events_per_s": figure([a for a, _ in rates], "events/s"),
        "ingest.single.p50_ms": figure([a.answered.p50_ms for a, _ in rounds], "ms"),
        "ingest.single.cpu_over_noop": figure([a.cpu_us / b.cpu_us for a, b in rounds], "ratio"),
        "ingest.single.cpu_us": figure([a.cpu_us for a, _ in rounds], "µs/request"),
        "ingest.noop.cpu_us": figure([b.cpu_us for _, b in rounds], "µs/request"),
        "ingest.noop.requests_per_s": figure([b for _, b in rates], "requests/s"),
    }


def batches(scratch: Path, plan: Plan, store: str) -> dict[str, Figure]:
    """Twenty events a request, two workers, durable in a store."""
    home = fresh(scratch, store)
    with ExitStack() as stack:
        variables = {}
        if store == "postgresql":
            variables["RECOMMENDER_DATABASE_URL"] = stack.enter_context(postgres_server())
        with live(
            home, core=None, log=scratch / f"{store}.log", workers=WORKERS, variables=variables, ready=READY
        ) as server:
            rounds = [_send(server, f"b{number}", 20, plan) for number in range(plan.rounds + 1)]
        require_stored(home, "b", [sent.answered for sent in rounds], 20, variables)
    name = f"ingest.batch20.{store}"
    return {
        f"{name}.events_per_s": figure([20 * sent.rate for sent in rounds[1:]], "events/s", bar=BATCHES),
        f"{name}.cpu_us_per_event": figure([sent.cpu_us / 20 for sent in rounds[1:]], "µs"),
    }


def fresh(scratch: Path, name: str) -> Path:
    """A copy of the bundled shop's home: its events are in the log, there is no model."""
    home = scratch / f"ingest-{name}"
    shutil.copytree(loaded(scratch / "shop"), home, ignore=shutil.ignore_patterns("models"))
    return home


def _send(server: Server, tag: str, each: int, plan: Plan) -> Sent:
    items = pl.read_parquet(DATA / "items.parquet", columns=["item_id"])["item_id"].to_list()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    before = cpu_seconds(server.pid)
    answered = batches_done(server.port, Batches(tag=tag, each=each, items=items, time=now), seconds=plan.seconds)
    return Sent(answered, (cpu_seconds(server.pid) - before) * 1e6 / answered.done)


def require_stored(
    home: Path, tag: str, rounds: list[Answered], each: int, variables: Mapping[str, str] | None = None
) -> None:
    """Every acknowledged event is in the log, once, and hardly any other (what was cut off at a round's end may be).

    Raises
    ------
    RuntimeError
        Otherwise: the rate would not be one of durable events.
    """
    from recommender.settings import from_environment
    from recommender.wiring import connect

    time.sleep(0.2)
    with connect(from_environment({"RECOMMENDER_HOME": str(home), **(variables or {})})) as shop:
        ids = pl.concat(list(shop.stores.log.frames(columns=["event_id"])))["event_id"]
    sent = ids.filter(ids.str.contains(f"^{tag}[0-9]+-"))
    least = each * sum(answered.done for answered in rounds)
    most = least + each * POSTING_CONNECTIONS * len(rounds)
    if sent.n_unique() != len(sent) or not least <= len(sent) <= most:
        raise RuntimeError(
            f"{least:,} events were acknowledged, {len(sent):,} are in the log ({sent.n_unique():,} ids)"
        )
