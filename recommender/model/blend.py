"""One list out of many opinions: a weighted sum of each generator's scores, each list scaled to its own best."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.contract import Generator, Listed, Opinion
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import Floats, Ints
from recommender.model.contract import Ask, Branch

DEPTH = 100
"""Candidates each generator may bring per person."""


def place_of(ask: Ask, branch: Branch, *, new_only: bool) -> str:
    """Name of the blend that answers: ``home.known.repeats``, ``home.unknown``, ``similar`` and so on."""
    if ask is not Ask.HOME:
        return str(ask)
    if branch is Branch.UNKNOWN:
        return "home.unknown"
    return f"home.{branch}.{'new' if new_only else 'repeats'}"


DEFAULT_BLENDS: Mapping[str, Mapping[str, float]] = {
    "home.known.repeats": {
        "own": 1.0,
        "bought_together": 0.3,
        "looked": 0.5,
        "carted": 0.5,
        "viewed_then_bought": 0.2,
        "content": 0.05,
        "popular": 0.1,
    },
    "home.known.new": {
        "bought_together": 1.0,
        "looked": 0.5,
        "carted": 0.5,
        "viewed_then_bought": 0.5,
        "content": 0.2,
        "popular_now": 0.3,
    },
    "home.session.repeats": {
        "looked": 1.0,
        "carted": 0.5,
        "viewed_together": 0.5,
        "viewed_then_bought": 0.5,
        "content": 0.1,
        "popular": 0.1,
    },
    "home.session.new": {
        "looked": 1.0,
        "carted": 0.5,
        "viewed_together": 0.5,
        "viewed_then_bought": 0.5,
        "content": 0.2,
        "popular": 0.1,
    },
    "home.unknown": {"popular_now": 1.0, "popular_first": 1.0, "popular_country": 1.0, "popular": 1.0},
    "similar": {
        "bought_together": 1.0,
        "viewed_together": 1.0,
        "viewed_then_bought": 0.5,
        "carted_together": 0.5,
        "content": 0.3,
        "popular_category": 0.1,
        "popular": 0.01,
    },
    "cart": {
        "bought_together": 1.0,
        "viewed_then_bought": 0.2,
        "carted_together": 0.3,
        "carted_then_bought": 0.3,
        "content": 0.02,
        "popular": 0.02,
    },
    "trending": {"popular_now": 1.0, "popular": 0.05},
}
"""Weights where validation has not chosen any."""


class Candidates(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Candidates of one person and what each generator says of them, scaled to the person's best candidate.

    Attributes
    ----------
    item : int64 array of length n
        In the standing order of items (most popular first); then those that came after the training.
    score : float64 array of shape (n_generators, n)
        Square root of the score over the person's best: between 0 and 1. The root lifts what comes second; on validation
        it was as good as or better than the plain share, reciprocal ranks and logarithms.
    brought : sequence of n_generators int
        How many items each generator brought to the union, before what others brought too was met.
    """

    item: Ints
    score: Floats
    brought: Sequence[int] = ()


def candidates(
    generators: Sequence[Generator],
    person: Person,
    banned: Ints,
    *,
    rank: NDArray[np.int32],
    depth: int = DEPTH,
) -> Candidates:
    """Union of every generator's best ``depth`` items, none banned (sorted items), scored by all of them.

    ``rank`` is each item's place in the standing order.
    """
    opinions = [generator.look(person) for generator in generators]
    proposed = proposals(opinions, banned, n_known=len(rank), depth=depth)
    item = kernels.union(proposed)
    # of what came after the training only who names single items can say anything
    known = item[: item.searchsorted(len(rank))]
    told = [opinion.told(known) for opinion in opinions]
    item, score = kernels.stood(item, told, rank)
    return Candidates(item=item, score=score, brought=[len(one) for one in proposed])


def proposals(opinions: Sequence[Opinion], banned: Ints, *, n_known: int, depth: int = DEPTH) -> list[Ints]:
    """Every opinion's best ``depth`` items, none banned (sorted; those from ``n_known`` on came after the training)."""
    known = banned[: banned.searchsorted(n_known)] if len(banned) else banned
    return [opinion.top(depth, banned if isinstance(opinion, Listed) else known) for opinion in opinions]


class Blended(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Scored candidates, best first.

    ``source`` is the place of the generator that weighed most; ``parts`` (generators × items) are what each added to the score,
    ``scaled`` what each said before it was weighed: without columns where nobody asked for them.
    """

    item: NDArray[np.int32]
    score: NDArray[np.float32]
    source: Ints
    parts: Floats
    scaled: Floats


def weigh(found: Candidates, weights: Floats, limit: int, *, apart: bool = True) -> Blended:
    """Weighted sum, best ``limit``; equal sums keep the standing order. ``apart``: what each generator said is wanted, too."""
    order, total, source, parts, told = kernels.weighed(found.score, weights, limit, apart=apart)
    return Blended(item=found.item.take(order).astype(np.int32), score=total, source=source, parts=parts, scaled=told)
