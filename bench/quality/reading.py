"""Every figure of one model on one shop, as plain numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.quality.paper import Paper
from recommender.evaluation.asking import BASELINES, NEEDED, baseline
from recommender.evaluation.judging import Verdicts, figures, groups_of, judge_lists
from recommender.evaluation.metrics import METRICS, coverage, novelty
from recommender.evaluation.moments import Sight
from recommender.evaluation.split import Track
from recommender.model.fitted import FittedModel

ANON = f"{Track.SESSION}.anon"
"""Visits whose visitor nobody knows: the visit's own events only."""

STALE = {Sight.NIGHTLY: "nightly", Sight.FROZEN: "frozen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Figures by name (``<track>.<group>.<metric>``), the verdicts they come from, and the half width of each 95 % interval."""

    figures: Mapping[str, float]
    verdicts: Mapping[Track, Verdicts]
    half_widths: Mapping[str, float]


def read(model: FittedModel, paper: Paper, *, stale: bool) -> Reading:
    """Ask a model everything.

    Parameters
    ----------
    stale : bool
        Ask baskets as of last night and as of the cut as well, to tell what live is worth.
    """
    verdicts = {track: paper.judged(model, track) for track in paper.asked}
    told = figures(verdicts, paper.known)
    out = {name: mean.value for name, mean in told.items()} | _anon(model, paper)
    if stale and Track.BASKET in verdicts:
        out |= _stale(model, paper, verdicts[Track.BASKET])
    return Reading(
        figures=out | _shuffled(paper, verdicts[Track.WINDOW]),
        verdicts=verdicts,
        half_widths={name: (mean.high - mean.low) / 2 for name, mean in told.items()},
    )


def baselines(model: FittedModel, paper: Paper) -> dict[str, dict[str, float]]:
    """The same figures of each baseline the model contains, without intervals."""
    out: dict[str, dict[str, float]] = {}
    for name in BASELINES:
        if NEEDED[name] in model.names:
            plain = baseline(model, name)
            out[name] = _anon(plain, paper)
            for track in paper.asked:
                out[name] |= _means(track, paper.judged(plain, track), paper)
    return out


def _means(track: Track, verdict: Verdicts, paper: Paper) -> dict[str, float]:
    out = {
        f"{track}.{group}.{metric}": float(values[rows].mean())
        for group, rows in groups_of(verdict.truth).items()
        for metric, values in verdict.by_metric.items()
    }
    known = paper.known
    out[f"{track}.all.coverage_at_10"] = coverage(verdict.lists, known.n_items)
    out[f"{track}.all.novelty"] = novelty(verdict.lists, known.buyers, known.n_people)
    return out


def _anon(model: FittedModel, paper: Paper) -> dict[str, float]:
    if Track.SESSION not in paper.asked:
        return {}
    verdict = paper.judged(model, Track.SESSION, sight=Sight.VISIT)
    return {f"{ANON}.{metric}": float(verdict.by_metric[metric].mean()) for metric in METRICS}


def _stale(model: FittedModel, paper: Paper, live: Verdicts) -> dict[str, float]:
    """Baskets by people known as of last night, or as of the cut, and how much better live is (recall@10)."""
    out: dict[str, float] = {}
    for sight, word in STALE.items():
        verdict = paper.judged(model, Track.BASKET, sight=sight)
        for metric in ("recall_at_10", "ndcg_at_10"):
            out[f"{Track.BASKET}.{word}.{metric}"] = float(verdict.by_metric[metric].mean())
    nightly = out[f"{Track.BASKET}.nightly.recall_at_10"]
    if nightly > 0:
        out[f"{Track.BASKET}.live_over_nightly"] = float(live.by_metric["recall_at_10"].mean()) / nightly
    return out


def _shuffled(paper: Paper, verdict: Verdicts) -> dict[str, float]:
    """Everybody judged by somebody else's purchases: what is left must not be more than what suits everybody."""
    if not len(verdict.lists):
        return {}
    moved = np.random.default_rng(0).permutation(len(verdict.lists))
    blind = judge_lists(verdict.lists[moved], verdict.truth, len(paper.everything.item_ids))
    return {f"{Track.WINDOW}.shuffled.ndcg_at_10": float(blind.by_metric["ndcg_at_10"].mean())}
