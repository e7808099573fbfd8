"""Browsing of the demo's customers, made up from a seed: the bundled data holds orders, and nobody's looks.

It is labelled as simulated wherever it is shown, and lies in the log under a source and visitor ids that say so. Nothing is
learned from it: its visitors object to training in the consent ledger, so no figure of quality rests on it.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Item
from recommender.domain.people import Person
from recommender.domain.ports import Source, Stores

SIMULATED = "simulated"
"""How ids of visitors, sessions and events begin that the demo made up."""
SOURCE = Source(kind="import", legal_basis="contract", name="simulated browsing of the demo")
VISITS = (9, 4, 1)
"""How many days before the log's last order the visits were."""
LOOKS = (3, 6)
RECENT = timedelta(days=30)
SHELF_ITEMS = 40
COLUMNS = ("type", "time_us", "item_id", "order_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """Whose browsing to make up: what they bought, newest first, and what sells on their shelves, most wanted first."""

    customer_id: str
    bought: Sequence[str]
    wanted: Sequence[str]


def is_simulated(visitor_id: str | None) -> bool:
    """Whether a line of the log was made up by the demo."""
    return visitor_id is not None and visitor_id.startswith(f"{SIMULATED}-")


def visitor_of(customer_id: str) -> str:
    """The browser the made-up looks of a customer are of."""
    return f"{SIMULATED}-{customer_id}"


def simulate(stores: Stores, customers: Iterable[str], frames: Iterable[pl.DataFrame]) -> int:
    """Put the customers' made-up browsing into the log; returns how many looks are new (a second call adds nothing).

    ``frames`` are the log's columns :data:`COLUMNS`: what people look at is what sold lately.
    """
    span = stores.log.span()
    if span is None:
        return 0
    items = {item.item_id: item for item in stores.catalogue.all() if item.offered and item.category}
    wanted = most_ordered(frames, since=span[1] - RECENT)
    events: list[Event] = []
    for customer_id in customers:
        events += looks(_taste(stores, customer_id, items, wanted), items, until=span[1])
    people = sorted({visitor for event in events if (visitor := event.visitor_id)})
    stores.consent.record(
        ConsentRecord(
            person=Person(visitor_id=visitor),
            purpose=Purpose.MODEL_TRAINING,
            state=ConsentState.OBJECTED,
            time=span[1],
            source=SOURCE.name,
            actor="demo",
        )
        for visitor in people
        if Purpose.MODEL_TRAINING not in stores.consent.refused(Person(visitor_id=visitor))
    )
    return sum(stores.log.append(events, SOURCE).new)


def most_ordered(frames: Iterable[pl.DataFrame], *, since: datetime) -> list[str]:
    """Items by how many orders since a moment hold them, most first; of equals by id."""
    start = int(since.timestamp()) * 1_000_000
    bought = pl.concat(
        [frame.filter((pl.col("type") == EventType.PURCHASE) & (pl.col("time_us") >= start)) for frame in frames]
    )
    counted = bought.group_by("item_id").agg(orders=pl.col("order_id").n_unique())
    return counted.drop_nulls().sort("orders", "item_id", descending=[True, False])["item_id"].to_list()


def looks(taste: Taste, items: Mapping[str, Item], *, until: datetime) -> list[Event]:
    """A customer's made-up looks: a few visits, mostly on their own shelves, one thing looked at again; the same for the same seed."""
    chance = random.Random(f"{SIMULATED} {taste.customer_id}")  # noqa: S311 - a seed, not a secret
    told = Numbered(taste.customer_id)
    favourite = chance.choice(taste.wanted[:8]) if taste.wanted else None
    made: list[Event] = []
    for number, days in enumerate(VISITS):
        moment = until.replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=days)
        moment += timedelta(minutes=chance.randrange(0, 600))
        for item_id in _visit(chance, taste, favourite if number else None):
            moment += timedelta(seconds=chance.randrange(20, 150))
            made.append(told.look(items[item_id], moment, session=number))
    return made


class Numbered:
    """Numbers a customer's made-up events."""

    def __init__(self, customer_id: str) -> None:
        self._customer_id = customer_id
        self._number = 0

    def look(self, item: Item, at: datetime, *, session: int) -> Event:
        """The next look."""
        self._number += 1
        name = visitor_of(self._customer_id)
        return Event(
            event_id=f"{name}-{self._number}",
            type=EventType.VIEW_ITEM,
            time=at,
            visitor_id=name,
            customer_id=self._customer_id,
            session_id=f"{name}-visit-{session + 1}",
            items=(EventItem(item_id=item.item_id, price=item.price),),
            currency=item.currency,
            properties={SIMULATED: True},
        )


def _visit(chance: random.Random, taste: Taste, again: str | None) -> Iterator[str]:
    """What one visit looks at: things of their shelves, now and then one they had, and the favourite once more."""
    for _ in range(chance.randint(*LOOKS)):
        if taste.bought and (not taste.wanted or chance.random() < 0.25):
            yield chance.choice(taste.bought[:30])
        elif taste.wanted:
            yield chance.choice(taste.wanted)
    if again is not None:
        yield again


def _taste(stores: Stores, customer_id: str, items: Mapping[str, Item], wanted: Sequence[str]) -> Taste:
    lines = stores.log.of_person(Person(customer_id=customer_id))
    ordered = [line.item_id for line in reversed(lines) if line.type == EventType.PURCHASE and line.item_id in items]
    bought = list(dict.fromkeys(item for item in ordered if item is not None))
    paths = [items[item].category for item in bought]
    theirs = sorted(set(paths), key=lambda path: (-paths.count(path), path or ""))[:3]
    fresh = [item for item in wanted if item in items and items[item].category in theirs and item not in set(bought)]
    return Taste(customer_id=customer_id, bought=bought, wanted=fresh[:SHELF_ITEMS])
