"""A small shop of one spring in a real SQLite file, a model fitted on it, and a recommender over both."""

import random
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Item
from recommender.domain.people import Customer, Person
from recommender.domain.ports import Source, Stores
from recommender.interactions import Interactions, Kind
from recommender.model.contract import Model
from recommender.ranking.settings import AnswerSettings
from recommender.services.catalogue_view import CatalogueView
from recommender.services.recommend import Recommender
from recommender.services.slates import NameSlate, nameless
from recommender.storage import default_url, open_stores
from recommender.training.fitting import fit

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=60)
SHELVES = ("Tea > Green", "Tea > Black", "Kitchen > Baking", "Garden", None)
ITEMS = tuple(f"i{n:02}" for n in range(40))
CUSTOMERS = tuple(f"c{n}" for n in range(16))
VISITORS = tuple(f"v{n}" for n in range(8))
SOURCE = Source(kind="import", legal_basis="contract", name="spring.csv")
KINDS = {"purchase": Kind.PURCHASE, "view_item": Kind.VIEW, "add_to_cart": Kind.CART}


def spring_items() -> list[Item]:
    """Forty items: variants two by two at the start, some sold out, hidden, taken out or only on sale for a while."""
    items = [
        Item(
            item_id=item_id,
            title=f"Thing {item_id}",
            price=Decimal("9.90"),
            currency="EUR",
            category=SHELVES[n % len(SHELVES)],
            item_group_id=f"g{n // 2}" if n < 8 else None,
            stock=0 if n in (9, 17) else None,
            visible=False if n == 18 else None,
            removed=n == 19,
            available_from=START + timedelta(days=30) if n in (20, 21) else None,
            available_until=START + timedelta(days=40) if n in (22, 23) else None,
            added_at=START + timedelta(days=n),
        )
        for n, item_id in enumerate(ITEMS)
        if n != 39
    ]
    return [*items, Item(item_id="fresh", title="Fresh thing", category="Garden", added_at=END - timedelta(days=1))]


