"""Published splits of visits and of sequences: ``python -m bench.academic_sequences DATA NAME [--seed N] [--budget SECONDS]``.

None of them tells times, only orders, so that a clock is laid over them. Visits begin a minute apart in the order of their numbers
and have half a minute between two clicks; the last reviews of everybody are of one day, the ones before of the day before, and so on.
The product's trainer chooses on windows before the end of what is to be learned from; the test is read once, by the code that serves.
"""

import recommender.threads  # noqa: F401, I001 - sets BLAS threads before anything loads numpy

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.columns import shop_of
from bench.figures import Figure, figure
from recommender.algorithms.decay import DAY_US
from recommender.algorithms.ragged import Floats, Ints, bounds
from recommender.domain.requests import Repeat
from recommender.evaluation.asking import home_lists
from recommender.evaluation.metrics import DEPTH
from recommender.interactions import Histories, Interactions, Kind, as_histories, some_histories
from recommender.model.fitted import FittedModel
from recommender.training.fitting import fit, lean
from recommender.training.tuning import tune

MINUTE_US = 60_000_000
BLOCK = 2_048
"""Lists that are asked for at once."""

_BEGAN_US = 10_000 * DAY_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What may be learned from, who is asked about, and the one item each list has to find (-1: the model cannot know it)."""

    past: Interactions
    histories: Histories
    wanted: Ints
    repeat: Repeat


def visits(data: Path, name: str) -> Split:
    """Clicks of anonymous visits; each prefix of a test visit is a visitor of its own, asked for the next click."""
    clicks = pl.read_parquet(data / name / "train_sessions.parquet").sort("session_id", "position")
    began = _BEGAN_US + pl.col("session_id").cast(pl.Int64) * MINUTE_US
    past = shop_of(
        clicks.select(
            person=pl.col("session_id").cast(pl.String),
            item=pl.col("item_id").cast(pl.String),
            kind=pl.lit(int(Kind.VIEW), pl.Int8),
            time_us=began + pl.col("position").cast(pl.Int64) * (MINUTE_US // 2),
        ).sort("time_us", maintain_order=True)
    ).interactions
    asked = pl.read_parquet(data / name / "test_examples.parquet").with_row_index("list")
    prefix = asked.select("list", item="prefix").explode("item").with_row_index("row")
    told = prefix.with_columns(
        item=_rows_of(prefix["item"], past), place=pl.int_range(pl.len()).over("list"), length=pl.len().over("list")
    ).filter(pl.col("item") >= 0)
    now_us = past.now_us + DAY_US
    left = (told["length"] - told["place"]).to_numpy().astype(np.int64)
    histories = _views(told["list"].to_numpy().astype(np.int64), told["item"].to_numpy(), now_us, left, len(asked))
    return Split(
        past=past, histories=histories, wanted=_rows_of(asked["next_item"], past).to_numpy(), repeat=Repeat.ALLOW
    )


def _rows_of(items: pl.Series, past: Interactions) -> pl.Series:
    """Row numbers of a model's items, int64; -1 for an item nobody touched."""
    known = pl.Series(past.item_ids, dtype=pl.String)
    rows = pl.Series(range(len(known)), dtype=pl.Int64)
    return items.cast(pl.String).replace_strict(known, rows, default=-1, return_dtype=pl.Int64)


def _views(person: Ints, item: Ints, now_us: int, clicks_left: Ints, n: int) -> Histories:
    """Views half a minute apart, the last one half a minute before the list is asked for."""
    return Histories(
        indptr=bounds(person, n),
        item=item.astype(np.int32),
        kind=np.full(len(item), Kind.VIEW, np.int8),
        time_us=now_us - clicks_left * (MINUTE_US // 2),
        quantity=np.ones(len(item), np.float32),
        order=np.full(len(item), -1, np.int64),
        country=np.full(n, -1, np.int32),
        now_us=np.full(n, now_us, np.int64),
    )


def reviews(data: Path, name: str) -> Split:
    """Everybody's reviews as purchases; the last one has to be found, nothing reviewed before is asked for again."""
    lines = pl.read_parquet(data / name / "sequences.parquet").sort("user_id", "position")
    lines = lines.with_columns(back=pl.len().over("user_id") - 1 - pl.col("position").cast(pl.Int64))
    known = lines.filter(pl.col("back") > 0)
    shop = shop_of(
        known.select(
            person=pl.col("user_id").cast(pl.String),
            item=pl.col("item_id").cast(pl.String),
            kind=pl.lit(int(Kind.PURCHASE), pl.Int8),
            time_us=_BEGAN_US - pl.col("back").cast(pl.Int64) * DAY_US,
        ).sort("time_us", maintain_order=True)
    )
    last = lines.filter(pl.col("back") == 0).with_columns(pl.col("user_id").cast(pl.String)).sort("user_id")
    return Split(
        past=shop.interactions,
        histories=as_histories(shop.interactions),
        wanted=_rows_of(last["item_id"], shop.interactions).to_numpy(),
        repeat=Repeat.FORBID,
    )


def places(lists: NDArray[np.int32], wanted: Ints) -> Ints:
    """Place of the wanted item in each list, from 1; 0 where it is not there or not known."""
    hit = (lists == wanted[:, None]) & (wanted >= 0)[:, None]
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, 0)


