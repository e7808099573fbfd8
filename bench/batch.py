"""What a thousand people cost in a batch."""

from pathlib import Path

import polars as pl

from bench.figures import Figure, figure
from bench.processes import weigh
from bench.shop import command, trained

SAMPLES = 3


def run(scratch: Path) -> dict[str, Figure]:
    """``recommender recommend --scenario home --all`` to Parquet, start of Python and reading the log included."""
    home = trained(scratch / "shop")
    costs = []
    for number in range(SAMPLES):
        out = scratch / f"lists-{number}.parquet"
        seconds = weigh(command(home, "recommend", "--scenario", "home", "--all", "--out", str(out))).seconds
        people = int(pl.scan_parquet(out).select(pl.col("person_id").n_unique()).collect().item())
        costs.append(seconds * 1e6 / people)
    return {"batch.ms_per_1000_people": figure(costs, "ms")}
