"""The three real customers whose lists the demo prints, and their last orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from recommender.demo_shop.people import words
from recommender.domain.events import EventType, Line
from recommender.domain.people import Person
from recommender.domain.ports import Stores

SHOWN_ITEMS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One of the three: ``who`` in words, and the last order by title (``more`` further lines are not listed)."""

    customer_id: str
    who: str
    ordered_at: datetime
    titles: tuple[str, ...]
    more: int


def customers(stores: Stores, chosen: Iterable[tuple[str, str]]) -> list[Customer]:
    """The chosen customers (id and kind) with their last orders; times are the true ones."""
    return [_customer(stores, customer_id, words(kind)) for customer_id, kind in chosen]


def _customer(stores: Stores, customer_id: str, who: str) -> Customer:
    lines = [
        line
        for line in stores.log.of_person(Person(customer_id=customer_id))
        if line.type == EventType.PURCHASE and line.item_id is not None
    ]
    last = [line for line in lines if line.order_id == lines[-1].order_id]
    items = _by_pieces(last)
    known = stores.catalogue.get(items)
    titles = [known[item].title or item if item in known else item for item in items[:SHOWN_ITEMS]]
    return Customer(
        customer_id=customer_id,
        who=who,
        ordered_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=lines[-1].time_us),
        titles=tuple(titles),
        more=len(items) - len(titles),
    )


def _by_pieces(lines: Sequence[Line]) -> list[str]:
    """The items of an order, most pieces first, each once."""
    pieces: dict[str, int] = {}
    for line in lines:
        pieces[str(line.item_id)] = pieces.get(str(line.item_id), 0) + (line.quantity or 1)
    return sorted(pieces, key=lambda item: (-pieces[item], item))
