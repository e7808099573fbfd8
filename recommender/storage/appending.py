"""Events as they come in one by one: which are new, and their lines."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from recommender.domain.events import Event
from recommender.domain.ports import Source
from recommender.storage.counting import LOG_POSITION, SOURCE_NUMBER, next_number, set_number
from recommender.storage.database import Database
from recommender.storage.forgetting import Forgotten
from recommender.storage.links import remember
from recommender.storage.tables import events as event_table
from recommender.storage.tables import sources
from recommender.storage.times import to_e4, to_json, to_us

ASKED_AT_ONCE = 5_000


def novel(connection: sa.Connection, events: Sequence[Event], forgotten: Forgotten) -> list[bool]:
    """Which events are to be stored: not there yet, not twice in this batch, of nobody who was erased."""
    ids = sorted({event.event_id for event in events})
    known: set[str] = set()
    for start in range(0, len(ids), ASKED_AT_ONCE):
        asked = event_table.c.event_id.in_(ids[start : start + ASKED_AT_ONCE])
        known.update(connection.execute(sa.select(event_table.c.event_id).where(asked)).scalars())
    customers = forgotten.among("c", (event.customer_id for event in events))
    visitors = forgotten.among("v", (event.visitor_id for event in events))
    new = []
    for event in events:
        refused = event.customer_id in customers or event.visitor_id in visitors
        new.append(event.event_id not in known and not refused)
        known.add(event.event_id)
    return new


def source_number(connection: sa.Connection, source: Source) -> int:
    """The row of ``sources`` for this source: a new one per import, one per day for the service's keys."""
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    received_us = to_us(now if source.kind == "import" else midnight)
    values = {
        "kind": source.kind,
        "name": source.name,
        "legal_basis": source.legal_basis,
        "received_us": received_us,
    }
    if source.kind != "import":
        same = sa.and_(*(sources.c[name] == value for name, value in values.items()))
        found = connection.execute(sa.select(sa.func.max(sources.c.source_id)).where(same)).scalar()
        if found is not None:
            return int(found)
    number = next_number(connection, SOURCE_NUMBER)
    connection.execute(sources.insert().values(source_id=number, **values))
    set_number(connection, SOURCE_NUMBER, number)
    return number


def insert_events(database: Database, connection: sa.Connection, events: Sequence[Event], source_id: int) -> None:
    """Store the lines of new events and move the log's position and the links."""
    first = next_number(connection, LOG_POSITION)
    lines = [line for event in events for line in _lines(event, source_id)]
    for seq, line in enumerate(lines, start=first):
        line["seq"] = seq
    connection.execute(event_table.insert(), lines)
    set_number(connection, LOG_POSITION, first + len(lines) - 1)
    remember(
        database,
        connection,
        [(e.visitor_id, e.customer_id, to_us(e.time)) for e in events if e.visitor_id and e.customer_id],
    )


def _lines(event: Event, source_id: int) -> list[dict[str, object]]:
    every: Mapping[str, object] = {
        "event_id": event.event_id,
        "type": event.type.value,
        "time_us": to_us(event.time),
        "visitor_id": event.visitor_id or None,
        "customer_id": event.customer_id or None,
        "session_id": event.session_id or None,
        "currency": event.currency or None,
        "order_id": event.order_id or None,
        "slate_id": event.slate_id or None,
        "source_id": source_id,
    }
    items = event.items or (None,)
    return [
        {
            **every,
            "line": number,
            "item_id": item.item_id if item else None,
            "quantity": item.quantity if item else None,
            "price_e4": to_e4(item.price) if item and item.price is not None else None,
            "value_e4": to_e4(event.value) if number == 0 and event.value is not None else None,
            "properties": to_json(event.properties) if number == 0 and event.properties else None,
        }
        for number, item in enumerate(items)
    ]
