"""What each person of a block did, per item: the common ground every generator looks at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.decay import DAY_US, decayed
from recommender.algorithms.ragged import Floats, Ints, bounds, distinct, firsts
from recommender.algorithms.sides import Side
from recommender.interactions import Histories, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Touches:
    """Events of one :class:`~recommender.algorithms.sides.Side`, sorted by person and item.

    Attributes
    ----------
    key : int64 array
        ``person * n_items + item`` of each event; may repeat.
    age_days : float64 array
        Days between the event and the moment the list is for, never negative.
    weight : float64 array
        1 for an ordinary event; purchases that went back count less, down to 0.
    pair : int64 array
        The distinct keys.
    place : int64 array
        Place of each event's key in ``pair``.
    """

    key: Ints
    age_days: Floats
    weight: Floats
    pair: Ints
    place: Ints

    def totals(self, half_life_days: float) -> Floats:
        """Decayed weight of each pair, added in the order of the events."""
        weights = decayed(self.age_days, half_life_days) * self.weight
        return np.asarray(np.bincount(self.place, weights=weights, minlength=len(self.pair)), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A block of people as generators see it.

    Attributes
    ----------
    n_people, n_items : int
    bought, looked : Touches
        Purchases (one per person, item and order); views and carts together, each counting one.
    viewed, carted : Touches
        Views and carts apart.
    focused : bool array of length n_people
        Who asks about items: what the page or the cart holds is the anchor, not the history.
    country : int32 array of length n_people
        The model's country code; -1 unknown.
    """

    n_people: int
    n_items: int
    bought: Touches
    looked: Touches
    viewed: Touches
    carted: Touches
    focused: NDArray[np.bool_]
    country: NDArray[np.int32]

    def of(self, side: Side) -> Touches:
        """The events of one side."""
        if side is Side.TOUCHED:
            return self._touched()
        touches: Touches = getattr(self, side.name.lower())
        return touches

    def _touched(self) -> Touches:
        """Looks and purchases together."""
        if not len(self.looked.key):
            return self.bought
        key = np.concatenate([self.bought.key, self.looked.key])
        order = np.argsort(key, kind="stable")
        age = np.concatenate([self.bought.age_days, self.looked.age_days])[order]
        return _touches(key[order], age, np.concatenate([self.bought.weight, self.looked.weight])[order])

    def person_of(self, key: Ints) -> Ints:
        """Person of each key."""
        return key // self.n_items

    def counts(self, key: Ints) -> Ints:
        """How many of the sorted keys each person has."""
        ends = bounds(self.person_of(key), self.n_people)
        return np.asarray(ends[1:] - ends[:-1])


def digest(histories: Histories, contexts: Sequence[tuple[int, ...]], n_items: int) -> Digest:
    """Sum histories up, one context (possibly empty) per person.

    Raises
    ------
    ValueError
        If there is not exactly one context per person.
    """
    n_people = len(histories)
    if len(contexts) != n_people:
        raise ValueError(f"{n_people} histories but {len(contexts)} contexts: there must be one context per person.")
    lengths = np.diff(histories.indptr)
    person = np.repeat(np.arange(n_people, dtype=np.int64), lengths)
    key = person * n_items + histories.item
    age = np.maximum(np.repeat(histories.now_us, lengths) - histories.time_us, 0) / DAY_US
    looked, viewed, carted = _looks(histories.kind, key, age)
    return Digest(
        n_people=n_people,
        n_items=n_items,
        bought=_purchases(histories, key, age),
        looked=looked,
        viewed=viewed,
        carted=carted,
        focused=np.array([bool(items) for items in contexts], bool),
        country=histories.country,
    )


def _touches(key: Ints, age_days: Floats, weight: Floats) -> Touches:
    """Events sorted by key."""
    first = firsts(key)
    return Touches(key=key, age_days=age_days, weight=weight, pair=key[first], place=first.cumsum() - 1)


def _looks(kind: NDArray[np.int8], key: Ints, age: Floats) -> tuple[Touches, Touches, Touches]:
    """Views and carts together, views, carts."""
    rows = np.flatnonzero((kind == Kind.VIEW) | (kind == Kind.CART))
    rows = rows[np.argsort(key[rows], kind="stable")]
    carts = kind[rows] == Kind.CART
    both = _counted(key, age, rows)
    if not carts.any():
        return both, both, _counted(key, age, rows[:0])
    return both, _counted(key, age, rows[~carts]), _counted(key, age, rows[carts])


def _counted(key: Ints, age: Floats, rows: Ints) -> Touches:
    return _touches(key[rows], age[rows], np.ones(len(rows)))


def _purchases(histories: Histories, key: Ints, age: Floats) -> Touches:
    """One purchase per person, item and order; where an item was returned, its purchases lose the returned share."""
    rows = np.flatnonzero(histories.kind == Kind.PURCHASE)
    code = histories.order[rows]
    code = np.where(code < 0, -2 - histories.time_us[rows] // DAY_US, code)
    order = np.lexsort((code, key[rows]))
    rows, code = rows[order], code[order]
    first = np.ones(len(rows), bool)
    first[1:] = (key[rows][1:] != key[rows][:-1]) | (code[1:] != code[:-1])
    kept = rows[first]
    back = np.flatnonzero(histories.kind == Kind.REFUND)
    weight = np.ones(len(kept))
    if len(back):
        weight = _share_kept(key, histories.quantity, rows, back, key[kept])
    return _touches(key[kept], age[kept], weight)


def _share_kept(key: Ints, quantity: NDArray[np.float32], rows: Ints, back: Ints, wanted: Ints) -> Floats:
    """Units kept / units bought of each wanted key, between 0 and 1."""
    names = distinct(np.concatenate([key[rows], key[back]]))
    got = np.bincount(np.searchsorted(names, key[rows]), weights=quantity[rows], minlength=len(names))
    gone = np.bincount(np.searchsorted(names, key[back]), weights=quantity[back], minlength=len(names))
    share = np.clip(1.0 - gone / np.maximum(got, 1.0), 0.0, 1.0)
    return np.asarray(share[np.searchsorted(names, wanted)])
