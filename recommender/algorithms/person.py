"""One person as generators see them: what they bought and looked at, item by item, and what the page or the cart holds.

Built once per question and shared by all generators; what several of them need is worked out once. Everything here is as long
as the person's own history, nothing is as long as the catalogue.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.decay import DAY_US
from recommender.algorithms.ragged import NOTHING, Floats, Ints
from recommender.algorithms.sides import Side
from recommender.domain.lazily import once
from recommender.interactions import MISSING, Histories, Kind

MINUTE_US = 60_000_000
"""Ages are counted at the full minute: lists of the same minute see a person's history with the same weights."""

MOST_ANCHORS = 100
"""A person speaks through at most this many items, the weightiest."""

LOOKS_HALF_LIFE_DAYS = 1.0
LOOK_SHARE = 0.1
"""Where looks speak beside purchases: what a fresh look weighs, as a share of all the person's purchases together."""
MOST_LOOKS = 20

_PURCHASE, _REFUND, _CART, _VIEW = (
    int(Kind.PURCHASE),
    int(Kind.REFUND),
    int(Kind.CART),
    int(Kind.VIEW),
)  # comparing with enums costs ten times as much
_LOOKS = frozenset(range(_CART + 1))
_ANY = 2**31
"""More than any row of a newcomer."""


class Touched:
    """Events of one sort of one person, grouped by item.

    Parameters
    ----------
    item : int64 array
        Distinct items, ascending.
    start : int64 array
        Where each item's events begin.
    age_days : float64 array
        Age of each event.
    weight : float64 array or None
        What each event counts; None: 1.
    latest_us : int64 array
        The last event of each item's; empty where nobody asks for it.
    """

    __slots__ = ("_age_days", "_totals", "_weight", "item", "latest_us", "start")

    def __init__(
        self, item: Ints, start: Ints, age_days: Floats, weight: Floats | None = None, latest_us: Ints = NOTHING
    ) -> None:
        self.item: Ints = item
        self.start: Ints = start
        self.latest_us: Ints = latest_us
        self._age_days, self._weight = age_days, weight
        self._totals: dict[float, Floats] = {}

    @property
    def n_events(self) -> int:
        """How many events there are."""
        return len(self._age_days)

    @property
    def grouped(self) -> tuple[Ints, Ints, Floats, Floats | None]:
        """As kernels take it: items, where each one's events begin, and each event's age in days and weight (None: all count 1)."""
        return self.item, self.start, self._age_days, self._weight

    @property
    def counts(self) -> Ints:
        """How many events each item has, int64."""
        counts = np.empty(len(self.start), np.int64)
        np.subtract(self.start[1:], self.start[:-1], out=counts[:-1])
        counts[-1:] = len(self._age_days) - self.start[-1:]
        return counts

    @property
    def youngest(self) -> Floats:
        """Days since the last event of each item, float64."""
        ages = self._age_days
        return np.asarray(np.minimum.reduceat(ages, self.start) if len(ages) else ages)

    def faded(self, power: float) -> Floats:
        """What is left of each item beyond its due date, float64 (:func:`recommender.kernels.plain.faded`)."""
        return kernels.faded(self.start, self._age_days, power)

    def again(self, items: Sequence[int]) -> list[tuple[int, int] | None]:
        """How many events each of the items has, and when the last one was; None where there is none, or no ``latest_us``."""
        if not len(self.latest_us):
            return [None] * len(items)
        return kernels.again(self.item, self.start, self.latest_us, len(self._age_days), items)

    def totals(self, half_life_days: float) -> Floats:
        """Decayed weight of each item, float64; the array is shared, do not write to it."""
        known = self._totals.get(half_life_days)
        if known is None:
            known = self._totals[half_life_days] = kernels.totals(
                self.start, self._age_days, self._weight, half_life_days
            )
        return known


UNTOUCHED = Touched(NOTHING, NOTHING, np.zeros(0))


