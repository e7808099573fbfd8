"""How fast profiles are made anew from the log, and how large they are."""

import shutil
import sys
from pathlib import Path

import numpy as np
import polars as pl

from bench.figures import Figure, figure
from bench.processes import weigh
from bench.shop import command, do, loaded

SAMPLES = 3
RATE, BLOB, ITEMS = 200_000.0, 4096.0, 16384.0
JOURNEY = "complete_journey"


def run(home: Path, scratch: Path, data: Path | None) -> dict[str, Figure]:
    """``recommender profiles rebuild`` of a home as a process; sizes of every profile of the real shop with most to remember.

    That is the grocer's in ``data``, where it lies there, else the bundled shop (said on stderr).
    """
    copy = scratch / "rebuild"
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns("models", "files", "profiles.db*"))
    events = events_in(copy)
    rebuilt = [weigh(command(copy, "profiles", "rebuild")) for _ in range(SAMPLES)]
    sizes_of(copy)
    sized = journey(data, scratch / "journey") if data and (data / JOURNEY).is_dir() else loaded(scratch / "shop")
    print(f"sizes of profiles are those of {sized.name}", file=sys.stderr)
    do(sized, "profiles", "rebuild")
    blobs, items = sizes_of(sized)
    return {
        "profile.rebuild.events_per_s": figure([events / one.seconds for one in rebuilt], "events/s", bar=RATE),
        "profile.rebuild.cpu_us_per_event": figure([one.cpu_s * 1e6 / events for one in rebuilt], "µs", better="lower"),
        "profile.blob_p95_bytes": figure([float(np.quantile(blobs, 0.95))], "bytes", bar=BLOB, better="lower"),
        "profile.items_p95_bytes": figure([float(np.quantile(items, 0.95))], "bytes", bar=ITEMS, better="lower"),
    }


def events_in(home: Path) -> int:
    """Lines in the log of a home."""
    from recommender.settings import Settings
    from recommender.wiring import connect

    with connect(Settings(home=home)) as shop:
        return sum(len(frame) for frame in shop.stores.log.frames(columns=["event_id"]))


def sizes_of(home: Path) -> tuple[list[int], list[int]]:
    """Bytes of everybody's facets and of their record of items, as the cache holds them.

    Raises
    ------
    RuntimeError
        Somebody of the log has no profile, or an empty one: the rebuild did not do what its rate claims.
    """
    from recommender.settings import Settings
    from recommender.wiring import connect

    with connect(Settings(home=home)) as shop:
        people = list(shop.stores.log.people())
        keys = [f"c:{p.customer_id}" if p.customer_id is not None else f"v:{p.visitor_id}" for p in people]
        store = shop.profile_store
        found = [profile for start in range(0, len(keys), 500) for profile in store.get(keys[start : start + 500])]
    kept = [profile for profile in found if profile is not None and profile.state and profile.items]
    if len(kept) != len(keys) or not keys:
        raise RuntimeError(f"{len(kept):,} of {len(keys):,} people have a whole profile in the cache after the rebuild")
    return [len(profile.state) for profile in kept], [len(profile.items) for profile in kept]


def journey(data: Path, home: Path) -> Path:
    """The grocer's transactions in a home of their own."""
    home.mkdir(parents=True)
    names = {"item_id": pl.String, "category": pl.String, "brand": pl.String}
    path = pl.concat_str("department", "product_category", separator=" > ", ignore_nulls=True)
    items = pl.read_parquet(data / JOURNEY / "items.parquet").with_columns(category=path)
    items.select(pl.col(name).cast(kind) for name, kind in names.items()).write_parquet(home / "items.parquet")
    bought = pl.read_parquet(data / JOURNEY / "transactions.parquet").filter(pl.col("quantity").is_between(1, 1000))
    bought.select(
        pl.col("customer_id", "item_id").cast(pl.String),
        pl.col("timestamp").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        pl.col("quantity"),
        type=pl.lit("purchase"),
        price=(pl.col("sales_value") / pl.col("quantity")).round(2),
        order_id=pl.col("basket_id").cast(pl.String),
    ).write_parquet(home / "events.parquet")
    do(home, "import", "items", str(home / "items.parquet"))
    do(home, "import", "events", str(home / "events.parquet"), "--set", "currency=USD")
    return home
