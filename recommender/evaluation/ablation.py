"""What each generator is worth: how good lists are from it alone, and how much is lost without it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from recommender.algorithms.ragged import Floats
from recommender.evaluation.asking import alone, ask
from recommender.evaluation.intervals import Mean, resample
from recommender.evaluation.judging import judge_lists
from recommender.evaluation.split import WINDOWS, Track, Truth
from recommender.evaluation.variants import blend_only, speaking, without
from recommender.interactions import Interactions
from recommender.model.fitted import FittedModel

METRIC = "ndcg_at_10"
RANKER = "ranker"
"""Stands among the generators for the order rankers give to what the blend has found."""

MOST_LISTS = 400
"""Lists per track that are asked for again with each generator alone and without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """One generator in one track, or the rankers together (:data:`RANKER`).

    Attributes
    ----------
    alone : Mean
        NDCG@10 of lists made by it alone; of the rankers, with everything the blend has found.
    loss : Mean
        NDCG@10 of the blend less that of the blend without it, on the same lists; below 0 the lists are better without it. Of
        the rankers: of the model less that of its blend. A forest hears its generators together, so one by one they are
        taken out of the blend, not out of the forest.
    """

    track: Track
    generator: str
    alone: Mean
    loss: Mean


def ablate(
    model: FittedModel,
    past: Interactions,
    truths: Mapping[Track, Truth],
    *,
    said: Callable[[int, int], None],
    seed: int = 0,
) -> tuple[Worth, ...]:
    """Ask again with each generator that has a say, alone and left out, on a sample of the lists at the cut.

    ``said(done, total)`` is called as it goes on.
    """
    names = speaking(model)
    tracks = [track for track in WINDOWS if track in truths and len(truths[track].person)]
    out: list[Worth] = []
    for number, track in enumerate(tracks):
        truth = _sample(truths[track], seed)

        def graded(one: FittedModel, track: Track = track, truth: Truth = truth) -> Floats:
            lists = ask(one, past, truth.person, track)
            return judge_lists(lists, truth, len(past.item_ids)).by_metric[METRIC]

        ordered, whole = graded(model), graded(blend_only(model))
        if any(place.startswith("home.") for place in model.rankers):
            single, loss = resample(np.stack([ordered, ordered - whole], axis=1))
            out.append(Worth(track=track, generator=RANKER, alone=single, loss=loss))
        for done, name in enumerate(names):
            said(number * len(names) + done, len(tracks) * len(names))
            columns = np.stack([graded(alone(model, name)), whole - graded(without(model, name))], axis=1)
            single, loss = resample(columns)
            out.append(Worth(track=track, generator=name, alone=single, loss=loss))
    return tuple(out)


def _sample(truth: Truth, seed: int) -> Truth:
    keep = np.zeros(len(truth.person), bool)
    keep[np.random.default_rng(seed).permutation(len(keep))[:MOST_LISTS]] = True
    return truth.of(keep)
