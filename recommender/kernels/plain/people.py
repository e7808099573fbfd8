"""Kernels of people: their records, purchases and trails."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.kernels.plain.rows import DAY_US, Floats, Ints, starts, within


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
) -> tuple[Ints, Ints, Floats, Floats | None, Ints]:
    """What a person bought, by item: each item's occasions, one per order (or per day, where no order is told).

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
    (int64, int64, float64, float64 or None, int64)
        Items, ascending; where each one's occasions begin; of each occasion the age in days of its first event, never negative, and
        the share of the item's units that was kept, between 0 and 1 (None: there is no return); when each item's last event was.
    """
    rows, returned = (kind == bought).nonzero()[0], (kind == back).nonzero()[0]
    once, first, last = _occasions(item, time_us, order, rows, n_items)
    age = np.maximum(now_us - first, 0) / DAY_US
    start = starts(once)
    latest = np.maximum.reduceat(last, start) if len(start) else last
    if not len(returned) or not len(once):
        return once.take(start), start, age, None, latest
    names = np.unique(item[np.concatenate([rows, returned])])
    got, gone = (
        np.bincount(names.searchsorted(item[which]), weights=quantity[which], minlength=len(names))
        for which in (rows, returned)
    )
    share = np.clip(1.0 - gone / np.maximum(got, 1.0), 0.0, 1.0)
    return once.take(start), start, age, share[names.searchsorted(once)], latest


def _occasions(
    item: NDArray[np.int32], time_us: Ints, order: Ints, rows: Ints, n_items: int
) -> tuple[Ints, Ints, Ints]:
    those, times, code = item[rows].astype(np.int64), time_us[rows], order[rows]
    within(those, n_items)
    code = np.where(code < 0, -2 - times // DAY_US, code)
    place = np.lexsort((code, those))
    those, times, code = those.take(place), times.take(place), code.take(place)
    start = np.ones(len(those), bool)
    start[1:] = (those[1:] != those[:-1]) | (code[1:] != code[:-1])
    first = start.nonzero()[0]
    if not len(first):
        return those, times, times
    return those.take(first), np.minimum.reduceat(times, first), np.maximum.reduceat(times, first)


def those_of(item: NDArray[np.int32], kind: NDArray[np.int8], wanted: int) -> NDArray[np.int32]:
    """Items of a person's events of one kind, ascending, each once."""
    return np.unique(item[kind == wanted])


def again(item: Ints, start: Ints, last: Ints, n_events: int, wanted: Sequence[int]) -> list[tuple[int, int] | None]:
    """How many events some items have, and when the last one was, in their order; None for an item without any.

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
    return [
        (count, when) if item_there == one else None
        for one, (item_there, count, when) in zip(wanted, found, strict=True)
    ]


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
    return item[place].astype(np.int64), steps, (time_us[-1:] - time_us[place]) / DAY_US


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
    second: bytes,
    start: int,
    kind: bytes,
    order: bytes,
    fraction: bytes,
    length: bytes,
    item: bytes,
    quantity: bytes,
    n_items: int,
    n_orders: int,
) -> tuple[Ints, NDArray[np.int8], Ints, NDArray[np.uint16], NDArray[np.uint8]]:
    """Columns of single events from those of their runs and their own (see :class:`recommender.features.record.Packed`).

    Parameters
    ----------
    second, kind, order, fraction, length : bytes
        Little-endian uint32, int8, int16, uint32 and uint16, one of each a run. Where ``order`` is empty none is told, where
        ``fraction`` is all are 0, where ``length`` is every run is of one event.
    start : int
        Added to each second.
    item, quantity : bytes
        Little-endian uint16 and uint8, one of each an event. Where ``quantity`` is empty all are 1.
    n_items, n_orders : int
        How many there are to speak of.

    Returns
    -------
    (int64, int8, int64, uint16, uint8)
        Microseconds, kinds, orders (-1: not told), items and quantities.

    Raises
    ------
    ValueError
        The columns are not of one length, or an item or order is none of those there are.
    """
    runs = len(kind)
    told = ((second, 4), (order, 2), (fraction, 4), (length, 2))
    if any(len(column) != width * runs and (column or column is second) for column, width in told):
        raise ValueError("its columns differ in length")
    times = np.frombuffer(length, "<u2") if length else np.ones(runs, np.uint16)
    size = int(times.sum())
    if len(item) != 2 * size or len(quantity) not in (0, size):
        raise ValueError("its columns differ in length")
    time_us = (np.frombuffer(second, "<u4").astype(np.int64) + start) * 1_000_000
    if fraction:
        time_us += np.frombuffer(fraction, "<u4")
    orders = np.frombuffer(order, "<i2").astype(np.int64) if order else np.full(runs, -1, np.int64)
    items = np.frombuffer(item, "<u2").astype(np.uint16)
    if (orders >= n_orders).any() or (items >= n_items).any():
        raise ValueError("it speaks of items or orders it does not name")
    units = np.frombuffer(quantity, np.uint8).copy() if quantity else np.ones(size, np.uint8)
    return time_us.repeat(times), np.frombuffer(kind, np.int8).repeat(times), orders.repeat(times), items, units
