"""What answers need of an item, in plain numbers and texts: the form a catalogue travels in when there is a million of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, NamedTuple

from recommender.domain.events import PRICE_SCALE
from recommender.domain.items import Item

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TICK: Final = timedelta(microseconds=1)
EVER_US: Final = -(2**62)
"""Before every date: stands for an unknown first moment."""
NEVER_US: Final = 2**62
"""After every date: stands for an unknown last moment."""
UNKNOWN_E4: Final = -1
"""Stands for a price the shop does not say."""


def micros(moment: datetime) -> int:
    """An aware moment as whole microseconds since 1970 UTC."""
    return (moment - EPOCH) // TICK


class Entry(NamedTuple):
    """One item of the catalogue. A tuple and not a dataclass: a large catalogue is read through these.

    Attributes
    ----------
    paid_e4 : int
        What a customer pays now (the sale price, else the price) in 1/10,000; -1 unknown.
    before_e4 : int
        The price before the sale, where that is more than what is paid; else -1.
    offered : bool
        Sellable but for the dates: not removed, hidden or out of stock.
    shown : bool
        Neither removed nor hidden.
    starts_us, ends_us : int
        First moment on sale, first moment no more on sale; ``EVER_US`` and ``NEVER_US`` where the shop says nothing.
    added_us : int
        When it was added; ``EVER_US`` unknown.
    attributes : mapping
        The shop's own, and ``color``, ``size`` and ``availability`` where known.
    """

    item_id: str
    title: str | None
    url: str | None
    image: str | None
    currency: str | None
    paid_e4: int
    before_e4: int
    offered: bool
    shown: bool
    starts_us: int
    ends_us: int
    added_us: int
    group: str | None
    category: str | None
    brand: str | None
    attributes: Mapping[str, str | int | float | bool | None]


def entry_of(item: Item) -> Entry:
    """The entry of an item."""
    said = None if item.availability is None else item.availability.value
    known = {**item.attributes, "color": item.color, "size": item.size, "availability": said}
    paid = _paid_e4(item.price if item.sale_price is None else item.sale_price)
    return Entry(
        item_id=item.item_id,
        title=item.title,
        url=item.url,
        image=item.image,
        currency=item.currency,
        paid_e4=paid,
        before_e4=before_sale(_paid_e4(item.price), paid),
        offered=item.offered,
        shown=not item.removed and item.visible is not False,
        starts_us=EVER_US if item.available_from is None else micros(item.available_from),
        ends_us=NEVER_US if item.available_until is None else micros(item.available_until),
        added_us=EVER_US if item.added_at is None else micros(item.added_at),
        group=item.item_group_id or None,
        category=item.category or None,
        brand=item.brand or None,
        attributes={name: value for name, value in known.items() if value is not None},
    )


def before_sale(price_e4: int, paid_e4: int) -> int:
    """The price to strike through beside what is paid; -1 where nothing was taken off, or one of them is unknown."""
    return price_e4 if price_e4 > paid_e4 >= 0 else UNKNOWN_E4


def _paid_e4(amount: Decimal | None) -> int:
    if amount is None or not amount.is_finite() or amount < 0:
        return UNKNOWN_E4
    return int((amount * PRICE_SCALE).to_integral_value(rounding=ROUND_HALF_EVEN))
