"""Carts: what lies in one now, and how often one was left."""

from collections.abc import Mapping

from recommender.domain.events import EventType
from recommender.features.columns import DAY_S
from recommender.features.facet import Facet, Moment, Values, described, share
from recommender.features.primitives import Cell, last
from recommender.features.tables import LastOf, Newest

NAME = "carts"
OPEN_DAYS = 30
"""A cart older than this is no longer open."""

IN_CART = f"Put in within {OPEN_DAYS} days, not bought or removed since; of the last 24 items moved, newest first"
PRIMITIVES = (
    LastOf(
        name="items",
        types=frozenset({EventType.ADD_TO_CART, EventType.REMOVE_FROM_CART, EventType.PURCHASE}),
        text="item",
        column="cart",
        cap=24,
    ),
    last("last_cart", EventType.ADD_TO_CART),
    last("last_checkout", EventType.BEGIN_CHECKOUT),
    Newest(name="cart_days", types=frozenset({EventType.ADD_TO_CART}), num="day", cap=32),
    Newest(name="bought_days", types=frozenset({EventType.PURCHASE}), num="day", cap=64),
)

ATTRIBUTES = described(
    NAME,
    ("open_cart", "list", "item ids", IN_CART, "nothing lies in the cart"),
    ("open_cart_items", "int", "items", "How many those are", "never missing"),
    ("open_cart_days", "float", "days", "Days since something was last put into the open cart", "nothing lies in the cart"),
    ("last_cart_days", "float", "days", "Days since anything was last put into a cart", "nothing ever was"),
    ("last_checkout_days", "float", "days", "Days since the last checkout begun", "none was"),
    ("carts", "int", "days", "Different days (UTC) on which a cart was filled, up to the newest 32", "never missing"),
    ("carts_left", "int", "days", "Those of them with no purchase that day or the next, today and yesterday not counted", "never missing"),
    ("carts_left_share", "float", "share", "Carts left of all carts that could be", "no cart older than yesterday"),
)  # fmt: skip


def values(cells: Mapping[str, Cell], moment: Moment) -> Values:
    """The attributes of this facet."""
    added = _open(cells["items"], moment.now_s)
    today = moment.now_s // DAY_S
    over = [day for day in cells["cart_days"] if day < today - 1]
    bought: set[int] = cells["bought_days"]
    left = sum(day not in bought and day + 1 not in bought for day in over)
    return {
        "open_cart": list(added) or None,
        "open_cart_items": len(added),
        "open_cart_days": moment.days_since(max(added.values())) if added else None,
        "last_cart_days": moment.days_since(cells["last_cart"]),
        "last_checkout_days": moment.days_since(cells["last_checkout"]),
        "carts": len(cells["cart_days"]),
        "carts_left": left,
        "carts_left_share": share(left, len(over)),
    }


def _open(items: Mapping[str, int], now_s: int) -> dict[str, int]:
    """Items that lie in the cart to the second they were put there, newest first. A last move that is even was one in."""
    added = {item: move // 2 for item, move in items.items() if move % 2 == 0 and move // 2 > now_s - OPEN_DAYS * DAY_S}
    return dict(sorted(added.items(), key=lambda pair: (-pair[1], pair[0])))


FACET = Facet(name=NAME, primitives=PRIMITIVES, attributes=ATTRIBUTES, values=values)
