"""Kernels of the learned order: what a forest is told of a person and of candidates, and what it says."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.kernels.plain.rows import DAY_US, Floats, Ints, within

_FAR, _NEVER = 999.0, -1.0
_BOUGHT_HALF_LIVES, _LOOKED_HALF_LIVES, _SHELF_HALF_LIFE = (14.0, 60.0, 240.0), (1.0, 7.0), 60.0
_LEAST = 1e-12
_AT_ONCE = 512

Grouped = tuple[Ints, Ints, Floats, Floats | None]
"""Events of one sort of one person, by item: distinct items, ascending; where each one's events begin; the age of each event in
days; its weight (None: all count 1)."""
Masks = NDArray[np.unsignedinteger[Any]]
"""Closed leaves, one number per tree, bit i for the i-th leaf from the left."""


def paired(
    item: Ints,
    bought: Grouped,
    looked: Grouped,
    orders: float,
    traits: NDArray[np.float32],
    price_column: int,
    no_price: float,
    level: float,
    shelves: NDArray[np.int32],
) -> NDArray[np.float32]:
    """What a person and each of n items decide together.

    Parameters
    ----------
    item : int64 array of length n
    bought, looked : see :data:`Grouped`
    orders : float
        How many orders the person placed.
    traits : float32 array of shape (n_items, n_traits)
        One of whose columns is the logarithm of the price; ``no_price`` and what is below it is unknown.
    level : float
        The person's own level of that column.
    shelves : int32 array of shape (n_items, n_shelves), -1 unknown
        Where items stand: categories, brands.

    Returns
    -------
    float32 array of shape (11 + 3 × n_shelves, n)
        For what was bought: how often, days since the last time (999: never), how often with half-lives of 14, 60 and 240 days,
        mean interval in days, days since the last time over that (-1: bought less than twice), times over orders. For all: price
        less level (0: unknown). For what was looked at: looks with half-lives of a day and of 7. For each shelf the item stands on: share
        of the bought items that stand there, days since the last of them was bought (999: never), and the shelf's part of all
        purchases with a half-life of 60 days.

    Raises
    ------
    IndexError
        A row is that of no item.
    """
    within(item, len(shelves))
    within(bought[0], len(shelves))
    out = np.zeros((11 + 3 * shelves.shape[1], len(item)), np.float32)
    out[1], out[6], out[12::3] = _FAR, _NEVER, _FAR
    price = traits[item, price_column]
    np.subtract(price, np.float32(level), out=out[8], where=price > no_price)
    if len(bought[0]):
        for row, shelf in enumerate(shelves.T):
            out[11 + 3 * row : 14 + 3 * row] = _shelved(shelf[item], shelf[bought[0]], bought)
        have, times, first, last, totals = _found(item, bought, _BOUGHT_HALF_LIVES)
        interval = (first - last) / np.maximum(times - 1, 1)
        due = np.where(times > 1, last / np.maximum(interval, 1.0), _NEVER)
        out[:8, have] = np.vstack([times, last, *totals, interval, due, times / max(orders, 1.0)])
    if len(looked[0]):
        have, _, _, _, totals = _found(item, looked, _LOOKED_HALF_LIVES)
        out[9:11, have] = np.vstack(totals)
    return out


def _found(
    item: Ints, grouped: Grouped, half_lives: tuple[float, ...]
) -> tuple[Ints, Floats, Floats, Floats, list[Floats]]:
    """Of the items that have events: their places, how many, the age of the first and of the last, what they weigh."""
    names, start, age, weight = grouped
    place = names.searchsorted(item)
    have = (names.take(place, mode="clip") == item).nonzero()[0]
    place = place[have]
    times = np.diff(start, append=len(age)).astype(np.float64)
    faded = [np.exp2(age * (-1.0 / half_life)) * (1.0 if weight is None else weight) for half_life in half_lives]
    totals = [np.add.reduceat(one, start)[place] for one in faded]
    return have, times[place], np.maximum.reduceat(age, start)[place], np.minimum.reduceat(age, start)[place], totals


def _shelved(code: NDArray[np.int32], own: NDArray[np.int32], bought: Grouped) -> Floats:
    """Share, days and weight of the shelves candidates stand on, of bought items that stand on these."""
    _, start, age, weight = bought
    told = np.exp2(age * (-1.0 / _SHELF_HALF_LIFE)) * (1.0 if weight is None else weight)
    faded, youngest, known = np.add.reduceat(told, start), np.minimum.reduceat(age, start), own >= 0
    out = np.zeros((3, len(code)))
    out[1] = _FAR
    names, place = np.unique(own[known], return_inverse=True)
    if len(names):
        days = np.full(len(names), np.inf)
        np.minimum.at(days, place, youngest[known])
        parts = np.bincount(place) / len(own), days, np.bincount(place, faded[known]) / max(faded.sum(), _LEAST)
        at = np.minimum(names.searchsorted(code), len(names) - 1)
        have = (names[at] == code).nonzero()[0]
        out[:, have] = np.vstack(parts)[:, at[have]]
    return out


def habits(
    kind: NDArray[np.int8],
    time_us: Ints,
    order: Ints,
    bought: int,
    most: int,
    item: Ints,
    start: Ints,
    n_events: int,
    traits: NDArray[np.float32],
    price_column: int,
    no_price: float,
) -> tuple[int, int, float, int, int, float, int]:
    """How somebody buys, read from the newest ``most`` purchases.

    Parameters
    ----------
    kind, time_us, order : arrays of length n
        Kind, time and order (below 0: none told) of a person's events, oldest first; ``bought`` is the kind of a purchase.
    item, start, n_events
        What was bought: distinct items, ascending, and where each one's events begin among so many.
    traits, price_column, no_price
        See :func:`paired`.

    Returns
    -------
    (int, int, float, int, int, float, int)
        Days with a purchase; orders (-1: one has none told); the middle of the days between them (0: one day); first and last
        purchase; mean logarithm of the prices of the items (0: none is known); items bought more than once.

    Raises
    ------
    ValueError
        There is no purchase.
    IndexError
        A row is that of no item.
    """
    rows = (kind == bought).nonzero()[0][max((kind == bought).sum() - most, 0) :]
    if not len(rows):
        raise ValueError("who has bought nothing has no habits")
    within(item, len(traits))
    days, orders = np.unique(time_us[rows] // DAY_US), order[rows]
    price = traits[item, price_column].astype(np.float64)
    price = price[price > no_price]
    return (
        len(days),
        len(np.unique(orders)) if int(orders.min()) >= 0 else -1,
        float(np.median(np.diff(days))) if len(days) > 1 else 0.0,
        int(time_us[rows[0]]),
        int(time_us[rows[-1]]),
        float(price.mean()) if len(price) else 0.0,
        int((np.diff(start, append=n_events) > 1).sum()),
    )


def closed(
    columns: NDArray[np.floating], ends: Ints, column: Ints, threshold: NDArray[np.floating], closes: Masks
) -> Masks:
    """Leaves that the nodes of a forest close.

    Parameters
    ----------
    columns : float32 array of shape (n_columns, n)
        Columns by candidates.
    ends : int64 array of length n_trees
        Where each tree's nodes end.
    column, threshold, closes : int64, float32 and unsigned arrays of length n_nodes
        A node closes these leaves where its column is above its threshold; nodes of one tree stand together.

    Returns
    -------
    unsigned array of shape (n, n_trees)

    Raises
    ------
    IndexError
        A node asks for a column, or a tree for nodes, that are not there.
    """
    if len(column) and not 0 <= int(column.min()) <= int(column.max()) < len(columns):
        raise IndexError(f"there is no column {int(column.min()) if int(column.min()) < 0 else int(column.max())}")
    if len(ends) and (int(ends[0]) < 0 or (np.diff(ends) < 0).any() or int(ends[-1]) > len(column)):
        raise IndexError("a tree ends past the nodes")
    out = np.zeros((len(ends), columns.shape[1]), closes.dtype)
    begins = np.concatenate([np.zeros(min(len(ends), 1), np.int64), ends[:-1]])
    some = (begins < ends).nonzero()[0]
    if len(some):
        end = int(ends[-1])
        for first in range(0, columns.shape[1], _AT_ONCE):
            above = columns[:, first : first + _AT_ONCE].take(column[:end], axis=0) > threshold[:end, None]
            out[some, first : first + _AT_ONCE] = np.bitwise_or.reduceat(
                above * closes[:end, None], begins[some], axis=0
            )
    return np.ascontiguousarray(out.T)


def walked(
    masks: Masks | None,
    rows: NDArray[np.int32],
    person: Masks | None,
    columns: NDArray[np.floating],
    ends: Ints,
    column: Ints,
    threshold: NDArray[np.floating],
    closes: Masks,
    leaf: Floats,
) -> Floats:
    """The sum over the trees of a forest of what the leftmost open leaf gives, float64, for each of n candidates.

    Trees are added up one after the other: a candidate's sum is the same to the bit alone or among others.

    Parameters
    ----------
    masks : unsigned array of shape (n_masks, n_trees), optional
        What items closed before.
    rows : int32 array of length n
        The candidates' rows of it; what is past its end has the last one.
    person : unsigned array of length n_trees, optional
        What the person closed before.
    columns, ends, column, threshold, closes
        See :func:`closed`.
    leaf : float64 array of shape (n_trees, n_leaves)
        What leaves give, from left to right; past the last open one the last one counts.
    """
    shut = closed(columns, ends, column, threshold, closes)
    if person is not None:
        shut |= person
    if masks is not None:
        shut |= masks.take(rows, axis=0, mode="clip")
    place = np.bitwise_count(shut & ~(shut + shut.dtype.type(1))).T.astype(np.intp)
    np.minimum(place, leaf.shape[1] - 1, out=place)
    place += np.arange(0, leaf.size, leaf.shape[1])[:, None]
    if not len(place):
        return np.zeros(columns.shape[1])
    return np.asarray(np.add.accumulate(leaf.take(place), axis=0)[-1])
