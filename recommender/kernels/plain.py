"""The kernels in numpy: what they give is described here, and given where there is no compiled one.

Arrays are of the types named here: ``Ints`` is int64, ``Floats`` float64. Compiled kernels add up in the order of the
entries; numpy may add in pairs, so that sums agree to the last bits but one, and everything else exactly.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_DAY_US = 86_400_000_000
_SLACK = 1.0 + 1e-5
"""Rounding in the products must not end a scan early."""
_BLOCK = 6_144
_GROUP = 8
_LISTS = 256


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
    _within(anchors, len(item))
    said = (weight[anchors, :width] * loud[:, None]).ravel()
    heard = item[anchors, :width].ravel()
    spoken = said > 0
    items, sums, _ = summed(heard[spoken].astype(np.int64), said[spoken])
    return items, sums


def loudest(
    item: NDArray[np.int32], weight: NDArray[np.float32], anchors: Ints, loud: Floats, width: int, wanted: int
) -> int:
    """Place among ``anchors`` of the one that adds most to an item's sum in :func:`votes`, the first of equals; -1 if none does."""
    _within(anchors, len(item))
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


def union(parts: Sequence[Ints]) -> Ints:
    """The distinct items of all parts, ascending."""
    if not parts:
        return np.zeros(0, np.int64)
    ordered = np.sort(np.concatenate(parts))
    if len(ordered) and ordered[0] < 0:
        raise IndexError(f"no item has row {ordered[0]}")
    return ordered.take(starts(ordered))


def stood(item: Ints, told: Sequence[Floats | tuple[Ints, Floats]], rank: NDArray[np.int32]) -> tuple[Ints, Floats]:
    """Candidates in the standing order, and what each generator says of them, scaled to its own best.

    Parameters
    ----------
    item : int64 array of length n
        Ascending, each once; rows from ``len(rank)`` on belong to items the model does not know and stand last.
    told : sequence of (float64 array, or int64 and float64 arrays)
        What each generator says, not negative: scores of the first candidates (of others it says nothing), or items, ascending, and
        their scores.
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
        scores = scores_at(*one, item) if isinstance(one, tuple) else one
        line[: len(scores)] = scores
    return item.take(order), scaled(score.take(order, axis=1))


def scaled(score: Floats) -> Floats:
    """Square roots of scores over the best of their line (last axis); a line without any stays 0."""
    most = score.max(axis=-1, keepdims=True, initial=0.0)
    most[most <= 0] = 1.0
    return np.asarray(np.sqrt(score / most))


def weighed(score: Floats, weights: Floats, limit: int) -> tuple[Ints, NDArray[np.float32], Ints, Floats, Floats]:
    """The best candidates by the weighted sum of what generators say; of equal sums the earlier.

    Parameters
    ----------
    score : float64 array of shape (n_generators, n)
    weights : float64 array of length n_generators
    limit : int

    Returns
    -------
    (int64, float32, int64, float64, float64)
        Places of the candidates with a sum above 0, the best ``limit``, best first; their sums; which generator adds most to
        each; and of shape (n_generators, their number) what each adds, and what it said.
    """
    parts = score * weights[:, None]
    total = parts.sum(axis=0)
    order = (-total).argsort(kind="stable")[: max(0, min(limit, int(np.count_nonzero(total > 0))))]
    chosen = parts.take(order, axis=1)
    source = chosen.argmax(axis=0) if len(chosen) else np.zeros(0, np.int64)
    return order, total.take(order).astype(np.float32), source, chosen, score.take(order, axis=1)


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


def purchases(
    item: NDArray[np.int32],
    kind: NDArray[np.int8],
    time_us: Ints,
    order: Ints,
    quantity: NDArray[np.float32],
    n_items: int,
    now_us: int,
    bought: int,
    back: int,
) -> tuple[Ints, Floats, Floats | None, Ints]:
    """What a person bought: each item once per order (or per day, where no order is told), by item.

    Parameters
    ----------
    item, kind, time_us, order, quantity : arrays of length n
        Item, kind, time, order (below 0: none told) and units of a person's events, oldest first.
    n_items : int
    now_us : int
        The moment ages are counted from.
    bought, back : int
        The kinds of a purchase and of a return.

    Returns
    -------
    (int64, float64, float64 or None, int64)
        The item of each occasion, ascending; the age in days of its first event, never negative; the share of the item's units that
        was kept, between 0 and 1 (None: there is no return); when its last event was.
    """
    rows, returned = (kind == bought).nonzero()[0], (kind == back).nonzero()[0]
    once, first, last = _occasions(item, time_us, order, rows, n_items)
    age = np.maximum(now_us - first, 0) / _DAY_US
    if not len(returned) or not len(once):
        return once, age, None, last
    names = np.unique(item[np.concatenate([rows, returned])])
    got, gone = (
        np.bincount(names.searchsorted(item[which]), weights=quantity[which], minlength=len(names))
        for which in (rows, returned)
    )
    share = np.clip(1.0 - gone / np.maximum(got, 1.0), 0.0, 1.0)
    return once, age, share[names.searchsorted(once)], last


def _occasions(
    item: NDArray[np.int32], time_us: Ints, order: Ints, rows: Ints, n_items: int
) -> tuple[Ints, Ints, Ints]:
    those, times, code = item[rows].astype(np.int64), time_us[rows], order[rows]
    _within(those, n_items)
    code = np.where(code < 0, -2 - times // _DAY_US, code)
    place = np.lexsort((code, those))
    those, times, code = those.take(place), times.take(place), code.take(place)
    start = np.ones(len(those), bool)
    start[1:] = (those[1:] != those[:-1]) | (code[1:] != code[:-1])
    first = start.nonzero()[0]
    if not len(first):
        return those, times, times
    return those.take(first), np.minimum.reduceat(times, first), np.maximum.reduceat(times, first)


def those_of(item: NDArray[np.int32], kind: NDArray[np.int8], wanted: int) -> frozenset[int]:
    """Items of a person's events of one kind."""
    return frozenset(item[kind == wanted].tolist())


