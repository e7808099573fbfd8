"""Several models on the same lists: every figure with its interval, and the judged model's lead over each other, paired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats
from recommender.evaluation.calibration import category_gap
from recommender.evaluation.exposure import gini
from recommender.evaluation.intervals import Mean, resample
from recommender.evaluation.judging import ALL, Known, Verdicts, groups_of, hits_of, judge_lists
from recommender.evaluation.metrics import coverage, novelty
from recommender.evaluation.split import Track, Truth
from recommender.evaluation.value import price_hit
from recommender.interactions import Interactions

Lists = Mapping[Track, NDArray[np.int32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure of one model.

    Attributes
    ----------
    name : str
        ``<track>.<group>.<metric>``.
    mean : Mean
        With its interval; figures over whole sets of lists (coverage, novelty, gini) have none: low = high = value.
    lead : Mean or None
        The judged model's value minus this one's on the same lists, with the interval of that difference; None for the
        judged model itself and for figures over whole sets.
    """

    model: str
    name: str
    mean: Mean
    lead: Mean | None


def verdicts_of(lists: Lists, truths: Mapping[Track, Truth], past: Interactions) -> dict[Track, Verdicts]:
    """Every figure of every list; prices and category mixes beside the ranking figures."""
    return {track: _verdict(lists[track], truths[track], past) for track in lists}


def _verdict(lists: NDArray[np.int32], truth: Truth, past: Interactions) -> Verdicts:
    n_items = len(past.item_ids)
    hits = hits_of(lists, truth, n_items)
    further = {
        "found_at_10": hits[:, :10].sum(axis=1).astype(np.float64),
        "price_hit_at_10": price_hit(hits, lists, truth, past.price),
        "category_gap_at_10": category_gap(lists, truth.person, past),
    }
    verdict = judge_lists(lists, truth, n_items)
    return replace(verdict, by_metric={**verdict.by_metric, **further})


def cells(judged: Mapping[str, Mapping[Track, Verdicts]], known: Known) -> list[Cell]:
    """The whole table. The first model is the one that is judged; all have lists for the same truths."""
    out: list[Cell] = []
    names = list(judged)
    for track, first in judged[names[0]].items():
        for group, rows in groups_of(first.truth).items():
            out += _cells(f"{track}.{group}", names, [judged[name][track].by_metric for name in names], rows)
        for name in names:
            out += _whole(track, name, judged[name][track].lists, known)
    return out


def _cells(
    prefix: str, names: Sequence[str], by_metric: Sequence[Mapping[str, Floats]], rows: NDArray[np.int64]
) -> list[Cell]:
    metrics = list(by_metric[0])
    values = np.stack([[one[metric][rows] for metric in metrics] for one in by_metric])
    leads = values[:1] - values[1:]
    means = resample(np.concatenate([values, leads]).reshape(-1, len(rows)).T)
    width, out = len(metrics), []
    for model, name in enumerate(names):
        for m, metric in enumerate(metrics):
            lead = means[(len(names) + model - 1) * width + m] if model else None
            out.append(Cell(model=name, name=f"{prefix}.{metric}", mean=means[model * width + m], lead=lead))
    return [cell for cell in out if cell.mean.n]


def _whole(track: Track, model: str, lists: NDArray[np.int32], known: Known) -> list[Cell]:
    figures = {
        "coverage_at_10": coverage(lists, known.n_items),
        "gini_at_10": gini(lists, known.n_items),
    }
    if known.buyers.any():  # else nobody can tell what is little known
        figures["novelty"] = novelty(lists, known.buyers, known.n_people)
    return [
        Cell(
            model=model,
            name=f"{track}.{ALL}.{metric}",
            mean=Mean(value=value, low=value, high=value, n=len(lists)),
            lead=None,
        )
        for metric, value in figures.items()
    ]
