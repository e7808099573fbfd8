"""Events as they come in one by one: which are new, and their lines."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import itemgetter

import sqlalchemy as sa

from recommender.domain.errors import InvalidEventError
from recommender.domain.events import LINE_COLUMNS, Event
from recommender.domain.ports import Source
from recommender.storage.counting import LOG_POSITION, SOURCE_NUMBER, next_number, set_number
from recommender.storage.database import Database
from recommender.storage.forgetting import Forgotten
from recommender.storage.links import remember
from recommender.storage.tables import sources
from recommender.storage.times import to_e4, to_json, to_us

UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
COLUMNS = (*LINE_COLUMNS, "source_id", "properties")


def refuse_unstorable(events: Sequence[Event]) -> None:
    """An id that is empty, holds a control character or half a character cannot be stored the same way everywhere.

    Raises
    ------
    InvalidEventError
        Naming the event's place in the batch. Nothing of the batch is stored.
    """
    for place, event in enumerate(events):
        texts = [event.event_id, event.visitor_id, event.customer_id, event.session_id, event.currency]
        texts += [event.order_id, event.slate_id, *(item.item_id for item in event.items)]
        if not event.event_id or UNSTORABLE.search("".join(text for text in texts if text)):
            raise InvalidEventError(
                f"Event {place} has an empty event_id, or a control character or half a character in an id.",
                code="unstorable_text",
            )


def novel(database: Database, connection: sa.Connection, events: Sequence[Event], forgotten: Forgotten) -> list[bool]:
    """Which events are to be stored: not there yet, not twice in this batch, of nobody who was erased."""
    ids = json.dumps([event.event_id for event in events])
    asked = f"SELECT event_id FROM events WHERE event_id IN ({database.json_list})"  # noqa: S608
    known = {row[0] for row in connection.exec_driver_sql(asked, (ids,))}
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


def insert_events(database: Database, connection: sa.Connection, events: Sequence[Event], source_id: int) -> int:
    """Store the lines of new events and move the log's position and the links; the new position."""
    first = next_number(connection, LOG_POSITION)
    lines = [line for event in events for line in _lines(event, source_id)]
    rows = [(seq, *line) for seq, line in enumerate(lines, start=first)]
    filled = [place for place, column in enumerate(zip(*rows, strict=True)) if any(v is not None for v in column)]
    names = ",".join(COLUMNS[place] for place in filled)
    marks = ",".join([database.mark] * len(filled))
    pick = itemgetter(*filled)
    statement = f"INSERT INTO events ({names}) VALUES ({marks})"  # noqa: S608
    connection.exec_driver_sql(statement, [pick(row) for row in rows])
    set_number(connection, LOG_POSITION, first + len(rows) - 1)
    remember(
        database,
        connection,
        [(e.visitor_id, e.customer_id, to_us(e.time)) for e in events if e.visitor_id and e.customer_id],
    )
    return first + len(rows) - 1


def _lines(event: Event, source_id: int) -> list[tuple[object, ...]]:
    """The event's lines, each in the order of ``COLUMNS`` after ``seq``."""
    time_us, properties = to_us(event.time), to_json(event.properties) if event.properties else None
    value_e4 = None if event.value is None else to_e4(event.value)
    return [
        (
            event.event_id,
            number,
            event.type.value,
            time_us,
            event.visitor_id or None,
            event.customer_id or None,
            event.session_id or None,
            (item.item_id or None) if item else None,
            item.quantity if item else None,
            to_e4(item.price) if item and item.price is not None else None,
            event.currency or None,
            event.order_id or None,
            None if number else value_e4,
            event.slate_id or None,
            source_id,
            None if number else properties,
        )
        for number, item in enumerate(event.items or (None,))
    ]
