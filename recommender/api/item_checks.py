"""One item as it was sent → one the catalogue can take, or a code and a sentence saying why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from recommender.api.event_bodies import Bad
from recommender.api.event_fields import Scalar, Unusable, id_of, in_words, real_item, time_of
from recommender.api.item_names import LONGEST_NAME, named
from recommender.domain.clock import ShopClock
from recommender.domain.items import Availability, Item

TEXTS = {
    "title": 1_000,
    "url": 2_000,
    "image": 2_000,
    "category": 1_000,
    "brand": 200,
    "item_group_id": 128,
    "color": 200,
    "size": 200,
    "description": 10_000,
}
"""Most characters of each."""
MONEY = ("price", "sale_price", "margin")
MOMENTS = ("added_at", "available_from", "available_until")
HIGHEST_PRICE = 1e10
LARGEST_STOCK = 10**12
MOST_ATTRIBUTES = 100
LONGEST_ATTRIBUTE = 1_000

Text = str | UnsetType | None
Number = float | UnsetType | None


class ItemFields(msgspec.Struct, frozen=True, kw_only=True):
    """What an item may say of itself. A field left out stays as it is; null takes its value away.

    ``availability`` is ``in stock``, ``out of stock``, ``preorder`` or ``backorder``; ``category`` a path with `` > ``.
    Times are RFC 3339, or a day. Names that item files know (Google Merchant's ``id``, ``link``, ``product_type`` …) are
    understood; any other text, number or boolean is an attribute, as if it stood in ``attributes``.
    """

    title: Text = UNSET
    url: Text = UNSET
    image: Text = UNSET
    price: Number = UNSET
    currency: Text = UNSET
    sale_price: Number = UNSET
    availability: Availability | UnsetType | None = UNSET
    stock: int | UnsetType | None = UNSET
    visible: bool | UnsetType | None = UNSET
    category: Text = UNSET
    brand: Text = UNSET
    item_group_id: Text = UNSET
    color: Text = UNSET
    size: Text = UNSET
    description: Text = UNSET
    added_at: Text = UNSET
    available_from: Text = UNSET
    available_until: Text = UNSET
    margin: Number = UNSET
    attributes: dict[str, Scalar] | UnsetType = UNSET


class CatalogueItem(ItemFields, frozen=True, kw_only=True):
    """One item of a bulk call."""

    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of one item: values to set, and fields and attributes to empty."""

    item: Item
    clear: frozenset[str]


def check_item(sent: Mapping[str, Any], clock: ShopClock) -> Change | Bad:
    """One item of a bulk call."""
    try:
        found = msgspec.convert(named(sent), CatalogueItem)
        item_id = id_of(found.item_id, "item_id")
        if item_id is None:
            raise Unusable("bad_id", "item_id is empty.")  # noqa: TRY301
        return change_of(real_item(item_id), found, clock)
    except msgspec.ValidationError as error:
        return Bad(code="invalid_item", message=in_words(error, "The item"))
    except Unusable as error:
        return Bad(code=error.code, message=str(error))


def change_of(item_id: str, sent: ItemFields, clock: ShopClock, *, removed: bool = False) -> Change:
    """Values checked one by one.

    Raises
    ------
    Unusable
        Naming the field.
    """
    said = {name: value for name in sent.__struct_fields__ if (value := getattr(sent, name)) is not UNSET}
    attributes = _attributes(said.pop("attributes", {}))
    said.pop("item_id", None)
    clear = {name for name, value in said.items() if value is None or value == ""}
    values: dict[str, Any] = {}
    for name in said.keys() - clear:
        values[name] = _value(name, said[name], clock)
    clear |= {name for name, value in attributes.items() if value is None}
    item = Item(item_id=item_id, removed=removed, attributes=attributes, **values)
    return Change(item=item, clear=frozenset(clear))


def _value(name: str, told: Any, clock: ShopClock) -> Any:
    if name in TEXTS:
        return _text(name, told)
    if name in MONEY:
        lowest = -HIGHEST_PRICE if name == "margin" else 0.0  # some things are sold at a loss
        if not lowest <= told <= HIGHEST_PRICE:
            raise Unusable(f"bad_{name}", f"{name} must be between {lowest:,.0f} and {HIGHEST_PRICE:,.0f}.")
        return Decimal(repr(told))
    if name in MOMENTS:
        return clock.inside(_moment(name, told))
    if name == "currency":
        code = told.strip().upper()
        if len(code) != 3 or not (code.isascii() and code.isalpha()):
            raise Unusable("bad_currency", "currency must be a code of three letters such as PLN or EUR.")
        return code
    if name == "stock" and not -LARGEST_STOCK <= told <= LARGEST_STOCK:
        raise Unusable("bad_stock", "stock is out of all bounds.")
    return told


def _text(name: str, told: str) -> str:
    text = told.strip()
    if len(text) > TEXTS[name]:
        raise Unusable(f"bad_{name}", f"{name} has at most {TEXTS[name]:,} characters.")
    if name == "description":
        text = " ".join(text.split())
    if any(not letter.isprintable() and not letter.isspace() for letter in text) or "\n" in text or "\x00" in text:
        raise Unusable(f"bad_{name}", f"{name} holds characters that do not print.")
    return text


def _moment(name: str, told: str) -> datetime:
    try:
        moment = time_of(told)
        utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last hours of the calendar have no time in UTC
        raise Unusable(f"bad_{name}", f"{name} is not a time; write it as 2026-05-31T14:00:00Z.") from None
    if moment.tzinfo is None and len(told) > len("2026-05-31"):
        raise Unusable(f"bad_{name}", f"{name} has no offset; write it as 2026-05-31T14:00:00Z.")
    return utc


def _attributes(told: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    if len(told) > MOST_ATTRIBUTES:
        raise Unusable("bad_attributes", f"An item has at most {MOST_ATTRIBUTES} attributes.")
    for name, value in told.items():
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise Unusable("bad_attributes", f"The name of an attribute is 1 to {LONGEST_NAME} printable characters.")
        if isinstance(value, str) and (len(value) > LONGEST_ATTRIBUTE or "\x00" in value):
            raise Unusable("bad_attributes", f"An attribute has at most {LONGEST_ATTRIBUTE:,} characters, without NUL.")
    return told
