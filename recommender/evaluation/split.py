"""What was known at a moment, and what came after it."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Ints, bounds, distinct, found
from recommender.interactions import Interactions, Kind, some_lines

HOLDOUT = 0.1
"""Share of the log's span, by the clock, that is kept to judge on."""

SEASON_US = 42 * 86_400_000_000
"""No more than this where so much holds :data:`ENOUGH`: what sold half a year ago says little of what sells now."""

ENOUGH = 2_000
"""Interactions a shortened window must hold."""


class Track(StrEnum):
    """What has to be found, and when it is asked for."""

    WINDOW = "window"  # at the cut: everything a person buys later
    WINDOW_NEW = "window_new"  # at the cut: what they buy later and never bought before
    BASKET = "basket"  # just before each later basket: what is bought in it
    SESSION = "session"  # after the first views of each later visit: what it carts or buys and the person never touched
    NEXT_LOOK = "next_look"  # where nobody ever bought: after some views of each later visit, what is looked at next


LOOKS = (Kind.VIEW, Kind.CART)
"""Lines that make somebody a viewer: who only sent something back has not looked at anything."""


MAIN = (Track.WINDOW, Track.NEXT_LOOK)
"""What a log is judged by first of all: with purchases, and without any."""

WINDOWS = (Track.WINDOW, Track.WINDOW_NEW)
"""Tracks with one list per person, asked at the cut; :mod:`recommender.evaluation.visits` has the others."""


class Group(StrEnum):
    """What was known of a person at the cut: purchases, only views and additions to carts, neither."""

    KNOWN = "known"
    VIEWER = "viewer"
    NEW = "new"


GROUPS: tuple[Group, ...] = (Group.KNOWN, Group.VIEWER, Group.NEW)


def window_us(time_us: Ints, end_us: int, share: float = HOLDOUT) -> int:
    """How long the window is that ends at ``end_us``: a share of the span before, six weeks at most where these hold enough.

    Parameters
    ----------
    time_us : int64 array
        Ascending, not empty.
    """
    length = int(share * (end_us - int(time_us[0])))
    if length > SEASON_US and np.diff(time_us.searchsorted([end_us - SEASON_US, end_us]))[0] >= ENOUGH:
        return SEASON_US
    return length


def clock_cut(interactions: Interactions, holdout: float = HOLDOUT) -> int:
    """Moment (µs) after which ``holdout`` of the span between the first and the last interaction lies (:func:`window_us`).

    Raises
    ------
    ValueError
        If there are no interactions.
    """
    if not len(interactions.time_us):
        raise ValueError("There are no interactions to split.")
    last = int(interactions.time_us[-1])
    length = window_us(interactions.time_us, last, holdout)
    if length == SEASON_US:
        return last - length
    return int(interactions.time_us[0]) + int((1.0 - holdout) * (last - int(interactions.time_us[0])))


def before(interactions: Interactions, cut_us: int) -> Interactions:
    """What was known at ``cut_us``: everything strictly before it, prices too, with the clock of training set to it."""
    past = some_lines(interactions, np.flatnonzero(interactions.time_us < cut_us))
    price = past.price if past.paid is None else last_prices(past.item, past.paid, len(past.price))
    return replace(past, price=price, now_us=cut_us)


def touched_only(past: Interactions) -> tuple[Interactions, Ints]:
    """The same without items nobody ever touched, and the rows of those that stay.

    A log that is cut somewhere knows the items of its future by number; what is fitted on it should not even know how many there are.
    """
    items = np.unique(past.item).astype(np.int64)
    row = np.full(len(past.item_ids), -1, np.int32)
    row[items] = np.arange(len(items), dtype=np.int32)
    names = past.item_ids
    return replace(
        past,
        item_ids=tuple(names[item] for item in items.tolist()),
        item=row[past.item],
        category=past.category[items],
        price=past.price[items],
        titles=tuple(past.titles[item] for item in items.tolist()) if past.titles else (),
        brand=None if past.brand is None else past.brand[items],
    ), items


def last_prices(item: NDArray[np.int32], paid: NDArray[np.float32], n_items: int) -> NDArray[np.float32]:
    """The price last told of each item, float32 of length n_items, NaN where none was. Lines come in time order."""
    told = np.flatnonzero(~np.isnan(paid))
    out = np.full(n_items, np.nan, np.float32)
    out[item[told]] = paid[told]
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Lists and what each has to find: one per person who bought after the cut, or one per basket or visit.

    Attributes
    ----------
    person : int64 array of length n_lists
        Ascending; of baskets and visits a person may have many.
    indptr, item : int64 arrays
        List i has to find ``item[indptr[i]:indptr[i + 1]]`` (distinct, ascending).
    group : int8 array of length n_lists
        Place in :data:`GROUPS`.
    """

    person: Ints
    indptr: Ints
    item: Ints
    group: NDArray[np.int8]

    def of(self, lists: NDArray[np.bool_]) -> "Truth":
        """Only these lists."""
        lengths = np.diff(self.indptr)
        return Truth(
            person=self.person[lists],
            indptr=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[lists])]),
            item=self.item[np.repeat(lists, lengths)],
            group=self.group[lists],
        )


def truth_after(interactions: Interactions, cut_us: int, end_us: int | None = None) -> dict[Track, Truth]:
    """What each person bought in ``[cut_us, end_us)``; without ``end_us`` up to the end."""
    n_items = len(interactions.item_ids)
    key = interactions.person.astype(np.int64) * n_items + interactions.item
    bought = interactions.kind == Kind.PURCHASE
    past = interactions.time_us < cut_us
    later = bought & ~past
    if end_us is not None:
        later &= interactions.time_us < end_us
    level = levels_at(interactions, cut_us)
    wanted = distinct(key[later])
    fresh = wanted[~found(wanted, distinct(key[past & bought]))]
    return {track: _truth(keys, n_items, level) for track, keys in ((Track.WINDOW, wanted), (Track.WINDOW_NEW, fresh))}


def levels_at(interactions: Interactions, cut_us: int) -> NDArray[np.int8]:
    """What was known of each person at the cut: place in :data:`GROUPS`, int8 of length n_people."""
    past = interactions.time_us < cut_us
    level = np.full(interactions.n_people, GROUPS.index(Group.NEW), np.int8)
    looked = np.isin(interactions.kind, LOOKS)
    level[interactions.person[past & looked]] = GROUPS.index(Group.VIEWER)
    level[interactions.person[past & (interactions.kind == Kind.PURCHASE)]] = GROUPS.index(Group.KNOWN)
    return level


def _truth(keys: Ints, n_items: int, level: NDArray[np.int8]) -> Truth:
    owner, item = np.divmod(keys, n_items)
    person = distinct(owner)
    return Truth(
        person=person,
        indptr=bounds(np.searchsorted(person, owner), len(person)),
        item=item,
        group=level[person],
    )
