"""The bundled shop grown to a size: more items, more customers, the same habits (seeded; nothing of it is a quality figure).

``python -m bench.grown 10k|100k|1m|10x --keep DIR`` makes the files, imports them with the commands people type, fits them by
the recipe that ``recommender train`` chooses on the bundled shop (``bench.fitting``), and leaves a home in ``DIR/<size>``
that later runs find again.

How it grows. The catalogue is repeated in *ranges*: range 0 is the shop as it is, range ``h`` holds a clone of every
item with a price of its own (log-normal, 15 %), a word in its title, a sub-category, and for one clone in ten another
category. Every range has its own customers: a sample of the real ones, the smaller the higher its number (Zipf's law),
so that popularity stays heavy-tailed and most of a large catalogue sells rarely. A customer's lines are those of the
real customer, four of five with the items of the own range, the fifth with the same item of a range drawn by Zipf.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.shop import DATA, as_of_yesterday, do, loaded, run, trained

VERSION = 1
"""Raised when the same seed gives another shop; a kept home of another version is made again."""
SEED = 20111209
ZIPF = 0.8
LEAK = 0.2
PRICE_SPREAD = 0.15
MOVED = 0.1
OUT_OF_STOCK = 0.03
WORDS = ("amber", "birch", "coral", "dune", "ember", "fern", "glade", "heath", "indigo", "jade", "kelp", "linen")

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Size:
    """How many items a grown shop has, and about how many events."""

    items: int
    events: int


SIZES: Mapping[str, Size] = {
    "10k": Size(10_000, 1_000_000),
    "100k": Size(100_000, 2_000_000),
    "1m": Size(1_000_000, 3_000_000),
    "10x": Size(100_000, 10_000_000),
}


@dataclass(frozen=True, slots=True)
class Grown:
    """The three files of a shop."""

    items: pl.DataFrame
    customers: pl.DataFrame
    events: pl.DataFrame


def grow(shop: Grown, size: Size, rng: np.random.Generator) -> Grown:
    """A shop with exactly ``size.items`` items and about ``size.events`` events; the same seed gives the same shop."""
    n, ranges = len(shop.items), -(-size.items // len(shop.items))
    weights: NDArray[np.float64] = np.power(1.0 + np.arange(ranges, dtype=np.float64), -ZIPF)
    known = shop.events.join(shop.items.select("item_id").with_row_index("item"), on="item_id", how="inner")
    known = known.join(shop.customers.select("customer_id").with_row_index("who"), on="customer_id", how="inner")
    known = known.sort("timestamp", "who", "item", "order_id")
    row, home = _lines(known["who"].to_numpy(), len(shop.customers), _shares(weights, size.events / len(known)), rng)
    away = rng.random(len(row)) < LEAK
    target = np.where(away, rng.choice(ranges, len(row), p=weights / weights.sum()), home)
    item = known["item"].to_numpy().astype(np.int64)[row] + target * n
    item = np.where(item < size.items, item, item % n)
    factor = np.concatenate([np.ones(n), rng.lognormal(0.0, PRICE_SPREAD, max(0, size.items - n))])[: size.items]
    items = _items(shop.items, factor, rng)
    events = _events(known, items, factor, (row, home, item))
    people = shop.customers.select("customer_id", "country")
    frames = [people.with_columns(_suffixed("customer_id", h)) for h in range(ranges)]
    seen = events["customer_id"].unique()
    return Grown(items, pl.concat(frames).filter(pl.col("customer_id").is_in(seen.implode())), events)


def _shares(weights: NDArray[np.float64], wanted: float) -> NDArray[np.float64]:
    """The share of the real customers in each range, by Zipf, adding up to ``wanted`` shops (at most one each)."""
    low, high = 0.0, 1e6
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(1.0, middle * weights).sum() < wanted else (low, middle)
    return np.minimum(1.0, high * weights)


def _lines(who: NDArray[np.uint32], n: int, shares: NDArray[np.float64], rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Rows of the real events that each range repeats, and the range of each."""
    rows = [np.flatnonzero((rng.random(n) < share)[who]) for share in shares]
    return np.concatenate(rows), np.repeat(np.arange(len(rows)), [len(r) for r in rows])


def _suffixed(column: str, number: int) -> pl.Expr:
    return pl.col(column) if number == 0 else pl.col(column) + f"-{number}"


