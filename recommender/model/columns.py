"""What the ranker is told of a candidate: the item by itself, the person by itself, and the two together.

One list of columns for training and for serving: both call these functions, so that a forest always sees what it was
grown on. Nothing here is NaN or infinite; where something is not known the column says so by a value of its own, named below.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.decay import DAY_US
from recommender.algorithms.person import Person, Touched
from recommender.algorithms.ragged import Floats, Ints, firsts

Columns = NDArray[np.float32]

TRAITS: tuple[str, ...] = (
    "sold_3d",
    "sold_7d",
    "sold_30d",
    "sold_90d",
    "sold_ever",
    "buyers_ever",
    "buyers_7d",
    "sold_decayed_3d",
    "sold_decayed_14d",
    "trend_3d_14d",
    "trend_7d_30d",
    "trend_30d_90d",
    "age_days",
    "last_sold_days",
    "repeat_rate",
    "log_price",
    "log_units",
    "looked_7d",
    "looked_30d",
    "conversion",
)
"""What only the item decides; worked out at the fit by :mod:`recommender.training.traits` and kept in the bundle."""

PERSON: tuple[str, ...] = (
    "orders",
    "items",
    "recency_days",
    "interval_days",
    "due",
    "items_per_order",
    "price_level",
    "tenure_days",
    "repeats",
    "looks",
    "look_recency_days",
)
"""What only the person decides."""

PAIR: tuple[str, ...] = (
    "times",
    "last_days",
    "times_14d",
    "times_60d",
    "times_240d",
    "own_interval_days",
    "own_due",
    "order_share",
    "price_step",
    "category_share",
    "looks_1d",
    "looks_7d",
)
"""What the person and the item decide together."""

BLEND: tuple[str, ...] = ("blend", "blend_place")
"""What the blend made of the generators' opinions: the sum, and the place in its order (log of 1 + place, from 0)."""

FAR = 999.0
"""Days since what never happened."""

ONCE_DAYS = 60.0
"""The interval of who bought on one day only."""

NO_PRICE = -9.0
"""The logarithm of a price nobody knows."""

MOST_EVENTS = 2_000
"""The newest purchases a person's habits are read from."""

_LOG_PRICE = TRAITS.index("log_price")


def names_of(generators: tuple[str, ...]) -> tuple[str, ...]:
    """All columns in their order: the generators' scores, the blend, item, person, both together."""
    return (*generators, *BLEND, *TRAITS, *PERSON, *PAIR)


def person_columns(person: Person, traits: Columns) -> Columns:
    """What only the person decides, float32 of length ``len(PERSON)``.

    ``repeats`` is the share of the bought items that were bought in several orders, ``price_level`` the mean logarithm of
    the prices of bought items, ``due`` the days since the last purchase over the usual interval. Who never bought has
    recency :data:`FAR` and 0 elsewhere; one purchase day is an interval of :data:`ONCE_DAYS`.
    """
    known: Columns | None = person.opinions.get("columns")
    if known is None:
        known = person.opinions["columns"] = np.array([*_bought(person, traits), *_looked(person)], np.float32)
    return known


