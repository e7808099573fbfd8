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
    found = [_seconds(scratch / f"import-{number}", rows) for number in range(SAMPLES)]
    return {
        "import.parquet.rows_per_s": figure([rows / wall for wall, _ in found], "rows/s", bar=BAR),
        "import.parquet.cpu_us_per_row": figure([cpu * 1e6 / rows for _, cpu in found], "µs"),
    }


def _seconds(home: Path, rows: int) -> tuple[float, float]:
    """Seconds by the clock and of processor time."""
    from recommender.importing import import_events
    from recommender.settings import Settings
    from recommender.wiring import connect

    home.mkdir(parents=True)
    with connect(Settings(home=home)) as shop:
        began, worked = time.perf_counter(), time.process_time()
        report = import_events(EVENTS, log=shop.stores.log)
        seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    if report.new != rows:
        raise RuntimeError(f"{report.new:,} of {rows:,} rows were stored; the rate would not be true")
    return seconds, cpu
