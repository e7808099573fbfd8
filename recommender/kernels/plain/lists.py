"""Kernels of lists: votes, few of many, blends."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.kernels.plain.rows import Floats, Ints, starts, within

_LISTS = 256
"""Graded at once."""


def votes(
    item: NDArray[np.int32], weight: NDArray[np.float32], anchors: Ints, loud: Floats, width: int
) -> tuple[Ints, Floats]:
    """Add up what some rows of a table say of items.

    Parameters
    ----------
    item, weight : int32 and float32 arrays of shape (n_items, most)
        Each item's neighbours and how near they are, never negative.
    anchors : int64 array of length n
        The rows that speak.
    loud : float64 array of length n
        How loudly each of them does, not negative.
    width : int
        How many of each row's neighbours are heard, at most ``most``.

    Returns
    -------
    (int64, float64)
        The items heard of, ascending, and the sums of ``weight × loud``, all above 0.

    Raises
    ------
    IndexError
        There is no such row.
    """
    within(anchors, len(item))
    said = (weight[anchors, :width] * loud[:, None]).ravel()
    heard = item[anchors, :width].ravel()
    spoken = said > 0
    items, sums, _ = summed(heard[spoken].astype(np.int64), said[spoken])
    return items, sums


def loudest(
    item: NDArray[np.int32], weight: NDArray[np.float32], anchors: Ints, loud: Floats, width: int, wanted: int
) -> int:
    """Place among ``anchors`` of the one that adds most to an item's sum in :func:`votes`, the first of equals; -1 if none does."""
    within(anchors, len(item))
    said = np.where(item[anchors, :width] == wanted, weight[anchors, :width] * loud[:, None], 0.0)
    if not said.size or not said.max() > 0:
        return -1
    return int(said.argmax()) // width


def summed(key: Ints, value: Floats) -> tuple[Ints, Floats, Ints]:
    """Distinct keys (not below 0), ascending, the sum of each one's values, and the place of each one's first entry."""
    if len(key) and int(key.min()) < 0:
        raise IndexError(f"no item has row {int(key.min())}")
    order = key.argsort(kind="stable")
    ordered = key.take(order)
    start = starts(ordered)
    sums = np.add.reduceat(value.take(order), start) if len(start) else np.zeros(0)
    return ordered.take(start), sums, order.take(start)


def best(item: Ints, score: Floats, k: int, banned: Ints) -> Ints:
    """The ``k`` items with the highest scores above 0, ascending; of equal scores the earlier items.

    Parameters
    ----------
    item : int64 array
        Ascending, each once.
    score : float64 array
    k : int
    banned : int64 array
        Ascending: items to leave out.
    """
    heard = score > 0
    if len(banned) and len(item):
        place = item.searchsorted(banned)
        heard[place[item.take(place, mode="clip") == banned]] = False
    kept = heard.nonzero()[0]
    if k <= 0:
        kept = kept[:0]
    elif len(kept) > k:
        kept = kept[best_of(score.take(kept), k)]
    return item.take(kept)


def best_of(scores: NDArray[np.floating], k: int) -> Ints:
    """Places of the ``k`` highest scores, ascending; of equal ones the earlier. There are more than ``k``."""
    floor = np.partition(scores, len(scores) - k)[len(scores) - k]
    above, level = (scores > floor).nonzero()[0], (scores == floor).nonzero()[0]
    return np.sort(np.concatenate([above, level[: k - len(above)]]))


def scores_at(item: Ints, score: Floats, wanted: Ints) -> Floats:
    """The scores of the items wanted, 0 for those that are not in ``item`` (ascending). Quickest where they are ascending, too."""
    if not len(item):
        return np.zeros(len(wanted))
    place = item.searchsorted(wanted)
    return np.where(item.take(place, mode="clip") == wanted, score.take(place, mode="clip"), 0.0)


def below(item: Ints, values: NDArray[np.float32], bound: float) -> Ints:
    """Those of the items whose value is below a bound, in their order.

    Parameters
    ----------
    item : int64 array
    values : float32 array
        By item.
    bound : float
        Rounded to single precision, as numpy compares.
    """
    return item[values.take(item) < bound]