def _items(items: pl.DataFrame, factor: NDArray[np.float64], rng: np.random.Generator) -> pl.DataFrame:
    """The catalogue: ranges one after another, cut at the size; no clone shares an item group with another."""
    size, n = len(factor), len(items)
    place, number = np.arange(size) % n, np.arange(size) // n
    moved = (number > 0) & (rng.random(size) < MOVED)
    shelf = np.where(moved, rng.integers(0, n, size), place)
    gone = (number > 0) & (rng.random(size) < OUT_OF_STOCK)
    clone = pl.col("number") > 0
    tail = pl.col("number").cast(pl.String)
    word = pl.lit(pl.Series(WORDS)).gather(pl.col("number") % len(WORDS))
    return (
        items[place]
        .with_columns(
            number=pl.Series(number),
            factor=pl.Series(factor),
            gone=pl.Series(gone),
            category=items["category"].gather(pl.Series(shelf)),
        )
        .with_columns(
            item_id=pl.when(clone).then(pl.col("item_id") + "-" + tail).otherwise("item_id"),
            title=pl.when(clone).then(pl.col("title") + ", " + word + " " + tail).otherwise("title"),
            url=pl.when(clone).then(pl.col("url") + "-" + tail).otherwise("url"),
            price=(pl.col("price") * pl.col("factor")).round(2).clip(lower_bound=0.01),
            category=pl.when(clone)
            .then(pl.col("category") + " > Range " + (pl.col("number") // 10).cast(pl.String))
            .otherwise("category"),
            availability=pl.when("gone").then(pl.lit("out of stock")).otherwise("availability"),
        )
        .drop("number", "factor", "gone")
    )


def _events(
    known: pl.DataFrame, items: pl.DataFrame, factor: NDArray[np.float64], chosen: tuple[Ints, Ints, Ints]
) -> pl.DataFrame:
    """The lines in time order; ids of people and orders carry the range, prices follow the clone's."""
    row, home, item = chosen
    tail = pl.when(pl.col("home") > 0).then("-" + pl.col("home").cast(pl.String)).otherwise(pl.lit(""))
    return (
        known[row]
        .with_columns(home=pl.Series(home), item_id=items["item_id"].gather(pl.Series(item)))
        .with_columns(
            customer_id=pl.col("customer_id") + tail,
            order_id=pl.col("order_id") + tail,
            price=(pl.col("price") * pl.Series(factor[item])).round(2).clip(lower_bound=0.01),
        )
        .drop("home", "who", "item")
        .sort("timestamp", maintain_order=True)
    )


def grown_home(size: str, keep: Path, *, say: bool = True) -> Path:
    """A trained home of a size in ``keep/<size>``, made if it is not there yet."""
    home = loaded_home(size, keep, say=say)
    if not _usable(home):
        began = time.perf_counter()
        shop = keep / "shop"
        if not _usable(shop):
            shutil.rmtree(shop / "models", ignore_errors=True)
        trained(shop)
        _said("the bundled shop: import and train", began, say=say)
        began = time.perf_counter()
        run([sys.executable, "-m", "bench.fitting", str(home), "--like", str(shop)])
        _said(f"{size}: fit", began, say=say)
    return as_of_yesterday(home)


def forest_home(size: str, keep: Path, scratch: Path) -> Path:
    """A copy of a grown home whose lists are ordered by the forests that ``recommender train`` grows on the bundled shop."""
    shop, home = scratch / "forests" / "shop", scratch / "forests" / size
    do(loaded(shop), "train")
    shutil.copytree(grown_home(size, keep), home)
    run([sys.executable, "-m", "bench.fitting", str(home), "--like", str(shop)])
    return as_of_yesterday(home)


def loaded_home(size: str, keep: Path, *, say: bool = True) -> Path:
    """A home of a size in ``keep/<size>`` with everything imported, made if it is not there yet; trained or not."""
    home = keep / size
    if not _fits(home, size):
        shutil.rmtree(home, ignore_errors=True)
        building = keep / f".{size}.building"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        _build(building, size, say=say)
        building.rename(home)
    return home


def _usable(home: Path) -> bool:
    """Whether a home has a model that this version can load."""
    from recommender.settings import Settings
    from recommender.wiring import connect

    if not (home / "models" / "CURRENT").exists():
        return False
    with connect(Settings(home=home)) as shop:
        return shop.models() is not None


def _fits(home: Path, size: str) -> bool:
    mark = home / "grown.json"
    if not mark.exists():
        return False
    found = json.loads(mark.read_text(encoding="utf-8"))
    return bool(found["version"] == VERSION and found["size"] == asdict(SIZES[size]))


def _build(home: Path, size: str, *, say: bool) -> None:
    """Files, then the imports; training comes after, so that it can be repeated alone."""
    shop = Grown(*(pl.read_parquet(DATA / f"{name}.parquet") for name in ("items", "customers", "events")))
    began = time.perf_counter()
    grown = grow(shop, SIZES[size], np.random.default_rng(SEED))
    files = home / "files"
    files.mkdir()
    for name in ("items", "customers", "events"):
        getattr(grown, name).write_parquet(files / f"{name}.parquet")
    _said(f"{size}: files", began, say=say)
    for name in ("items", "customers", "events"):
        _do(home, f"{size}: import {name}", ["import", name, str(files / f"{name}.parquet")], say=say)
    counts = {name: len(getattr(grown, name)) for name in ("items", "customers", "events")}
    mark = {"version": VERSION, "seed": SEED, "size": asdict(SIZES[size]), "counts": counts}
    (home / "grown.json").write_text(json.dumps(mark, indent=1) + "\n", encoding="utf-8")


def _do(home: Path, what: str, words: Sequence[str], *, say: bool) -> None:
    began = time.perf_counter()
    do(home, *words)
    _said(what, began, say=say)


def _said(what: str, began: float, *, say: bool) -> None:
    if say:
        print(f"{what}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


def main(words: Sequence[str] | None = None) -> int:
    """Make the homes asked for; prints where they are."""
    parser = argparse.ArgumentParser(prog="python -m bench.grown", description="The bundled shop, grown to a size.")
    parser.add_argument("sizes", nargs="+", choices=list(SIZES), metavar="SIZE", help=", ".join(SIZES))
    parser.add_argument("--keep", type=Path, required=True, help="folder of grown homes, outside the repository")
    parser.add_argument("--retrain", action="store_true", help="fit again, with the code as it is now")
    options = parser.parse_args(words)
    for size in options.sizes:
        if options.retrain:
            shutil.rmtree(options.keep / size / "models", ignore_errors=True)
        print(grown_home(size, options.keep))
    return 0


if __name__ == "__main__":
    sys.exit(main())