def _found_within(place: Ints, k: int) -> NDArray[np.bool_]:
    return (place > 0) & (place <= k)


def _visit_figures(place: Ints) -> dict[str, float]:
    hit = _found_within(place, 20)
    return {"p_at_20": float(hit.mean()), "mrr_at_20": float((hit / np.maximum(place, 1)).mean())}


def _review_figures(place: Ints) -> dict[str, float]:
    hit = _found_within(place, 10)
    gained: Floats = hit / np.log2(np.maximum(place, 1) + 1.0)
    return {"hr_at_10": float(hit.mean()), "ndcg_at_10": float(gained.mean())}


READERS: Mapping[str, tuple[Callable[[Path, str], Split], Callable[[Ints], dict[str, float]]]] = {
    "academic_diginetica_sessions": (visits, _visit_figures),
    "academic_amazon_beauty_seq": (reviews, _review_figures),
    "academic_amazon_toys_seq": (reviews, _review_figures),
}
"""How each data set is read, and what is told of the places its wanted items stand on."""


def asked(model: FittedModel, split: Split) -> tuple[NDArray[np.int32], float]:
    """The lists the code that serves gives, int32 of shape (n, 20), and milliseconds of processor time a list."""
    parts, seconds = [], 0.0
    for start in range(0, len(split.histories), BLOCK):
        some = some_histories(split.histories, np.arange(start, min(start + BLOCK, len(split.histories))))
        began = time.process_time()
        parts.append(home_lists(model, some, split.repeat))
        seconds += time.process_time() - began
    lists = np.concatenate(parts) if parts else np.zeros((0, DEPTH), np.int32)
    return lists, 1e3 * seconds / max(len(split.histories), 1)


def judge_academic(data: Path, name: str, *, seed: int, budget: float) -> dict[str, Figure]:
    """Choose by the product's own trainer on what is to be learned from, fit on all of it, read the test once.

    Parameters
    ----------
    data : Path
        Folder of data sets.
    name : str
        The data set's folder, one of :data:`READERS`.
    budget : float
        Seconds of tuning; 0 keeps the documented hyper-parameters.
    """
    read, told = READERS[name]
    split = read(data, name)
    began = time.monotonic()
    choice = tune(split.past, budget_seconds=budget, seed=seed, clock=time.monotonic)
    chosen = time.monotonic()
    print(f"{name}: {_weights(choice.settings.blends)}, validation NDCG@10 {dict(choice.grades)}", flush=True)
    model = fit(split.past, lean(choice.settings), seed=seed).model
    fitted = time.monotonic()
    lists, ms = asked(model, split)
    return {
        **{f"{name}.{key}": figure([value], "share") for key, value in told(places(lists, split.wanted)).items()},
        f"{name}.ms_per_query": figure([ms], "ms"),
        f"{name}.fit_seconds": figure([fitted - chosen], "s"),
        f"{name}.choice_seconds": figure([chosen - began], "s"),
    }


def _weights(blends: Mapping[str, Mapping[str, float]]) -> str:
    return "; ".join(f"{place} {dict(blends[place])}" for place in ("home.session.repeats", "home.known.new"))


def main() -> None:
    """Judge and print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("data", type=Path)
    words.add_argument("name", choices=sorted(READERS))
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--budget", type=float, default=0.0)
    asked_for = words.parse_args()
    for name, one in judge_academic(
        asked_for.data, asked_for.name, seed=asked_for.seed, budget=asked_for.budget
    ).items():
        print(f"{name} {one.value:.4f} {one.unit}")


if __name__ == "__main__":
    main()
