"""What the ranker is told of an item by itself: how it sells, whether that is rising, how old it is, what it costs."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.decay import DAY_US, decayed
from recommender.algorithms.digest import Digest
from recommender.algorithms.ragged import Floats
from recommender.domain.events import PRICE_SCALE
from recommender.domain.items import CATEGORY_SEPARATOR
from recommender.features.columns import BANDS
from recommender.interactions import Interactions, Kind
from recommender.model.columns import FAR, NO_PRICE, TRAITS
from recommender.model.facts import SHELVES

PRIOR_LOOKS = 20.0
"""An item's conversion is pulled towards the shop's as if this many more people had looked at it like the average."""

OTHERS = 5.0
"""Sales that an imagined item beside each has, so that the only one of a small shelf is not all of it."""

Traits = NDArray[np.float32]


def shelves_of(interactions: Interactions) -> NDArray[np.int32]:
    """Where each item stands, int32 of shape ``(n_items, len(SHELVES))``, -1 unknown (:data:`recommender.model.facts.SHELVES`)."""
    paths = [[step for step in name.split(CATEGORY_SEPARATOR) if step] for name in interactions.categories]
    parents = _numbers([tuple(path[:-1]) if len(path) > 1 else None for path in paths])
    departments = _numbers([path[0] if len(path) > 2 else None for path in paths])
    unknown = np.full(len(interactions.item_ids), -1, np.int32)
    brand = unknown if interactions.brand is None else interactions.brand
    code = interactions.category  # -1, unknown, is the last
    shelves = [code, parents[code], departments[code], brand, _price_bands(interactions.price)]
    return np.stack(shelves, axis=1).astype(np.int32)


def _price_bands(price: NDArray[np.float32]) -> NDArray[np.int32]:
    """The band each price lies in (:func:`recommender.features.columns.band_of`); -1 where it is not known."""
    known = np.isfinite(price) & (price > 0)
    bands = np.full(len(price), -1, np.int32)
    asked = np.rint(price[known].astype(np.float64) * PRICE_SCALE)
    bands[known] = np.maximum(np.searchsorted(BANDS, asked, side="right") - 1, 0)
    return bands


def _numbers(names: Sequence[Hashable | None]) -> NDArray[np.int32]:
    """A number for each name, -1 for None, and a -1 behind them."""
    places: dict[Hashable, int] = {}
    found = [-1 if name is None else places.setdefault(name, len(places)) for name in names]
    return np.array([*found, -1], np.int32)


def traits_of(
    interactions: Interactions, view: Digest, repeat_rate: NDArray[np.float32], shelves: NDArray[np.int32]
) -> Traits:
    """Every item's traits at the clock of training, float32 of shape ``(n_items, len(TRAITS))``, all finite.

    Numbers of sales and of people are ``log(1 + n)``; a sale is an item in a person's order, however many pieces. A trend is
    the rate of the shorter period over that of the longer one, both smoothed. An item nobody bought was last sold
    :data:`~recommender.model.columns.FAR` days ago, one without a known price has the price
    :data:`~recommender.model.columns.NO_PRICE`. A share of a shelf is the item's part of what sold there in 90 days, as if five
    sales more had fallen to others; 0 where the shelf is unknown.
    """
    age = np.minimum(view.bought.age_days, FAR)
    item = view.bought.key % max(view.n_items, 1)
    sold = {days: _count(item[age <= days], view.n_items) for days in (3, 7, 14, 30, 90)}
    ever = _count(item, view.n_items)
    columns = {
        **{f"sold_{days}d": np.log1p(sold[days]) for days in (3, 7, 30, 90)},
        "sold_ever": np.log1p(ever),
        "buyers_ever": np.log1p(_count(view.bought.pair % max(view.n_items, 1), view.n_items)),
        "buyers_7d": np.log1p(_count(np.unique(view.bought.key[age <= 7]) % max(view.n_items, 1), view.n_items)),
        "sold_decayed_3d": np.log1p(_count(item, view.n_items, decayed(age, 3.0))),
        "sold_decayed_14d": np.log1p(_count(item, view.n_items, decayed(age, 14.0))),
        "trend_3d_14d": _trend(sold[3], 3, sold[14], 14),
        "trend_7d_30d": _trend(sold[7], 7, sold[30], 30),
        "trend_30d_90d": _trend(sold[30], 30, sold[90], 90),
        "age_days": _since(interactions, np.maximum, 0.0),
        "last_sold_days": _last(item, age, view.n_items),
        "repeat_rate": repeat_rate,
        "log_price": _log_price(interactions.price),
        "log_units": _log_units(interactions, view.n_items),
        **_looks(view),
        **{f"share_of_{name}": _share(sold[90], shelf) for name, shelf in zip(SHELVES, shelves.T, strict=True)},
    }
    return np.stack([columns[name].astype(np.float32) for name in TRAITS], axis=1)


def _count(item: NDArray[np.integer], n_items: int, weight: Floats | None = None) -> Floats:
    return np.bincount(item, weights=weight, minlength=n_items).astype(np.float64)


def _share(sold: Floats, shelf: NDArray[np.int32]) -> Floats:
    known = shelf >= 0
    whole = np.bincount(shelf[known], weights=sold[known], minlength=1)
    return np.where(known, sold / (whole[shelf] + OTHERS), 0.0)


def _trend(short: Floats, short_days: int, long: Floats, long_days: int) -> Floats:
    """Sales a day of the shorter period over those of the longer, as if one half sale more had fallen into the shorter one."""
    return np.asarray((short + 0.5) / (long * (short_days / long_days) + 0.5))


def _since(interactions: Interactions, which: np.ufunc, start: float) -> Floats:
    days = np.minimum((interactions.now_us - interactions.time_us) / DAY_US, FAR)
    out = np.full(len(interactions.item_ids), start)
    which.at(out, interactions.item, days)
    return out


def _last(item: NDArray[np.integer], age: Floats, n_items: int) -> Floats:
    out = np.full(n_items, FAR)
    np.minimum.at(out, item, age)
    return out


def _log_price(price: NDArray[np.float32]) -> Floats:
    known = np.isfinite(price) & (price > 0)
    out = np.full(len(price), NO_PRICE)
    out[known] = np.log(price[known].astype(np.float64) + 0.01)
    return out


def _log_units(interactions: Interactions, n_items: int) -> Floats:
    """Mean logarithm of the pieces of a bought line; 0 where nobody bought."""
    rows = np.flatnonzero(interactions.kind == Kind.PURCHASE)
    item = interactions.item[rows]
    total = _count(item, n_items, np.log(np.maximum(interactions.quantity[rows], 1.0)).astype(np.float64))
    return np.asarray(total / np.maximum(_count(item, n_items), 1.0))


def _looks(view: Digest) -> dict[str, Floats]:
    """People who looked lately, and the smoothed share of those who looked at any time that bought."""
    n = max(view.n_items, 1)
    lookers = _count(view.looked.pair % n, view.n_items)
    buyers = _count(view.bought.pair % n, view.n_items)
    shop = (buyers.sum() + 1.0) / (lookers.sum() + buyers.sum() + 20.0)
    recent = {
        days: _count(np.unique(view.looked.key[view.looked.age_days <= days]) % n, view.n_items) for days in (7, 30)
    }
    return {
        "looked_7d": np.log1p(recent[7]),
        "looked_30d": np.log1p(recent[30]),
        "conversion": (buyers + PRIOR_LOOKS * shop) / (np.maximum(lookers, buyers) + PRIOR_LOOKS),
    }
