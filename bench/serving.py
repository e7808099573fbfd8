"""What a live list costs beside the least a Flask view can do, and beside reading lists made beforehand.

All servers stand at once, each with one worker, bound to the first core; they are loaded by turns from the second.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl

from bench.asking import checked_answers, customer_of, home_paths, turns_of, twice
from bench.figures import Figure, figure
from bench.precomputed import write_cards, write_lists
from bench.servers import Cost, Server, cores, cost, get, live, yardstick
from bench.shop import DATA

FLASK = "bench.trivial:app"
BARS: Mapping[str, float] = {
    "serve.home.100k.share_of_flask": 0.20,
    "serve.home.100k_forests.share_of_flask": 0.18,
    "serve.home.100k.share_of_precomputed": 0.50,
    "serve.home.1m_over_10k": 0.75,
}


FIRST, NEXT = ".first_look", ".next_look"
"""Of people of whom nothing is in the worker's memory; of people who were just answered."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long: rounds that count (one more warms up) and seconds a server is loaded in each."""

    rounds: int = 5
    seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class Target:
    """One server and what it is asked, round by round; ``known``: each question was asked once just before."""

    server: Server
    turns: Sequence[list[str]]
    known: bool = False

    def cost(self, turn: int, plan: Plan, core: int | None) -> Cost:
        """Load it for one round."""
        paths = self.turns[turn % len(self.turns)]
        for path in paths if self.known else ():
            get(self.server.port, path)
        return cost(self.server, paths, seconds=plan.seconds, core=core)


def customers_of(home: Path) -> Path:
    """The file of a home's customers: beside a grown home, else the bundled one."""
    files = home / "files" / "customers.parquet"
    return files if files.exists() else DATA / "customers.parquet"


def run(homes: Mapping[str, Path], scratch: Path, plan: Plan, *, redis: bool = False) -> dict[str, Figure]:
    """Live ``home`` lists of known customers of each home (size to folder), yardsticks in the same rounds.

    The figure of a size is that of customers who ask twice in a row, so that every second answer is a first look; first looks
    and next ones are figures of their own, too.

    With a home named ``100k`` the server of precomputed lists stands beside it, over the same kind of store.
    ``redis`` gives live service and precomputed lists a Redis server of their own; names then end in ``.redis``.
    """
    core, load_core = cores()
    with ExitStack() as stack:
        url = stack.enter_context(redis_server(scratch)) if redis else None
        flask = stack.enter_context(yardstick(FLASK, core=core, log=scratch / "flask.log"))
        targets = {"flask": Target(flask, [["/"]])}
        for number, (size, home) in enumerate(homes.items(), start=1):
            variables = {} if url is None else {"RECOMMENDER_REDIS_URL": f"{url}/{number}"}
            server = stack.enter_context(live(home, core=core, log=scratch / f"{size}.log", variables=variables))
            customers = customers_of(home)
            paths = home_paths(customers)
            lists = checked_answers(lambda path, port=server.port: get(port, path), paths)  # type: ignore[misc]
            targets |= _looks(server, size, paths, turns_of(customers, rounds=plan.rounds + 1))
            if url is not None:
                _require_kept(variables["RECOMMENDER_REDIS_URL"])
            if size == "100k":
                targets["precomputed"] = stack.enter_context(_precomputed(home, lists, url, scratch, core))
        rounds = [
            {name: target.cost(turn, plan, load_core) for name, target in targets.items()}
            for turn in range(plan.rounds + 1)
        ][1:]
    return figures_of(rounds, list(homes), suffix=".redis" if redis else "")


def _looks(server: Server, size: str, paths: list[str], turns: Sequence[list[str]]) -> dict[str, Target]:
    """The ways a live server is asked: each customer twice in a row; once; and people whose lists it has just made.

    Every first look's profile lies in the cache, as in a shop that is open (asked for here), and not in the worker's memory.
    Who is asked once was asked twice half of the rounds ago: since then more people came by than are kept.
    """
    for path in {path for turn in turns for path in turn}:
        get(server.port, path)
    half = len(turns) // 2
    once = [*turns[half:], *turns[:half]]
    return {
        size: Target(server, [twice(turn) for turn in turns]),
        f"{size}{FIRST}": Target(server, once),
        f"{size}{NEXT}": Target(server, [paths], known=True),
    }


