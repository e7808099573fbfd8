"""One event as it was sent → one the log can take, or a code and a sentence saying why not."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET

from recommender.api.event_bodies import Bad
from recommender.api.event_fields import (
    Scalar,
    Unset,
    Unusable,
    currency,
    id_of,
    in_words,
    moment,
    money,
    properties,
    real_item,
)
from recommender.api.event_plain import PlainEvent
from recommender.domain.consent import Purpose
from recommender.domain.events import NEEDS_ITEM, EventType, event_type
from recommender.domain.incoming import Incoming, LineValues

FUTURE_US = 5 * 60 * 1_000_000
"""A time further ahead than this is taken for the time of arrival."""
EARLIEST_US = 631_152_000_000_000
"""1990: before it, nobody sold anything over HTTP."""
MOST_ITEMS = 200
LARGEST_QUANTITY = 10_000
PURPOSES = frozenset(purpose.value for purpose in Purpose)
NOT_SAID: Mapping[str, bool] = {}
Tidy = Callable[[str | Unset, str], str | None]
"""Brings an id into its normal form, or knows that it is."""


class EventItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item of an event; ``price`` is per unit."""

    item_id: str
    price: float | None = None
    quantity: int = 1


class EventSent(msgspec.Struct, frozen=True, kw_only=True):
    """One event. ``item_id``, ``quantity`` and ``price`` may stand in the event itself where it has one item.

    ``timestamp`` is RFC 3339 with an offset, or seconds or milliseconds since 1970; missing: the time of arrival.
    ``event_id`` makes a repetition harmless; missing, it is made from what the event says if it has a timestamp.
    """

    type: str
    event_id: str | None = None
    timestamp: str | float | None = None
    sent_at: str | float | None = None
    visitor_id: str | None = None
    customer_id: str | None = None
    session_id: str | None = None
    items: list[EventItem] | None = None
    item_id: str | None = None
    quantity: int | None = None
    price: float | None = None
    order_id: str | None = None
    currency: str | None = None
    value: float | None = None
    slate_id: str | None = None
    consent: dict[str, bool] | None = None
    properties: dict[str, Scalar] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What is the same for all events of a call.

    Attributes
    ----------
    received_us, shift_us
        The time of arrival by the wall clock, and how far the shop's clock is set back (a demo).
    sent_at
        When the sender says it sent the call, by its own clock.
    trusted
        See :class:`~recommender.domain.incoming.Incoming`.
    key
        Of the hash an event without an id is named by.
    currency
        Where the event tells none.
    """

    received_us: int
    shift_us: int
    sent_at: Scalar
    trusted: bool
    key: bytes
    currency: str | None = None


@dataclass(slots=True)
class Checked:
    """An event that passed, with what its sender should know (code, sentence)."""

    event: Incoming
    notes: list[tuple[str, str]]


def check(
    sent: Mapping[str, Any],
    arrival: Arrival,
    *,
    visitor_id: str | None,
    customer_id: str | None,
    seen: dict[bytes, int],
) -> Checked | Bad:
    """One event, checked.

    Parameters
    ----------
    visitor_id, customer_id
        Whom the event is believed to be about.
    seen
        Contents of events without an id met in this call so far, and how often: equal ones stay several events.
    """
    notes: list[tuple[str, str]] = []
    try:
        event = msgspec.convert(sent, EventSent)
        event_id = id_of(event.event_id, "event_id")
        checked = _checked(event, arrival, event_id or "", (visitor_id, customer_id), notes, tidy=id_of)
        if event_id is None:
            checked = _named(checked, _made_id(sent, event, arrival, seen))
    except msgspec.ValidationError as error:
        return Bad(code="invalid_event", message=in_words(error))
    except Unusable as error:
        return Bad(code=error.code, message=str(error))
    return Checked(checked._replace(body=sent), notes)


def check_plain(
    event: PlainEvent, arrival: Arrival, *, visitor_id: str | None, customer_id: str | None
) -> Checked | Bad:
    """:func:`check` for an event whose ids need no more looks."""
    notes: list[tuple[str, str]] = []
    try:
        return Checked(
            _checked(event, arrival, event.event_id, (visitor_id, customer_id), notes, tidy=_as_it_is), notes
        )
    except Unusable as error:
        return Bad(code=error.code, message=str(error))


def _as_it_is(text: str | Unset, _name: str) -> str | None:
    return text or None


def _checked(
    event: EventSent | PlainEvent,
    arrival: Arrival,
    event_id: str,
    who: tuple[str | None, str | None],
    notes: list[tuple[str, str]],
    *,
    tidy: Tidy,
) -> Incoming:
    kind = _type(event.type)
    if who == NOBODY:
        raise Unusable("no_person", "The event names nobody we may believe: it needs a visitor_id or a customer_id.")
    time_us = _time(event, arrival, notes)
    lines = _lines(event, kind, (time_us, *who), event_id, shops=arrival.currency, tidy=tidy)
    consent = _consent(event.consent, notes) if event.consent else NOT_SAID
    return Incoming(event_id, time_us, *who, lines, consent, arrival.trusted, event)


NOBODY = (None, None)


def _named(event: Incoming, event_id: str) -> Incoming:
    return event._replace(event_id=event_id, lines=tuple([(event_id, *line[1:]) for line in event.lines]))


@lru_cache(1_024)
def _type(name: str) -> EventType:
    kind = event_type(name) if len(name) <= LONGEST_TYPE else None
    if kind is None:
        raise Unusable("unknown_type", f"The type is not known; the types are {', '.join(EventType)}.")
    return kind


LONGEST_TYPE = 64


def _time(event: EventSent | PlainEvent, arrival: Arrival, notes: list[tuple[str, str]]) -> int:
    """When it happened, by our clock: what the sender's clock is off by is made good, the future is not believed."""
    received_us, told, sent_at = arrival.received_us, event.timestamp, event.sent_at
    if told is None or told is UNSET:
        return received_us - arrival.shift_us
    time_us = moment(told, "timestamp")
    if sent_at is None or sent_at is UNSET:
        sent_at = arrival.sent_at
    if sent_at is not None:
        time_us += received_us - moment(sent_at, "sent_at")
    if time_us > received_us + FUTURE_US:
        notes.append(("future_time", "The timestamp lies in the future; the time of arrival stands in its place."))
        time_us = received_us
    if time_us < EARLIEST_US:
        raise Unusable("old_time", "The timestamp lies before 1990.")
    return time_us - arrival.shift_us


