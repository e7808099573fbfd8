"""Orders: the one just placed, and those before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint

from recommender.api.access import allow
from recommender.demo_shop.floor import Floor, person_of
from recommender.demo_shop.history import Order, orders_of
from recommender.demo_shop.session import State
from recommender.demo_shop.signals import pushed
from recommender.demo_shop.things import BasketShown, Thing

LINES = 4_000
MOST_ORDERS = 20
THUMBNAILS = 6
AGAIN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShown:
    """An order on the page: its things, its day as people see it, how many further things it had."""

    order_id: str
    at: datetime
    here: bool
    things: Sequence[Thing]
    more: int
    pieces: int


def register(bp: Blueprint, floor: Floor) -> None:
    """The route. An order is told of as just placed, and its event sent, once."""

    @bp.get("/orders")
    @allow()
    def orders() -> Any:
        return floor.view(
            "orders.html", lambda state: gather(floor, state), keep=lambda state: replace(state, placed=None)
        )


def gather(floor: Floor, state: State) -> Mapping[str, Any]:
    """The orders of this person, the newest first."""
    found: list[Order] = []
    if state.consent:
        found = orders_of(floor.shop.stores.log.of_person(person_of(state), limit=LINES))
    placed = state.placed
    shown = BasketShown(lines=[])
    if placed is not None:
        found = [order for order in found if order.order_id != placed.order_id]
        shown = floor.stock.lines(placed.lines)
    return {
        "placed": placed,
        "placed_shown": shown,
        "orders": [_shown(floor, order) for order in found[:MOST_ORDERS]],
        "older": max(0, len(found) - MOST_ORDERS),
        "again": again(floor, found),
        "push": pushed("purchase", [(line.thing, line.quantity) for line in shown.lines], order_id=placed.order_id)
        if placed is not None and state.consent
        else None,
    }


def again(floor: Floor, orders: Sequence[Order]) -> list[Thing]:
    """What the person bought, people do buy again, and is on sale; what they bought in most orders first."""
    times: dict[str, int] = {}
    for order in orders:
        for item_id in order.pieces:
            times[item_id] = times.get(item_id, 0) + 1
    wanted = [item_id for item_id in times if floor.facts.of(item_id).bought_again]
    wanted.sort(key=lambda item_id: (-times[item_id], -(floor.facts.of(item_id).again or 0), item_id))
    found: list[Thing] = []
    for item_id in wanted:
        thing = floor.stock.thing(item_id)
        if thing is not None and thing.offered:
            found.append(thing)
            if len(found) == AGAIN:
                break
    return found


def _shown(floor: Floor, order: Order) -> OrderShown:
    by_pieces = sorted(order.pieces, key=lambda item_id: (-order.pieces[item_id], item_id))
    things = floor.stock.things(by_pieces[:THUMBNAILS])
    return OrderShown(
        order_id=order.order_id,
        at=floor.shop.clock.shown(order.at),
        here=order.here,
        things=things,
        more=len(by_pieces) - len(things),
        pieces=sum(order.pieces.values()),
    )