def _bought(person: Person, traits: Columns) -> tuple[float, ...]:
    if not person.has_bought:
        return (0.0, 0.0, FAR, ONCE_DAYS, 0.0, 0.0, 0.0, 0.0, 0.0)
    _, time_us, order = person.newest(MOST_EVENTS, bought=True, looked=False)
    day = np.sort(time_us // DAY_US)
    days = day[firsts(day)]
    interval = max(float(np.median(np.diff(days))), 1.0) if len(days) > 1 else ONCE_DAYS
    recency, tenure = (float(person.ages(edge)) for edge in (time_us.max(), time_us.min()))
    codes = np.sort(order[order >= 0])
    orders = float(np.count_nonzero(firsts(codes))) if len(codes) else float(len(days))
    item = person.bought.item
    price = traits[:, _LOG_PRICE].take(item)
    told = price[price > NO_PRICE]
    return (
        orders,
        float(len(item)),
        recency,
        interval,
        recency / interval,
        len(item) / orders,
        float(told.mean()) if len(told) else 0.0,
        tenure,
        float(np.count_nonzero(person.bought.counts > 1)) / max(len(item), 1),
    )


def _looked(person: Person) -> tuple[float, float]:
    if not person.has_looked:
        return 0.0, FAR
    looked = person.looked
    return float(looked.counts.sum()), float(looked.youngest.min())


def pair_columns(person: Person, item: Ints, own: Columns, traits: Columns, category: NDArray[np.int32]) -> Columns:
    """What the person and each item decide together, float32 of shape ``(len(PAIR), n)``.

    Parameters
    ----------
    item : int64 array of length n
    own : float32 array
        :func:`person_columns`.
    traits : float32 array of shape (n_items, len(TRAITS))
    category : int32 array of length n_items, -1 unknown
    """
    out = np.zeros((len(PAIR), len(item)), np.float32)
    out[_LAST] = FAR
    out[_OWN_DUE] = -1.0
    if len(person.bought.item):
        _own_purchases(out, person.bought, item, float(own[0]))
        _shelf(out, person.bought.item, item, category)
    price = traits[:, _LOG_PRICE].take(item)
    out[_PRICE_STEP] = np.where(price > NO_PRICE, price - own[_LEVEL], 0.0)
    if len(person.looked.item):
        place, have = _found(person.looked.item, item)
        for row, half_life in _LOOKS.items():
            out[row, have] = person.looked.totals(half_life)[place]
    return out


def _found(names: Ints, item: Ints) -> tuple[Ints, Ints]:
    """Places among ``names`` (ascending) of those items that are there, and which of the items those are."""
    place = names.searchsorted(item)
    have = (names.take(place, mode="clip") == item).nonzero()[0]
    return place[have], have


_LAST, _OWN_DUE, _PRICE_STEP = PAIR.index("last_days"), PAIR.index("own_due"), PAIR.index("price_step")
_LEVEL = PERSON.index("price_level")
_DECAYED: Mapping[int, float] = {
    PAIR.index("times_14d"): 14.0,
    PAIR.index("times_60d"): 60.0,
    PAIR.index("times_240d"): 240.0,
}
_LOOKS: Mapping[int, float] = {PAIR.index("looks_1d"): 1.0, PAIR.index("looks_7d"): 7.0}


def _own_purchases(out: Columns, bought: Touched, item: Ints, orders: float) -> None:
    place, have = _found(bought.item, item)
    if not len(have):
        return
    times: Floats = bought.counts.take(place).astype(np.float64)
    last, first = bought.youngest.take(place), bought.oldest.take(place)
    several = times > 1
    interval = np.where(several, (first - last) / np.maximum(times - 1, 1), 0.0)
    out[PAIR.index("times"), have] = times
    out[_LAST, have] = last
    out[PAIR.index("own_interval_days"), have] = interval
    out[_OWN_DUE, have] = np.where(several, last / np.maximum(interval, 1.0), -1.0)
    out[PAIR.index("order_share"), have] = times / max(orders, 1.0)
    for row, half_life in _DECAYED.items():
        out[row, have] = bought.totals(half_life)[place]


def _shelf(out: Columns, own: Ints, item: Ints, category: NDArray[np.int32]) -> None:
    """Share of the person's items that stand in the category of each item; 0 where that is unknown."""
    theirs = category.take(own)
    theirs = theirs[theirs >= 0]
    if not len(theirs):
        return
    theirs.sort()
    start = firsts(theirs).nonzero()[0]
    names, counts = theirs[start], np.diff(start, append=len(theirs))
    code = category.take(item)
    place = names.searchsorted(code)
    out[PAIR.index("category_share")] = np.where(
        names.take(place, mode="clip") == code, counts.take(place, mode="clip") / len(own), 0.0
    )