def _made_id(sent: Mapping[str, Any], event: EventSent, arrival: Arrival, seen: dict[bytes, int]) -> str:
    """The id of an event that came without one: of what it says and its how-many-eth occurrence in the call.

    So the same body sent again adds nothing. An event without a timestamp happens when it arrives; sent again it
    happens again, which the arrival time in its content sees to.
    """
    said = {name: value for name, value in sent.items() if name != "sent_at"}
    if event.timestamp is None:
        said["timestamp"] = arrival.received_us
    text = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    seen[text] = times = seen.get(text, 0) + 1
    digest = hashlib.blake2b(text + str(times).encode(), key=arrival.key, digest_size=16, person=b"event-id")
    return f"x{digest.hexdigest()}"


Who = tuple[int, str | None, str | None]
"""Time, visitor, customer."""


def _lines(
    event: EventSent | PlainEvent, kind: EventType, who: Who, event_id: str, *, shops: str | None, tidy: Tidy
) -> tuple[LineValues, ...]:
    """The lines, values in the order of ``LINE_VALUES``; ``shops`` is the currency where none is told."""
    items = _items(event, tidy)
    value_e4 = money(event.value, "value") if event.value is not UNSET else None
    order_id = tidy(event.order_id, "order_id")
    if not items:
        _enough(kind, value_e4, order_id)
    session_id, slate_id, name = tidy(event.session_id, "session_id"), tidy(event.slate_id, "slate_id"), _KINDS[kind]
    code = currency(event.currency, shops) if event.currency else shops
    said = properties(event.properties) if event.properties else None
    first = items[0] if items else NO_ITEM
    line = (event_id, 0, name, *who, session_id, *first, code, order_id, value_e4, slate_id, said)
    if len(items) < 2:
        return (line,)
    rest = enumerate(items[1:], start=1)
    return (
        line,
        *[(event_id, at, name, *who, session_id, *one, code, order_id, None, slate_id, None) for at, one in rest],
    )


ItemValues = tuple[str, int, int | None]
NO_ITEM: tuple[None, None, None] = (None, None, None)
_KINDS = {kind: kind.value for kind in EventType}


def _items(event: EventSent | PlainEvent, tidy: Tidy) -> list[ItemValues]:
    """Item id, quantity and price of every item."""
    if event.items:
        if len(event.items) > MOST_ITEMS:
            raise Unusable("too_many_items", f"An event has at most {MOST_ITEMS} items.")
        return [_item(one.item_id, one.quantity, one.price, tidy) for one in event.items]
    if event.item_id:
        return [_item(event.item_id, event.quantity, event.price, tidy)]
    return []


def _item(item_id: str, quantity: int | Unset, price: float | Unset, tidy: Tidy) -> ItemValues:
    clean = tidy(item_id, "item_id")
    if clean is None:
        raise Unusable("bad_id", "item_id is empty.")
    real_item(clean)
    if quantity is None or quantity is UNSET:
        quantity = 1
    elif not 1 <= quantity <= LARGEST_QUANTITY:
        raise Unusable("bad_quantity", f"quantity must be between 1 and {LARGEST_QUANTITY:,}.")
    return clean, quantity, None if price is UNSET else money(price, "price")


def _enough(kind: EventType, value_e4: int | None, order_id: str | None) -> None:
    """What a type cannot do without where it has no item."""
    if kind in NEEDS_ITEM:
        raise Unusable("no_item", f"An event of type {kind.value} needs an item.")
    if kind is EventType.PURCHASE and value_e4 is None:
        raise Unusable("no_item", "A purchase needs an item, or at least the order's value.")
    if kind is EventType.REFUND and value_e4 is None and order_id is None:
        raise Unusable("no_item", "A refund needs an item, a value or an order_id.")


def _consent(told: Mapping[str, bool], notes: list[tuple[str, str]]) -> Mapping[str, bool]:
    known = {name: word for name, word in told.items() if name in PURPOSES}
    if len(known) < len(told):
        notes.append(
            ("unknown_purpose", f"Consent is known for {', '.join(sorted(PURPOSES))}; other words are ignored.")
        )
    return known