def figures_of(rounds: Sequence[Mapping[str, Cost]], sizes: Sequence[str], *, suffix: str) -> dict[str, Figure]:
    """Ratios within each round, and what they are ratios of."""

    def add(name: str, unit: str, value: Callable[[Mapping[str, Cost]], float]) -> None:
        found[name + suffix] = figure([value(one) for one in rounds], unit, bar=BARS.get(name))

    found: dict[str, Figure] = {}
    live_ones = [f"{size}{look}" for size in sizes for look in ("", FIRST, NEXT) if f"{size}{look}" in rounds[0]]
    for size in live_ones:
        add(f"serve.home.{size}.share_of_flask", "ratio", lambda r, s=size: r[s].rate / r["flask"].rate)  # type: ignore[misc]
        add(f"serve.home.{size}.cpu_over_flask", "ratio", lambda r, s=size: r[s].cpu_us / r["flask"].cpu_us)  # type: ignore[misc]
    if "100k" in sizes:
        add("serve.home.100k.share_of_precomputed", "ratio", lambda r: r["100k"].rate / r["precomputed"].rate)
    if {"10k", "1m"} <= set(sizes):
        add("serve.home.1m_over_10k", "ratio", lambda r: r["1m"].rate / r["10k"].rate)
    for name in rounds[0]:
        full = f"serve.home.{name}" if name in live_ones else f"serve.{name}"
        add(f"{full}.requests_per_s", "requests/s", lambda r, n=name: r[n].rate)  # type: ignore[misc]
        add(f"{full}.cpu_us", "µs/request", lambda r, n=name: r[n].cpu_us)  # type: ignore[misc]
    return found


@contextmanager
def _precomputed(
    home: Path, lists: Mapping[str, list[str]], url: str | None, scratch: Path, core: int | None
) -> Iterator[Target]:
    """The server that only reads: the very lists the live service gave, among as many others as there are customers."""
    suffix = "" if url is None else "-redis"
    store = str(scratch / "lists.db") if url is None else f"{url}/15"
    people = pl.read_parquet(customers_of(home), columns=["customer_id"])["customer_id"].cast(pl.String).to_list()
    stored = write_lists(store, {customer_of(path): ids for path, ids in lists.items()}, people)
    cards = scratch / f"cards{suffix}.msgpack"
    write_cards(cards, cards_of(home / "files" / "items.parquet"))
    variables = {"PRECOMPUTED_LISTS": store, "PRECOMPUTED_CARDS": str(cards), "GRANIAN_FACTORY": "true"}
    target, log = "bench.precomputed:from_environment", scratch / f"precomputed{suffix}.log"
    with yardstick(target, core=core, log=log, variables=variables) as server:
        for path, ids in lists.items():
            if [place["item_id"] for place in json.loads(get(server.port, path))["items"]] != ids:
                raise RuntimeError(f"the yardstick's list of {path} is not the one stored ({stored} lists)")
        yield Target(server, [list(lists)])


def cards_of(items: Path) -> dict[str, bytes]:
    """What a page shows of each item, encoded; without the brace that opens it."""
    encode = msgspec.json.Encoder().encode
    table = pl.read_parquet(items)
    wanted = ["item_id", "title", "url", "price", "currency"]
    shown = {"image": None, "score": 0.0, "source": "precomputed", "reason": {"code": "", "text": ""}}
    return {row["item_id"]: encode(row | shown)[1:] for row in table.select(wanted).iter_rows(named=True)}


@contextmanager
def redis_server(scratch: Path) -> Iterator[str]:
    """A Redis server of our own for the block, in memory only; its address without a database number."""
    import redis

    from bench.servers import free_port

    port = free_port()
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    _, load_core = cores()
    with (scratch / "redis.log").open("wb") as out:
        server = subprocess.Popen(words, stdout=out, stderr=out)
        try:
            if load_core is not None:
                os.sched_setaffinity(server.pid, {load_core})
            give_up = time.monotonic() + 10
            while True:
                try:
                    redis.Redis(port=port).ping()
                    break
                except redis.ConnectionError:
                    if time.monotonic() > give_up:
                        raise
                    time.sleep(0.05)
            yield f"redis://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def _require_kept(url: str) -> None:
    """A figure of Redis must be one: the service has stored something there."""
    import redis

    if not redis.Redis.from_url(url).dbsize():
        raise RuntimeError("the service was told of Redis and keeps nothing there; this would not be a figure of Redis")