def spring_events(seed: int = 7) -> list[Event]:
    """Purchases of customers, views and carts of customers and visitors, over sixty days; everyone has a taste."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    events: list[Event] = []

    def happened(
        kind: EventType, items: Sequence[str], customer_id: str | None = None, visitor_id: str | None = None
    ) -> None:
        events.append(
            Event(
                event_id=f"e{len(events)}",
                type=kind,
                time=START + timedelta(minutes=chance.randrange(60 * 24 * 60)),
                items=tuple(EventItem(item_id=item) for item in items),
                order_id=f"o{len(events)}" if kind is EventType.PURCHASE else None,
                customer_id=customer_id,
                visitor_id=visitor_id,
            )
        )

    for n, customer in enumerate(CUSTOMERS[:-1]):
        taste = [item for m, item in enumerate(ITEMS) if m % 4 == n % 4]
        for _ in range(chance.randint(1, 5)):
            happened(EventType.PURCHASE, chance.sample(taste, 3), customer_id=customer)
        happened(EventType.VIEW_ITEM, chance.sample(ITEMS, 1), customer_id=customer, visitor_id=f"b{n}")
    for n, visitor in enumerate(VISITORS):
        for _ in range(n):
            happened(EventType.VIEW_ITEM, chance.sample(ITEMS, 1), visitor_id=visitor)
        happened(EventType.ADD_TO_CART, chance.sample(ITEMS, 1), visitor_id=visitor)
    return events


def open_spring(home: Path, *, events: Sequence[Event] | None = None) -> Stores:
    """The shop in ``home``, filled unless it was before."""
    stores = open_stores(default_url(home), home=home)
    if stores.log.position() == 0:
        stores.log.append(spring_events() if events is None else events, SOURCE)
        stores.catalogue.put(spring_items())
        stores.customers.put(
            Customer(customer_id=customer, country="Norway" if n % 2 else "Poland")
            for n, customer in enumerate(CUSTOMERS)
        )
    return stores


@dataclass(frozen=True, kw_only=True)
class Spring:
    """The filled shop, closed, and its model: copied for each test instead of made anew."""

    home: Path
    model: Model

    def copy(self, home: Path) -> Stores:
        shutil.copytree(self.home, home, dirs_exist_ok=True)
        return open_stores(default_url(home), home=home)


def make_spring(home: Path) -> Spring:
    stores = open_spring(home)
    model = fitted(stores)
    stores.close()
    return Spring(home=home, model=model)


def fitted(stores: Stores, until: datetime = END) -> Model:
    """A real model of everything before ``until``."""
    return fit(interactions_of(stores, until)).model


def interactions_of(stores: Stores, until: datetime) -> Interactions:
    lines = pl.concat(stores.log.frames(until=until)).filter(pl.col("type").is_in(list(KINDS)))
    lines = lines.sort("time_us", "seq", "line")
    shelves = {item.item_id: item.category for item in stores.catalogue.all()}
    homes = stores.customers.countries()
    who = [customer or visitor for customer, visitor in zip(lines["customer_id"], lines["visitor_id"], strict=True)]
    people, items = sorted(set(who)), sorted(set(lines["item_id"]))
    countries, categories = sorted(set(homes.values())), sorted({shelf for shelf in shelves.values() if shelf})
    orders = {order: n for n, order in enumerate(dict.fromkeys(lines["order_id"].drop_nulls()))}
    return Interactions(
        item_ids=tuple(items),
        n_people=len(people),
        person=np.array([people.index(p) for p in who], np.int32),
        item=np.array([items.index(i) for i in lines["item_id"]], np.int32),
        kind=np.array([KINDS[k] for k in lines["type"]], np.int8),
        time_us=lines["time_us"].to_numpy().copy(),
        quantity=np.ones(len(lines), np.float32),
        order=np.array([orders.get(order, -1) for order in lines["order_id"]], np.int64),
        countries=tuple(countries),
        country=np.array([countries.index(homes[p]) if p in homes else -1 for p in people], np.int32),
        categories=tuple(categories),
        category=np.array([categories.index(shelves[i]) if shelves.get(i) else -1 for i in items], np.int32),  # type: ignore[arg-type] # None is tested for
        price=np.full(len(items), np.nan, np.float32),
        now_us=int(lines["time_us"].max()) + 1,  # type: ignore[arg-type] # a log with lines has a last one
    )


def recommender_of(
    stores: Stores,
    model: Model | None,
    *,
    settings: AnswerSettings | None = None,
    slate_id: NameSlate = nameless,
    refresh_seconds: float = 0.0,
) -> Recommender:
    """A recommender whose slates have no names (so that equal lists are equal) and which sees changes at once."""
    return Recommender(
        models=lambda: None if model is None else ("spring", model),
        log=stores.log,
        catalogue=CatalogueView(stores.catalogue, refresh_seconds=refresh_seconds),
        customers=stores.customers,
        consent=stores.consent,
        settings=settings,
        slate_id=slate_id,
    )


EVERYBODY: tuple[Person, ...] = (
    *(Person(customer_id=customer) for customer in CUSTOMERS),
    *(Person(visitor_id=visitor) for visitor in VISITORS),
    Person(customer_id="c1", visitor_id="b1"),
    Person(customer_id="nobody-knows-me"),
    Person(visitor_id="new-browser"),
    Person(),
)


@contextmanager
def broken(home: Path, table: str) -> Iterator[None]:
    """The shop's database without one of its tables: what reads it fails."""

    def execute(statement: str) -> None:
        connection = sqlite3.connect(home / "var" / "shop.db")
        connection.execute("PRAGMA legacy_alter_table=ON")
        connection.execute(statement)
        connection.commit()
        connection.close()

    execute(f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        yield
    finally:
        execute(f"ALTER TABLE {table}_away RENAME TO {table}")
