"""What a sending costs the service: every customer's letter fetched once, a hundred at a time, from two workers.

The load shares the machine's cores with the workers, as a mail tool on the same machine would; on two cores some of the
time is the load's own. The letters come from what the campaign kept, as at a sending: nobody's profile is made before.
"""

import subprocess
from pathlib import Path

from bench.figures import Figure, figure
from bench.load import fetched
from bench.processes import cpu_seconds
from bench.servers import get, live
from bench.serving import Plan
from bench.shop import command

CONNECTIONS, WORKERS = 100, 2
P99_MS = 150.0


def run(home: Path, scratch: Path, plan: Plan) -> dict[str, Figure]:
    """How long a fetch takes at most (p99), how many are answered, what one costs; and how long a campaign's file takes."""
    out = scratch / "picks.csv"
    address = "http://127.0.0.1"
    words = ["newsletter", "build", "--all", "--base-url", address, "--out", str(out), "--json"]
    done = subprocess.run(command(home, *words), capture_output=True, text=True, check=True)
    seconds = float(done.stdout.partition('"seconds":')[2].partition("}")[0].partition(",")[0])
    paths = [f"{token}.html" for token in tokens_of(out, address)]
    with live(home, core=None, log=scratch / "newsletter.log", workers=WORKERS) as server:
        for path in paths[:50]:
            get(server.port, path)
        p99, rate, cost = [], [], []
        for _ in range(plan.rounds):
            before = cpu_seconds(server.pid)
            found = fetched(server.port, paths, seconds=plan.seconds, connections=CONNECTIONS)
            p99.append(found.p99_ms)
            rate.append(found.done / found.seconds)
            cost.append((cpu_seconds(server.pid) - before) / found.done * 1e6)
    return {
        "newsletter.fetch.p99_ms": figure(p99, "ms", bar=P99_MS, better="lower"),
        "newsletter.fetch.per_s": figure(rate, "1/s"),
        "newsletter.fetch.cpu_us": figure(cost, "us"),
        "newsletter.build.seconds": figure([seconds], "s"),
    }


def tokens_of(out: Path, address: str) -> list[str]:
    """Paths of the letters in a campaign's file, without their ending."""
    marks = [line.rpartition(",")[2].strip() for line in out.read_text(encoding="utf-8").splitlines()[1:]]
    return [mark.removeprefix(address).removesuffix(".json") for mark in marks]
