"""Gowalla, the split of check-ins on which graph models are published: ``python -m bench.academic_graph DATA [--budget SECONDS]``.

The split knows no times. What was to train on happened at one moment; what was to validate on happened later, a third of the people
in each of the three windows before the product's clock of training, so that the trainer chooses on the published validation and
nothing else. The test is asked after all of it. Items of either are not asked for again (``Repeat.FORBID``), every other of the
catalogue may be proposed.
"""

import recommender.threads  # noqa: F401, I001 - sets BLAS threads before anything loads numpy

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.figures import Figure, figure
from recommender.algorithms.decay import DAY_US
from recommender.algorithms.ragged import Floats, Ints, bounds, found
from recommender.evaluation.asking import ask
from recommender.evaluation.split import Track
from recommender.interactions import Interactions, Kind
from recommender.training.fitting import fit, lean
from recommender.training.tuning import tune

K = 20
_DISCOUNT: Floats = 1.0 / np.log2(np.arange(2, K + 2))
_BEGAN_US = 1_000 * DAY_US
_VALID_US = (DAY_US * np.array([0.95, 0.85, 0.75])).astype(np.int64)
"""After the beginning of a day that is the whole log: in the middle of its last three tenths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What may be learned from, and what each person of the test has to find: person p owns ``indptr[p]:indptr[p + 1]`` of ``item``."""

    past: Interactions
    indptr: Ints
    item: Ints


def split(data: Path, name: str) -> Split:
    """Read a published split: ``user_id, item_id, split`` (train, valid, test), without order or time."""
    table = pl.read_parquet(data / name / "interactions.parquet").sort("user_id", "item_id")
    items = table["item_id"].unique().sort()
    people = table["user_id"].unique().sort()
    table = table.with_columns(
        person=table["user_id"].rank("dense").cast(pl.Int64) - 1,
        item=table["item_id"].rank("dense").cast(pl.Int64) - 1,
    )
    known = pl.concat([table.filter(pl.col("split") == part) for part in ("train", "valid")])
    asked = table.filter(pl.col("split") == "test")
    return Split(
        past=_interactions(known, len(people), tuple(str(item) for item in items)),
        indptr=bounds(asked["person"].to_numpy(), len(people)),
        item=asked["item"].to_numpy().astype(np.int64),
    )


def _interactions(known: pl.DataFrame, n_people: int, item_ids: tuple[str, ...]) -> Interactions:
    """One purchase per line; country, category, price and order are unknown."""
    person = known["person"].to_numpy().astype(np.int32)
    late = np.where((known["split"] == "valid").to_numpy(), _VALID_US[person % len(_VALID_US)], 0)
    order = np.argsort(late, kind="stable")
    return Interactions(
        item_ids=item_ids,
        n_people=n_people,
        person=person[order],
        item=known["item"].to_numpy().astype(np.int32)[order],
        kind=np.full(len(known), Kind.PURCHASE, np.int8),
        time_us=_BEGAN_US + late[order],
        quantity=np.ones(len(known), np.float32),
        order=np.full(len(known), -1, np.int64),
        countries=(),
        country=np.full(n_people, -1, np.int32),
        categories=(),
        category=np.full(len(item_ids), -1, np.int32),
        price=np.full(len(item_ids), np.nan, np.float32),
        now_us=_BEGAN_US + DAY_US,
    )


def graded(lists: NDArray[np.int32], indptr: Ints, item: Ints, n_items: int) -> tuple[Floats, Floats]:
    """Recall and NDCG of each list of ``K`` items (-1: none) against ``item[indptr[i]:indptr[i + 1]]``, which is not empty."""
    wanted = np.diff(indptr)
    truth = np.repeat(np.arange(len(wanted)), wanted) * n_items + item
    keys = np.where(lists >= 0, np.arange(len(lists))[:, None] * n_items + lists, -1)
    hit = found(keys.ravel().astype(np.int64), np.sort(truth)).reshape(keys.shape)
    ideal = np.cumsum(_DISCOUNT)[np.minimum(wanted, K) - 1]
    return hit.sum(axis=1) / wanted, (hit * _DISCOUNT).sum(axis=1) / ideal


def judge_academic(data: Path, name: str, *, seed: int, budget: float) -> dict[str, Figure]:
    """Choose by the product's own trainer on the published validation, fit on train and validation, read the test once.

    Parameters
    ----------
    data : Path
        Folder of data sets.
    name : str
        The data set's folder.
    budget : float
        Seconds of tuning; 0 keeps the documented hyper-parameters.
    """
    known = split(data, name)
    began = time.monotonic()
    choice = tune(known.past, budget_seconds=budget, seed=seed, clock=time.monotonic)
    chosen = time.monotonic()
    print(f"{name}: {choice.settings.blends['home.known.new']}, validation NDCG@10 {dict(choice.grades)}", flush=True)
    model = fit(known.past, lean(choice.settings), seed=seed).model
    fitted = time.monotonic()
    people = np.flatnonzero(np.diff(known.indptr))
    lists = ask(model, known.past, people, Track.WINDOW_NEW)[:, :K]
    indptr = np.append(known.indptr[people], known.indptr[-1])
    recall, ndcg = graded(lists, indptr, known.item, len(known.past.item_ids))
    return {
        f"{name}.recall_at_{K}": figure([float(recall.mean())], "share"),
        f"{name}.ndcg_at_{K}": figure([float(ndcg.mean())], "share"),
        f"{name}.fit_seconds": figure([fitted - chosen], "s"),
        f"{name}.choice_seconds": figure([chosen - began], "s"),
    }


def main() -> None:
    """Judge and print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("data", type=Path)
    words.add_argument("--name", default="academic_gowalla")
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--budget", type=float, default=0.0)
    asked = words.parse_args()
    for name, one in judge_academic(asked.data, asked.name, seed=asked.seed, budget=asked.budget).items():
        print(f"{name} {one.value:.4f} {one.unit}")


if __name__ == "__main__":
    main()
