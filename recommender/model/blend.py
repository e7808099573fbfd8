"""One list out of many opinions: a weighted sum of each generator's scores, each list scaled to its own best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.contract import Generator
from recommender.algorithms.digest import Digest
from recommender.algorithms.ragged import Floats, Ints, bounds, distinct, row_maxima
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
        "viewed_then_bought": 0.2,
        "popular": 0.1,
    },
    "home.known.new": {"bought_together": 1.0, "looked": 0.5, "viewed_then_bought": 0.5, "popular_now": 0.3},
    "home.session.repeats": {"looked": 1.0, "viewed_together": 0.5, "viewed_then_bought": 0.5, "popular": 0.1},
    "home.session.new": {"looked": 1.0, "viewed_together": 0.5, "viewed_then_bought": 0.5, "popular": 0.1},
    "home.unknown": {"popular_now": 1.0, "popular_country": 0.5, "popular": 0.1},
    "similar": {
        "bought_together": 1.0,
        "viewed_together": 1.0,
        "viewed_then_bought": 0.5,
        "popular_category": 0.1,
        "popular": 0.01,
    },
    "cart": {"bought_together": 1.0, "viewed_then_bought": 0.2, "popular": 0.02},
    "trending": {"popular_now": 1.0, "popular": 0.05},
}
"""Weights where validation has not chosen any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blended:
    """Scored candidates of a block, flat: person p owns ``indptr[p]:indptr[p + 1]``, best first.

    ``source`` is the place of the generator that weighed most among the names given.
    """

    indptr: Ints
    item: NDArray[np.int32]
    score: NDArray[np.float32]
    source: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Candidates of a block and what each generator says of them, scaled to each person's best candidate.

    Attributes
    ----------
    key : int64 array of length n
        Sorted by person and, within a person, by the standing order of items (most popular first).
    indptr : int64 array of length n_people + 1
    score : float64 array of shape (n_generators, n)
        Square root of the score over the person's best: between 0 and 1. The root lifts what comes second; on validation
        it was as good as or better than the plain share, reciprocal ranks and logarithms.
    """

    key: Ints
    indptr: Ints
    score: Floats


def candidates(
    generators: Sequence[Generator], digest: Digest, banned: Ints, *, standing: Ints, rank: Ints, depth: int = DEPTH
) -> Table:
    """Union of every generator's best ``depth`` items, none banned, scored by all of them.

    ``standing`` lists the items most popular first, ``rank`` is its inverse.
    """
    opinions = [generator.look(digest) for generator in generators]
    proposed = [opinion.top(depth, banned) for opinion in opinions]
    keys = np.concatenate(proposed) if proposed else np.zeros(0, np.int64)
    person = keys // digest.n_items
    ordered = distinct(person * digest.n_items + rank[keys - person * digest.n_items])
    person = ordered // digest.n_items
    key = person * digest.n_items + standing[ordered - person * digest.n_items]
    indptr = bounds(person, digest.n_people)
    score = np.empty((len(opinions), len(key)))
    for row, opinion in enumerate(opinions):
        score[row] = opinion.at(key)
    best = row_maxima(score, indptr)
    score = np.sqrt(score / np.where(best > 0, best, 1.0)[:, person])
    return Table(key=key, indptr=indptr, score=score)


def weigh(table: Table, weights: Floats, n_items: int, limit: int) -> Blended:
    """Weighted sum, best ``limit`` per person; equal sums keep the standing order."""
    parts = table.score * weights[:, None]
    total = np.zeros(len(table.key))
    for part in parts:
        total += part
    source = parts.argmax(axis=0) if len(parts) else np.zeros(0, np.int64)
    lengths = np.diff(table.indptr)
    width = int(lengths.max()) if len(lengths) else 0
    grid = np.full((len(lengths), max(width, 1)), -1.0)
    inside = np.arange(max(width, 1)) < lengths[:, None]
    grid[inside] = total
    order = np.argsort(-grid, axis=1, kind="stable")[:, :limit]
    kept = np.take_along_axis(grid, order, axis=1) > 0
    flat = (order + table.indptr[:-1, None])[kept]
    counts = kept.sum(axis=1)
    return Blended(
        indptr=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
        item=(table.key[flat] % n_items).astype(np.int32),
        score=total[flat].astype(np.float32),
        source=source[flat].astype(np.int64),
    )
