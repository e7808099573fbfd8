"""``python -m bench.small_shops --data DIR``: what a shop of so many orders gets, beside popularity (``docs/training-data.md``).

Customers of Online Retail are drawn until they have so many orders; the shop that is left, with its items and its clock, is
trained by ``recommender train --budget 0`` and judged on its own last tenth of the clock.
"""

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy

# ruff: isort: split
import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench import online_retail
from bench.figures import Figure, figure, write
from recommender.algorithms.ragged import Floats, Ints
from recommender.evaluation.asking import ask, baseline
from recommender.evaluation.intervals import Mean, bootstrap
from recommender.evaluation.judging import judge_lists
from recommender.evaluation.split import WINDOWS, before, clock_cut, touched_only, truth_after
from recommender.interactions import Interactions, some_lines
from recommender.training.fitting import fit, lean
from recommender.training.tuning import tune

SIZES = (50, 100, 250, 500, 1_000, 2_500, 5_000, 20_000)
"""Orders; the last is more than there are: the whole shop."""
METRIC = "ndcg_at_10"
DRAWS = 3
ENOUGH, MOST_DRAWS = 500, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One drawn shop: lists of ours and of popularity by track, and what training cost."""

    orders: int
    ours: dict[str, Floats]
    popular: dict[str, Floats]
    cpu_s: float


def draws(size: int, n_orders: int) -> int:
    """How many shops of a size are drawn: a shop of 50 orders has five lists to judge, so it takes more of them."""
    if size >= n_orders:
        return 1
    return min(MOST_DRAWS, max(DRAWS, ENOUGH // size))


def drawn(everything: Interactions, n_orders: int, rng: np.random.Generator) -> Interactions:
    """The shop of the first customers, in a random order, who have ``n_orders`` orders together; all, where there are fewer."""
    pairs = np.unique(np.stack([everything.person.astype(np.int64), everything.order]), axis=1)
    each = np.bincount(pairs[0], minlength=everything.n_people)
    shuffled = rng.permutation(everything.n_people)
    enough = int(np.searchsorted(np.cumsum(each[shuffled]), n_orders)) + 1
    return of_people(everything, np.sort(shuffled[:enough]))


def of_people(everything: Interactions, people: Ints) -> Interactions:
    """What these people (row numbers, ascending) did, as a shop of its own: nobody else's items, and its own end of the clock."""
    place = np.full(everything.n_people, -1, np.int32)
    place[people] = np.arange(len(people), dtype=np.int32)
    kept, _ = touched_only(some_lines(everything, np.flatnonzero(place[everything.person] >= 0)))
    return replace(
        kept,
        n_people=len(people),
        person=place[kept.person],
        country=everything.country[people],
        now_us=int(kept.time_us.max()) + 1,
    )


def judged(shop: Interactions, seed: int) -> Judged:
    """Train on what came before the last tenth of the clock, and ask ours and popularity for the same lists."""
    cut = clock_cut(shop)
    past = before(shop, cut)
    began = time.process_time()
    settings = tune(past, seed=seed, clock=time.monotonic).settings
    model = fit(past, lean(settings), seed=seed).model
    spent = time.process_time() - began
    ours: dict[str, Floats] = {}
    popular: dict[str, Floats] = {}
    plain = baseline(model, "popularity")
    for track, truth in truth_after(shop, cut).items():
        for asked, found in ((model, ours), (plain, popular)):
            if track in WINDOWS and len(truth.person):
                lists = ask(asked, past, truth.person, track)
                found[track] = judge_lists(lists, truth, len(past.item_ids)).by_metric[METRIC]
    return Judged(orders=len(np.unique(shop.order)), ours=ours, popular=popular, cpu_s=spent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One size and track: means over all lists of all draws, and the paired difference."""

    size: int
    track: str
    ours: Mean
    popular: Mean
    difference: Mean
    cpu_s: float


def lines(size: int, found: Sequence[Judged]) -> list[Line]:
    """All draws of a size together: every list counts once, ours held against popularity's for the same person."""
    out = []
    for track in (track for track in WINDOWS if any(track in one.ours for one in found)):
        ours, popular = (
            np.concatenate([getattr(one, side)[track] for one in found if track in one.ours])
            for side in ("ours", "popular")
        )
        cpu = float(np.median([one.cpu_s for one in found]))
        parts = (bootstrap(ours), bootstrap(popular), bootstrap(ours - popular))
        out.append(
            Line(size=size, track=track, ours=parts[0], popular=parts[1], difference=parts[2], cpu_s=round(cpu, 1))
        )
    return out


def shown(line: Line) -> str:
    """A row of the page's table."""
    gain = line.difference
    return (
        f"| {line.size:,} | {line.track} | {line.ours.n:,} | {line.ours.value:.3f} | {line.popular.value:.3f} |"
        f" {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}) | {line.cpu_s:.1f} |"
    )


def figures(line: Line) -> dict[str, Figure]:
    """NDCG@10, popularity's, and whether ours is above it: the upper end of the paired 95 % interval must not be below 0."""
    name = f"small_shops.{line.size}.{line.track}"
    return {
        f"{name}.{METRIC}": figure([line.ours.value], "share"),
        f"{name}.{METRIC}.baseline.popularity": figure([line.popular.value], "share"),
        f"{name}.{METRIC}.over_popularity_high": figure([line.difference.high], "share", bar=0.0),
        f"small_shops.{line.size}.train.cpu_s": figure([line.cpu_s], "s"),
    }


def main(words: Sequence[str] | None = None) -> int:
    """Print the table, write the figures; 0 if no size is below popularity."""
    parser = argparse.ArgumentParser(prog="python -m bench.small_shops", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of data sets with online_retail in it")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="ORDERS", help="orders of the shops")
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="file of figures; others in it stay")
    options = parser.parse_args(words)
    everything = online_retail.shop(options.data).interactions
    print("| orders | asked | lists | NDCG@10 | popularity | difference (95 %) | training, s |", flush=True)
    print("|---:|---|---:|---:|---:|---|---:|", flush=True)
    below, n_orders = False, len(np.unique(everything.order))
    for size in options.sizes:
        found = [judged(drawn(everything, size, np.random.default_rng(n)), n) for n in range(draws(size, n_orders))]
        for line in lines(size, found):
            print(shown(line), flush=True)
            write(figures(line), options.out)
            below = below or line.difference.high < 0
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
