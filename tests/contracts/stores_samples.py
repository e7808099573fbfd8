"""Small events and rows for the suites of the stores."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.ports import ImportCounts, Source, Stores

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000
BY_IMPORT = Source(kind="import", legal_basis="contract", name="orders.csv")
BY_API = Source(kind="api", legal_basis="consent", name="pk_1")

ROW_TYPES: dict[str, Any] = {
    "event_id": pl.String,
    "type": pl.String,
    "time_us": pl.Int64,
    "visitor_id": pl.String,
    "customer_id": pl.String,
    "item_id": pl.String,
    "quantity": pl.Int64,
    "price_e4": pl.Int64,
    "order_id": pl.String,
}


def at(minutes: int) -> datetime:
    """A moment of the test's day."""
    return START + timedelta(minutes=minutes)


def event(event_id: str, minutes: int = 0, *items: str, **more: Any) -> Event:
    """A view (or what ``type`` says) of items."""
    kind = more.pop("type", EventType.VIEW_ITEM)
    lines = tuple(EventItem(item_id=item) for item in items or ("a",))
    return Event(event_id=event_id, type=kind, time=at(minutes), items=lines, **more)


def rows(*given: dict[str, Any]) -> pl.DataFrame:
    """Rows as an importer hands them over: purchases, one a minute, unless told otherwise."""
    plain = dict.fromkeys(ROW_TYPES) | {"type": "purchase", "time_us": START_US, "item_id": "a"}
    return pl.DataFrame([plain | one for one in given], schema=ROW_TYPES)


def bring_in(stores: Stores, *chunks: pl.DataFrame) -> ImportCounts:
    """One import of all chunks; the sum of the counts."""
    with stores.log.importing(BY_IMPORT) as session:
        counts = [session.write(chunk) for chunk in chunks]
    return ImportCounts(
        new=sum(c.new for c in counts),
        duplicates=sum(c.duplicates for c in counts),
        conflicts=sum(c.conflicts for c in counts),
        erased=sum(c.erased for c in counts),
        refused=sum(c.refused for c in counts),
    )


def whole(stores: Stores, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """The log in one frame."""
    frames = list(stores.log.frames(columns=columns))
    return pl.concat(frames) if frames else pl.DataFrame()


def said(stores: Stores) -> list[tuple[Any, ...]]:
    """What the log says apart from where it says it, sorted."""
    log = whole(stores)
    return sorted(log.drop("seq").rows(), key=repr) if len(log) else []
