"""``python -m bench.bad_data --data DIR``: what a giant customer and a robot do to a shop's training (``docs/training-data.md``).

A shop of some orders is drawn from Online Retail and its log read as training reads it: as it is; with a customer who has as
many orders again, all of the same twenty items; with a robot's million views. The others' lists are judged on the last tenth
of the clock.
"""

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy

# ruff: isort: split
import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from bench import online_retail
from bench.quality.training import Cost, measured
from recommender.algorithms.ragged import Floats
from recommender.evaluation.asking import ask
from recommender.evaluation.intervals import bootstrap
from recommender.evaluation.judging import judge_lists
from recommender.evaluation.split import GROUPS, HOLDOUT, WINDOWS, Group, Track, before, clock_cut, truth_after
from recommender.training.fitting import fit, lean
from recommender.training.reading import DEFAULT_CAPS, Caps, read_interactions
from recommender.training.tuning import tune

ITEMS = 20
VIEWS = 1_000_000
CHUNK = 100_000
GIANT, ROBOT = "c:giant", "v:robot"
LOOSE = Caps(share=1.0)
METRIC = "ndcg_at_10"
SHAPE = {
    "type": pl.String,
    "time_us": pl.Int64,
    "visitor_id": pl.String,
    "customer_id": pl.String,
    "item_id": pl.String,
    "order_id": pl.String,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The others' figures by track and group, in the order of their names, and what reading and training cost."""

    figures: Mapping[str, Floats]
    lines: int
    reading: Cost
    training_cpu_s: float


def drawn(data: Path, n_orders: int, rng: np.random.Generator) -> pl.DataFrame:
    """Lines of customers in a random order until they have so many orders together, as the log holds them."""
    lines = online_retail.lines(data)
    each = (
        lines.group_by("person")
        .agg(pl.col("order").n_unique())
        .sort("person")[rng.permutation(lines["person"].n_unique())]
    )
    chosen = each.filter(pl.col("order").cum_sum().shift(1, fill_value=0) < n_orders)["person"]
    return lines.filter(pl.col("person").is_in(chosen.to_list())).select(
        type=pl.lit("purchase"),
        time_us="time_us",
        visitor_id=pl.lit(None, pl.String),
        customer_id="person",
        item_id="item",
        order_id="order",
    )


def giant(shop: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """As many orders as all others have, evenly over the time until the lists are asked for, each of the same items."""
    n = shop["order_id"].n_unique()
    items = rng.permutation(shop["item_id"].unique().sort().to_list())[:ITEMS].tolist()
    times = np.linspace(_first(shop), _cut(shop), n).astype(np.int64)
    return pl.DataFrame(
        {
            "type": "purchase",
            "time_us": times.repeat(ITEMS),
            "visitor_id": None,
            "customer_id": "giant",
            "item_id": items * n,
            "order_id": [f"giant-{number}" for number in range(n) for _ in items],
        },
        schema=SHAPE,
    )


def robot(shop: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """A million views of anything by one visitor, over the 30 days before the lists are asked for."""
    items = np.array(shop["item_id"].unique().sort().to_list())
    last = _cut(shop)
    return pl.DataFrame(
        {
            "type": "view_item",
            "time_us": np.sort(rng.integers(last - 30 * 86_400_000_000, last, VIEWS)),
            "visitor_id": "robot",
            "customer_id": None,
            "item_id": items[rng.integers(0, len(items), VIEWS)],
            "order_id": None,
        },
        schema=SHAPE,
    )


def _first(shop: pl.DataFrame) -> int:
    return int(shop["time_us"].to_numpy().min())


def _cut(shop: pl.DataFrame) -> int:
    """Just before the moment the lists are for: what a giant does later is nothing they could be spoilt by."""
    return int(_first(shop) + (1 - HOLDOUT) * (int(shop["time_us"].to_numpy().max()) - _first(shop))) - 1


def told(log: pl.DataFrame, caps: Caps) -> Told:
    """Read, train with the documented hyper-parameters, and judge the lists of everybody but the giant."""
    with measured() as cost:
        reading = read_interactions(_chunks(log), caps=caps)
    made, names = reading.interactions, reading.people.to_list()
    cut = clock_cut(made)
    past = before(made, cut)
    began = time.process_time()
    model = fit(past, lean(tune(past, clock=time.monotonic).settings)).model
    spent = time.process_time() - began
    figures: dict[str, Floats] = {}
    truths = truth_after(made, cut)
    for track in WINDOWS:
        truth = truths[track].of(
            np.array([names[p] not in (GIANT, ROBOT) for p in truths[track].person.tolist()], bool)
        )
        found = judge_lists(ask(model, past, truth.person, track), truth, len(past.item_ids)).by_metric[METRIC]
        order = np.argsort([names[p] for p in truth.person.tolist()])
        figures[f"{track}"] = found[order]
        if track is Track.WINDOW:
            figures[f"{track}, unknown"] = found[order][(truth.group == GROUPS.index(Group.NEW))[order]]
    return Told(figures=figures, lines=len(made.item), reading=cost, training_cpu_s=spent)


def _chunks(log: pl.DataFrame) -> Iterator[pl.DataFrame]:
    sorted_ = log.sort("time_us").with_row_index("seq")
    empty = {"line": 0, "session_id": None, "quantity": 1, "price_e4": None}
    whole = sorted_.with_columns(**{name: pl.lit(value) for name, value in empty.items()})
    yield from (whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK))


def shown(name: str, one: Told, plain: Told) -> list[str]:
    """Rows of the page's table: what it cost, and each figure beside the plain shop's."""
    cost = f"read in {one.reading.cpu_s:.1f} s, {one.reading.peak_mb:.0f} MB; {one.lines:,} lines, trained in {one.training_cpu_s:.1f} s"
    rows = [f"{name}: {cost}"]
    for figure, values in one.figures.items():
        change = bootstrap(values - plain.figures[figure])
        share = change.value / max(float(plain.figures[figure].mean()), 1e-9)
        rows.append(
            f"| {name} | {figure} | {len(values)} | {values.mean():.4f} | {share:+.1%} |"
            f" {change.value:+.4f} ({change.low:+.4f} to {change.high:+.4f}) |"
        )
    return rows


def main(words: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.bad_data", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of data sets with online_retail in it")
    parser.add_argument("--orders", type=int, default=2_000, help="orders of the shop")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    options = parser.parse_args(words)
    rng = np.random.default_rng(options.seed)
    shop = drawn(options.data, options.orders, rng)
    loud, busy = pl.concat([shop, giant(shop, rng)]), pl.concat([shop, robot(shop, rng)])
    cases = {
        "as it is": (shop, DEFAULT_CAPS),
        "with a giant": (loud, DEFAULT_CAPS),
        "with a giant, only capped": (loud, LOOSE),
        "with a robot": (busy, DEFAULT_CAPS),
    }
    plain: Told | None = None
    for name, (log, caps) in cases.items():
        one = told(log, caps)
        plain = plain or one
        print("\n".join(shown(name, one, plain)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