def again(item: Ints, start: Ints, last: Ints, n_events: int, wanted: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many events some items have, and when the last one was, of those that have any.

    Parameters
    ----------
    item, start, last : int64 arrays
        Distinct items, ascending; where each one's events begin among all; when its last one was.
    n_events : int
    wanted : sequence of int
    """
    place = item.searchsorted(np.array(wanted, np.int64))
    ends = np.append(start[1:], n_events)[: len(start)]
    columns = zip(item.tolist(), (ends - start).tolist(), last.tolist(), strict=True)
    known = dict(enumerate(columns))
    found = (known.get(one, (-1, 0, 0)) for one in place.tolist())
    return {
        one: (count, when) for one, (item_there, count, when) in zip(wanted, found, strict=True) if item_there == one
    }


def trail(item: NDArray[np.int32], time_us: Ints, order: Ints | None) -> tuple[Ints, Floats, Floats]:
    """A person's items, the latest first, each once.

    Parameters
    ----------
    item, time_us, order : arrays of length n
        Item, time and order (below 0: none told) of a person's events, oldest first. Events of one time are one moment, and where
        ``order`` is given, neighbours of one order are, too.

    Returns
    -------
    (int64, float64, float64)
        Items; how many moments before the newest one each was last touched; how many days before it.
    """
    new = np.ones(len(item), bool)
    new[1:] = time_us[1:] != time_us[:-1]
    if order is not None:
        new[1:] &= (order[1:] != order[:-1]) | (order[1:] < 0)
    step = new.cumsum()
    _, last = np.unique(item[::-1], return_index=True)
    place = len(item) - 1 - np.sort(last)
    steps = (step[-1:] - step[place]).astype(np.float64)
    return item[place].astype(np.int64), steps, (time_us[-1:] - time_us[place]) / _DAY_US


def spans(starts: Ints, lengths: Ints) -> Ints:
    """Positions ``start, start + 1, …`` of each span, one after the other.

    Raises
    ------
    ValueError
        There are not as many lengths as starts, or one is below 0.
    """
    if len(starts) != len(lengths):
        raise ValueError(f"{len(starts)} starts but {len(lengths)} lengths")
    if len(lengths) and int(lengths.min()) < 0:
        raise ValueError("a span is shorter than nothing")
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths))


def spread(
    second: bytes, start: int, kind: bytes, order: bytes, fraction: bytes, length: bytes
) -> tuple[Ints, NDArray[np.uint32], NDArray[np.int8], Ints]:
    """Columns of single events from those of their runs (see :class:`recommender.features.record.Packed`).

    Parameters
    ----------
    second, kind, order, fraction, length : bytes
        Little-endian uint32, int8, int16, uint32 and uint16, one of each a run. Where ``order`` is empty none is told, where
        ``fraction`` is all are 0, where ``length`` is every run is of one event.
    start : int
        Added to each second.

    Returns
    -------
    (int64, uint32, int8, int64)
        Seconds, microseconds beside them, kinds, and orders (-1: not told).

    Raises
    ------
    ValueError
        The columns are not of one length.
    """
    runs = len(kind)
    told = ((second, 4), (order, 2), (fraction, 4), (length, 2))
    if any(len(column) != width * runs and (column or column is second) for column, width in told):
        raise ValueError("its columns differ in length")
    time_s = np.frombuffer(second, "<u4").astype(np.int64) + start
    orders = np.frombuffer(order, "<i2").astype(np.int64) if order else np.full(runs, -1, np.int64)
    fractions = np.frombuffer(fraction, "<u4").astype(np.uint32) if fraction else np.zeros(runs, np.uint32)
    kinds = np.frombuffer(kind, np.int8)
    if not length:
        return time_s, fractions, kinds, orders
    times = np.frombuffer(length, "<u2")
    return time_s.repeat(times), fractions.repeat(times), kinds.repeat(times), orders.repeat(times)


def starts(item: Ints) -> Ints:
    """Where a new number begins among sorted ones."""
    new = np.ones(len(item), bool)
    np.not_equal(item[1:], item[:-1], out=new[1:])
    return new.nonzero()[0]


def nearest(
    indptr: NDArray[np.integer],
    indices: NDArray[np.integer],
    data: NDArray[np.floating],
    first: int,
    width: int,
    items: NDArray[np.int32],
    weights: NDArray[np.float32],
) -> int:
    """Write the heaviest cells of each row of a sparse matrix into a table; gives how many the fullest row has.

    Parameters
    ----------
    indptr, indices, data
        A csr matrix: row r belongs to item ``first + r``. Cells that are not above 0, and an item's own, are left out.
    first : int
    width : int
        Cells kept per row, heaviest first; of equal ones the lower columns.
    items, weights : int32 and float32 arrays of shape (n_items, at least width)
        Written to.
    """
    widest = 0
    for row, (begin, end) in enumerate(pairwise(indptr.tolist())):
        column, value = indices[begin:end], data[begin:end]
        keep = ((value > 0) & (column != first + row)).nonzero()[0]
        if len(keep) > width:
            floor = np.partition(value[keep], len(keep) - width)[len(keep) - width]
            keep = keep[value[keep] >= floor]
        keep = keep[np.lexsort((column[keep], -value[keep]))][:width]
        items[first + row, : len(keep)] = column[keep]
        weights[first + row, : len(keep)] = value[keep]
        widest = max(widest, len(keep))
    return widest


def scanned(
    factors: NDArray[np.float32], shortness: NDArray[np.float32], person: NDArray[np.float32], k: int, skip: Ints
) -> tuple[Ints, NDArray[np.float32]]:
    """Rows of the ``k`` highest inner products above 0 and these products, by row; of equal ones the earlier rows.

    Parameters
    ----------
    factors : float32 array of shape (n, f)
        By falling length.
    shortness : float32 array of length n
        Minus each row's length, ascending: the scan ends where no further row can be among the best (Cauchy-Schwarz).
    person : float32 array of length f
    k : int
        At least 1.
    skip : int64 array
        Ascending: rows to leave out.
    """
    length = float(np.sqrt(person @ person)) * _SLACK
    rows, scores, start, worst = np.zeros(0, np.int64), np.zeros(0, np.float32), 0, 0.0
    while length > 0:
        end = min(start + _BLOCK, int(shortness.searchsorted(-worst / length)))
        if end <= start:
            break
        block = factors[start:end] @ person
        if len(skip):
            first, last = skip.searchsorted([start, end]).tolist()
            block[skip[first:last] - start] = 0.0
        if not start and (low := _low(block, k)) > 0:
            worst, better = low, (block >= low).nonzero()[0]
        else:
            better = (block > worst).nonzero()[0]
        rows = np.concatenate((rows, better + start))
        scores = np.concatenate((scores, block.take(better)))
        if len(rows) > k:
            worst = max(worst, _highest(scores, k))
        start = end
    if len(rows) > k:
        kept = best_of(scores, k)
        rows, scores = rows.take(kept), scores.take(kept)
    return rows, scores


def _low(scores: NDArray[np.float32], k: int) -> float:
    """A score that at least ``k`` reach, quickly: the k-th highest of the best of groups; 0 where there are too few groups."""
    groups = len(scores) // _GROUP
    if groups < k:
        return 0.0
    return _highest(scores[: groups * _GROUP].reshape(_GROUP, groups).max(axis=0), k)


def _highest(scores: NDArray[np.float32], k: int) -> float:
    """The k-th highest score."""
    return float(np.partition(scores, len(scores) - k)[len(scores) - k])


def rows_of(
    texts: Sequence[str],
    data: NDArray[np.uint8],
    ends: Ints,
    buckets: NDArray[np.int32],
    members: NDArray[np.int32],
) -> NDArray[np.int32]:
    """The number of each text among packed ones (:class:`recommender.bundle.ids.PackedTexts`), int32; -1 where it is none of them.

    Parameters
    ----------
    data, ends
        The UTF-8 bytes of all texts, and where each ends.
    buckets, members
        The texts by the low bits of the CRC-32 of their bytes: bucket b has ``members[buckets[b]:buckets[b + 1]]``.
    """
    import zlib

    # lone surrogates give bytes that are nobody's
    wanted = [text.encode("utf-8", "surrogatepass") for text in texts]
    if not wanted or not len(ends):
        return np.full(len(wanted), -1, np.int32)
    bucket = np.fromiter(map(zlib.crc32, wanted), np.uint32, len(wanted)) & np.uint32(len(buckets) - 2)
    view: Any = data.data
    rows = []
    for text, begin, end in zip(wanted, buckets.take(bucket).tolist(), buckets.take(bucket + 1).tolist(), strict=True):
        row = -1
        for one in members[begin:end].tolist():
            if view[ends[one - 1] if one else 0 : ends[one]] == text:
                row = one
                break
        rows.append(row)
    return np.array(rows, np.int32)


def _within(rows: Ints, n: int) -> None:
    if len(rows) and (int(rows.min()) < 0 or int(rows.max()) >= n):
        raise IndexError(f"no item has row {int(rows.min()) if int(rows.min()) < 0 else int(rows.max())}")
