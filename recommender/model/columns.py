"""What the ranker is told of a candidate: the item by itself, the person by itself, and the two together.

One list of columns for training and for serving: both call these functions, so that a forest always sees what it was
grown on. Nothing here is NaN or infinite; where something is not known the column says so by a value of its own, named below.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import Ints
from recommender.model.facts import SHELVES

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
    *(f"share_of_{shelf}" for shelf in SHELVES),
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
    "looks_1d",
    "looks_7d",
    *(f"{shelf}_{what}" for shelf in SHELVES for what in ("share", "days", "weight")),
)
"""What the person and the item decide together, in the order of :func:`recommender.kernels.plain.paired`."""

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


PROFILE = "profile."
"""What the names of columns begin with that are attributes of the profile, by the registry's names."""


def names_of(generators: tuple[str, ...], attributes: tuple[str, ...] = ()) -> tuple[str, ...]:
    """All columns in their order: the generators' scores, the blend, item, person, both together, attributes of the profile."""
    return (*generators, *BLEND, *TRAITS, *PERSON, *PAIR, *(f"{PROFILE}{name}" for name in attributes))


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
    days, orders, middle, first_us, last_us, price, again = person.habits(MOST_EVENTS, traits, _LOG_PRICE, NO_PRICE)
    interval = max(middle, 1.0) if days > 1 else ONCE_DAYS
    recency, tenure = person.age(last_us), person.age(first_us)
    placed = float(days if orders < 0 else orders)
    n = len(person.bought.item)
    return (placed, float(n), recency, interval, recency / interval, n / placed, price, tenure, again / max(n, 1))


def _looked(person: Person) -> tuple[float, float]:
    if not person.has_looked:
        return 0.0, FAR
    every = [one for one in (person.looked, person.newly_looked) if len(one.item)]
    return float(sum(int(one.counts.sum()) for one in every)), min(float(one.youngest.min()) for one in every)


def newcomer_traits(traits: Columns) -> Columns:
    """Traits of an item that came after the training, float32 of length ``len(TRAITS)``: those of one nobody has touched."""
    out = np.zeros(len(TRAITS), np.float32)
    for name, value in _UNTOUCHED.items():
        out[TRAITS.index(name)] = value
    conversion = TRAITS.index("conversion")
    out[conversion] = traits[:, conversion].mean() if len(traits) else 0.0
    return out


_UNTOUCHED: Mapping[str, float] = {
    "trend_3d_14d": 1.0,
    "trend_7d_30d": 1.0,
    "trend_30d_90d": 1.0,
    "last_sold_days": FAR,
    "log_price": NO_PRICE,
}


def pair_columns(person: Person, item: Ints, own: Columns, traits: Columns, shelves: NDArray[np.int32]) -> Columns:
    """What the person and each item decide together, float32 of shape ``(len(PAIR), n)``.

    Parameters
    ----------
    item : int64 array of length n
        Rows from ``n_items`` on are items that came after the training.
    own : float32 array
        :func:`person_columns`.
    traits : float32 array of shape (n_items, len(TRAITS))
    shelves : int32 array of shape (n_items, len(SHELVES)), -1 unknown
    """
    if len(person.newly_looked.item) and not (known := item < len(traits)).all():
        return _with_newcomers(person, item, known, pair_columns(person, item[known], own, traits, shelves))
    orders, level = float(own[0]), float(own[_LEVEL])
    bought, looked = person.bought.grouped, person.looked.grouped
    return kernels.paired(item, bought, looked, orders, traits, _LOG_PRICE, NO_PRICE, level, shelves)


def _nothing(n: int) -> Columns:
    out = np.zeros((len(PAIR), n), np.float32)
    out[_LAST] = FAR
    out[_OWN_DUE] = -1.0
    out[_SHELF_DAYS] = FAR
    return out


def _with_newcomers(person: Person, item: Ints, known: NDArray[np.bool_], columns: Columns) -> Columns:
    """The columns of known items, and beside them those of items that came after the training: looks are all there is."""
    out, new = _nothing(len(item)), person.newly_looked
    for row, half_life in _LOOKS.items():
        out[row] = kernels.scores_at(new.item, new.totals(half_life), item)
    out[:, known] = columns
    return out


_LAST, _OWN_DUE = PAIR.index("last_days"), PAIR.index("own_due")
_SHELF_DAYS = [PAIR.index(f"{shelf}_days") for shelf in SHELVES]
_LEVEL = PERSON.index("price_level")
_LOOKS: Mapping[int, float] = {PAIR.index("looks_1d"): 1.0, PAIR.index("looks_7d"): 7.0}
