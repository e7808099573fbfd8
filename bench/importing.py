"""How many rows of a Parquet file of events reach the log per second."""

import time
from pathlib import Path

import polars as pl

from bench.figures import Figure, figure
from bench.shop import EVENTS

SAMPLES = 3
BAR = 100_000


def run(scratch: Path) -> dict[str, Figure]:
    """Import the bundled shop's events into a fresh SQLite home, several times: from opening the file to the commit."""
    rows = int(pl.scan_parquet(EVENTS).select(pl.len()).collect().item())
    rates = [rows / _seconds(scratch / f"import-{number}", rows) for number in range(SAMPLES)]
    return {"import.parquet.rows_per_s": figure(rates, "rows/s", bar=BAR)}


def _seconds(home: Path, rows: int) -> float:
    from recommender.importing import import_events
    from recommender.settings import Settings
    from recommender.wiring import connect

    home.mkdir(parents=True)
    with connect(Settings(home=home)) as shop:
        began = time.perf_counter()
        report = import_events(EVENTS, log=shop.stores.log)
        seconds = time.perf_counter() - began
    if report.new != rows:
        raise RuntimeError(f"{report.new:,} of {rows:,} rows were stored; the rate would not be true")
    return seconds