class Person:
    """One person of some histories and what they ask about.

    Parameters
    ----------
    histories : Histories
    person : int
        Row of the histories.
    context : tuple of int
        Items of the page or the cart; if there are any, the person speaks through these alone.
    n_items : int

    Attributes
    ----------
    opinions : dict
        What generators said of this person, by generator: each looks once.
    looks_speak : bool
        Whether views and carts are anchors beside purchases: where nothing that was trained hears looks, as in a shop whose log
        holds orders only, the last click would otherwise change nothing.
    """

    def __init__(self, histories: Histories, person: int, context: tuple[int, ...], n_items: int) -> None:
        self.n_items = n_items
        self.country = histories.country.item(person)
        self.focused = bool(context)
        self.context = sorted_items(context, n_items) if context else NOTHING
        self.opinions: dict[Any, Any] = {}
        self.looks_speak = False
        self._row, self._attributes = person, histories.attributes
        self._newcomers = None
        if histories.newcomers is not None:
            self._newcomers = Person(histories.newcomers, person, (), _ANY)
        self._item, self._kind, self._order = histories.item, histories.kind, histories.order
        self._time_us, self._quantity = histories.time_us, histories.quantity
        if len(histories) > 1:
            rows = slice(histories.indptr.item(person), histories.indptr.item(person + 1))
            self._item, self._kind, self._order = self._item[rows], self._kind[rows], self._order[rows]
            self._time_us, self._quantity = self._time_us[rows], self._quantity[rows]
        self._now_us = histories.now_us.item(person) // MINUTE_US * MINUTE_US

    @once
    def _kinds(self) -> frozenset[int]:
        """Kinds of events there are; bytes, because those take no look at each number."""
        return frozenset(self._kind.tobytes())

    @once
    def has_bought(self) -> bool:
        """Whether there is any purchase, returned or not."""
        return _PURCHASE in self._kinds

    @once
    def has_looked(self) -> bool:
        """Whether there is any view or cart, of newcomers too."""
        return not self._kinds.isdisjoint(_LOOKS) or (self._newcomers is not None and self._newcomers.has_looked)

    @property
    def newly_looked(self) -> Touched:
        """Views and carts of items that came after the training, in rows the model does not have."""
        return self.newly(Side.LOOKED)

    def newly(self, side: Side) -> Touched:
        """Events of one side with items that came after the training, in rows the model does not have."""
        return UNTOUCHED if self._newcomers is None else self._newcomers.touched(side)

    @property
    def newly_bought(self) -> Ints:
        """Items bought that came after the training, ascending."""
        return NOTHING if self._newcomers is None else self._newcomers.bought.item

    def ages(self, time_us: Ints) -> Floats:
        """Days before the minute the list is for, never negative."""
        return np.asarray(np.maximum(self._now_us - time_us, 0) / DAY_US, np.float64)

    def age(self, time_us: int) -> float:
        """The same of one moment."""
        return max(self._now_us - time_us, 0) / DAY_US

    def attributes(self, names: Sequence[str]) -> NDArray[np.float32]:
        """These attributes of the profile as numbers, :data:`~recommender.interactions.MISSING` where one is not known."""
        if self._attributes is None:
            return np.full(len(names), MISSING, np.float32)
        return self._attributes.of(self._row, names)

    @once
    def bought(self) -> Touched:
        """Purchases, one per item and order (or day); an item's weigh less as units of it went back, down to 0."""
        if not self.has_bought:
            return UNTOUCHED
        return Touched(
            *kernels.purchases(
                self._item,
                self._kind,
                self._time_us,
                self._order,
                self._quantity,
                self.n_items,
                self._now_us,
                _PURCHASE,
                _REFUND,
            )
        )

    @once
    def looked(self) -> Touched:
        """Views and carts together, each counting one."""
        return UNTOUCHED if self._kinds.isdisjoint(_LOOKS) else self._grouped(_VIEW, _CART)

    @once
    def viewed(self) -> Touched:
        """Views alone."""
        if _CART not in self._kinds:
            return self.looked
        return self._grouped(_VIEW, _VIEW) if _VIEW in self._kinds else UNTOUCHED

    @once
    def carted(self) -> Touched:
        """What was put into the cart or on the wish list."""
        if _CART not in self._kinds:
            return UNTOUCHED
        return self._grouped(_CART, _CART) if _VIEW in self._kinds else self.looked

    @once
    def _everything(self) -> Touched:
        """Looks and purchases together."""
        return self._grouped(_VIEW, _PURCHASE)

    def _grouped(self, low: int, high: int) -> Touched:
        """Events of the kinds ``low`` to ``high``."""
        return Touched(*kernels.occurrences(self._item, self._kind, self._time_us, self._now_us, low, high))

    def touched(self, side: Side) -> Touched:
        """Events of one side."""
        if side is Side.BOUGHT:
            return self.bought
        if side is Side.TOUCHED:
            return self._everything
        if side is Side.LOOKED:
            return self.looked
        return self.viewed if side is Side.VIEWED else self.carted

    def habits(
        self, most: int, traits: NDArray[np.float32], price: int, no_price: float
    ) -> tuple[int, int, float, int, int, float, int]:
        """How who has bought something buys, from the newest ``most`` purchases (:func:`recommender.kernels.plain.habits`)."""
        bought = self.bought
        return kernels.habits(
            self._kind,
            self._time_us,
            self._order,
            _PURCHASE,
            most,
            bought.item,
            bought.start,
            bought.n_events,
            traits,
            price,
            no_price,
        )

    def newest(self, most: int, *, bought: bool, looked: bool) -> tuple[NDArray[np.int32], Ints, Ints]:
        """Item, time and order of the last events of these sorts, at most so many, oldest first."""
        low, high = (0 if looked else _PURCHASE), (_PURCHASE if bought else _CART)
        rows = ((self._kind >= low) & (self._kind <= high)).nonzero()[0][-most:]
        return self._item[rows], self._time_us[rows], self._order[rows]

    def anchors(self, side: Side, half_life_days: float) -> tuple[Ints, Floats]:
        """Items the person speaks through and their weights above 0: the context, else the weightiest of the history."""
        if self.focused:
            return self.context, np.ones(len(self.context))
        if side is not Side.BOUGHT:
            return _weightiest(self.touched(side), half_life_days, MOST_ANCHORS)
        item, weight = _weightiest(self.bought, half_life_days, MOST_ANCHORS)
        if not (self.looks_speak and self.has_looked):
            return item, weight
        seen, fresh = _weightiest(self.looked, LOOKS_HALF_LIFE_DAYS, MOST_LOOKS)
        share = LOOK_SHARE * weight.sum() if len(weight) else 1.0
        return kernels.summed(np.concatenate([item, seen]), np.concatenate([weight, share * fresh]))[:2]


def _weightiest(touched: Touched, half_life_days: float, most: int) -> tuple[Ints, Floats]:
    """At most so many items and their weights, all above 0; ascending by item."""
    return kernels.weightiest(touched.item, touched.totals(half_life_days), most)


def sorted_items(context: tuple[int, ...], n_items: int) -> NDArray[np.int64]:
    """Distinct items of a context, ascending, without rows the model does not have."""
    return np.array(sorted({item for item in context if 0 <= item < n_items}), np.int64)
