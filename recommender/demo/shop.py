"""The bundled shop: real orders of a UK gift shop (see ``docs/bundled-shop.md``), through the importers every shop uses."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from recommender import pictures
from recommender.demo_shop.things import page_of, picture_of
from recommender.domain.items import Item
from recommender.domain.ports import Stores
from recommender.importing import (
    ImportOptions,
    ImportReport,
    Progress,
    import_customers,
    import_events,
    import_items,
    silent,
)

if TYPE_CHECKING:
    import polars as pl

DATA = Path(__file__).parent / "data"
"""Where the three files lie; their licence and citation stand beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSummary:
    """What loading found and did; ``first_event`` and ``last_event`` are the true dates of the orders (UTC)."""

    customers: int
    items: int
    event_lines: int
    new_event_lines: int
    first_event: datetime
    last_event: datetime
    seconds: float


def load_shop(stores: Stores, progress: Progress = silent) -> ShopSummary:
    """Import the bundled customers, items and events; a second call adds nothing.

    Raises
    ------
    StoreUnavailableError
        A store is down, full or locked.
    """
    options = ImportOptions(timezone="UTC", currency="GBP", legal_basis="contract")
    people = import_customers(
        DATA / "customers.parquet",
        customers=stores.customers,
        consent=stores.consent,
        options=options,
        progress=progress,
    )
    items = import_items(DATA / "items.parquet", catalogue=stores.catalogue, options=options, progress=progress)
    events = import_events(DATA / "events.parquet", log=stores.log, options=options, progress=progress)
    return _summary(stores, people, items, events)


def _summary(stores: Stores, people: ImportReport, items: ImportReport, events: ImportReport) -> ShopSummary:
    span = stores.log.span()
    if span is None:
        raise ValueError(f"the log is empty after importing {events.rows} event lines")
    return ShopSummary(
        customers=people.rows,
        items=items.rows,
        event_lines=events.rows,
        new_event_lines=events.new,
        first_event=span[0],
        last_event=span[1],
        seconds=people.seconds + items.seconds + events.seconds,
    )


def bundled_orders() -> "tuple[pl.DataFrame]":
    """The bundled events in the log's columns ``type, customer_id, order_id, item_id, quantity, time_us``: one frame."""
    import polars as pl

    events = pl.read_parquet(DATA / "events.parquet").with_columns(time_us=pl.col("timestamp").dt.epoch("us"))
    return (events.select("type", "customer_id", "order_id", "item_id", "quantity", "time_us"),)


def bundled_end() -> datetime:
    """When the last bundled event was (UTC); read from the file's statistics, not from its rows."""
    import polars as pl

    end: datetime = pl.scan_parquet(DATA / "events.parquet").select(pl.col("timestamp").max()).collect().item()
    return end


def shift_for(last_event: datetime, today: date) -> timedelta:
    """By how many whole days to show every date later, so that the last order was placed yesterday (UTC days)."""
    return today - timedelta(days=1) - last_event.date()


PICTURES = "demo_pictures"
"""Name in the home's meta store of the rules the items' pictures are drawn by."""


def hang_pictures(stores: Stores) -> bool:
    """Give every item the address of its page and picture in the demo shop; returns whether anything was to be done."""
    if stores.meta.get(PICTURES) == pictures.VERSION:
        return False
    stores.catalogue.put(
        Item(item_id=item.item_id, url=page_of(item.item_id), image=picture_of(item.item_id))
        for item in list(stores.catalogue.all())
        if not item.removed
    )
    stores.meta.set(PICTURES, pictures.VERSION)
    return True
