"""What pages push to ``dataLayer``: GA4's e-commerce events, which the widget sends on."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from recommender.demo_shop.things import CURRENCY, Thing

Push = dict[str, Any]


def pushed(event: str, lines: Iterable[tuple[Thing, int]], *, order_id: str | None = None) -> Push:
    """One push, as GA4 describes it; ``order_id`` is for a purchase."""
    told = list(lines)
    value = sum(((thing.price or Decimal(0)) * quantity for thing, quantity in told), Decimal(0))
    ecommerce: Push = {
        "currency": CURRENCY,
        "value": float(value),
        "items": [
            {
                "item_id": thing.item_id,
                "item_name": thing.title,
                "quantity": quantity,
                **({} if thing.price is None else {"price": float(thing.price)}),
            }
            for thing, quantity in told
        ],
    }
    if order_id is not None:
        ecommerce["transaction_id"] = order_id
    return {"event": event, "ecommerce": ecommerce}
