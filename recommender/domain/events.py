"""What a shop tells us, in GA4's words.

One :class:`Event` may concern several items; the log stores one row (a *line*) per item.
Names other systems use for the same thing are in :data:`ALIASES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

MAX_ID_BYTES = 128
"""Longest id we accept, in bytes of its NFC form in UTF-8."""

ILLEGAL_IDS = frozenset(
    {"null", "none", "undefined", "nan", "guest", "anonymous", "0", "-1", "[object object]", "true", "false"}
)
"""Person ids (lower case) that are a bug of the sender, never a person."""

ILLEGAL_ITEM_IDS = ILLEGAL_IDS - {"guest", "anonymous", "0"}
"""Item ids (lower case) that are a bug of the sender. ``0`` is the first item of a shop that counts from it."""


class EventType(StrEnum):
    """The kinds of event we know. Values are GA4's names where GA4 has one."""

    VIEW_ITEM = "view_item"
    VIEW_ITEM_LIST = "view_item_list"
    SELECT_ITEM = "select_item"
    ADD_TO_CART = "add_to_cart"
    REMOVE_FROM_CART = "remove_from_cart"
    VIEW_CART = "view_cart"
    ADD_TO_WISHLIST = "add_to_wishlist"
    BEGIN_CHECKOUT = "begin_checkout"
    PURCHASE = "purchase"
    REFUND = "refund"
    SEARCH = "search"
    PAGE_VIEW = "page_view"
    LOGIN = "login"
    SIGN_UP = "sign_up"
    IDENTIFY = "identify"
    RATE = "rate"
    EMAIL_OPEN = "email_open"
    EMAIL_CLICK = "email_click"


NEEDS_ITEM = frozenset(
    {
        EventType.VIEW_ITEM,
        EventType.ADD_TO_CART,
        EventType.REMOVE_FROM_CART,
        EventType.ADD_TO_WISHLIST,
        EventType.SELECT_ITEM,
        EventType.RATE,
    }
)
"""Types that say nothing without an item. A purchase or refund may have none (an order total)."""

ALIASES: Mapping[str, EventType] = {
    "view": EventType.VIEW_ITEM,
    "detail": EventType.VIEW_ITEM,
    "product_view": EventType.VIEW_ITEM,
    "product_viewed": EventType.VIEW_ITEM,
    "item_view": EventType.VIEW_ITEM,
    "click": EventType.VIEW_ITEM,
    "pageview": EventType.PAGE_VIEW,
    "page": EventType.PAGE_VIEW,
    "addtocart": EventType.ADD_TO_CART,
    "add_to_basket": EventType.ADD_TO_CART,
    "cart": EventType.ADD_TO_CART,
    "basket": EventType.ADD_TO_CART,
    "product_added": EventType.ADD_TO_CART,
    "removefromcart": EventType.REMOVE_FROM_CART,
    "product_removed": EventType.REMOVE_FROM_CART,
    "cart_viewed": EventType.VIEW_CART,
    "checkout": EventType.BEGIN_CHECKOUT,
    "checkout_started": EventType.BEGIN_CHECKOUT,
    "buy": EventType.PURCHASE,
    "bought": EventType.PURCHASE,
    "order": EventType.PURCHASE,
    "order_completed": EventType.PURCHASE,
    "transaction": EventType.PURCHASE,
    "sale": EventType.PURCHASE,
    "return": EventType.REFUND,
    "order_refunded": EventType.REFUND,
    "favourite": EventType.ADD_TO_WISHLIST,
    "favorite": EventType.ADD_TO_WISHLIST,
    "fav": EventType.ADD_TO_WISHLIST,
    "like": EventType.ADD_TO_WISHLIST,
    "wishlist": EventType.ADD_TO_WISHLIST,
    "product_list_viewed": EventType.VIEW_ITEM_LIST,
    "impression": EventType.VIEW_ITEM_LIST,
    "product_clicked": EventType.SELECT_ITEM,
    "products_searched": EventType.SEARCH,
    "rating": EventType.RATE,
}


def event_type(name: str) -> EventType | None:
    """Understand a type name as people write it (``Add To Cart``, ``add-to-cart``, ``addToCart``); None if unknown."""
    text = name.strip()
    snake = "".join(f"_{c}" if c.isupper() and i and text[i - 1].islower() else c for i, c in enumerate(text))
    snake = "_".join(snake.lower().replace("-", " ").replace("_", " ").split())
    if snake in EventType._value2member_map_:
        return EventType(snake)
    return ALIASES.get(snake) or ALIASES.get(snake.replace("_", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventItem:
    """One item of an event. ``price`` is per unit in the event's currency; None when not told."""

    item_id: str
    quantity: int = 1
    price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, as the shop sent it. ``time`` is aware UTC.

    At least one of ``visitor_id`` and ``customer_id`` is set. ``value`` is the order's total when told.
    A refund's ``order_id`` is that of the purchase it takes back, where known.
    """

    event_id: str
    type: EventType
    time: datetime
    visitor_id: str | None = None
    customer_id: str | None = None
    session_id: str | None = None
    items: tuple[EventItem, ...] = ()
    order_id: str | None = None
    currency: str | None = None
    value: Decimal | None = None
    slate_id: str | None = None
    consent: Mapping[str, bool] = field(default_factory=dict)
    properties: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


PRICE_SCALE = 10_000
"""The log keeps money as integers of 1/10,000 of the currency unit, so that sums are exact."""

LINE_COLUMNS: Mapping[str, str] = {
    "seq": "int64, position in the log, grows with every append",
    "event_id": "str",
    "line": "int32, 0.. within the event",
    "type": "str, an EventType value",
    "time_us": "int64, microseconds since 1970 UTC",
    "visitor_id": "str or null",
    "customer_id": "str or null",
    "session_id": "str or null",
    "item_id": "str or null",
    "quantity": "int64 or null",
    "price_e4": "int64 or null, unit price times PRICE_SCALE",
    "currency": "str or null",
    "order_id": "str or null",
    "value_e4": "int64 or null, order total times PRICE_SCALE, on line 0",
    "slate_id": "str or null",
}
"""The columns of the log, one row per (event, item); what every reader of the log gets."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the log; fields as in :data:`LINE_COLUMNS`."""

    seq: int
    event_id: str
    line: int
    type: str
    time_us: int
    visitor_id: str | None
    customer_id: str | None
    session_id: str | None
    item_id: str | None
    quantity: int | None
    price_e4: int | None
    currency: str | None
    order_id: str | None
    value_e4: int | None
    slate_id: str | None
