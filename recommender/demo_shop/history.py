"""What the log says of one person, as pages tell it: how often they order, what they looked at last, their orders."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from recommender.demo_shop.browsing import is_simulated
from recommender.domain.events import EventType, Line

DEMO_ORDER = "demo-"
"""How numbers of orders placed in the demonstration begin."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LIVE = timedelta(minutes=30)
"""How old the last click may be for the page to speak of a moment ago."""
RHYTHMS: Sequence[tuple[float, str]] = (
    (4.5, "often_days"),
    (10.5, "often_week"),
    (20.5, "often_two_weeks"),
    (45.5, "often_month"),
    (75.5, "often_two_months"),
    (float("inf"), "often_rarely"),
)
"""Up to how many days between orders, and the text that says so."""
SHOWN = frozenset({EventType.VIEW_ITEM_LIST, EventType.SELECT_ITEM})
"""What the widget says by itself; a click is told by the page it leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was looked at last, how often of late, and whether the demonstration made that up."""

    item_id: str
    times: int
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order: its items with their pieces, in the order of the lines; ``at`` is shop time."""

    order_id: str
    at: datetime
    pieces: Mapping[str, int]
    here: bool = False


def orders_of(lines: Iterable[Line]) -> list[Order]:
    """The orders of a person's lines, the newest first."""
    found: dict[str, tuple[int, dict[str, int]]] = {}
    for line in lines:
        if line.type == EventType.PURCHASE and line.item_id is not None:
            name = line.order_id or line.event_id
            _, pieces = found.setdefault(name, (line.time_us, {}))
            pieces[line.item_id] = pieces.get(line.item_id, 0) + (line.quantity or 1)
    newest = sorted(found.items(), key=lambda one: (-one[1][0], one[0]))
    return [
        Order(
            order_id=name,
            at=EPOCH + timedelta(microseconds=at),
            pieces=pieces,
            here=name.startswith(DEMO_ORDER),
        )
        for name, (at, pieces) in newest
    ]


def rhythm(orders: Sequence[Order]) -> str | None:
    """The key of the text for the usual time between orders; None below four orders."""
    days = sorted({order.at.date() for order in orders if not order.here})
    if len(days) < 4:
        return None
    between = median((later - earlier).days for earlier, later in pairwise(days))
    return next(key for most, key in RHYTHMS if between <= most)


def looked_at(lines: Sequence[Line]) -> Looked | None:
    """The last thing looked at and how often it was."""
    views = [line for line in lines if line.type == EventType.VIEW_ITEM and line.item_id is not None]
    if not views:
        return None
    last = views[-1]
    times = sum(line.item_id == last.item_id for line in views)
    return Looked(item_id=str(last.item_id), times=times, simulated=is_simulated(last.visitor_id))


def own_events(lines: Iterable[Line]) -> list[Line]:
    """What was done in this demonstration: neither bundled orders nor simulated browsing, nor lists that only came into view."""
    return [
        line
        for line in lines
        if line.visitor_id is not None and not is_simulated(line.visitor_id) and line.type not in SHOWN
    ]


def is_live(lines: Sequence[Line], now: datetime) -> bool:
    """Whether something was done here a moment ago."""
    own = own_events(lines)
    return bool(own) and now - (EPOCH + timedelta(microseconds=own[-1].time_us)) <= LIVE