def union(parts: Sequence[Ints]) -> Ints:
    """The distinct items of all parts, ascending."""
    if not parts:
        return np.zeros(0, np.int64)
    ordered = np.sort(np.concatenate(parts))
    if len(ordered) and ordered[0] < 0:
        raise IndexError(f"no item has row {ordered[0]}")
    return ordered.take(starts(ordered))


Line = Floats | tuple[Ints | None, Floats]
"""What a generator says of candidates: scores of the first of them (of others nothing), or items, ascending, and their scores, or None
and scores by item (of what stands behind their end nothing)."""


def stood(item: Ints, told: Sequence[Line], rank: NDArray[np.int32]) -> tuple[Ints, Floats]:
    """Candidates in the standing order, and what each generator says of them, scaled to its own best.

    Parameters
    ----------
    item : int64 array of length n
        Ascending, each once; rows from ``len(rank)`` on belong to items the model does not know and stand last.
    told : sequence of :data:`Line`
        What each generator says, not negative.
    rank : int32 array of length n_items
        Each item's place in the standing order.

    Returns
    -------
    (int64 of length n, float64 of shape (n_generators, n))
        The scores as square roots of their share of their line's best; a line without any stays 0.
    """
    n_known = int(item.searchsorted(len(rank)))
    order = np.concatenate([rank.take(item[:n_known]).argsort(), np.arange(n_known, len(item))])
    score = np.zeros((len(told), len(item)))
    for line, one in zip(score, told, strict=True):
        scores = _scores_of(one, item, n_known) if isinstance(one, tuple) else one
        line[: len(scores)] = scores
    return item.take(order), scaled(score.take(order, axis=1))


def _scores_of(line: tuple[Ints | None, Floats], item: Ints, n_known: int) -> Floats:
    own, score = line
    if own is not None:
        return scores_at(own, score, item)
    return score.take(item[: min(n_known, int(item.searchsorted(len(score))))])


def leading(ranked: NDArray[np.int32], k: int, banned: Ints) -> Ints:
    """The first ``k`` items of an order that are not among ``banned`` (int64, ascending), int64."""
    first = ranked[: max(k, 0) + len(banned)].astype(np.int64)
    return first[~np.isin(first, banned)][: max(k, 0)]


def scaled(score: Floats) -> Floats:
    """Square roots of scores over the best of their line (last axis); a line without any stays 0."""
    most = score.max(axis=-1, keepdims=True, initial=0.0)
    most[most <= 0] = 1.0
    return np.asarray(np.sqrt(score / most))


def weighed(
    score: Floats, weights: Floats, limit: int, *, apart: bool
) -> tuple[Ints, NDArray[np.float32], Ints, Floats, Floats]:
    """The best candidates by the weighted sum of what generators say; of equal sums the earlier.

    Parameters
    ----------
    score : float64 array of shape (n_generators, n)
    weights : float64 array of length n_generators
    limit : int
    apart : bool
        Whether what each generator adds is wanted, too.

    Returns
    -------
    (int64, float32, int64, float64, float64)
        Places of the candidates with a sum above 0, the best ``limit``, best first; their sums; which generator adds most to
        each; and of shape (n_generators, their number) what each adds, and what it said (no column of either unless ``apart``).
    """
    parts = score * weights[:, None]
    total = parts.sum(axis=0)
    order = (-total).argsort(kind="stable")[: max(0, min(limit, int(np.count_nonzero(total > 0))))]
    chosen = parts.take(order, axis=1)
    source = chosen.argmax(axis=0) if len(chosen) else np.zeros(0, np.int64)
    some = order if apart else order[:0]
    return order, total.take(order).astype(np.float32), source, chosen[:, : len(some)], score.take(some, axis=1)


def gained(total: NDArray[np.float32], hit: NDArray[np.bool_], discount: Floats) -> Floats:
    """What the hits among each list's best are worth, float64 of length n_lists.

    Parameters
    ----------
    total : float32 array of shape (n_lists, width)
        Of equal totals the earlier is ahead.
    hit : bool array of the same shape
    discount : float64 array of length k
        What a hit in each of the first k places is worth.
    """
    k = len(discount)
    out = np.zeros(len(total))
    for first in range(0, len(total), _LISTS):
        some = total[first : first + _LISTS]
        order = (-some).argsort(axis=1, kind="stable")[:, :k]
        out[first : first + _LISTS] = (
            np.take_along_axis(hit[first : first + _LISTS], order, 1) @ discount[: order.shape[1]]
        )
    return out
