"""The three real customers whose lists the demo shows, chosen by rule, and their last orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from recommender.domain.events import EventType, Line
from recommender.domain.people import Person
from recommender.domain.ports import Stores

COLUMNS = ("customer_id", "type", "order_id", "quantity", "time_us")
SHOWN_ITEMS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One of the three: ``who`` in words, and the last order by title (``more`` further lines are not listed)."""

    customer_id: str
    who: str
    ordered_at: datetime
    titles: tuple[str, ...]
    more: int


RULES: tuple[tuple[str, pl.Expr, Sequence[str], Sequence[bool]], ...] = (
    (
        "a gift buyer: 6 to 12 orders, half of the lines of at most 3 pieces",
        pl.col("orders").is_between(6, 12) & (pl.col("pieces_per_line") <= 3),
        ("last_us", "customer_id"),
        (True, False),
    ),
    (
        "a wholesaler: more pieces than anybody else",
        pl.lit(value=True),
        ("pieces", "customer_id"),
        (True, False),
    ),
    (
        "a new customer: one order so far, of at least 5 lines",
        (pl.col("orders") == 1) & (pl.col("lines") >= 5),
        ("last_us", "customer_id"),
        (True, False),
    ),
)
"""Who is meant, who qualifies, by what the one is chosen (and whether the largest): the latest order, the most pieces."""


def choose(frames: Iterable[pl.DataFrame]) -> list[tuple[str, str]]:
    """The customer id and the words for each rule somebody qualifies for; depends on the log alone."""
    bought = pl.concat(
        [frame.filter((pl.col("type") == EventType.PURCHASE) & pl.col("customer_id").is_not_null()) for frame in frames]
    )
    people = bought.group_by("customer_id").agg(
        orders=pl.col("order_id").n_unique(),
        lines=pl.len(),
        pieces=pl.col("quantity").sum(),
        pieces_per_line=pl.col("quantity").median(),
        last_us=pl.col("time_us").max(),
    )
    chosen: list[tuple[str, str]] = []
    for words, qualifies, by, descending in RULES:
        found = people.filter(qualifies).sort(by, descending=descending)["customer_id"]
        if len(found):
            chosen.append((found[0], words))
    return chosen


def customers(stores: Stores, chosen: Iterable[tuple[str, str]]) -> list[Customer]:
    """The chosen customers with their last orders; times are the true ones."""
    return [_customer(stores, customer_id, words) for customer_id, words in chosen]


def _customer(stores: Stores, customer_id: str, words: str) -> Customer:
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
        who=words,
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
