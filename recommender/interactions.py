"""Events as numbers: what models learn from and what a person is folded in from.

Ids become row numbers here and nowhere else. Numpy only; time is int64 microseconds since 1970 UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from recommender.domain.events import EventType


class Kind(IntEnum):
    """What an interaction says about a person and an item."""

    VIEW = 0
    CART = 1
    PURCHASE = 2
    REFUND = 3


KIND_OF: dict[EventType, Kind] = {
    EventType.VIEW_ITEM: Kind.VIEW,
    EventType.SELECT_ITEM: Kind.VIEW,
    EventType.EMAIL_CLICK: Kind.VIEW,
    EventType.ADD_TO_CART: Kind.CART,
    EventType.ADD_TO_WISHLIST: Kind.CART,
    EventType.PURCHASE: Kind.PURCHASE,
    EventType.REFUND: Kind.REFUND,
}
"""Event types that are interactions; the others say nothing about one item."""


MISSING = -1e9
"""What stands for an attribute nobody knows, where attributes are numbers: no attribute is so small."""


class Attributes(Protocol):
    """Attributes of the people of some histories, each as of the moment the person's list is for, as numbers."""

    def of(self, person: int, names: Sequence[str]) -> NDArray[np.float32]:
        """These attributes of a person (row of the histories), :data:`MISSING` where one is not known."""
        ...

    def some(self, people: NDArray[np.int64]) -> "Attributes":
        """Those of some of the people, in this order."""
        ...


class AttributeSource(Protocol):
    """Where attributes of the people of some interactions come from, as of any moment."""

    def at(
        self, person: NDArray[np.int64], since_us: NDArray[np.int64], until_us: NDArray[np.int64]
    ) -> Attributes | None:
        """By what each person (row of ``n_people``) did in ``[since_us, until_us)``, looked at then; None if nobody knows."""
        ...


ALWAYS_US = int(np.iinfo(np.int64).min)
"""Since ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    """Everything a model is fitted on. Row i of the interaction arrays is one line of the log, in time order.

    Attributes
    ----------
    item_ids : tuple of str
        Row number of an item to its id, sorted.
    person, item : int32 arrays of length n
        Row numbers; ``person`` runs below ``n_people`` and is a pseudonym of this run only.
    kind : int8 array of length n
        A :class:`Kind`.
    time_us : int64 array of length n
    quantity : float32 array of length n
        Units, at least 1.
    order : int64 array of length n
        Code of the order (or visit, where the shop tells no order) the line belongs to; -1 unknown.
    country : int32 array of length n_people
        Index into ``countries``; -1 unknown.
    category : int32 array of length n_items
        Index into ``categories``; -1 unknown.
    price : float32 array of length n_items
        Last known unit price; NaN unknown.
    now_us : int
        The clock of training: just after the last event.
    paid : float32 array of length n, optional
        Unit price told with each line, NaN where none was: from it ``price`` is worked out anew at an earlier moment.
    titles : tuple of str, optional
        Title by item, empty where the shop tells none; () where titles are not known at all.
    brand : int32 array of length n_items, optional
        A number for each brand; -1 unknown. Without it no brands are known.
    attributes : AttributeSource, optional
        What profiles say of the people at any moment; without it nobody's attributes are known.
    """

    item_ids: tuple[str, ...]
    n_people: int
    person: NDArray[np.int32]
    item: NDArray[np.int32]
    kind: NDArray[np.int8]
    time_us: NDArray[np.int64]
    quantity: NDArray[np.float32]
    order: NDArray[np.int64]
    countries: tuple[str, ...]
    country: NDArray[np.int32]
    categories: tuple[str, ...]
    category: NDArray[np.int32]
    price: NDArray[np.float32]
    now_us: int
    paid: NDArray[np.float32] | None = None
    titles: tuple[str, ...] = ()
    brand: NDArray[np.int32] | None = None
    attributes: AttributeSource | None = field(default=None, repr=False, compare=False)


class Histories(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The events of the people who are to get a list, as the model sees them.

    Person p owns rows ``indptr[p]:indptr[p + 1]``, oldest first; an empty slice is a stranger.
    ``now_us[p]`` is the moment the list is for; every row is before it. Items the model does not know are left out here;
    ``newcomers`` has the lines with those that whoever made the histories can name, of the same people: items that came after the
    training, in rows from the model's number of items on. None: there are none.
    ``memory``, of one person only, is for what is worked out from these very rows; it lasts as long as their profile is in memory.
    ``attributes`` are those of the profile, worked out when somebody asks; None: nobody's are known.
    """

    indptr: NDArray[np.int64]
    item: NDArray[np.int32]
    kind: NDArray[np.int8]
    time_us: NDArray[np.int64]
    quantity: NDArray[np.float32]
    order: NDArray[np.int64]
    country: NDArray[np.int32]
    now_us: NDArray[np.int64]
    memory: dict[Any, Any] | None = None
    attributes: Attributes | None = None
    newcomers: "Histories | None" = None

    def __len__(self) -> int:
        return len(self.indptr) - 1


def some_lines(interactions: Interactions, rows: NDArray[np.int64]) -> Interactions:
    """These lines only, in this order; people, items, prices and the clock stay as they are."""
    return replace(
        interactions,
        person=interactions.person[rows],
        item=interactions.item[rows],
        kind=interactions.kind[rows],
        time_us=interactions.time_us[rows],
        quantity=interactions.quantity[rows],
        order=interactions.order[rows],
        paid=None if interactions.paid is None else interactions.paid[rows],
    )


def as_histories(interactions: Interactions, *, until_us: int | None = None) -> Histories:
    """Everybody's interactions as histories: person p of the interactions is person p here.

    Parameters
    ----------
    until_us : int, optional
        The moment the histories are looked at; interactions at or after it are left out. Default: the clock of training.
    """
    now = interactions.now_us if until_us is None else until_us
    rows = np.flatnonzero(interactions.time_us < now)
    rows = rows[np.argsort(interactions.person[rows], kind="stable")]
    return Histories(
        indptr=np.searchsorted(interactions.person[rows], np.arange(interactions.n_people + 1)).astype(np.int64),
        item=interactions.item[rows],
        kind=interactions.kind[rows],
        time_us=interactions.time_us[rows],
        quantity=interactions.quantity[rows],
        order=interactions.order[rows],
        country=interactions.country,
        now_us=np.full(interactions.n_people, now, np.int64),
        attributes=attributes_until(interactions, np.full(interactions.n_people, now, np.int64)),
    )


def attributes_until(interactions: Interactions, until_us: NDArray[np.int64]) -> Attributes | None:
    """Everybody's attributes at these moments, one a person; None where nobody knows any."""
    if interactions.attributes is None:
        return None
    people = np.arange(interactions.n_people, dtype=np.int64)
    return interactions.attributes.at(people, np.full(len(people), ALWAYS_US), until_us)


def some_histories(histories: Histories, people: NDArray[np.int64]) -> Histories:
    """The histories of these people (row numbers), in this order."""
    lengths = np.diff(histories.indptr)[people]
    ends = np.cumsum(lengths)
    rows = np.arange(int(lengths.sum()), dtype=np.int64) + np.repeat(
        histories.indptr[people] - (ends - lengths), lengths
    )
    return Histories(
        indptr=np.concatenate([np.zeros(1, np.int64), ends]),
        item=histories.item[rows],
        kind=histories.kind[rows],
        time_us=histories.time_us[rows],
        quantity=histories.quantity[rows],
        order=histories.order[rows],
        country=histories.country[people],
        now_us=histories.now_us[people],
        attributes=None if histories.attributes is None else histories.attributes.some(people),
        newcomers=None if histories.newcomers is None else some_histories(histories.newcomers, people),
    )
