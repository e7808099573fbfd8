"""One event as it was sent → one the log can take, or a code and a sentence saying why not."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from recommender.api.event_bodies import Bad
from recommender.domain.consent import Purpose
from recommender.domain.events import ILLEGAL_IDS, MAX_ID_BYTES, NEEDS_ITEM, PRICE_SCALE, EventType, event_type
from recommender.domain.incoming import Incoming, LineValues

FUTURE_US = 5 * 60 * 1_000_000
"""A time further ahead than this is taken for the time of arrival."""
EARLIEST_US = 631_152_000_000_000
"""1990: before it, nobody sold anything over HTTP."""
MOST_ITEMS = 200
MOST_PROPERTIES = 50
LARGEST_QUANTITY = 10_000
HIGHEST_PRICE = 1e10
MILLISECONDS_FROM = 1e11
"""A number of at least this is a time in milliseconds, a smaller one in seconds (until the year 5138)."""
LONGEST_TEXT = 1_000
PURPOSES = frozenset(purpose.value for purpose in Purpose)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Scalar = str | int | float | bool | None


class ItemSent(msgspec.Struct, frozen=True, kw_only=True):
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
    items: list[ItemSent] | None = None
    item_id: str | None = None
    quantity: int | None = None
    price: float | None = None
    order_id: str | None = None
    currency: str | None = None
    value: float | None = None
    slate_id: str | None = None
    consent: dict[str, bool] | None = None
    properties: dict[str, Scalar] | None = None


class Unusable(Exception):  # noqa: N818 - a verdict, not a failure
    """Raised while an event is checked: its code, and the sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


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
        kind = _type(event.type)
        _somebody(visitor_id, customer_id)
        time_us = _time(event, arrival, notes)
        event_id = id_of(event.event_id, "event_id") or _made_id(sent, event, arrival, seen)
        lines = _lines(event, kind, (event_id, kind.value, time_us, visitor_id, customer_id), arrival.currency)
        consent = _consent(event, notes)
    except msgspec.ValidationError as error:
        return Bad(code="invalid_event", message=in_words(error))
    except Unusable as error:
        return Bad(code=error.code, message=str(error))
    return Checked(
        event=Incoming(
            event_id=event_id,
            time_us=time_us,
            visitor_id=visitor_id,
            customer_id=customer_id,
            lines=lines,
            consent=consent,
            trusted=arrival.trusted,
            body=sent,
        ),
        notes=notes,
    )


def person(sent: Mapping[str, Any], name: str) -> str | None:
    """The id of a person an event names; None where it names none.

    Raises
    ------
    Unusable
        If the id cannot be one.
    """
    found = sent.get(name)
    if found is None:
        return None
    if not isinstance(found, str):
        raise Unusable("invalid_event", f"{name} must be a text.")
    clean = id_of(found, name)
    if clean is not None and clean.lower() in ILLEGAL_IDS:
        raise Unusable("illegal_id", f"{name} is a word that shops send by mistake (null, guest, 0, …), not a person.")
    return clean


def _somebody(visitor_id: str | None, customer_id: str | None) -> None:
    if visitor_id is None and customer_id is None:
        raise Unusable("no_person", "The event names nobody we may believe: it needs a visitor_id or a customer_id.")


def id_of(text: str | None, name: str) -> str | None:
    """An id in its normal form; an empty one counts as missing."""
    if not text:
        return None
    if text.isascii() and len(text) <= MAX_ID_BYTES and text.isprintable() and text[0] != " " != text[-1]:
        return text
    clean = text.strip()
    if not clean.isascii():
        clean = unicodedata.normalize("NFC", clean)
    if not clean.isprintable() or "\ufffd" in clean:
        raise Unusable("bad_id", f"{name} holds characters that do not print.")
    if len(clean) > MAX_ID_BYTES or len(clean.encode()) > MAX_ID_BYTES:
        raise Unusable("bad_id", f"{name} is longer than {MAX_ID_BYTES} bytes.")
    return clean or None


@lru_cache(1_024)
def _kind(name: str) -> EventType | None:
    return event_type(name)


def _type(name: str) -> EventType:
    kind = _kind(name) if len(name) <= 64 else None
    if kind is None:
        raise Unusable("unknown_type", f"The type is not known; the types are {', '.join(EventType)}.")
    return kind


def _moment(told: Scalar, name: str) -> int:
    """Microseconds since 1970 of a time as it was sent."""
    if isinstance(told, str):
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            raise Unusable("bad_time", f"{name} is not a time; write it as 2026-05-31T14:00:00Z.") from None
        if moment.tzinfo is None:
            raise Unusable("bad_time", f"{name} has no offset; write it as 2026-05-31T14:00:00Z.")
        return (moment - EPOCH) // MICROSECOND
    if isinstance(told, bool) or not isinstance(told, int | float) or not abs(told) < 1e15:
        raise Unusable("bad_time", f"{name} is not a time; write it as 2026-05-31T14:00:00Z.")
    return round(told * (1_000 if abs(told) >= MILLISECONDS_FROM else 1_000_000))


def _time(event: EventSent, arrival: Arrival, notes: list[tuple[str, str]]) -> int:
    """When it happened, by our clock: what the sender's clock is off by is made good, the future is not believed."""
    received_us = arrival.received_us
    if event.timestamp is None:
        return received_us - arrival.shift_us
    time_us = _moment(event.timestamp, "timestamp")
    sent_at = event.sent_at if event.sent_at is not None else arrival.sent_at
    if sent_at is not None:
        time_us += received_us - _moment(sent_at, "sent_at")
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


Head = tuple[str, str, int, str | None, str | None]
"""Event id, type, time, visitor, customer: what every line of an event begins with."""


def _lines(event: EventSent, kind: EventType, head: Head, currency: str | None) -> tuple[LineValues, ...]:
    """The lines, values in the order of ``LINE_VALUES``."""
    items = _items(event)
    value_e4 = _money(event.value, "value")
    order_id = id_of(event.order_id, "order_id")
    _enough(kind, items, value_e4, order_id)
    event_id, *who = head
    session_id, slate_id = id_of(event.session_id, "session_id"), id_of(event.slate_id, "slate_id")
    money = (_currency(event.currency, currency), order_id)
    first, *rest = items or (NO_ITEM,)
    lines = [(event_id, 0, *who, session_id, *first, *money, value_e4, slate_id, _properties(event.properties))]
    lines += [
        (event_id, number, *who, session_id, *item, *money, None, slate_id, None)
        for number, item in enumerate(rest, start=1)
    ]
    return tuple(lines)


ItemValues = tuple[str, int, int | None]
NO_ITEM: tuple[None, None, None] = (None, None, None)


def _items(event: EventSent) -> list[ItemValues]:
    """Item id, quantity and price of every item."""
    if event.items:
        if len(event.items) > MOST_ITEMS:
            raise Unusable("too_many_items", f"An event has at most {MOST_ITEMS} items.")
        return [_item(one.item_id, one.quantity, one.price) for one in event.items]
    if event.item_id:
        return [_item(event.item_id, 1 if event.quantity is None else event.quantity, event.price)]
    return []


def _item(item_id: str, quantity: int, price: float | None) -> ItemValues:
    clean = id_of(item_id, "item_id")
    if clean is None:
        raise Unusable("bad_id", "item_id is empty.")
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise Unusable("bad_quantity", f"quantity must be between 1 and {LARGEST_QUANTITY:,}.")
    return clean, quantity, _money(price, "price")


def _money(amount: float | None, name: str) -> int | None:
    if amount is None:
        return None
    if not 0 <= amount <= HIGHEST_PRICE:
        raise Unusable(f"bad_{name}", f"{name} must be between 0 and {HIGHEST_PRICE:,.0f}.")
    return round(amount * PRICE_SCALE)


def _enough(kind: EventType, items: list[ItemValues], value_e4: int | None, order_id: str | None) -> None:
    """What a type cannot do without."""
    if items:
        return
    if kind in NEEDS_ITEM:
        raise Unusable("no_item", f"An event of type {kind.value} needs an item.")
    if kind is EventType.PURCHASE and value_e4 is None:
        raise Unusable("no_item", "A purchase needs an item, or at least the order's value.")
    if kind is EventType.REFUND and value_e4 is None and order_id is None:
        raise Unusable("no_item", "A refund needs an item, a value or an order_id.")


def _currency(told: str | None, default: str | None) -> str | None:
    if not told:
        return default
    code = told.strip().upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise Unusable("bad_currency", "currency must be a code of three letters such as PLN or EUR.")
    return code


def _properties(told: Mapping[str, Scalar] | None) -> str | None:
    """Properties as the log keeps them."""
    if not told:
        return None
    if len(told) > MOST_PROPERTIES:
        raise Unusable("too_many_properties", f"An event has at most {MOST_PROPERTIES} properties.")
    for name, value in told.items():
        if not name or not name.isprintable() or len(name) > MAX_ID_BYTES:
            raise Unusable("bad_property", "The name of a property is 1 to 128 printable characters.")
        if isinstance(value, str) and (len(value) > LONGEST_TEXT or "\x00" in value):
            raise Unusable("bad_property", f"A property is at most {LONGEST_TEXT:,} characters, without NUL.")
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _consent(event: EventSent, notes: list[tuple[str, str]]) -> Mapping[str, bool]:
    if not event.consent:
        return {}
    known = {name: word for name, word in event.consent.items() if name in PURPOSES}
    if len(known) < len(event.consent):
        notes.append(
            ("unknown_purpose", f"Consent is known for {', '.join(sorted(PURPOSES))}; other words are ignored.")
        )
    return known


def in_words(error: msgspec.ValidationError, what: str = "The event") -> str:
    """The decoder's sentence, which names the place and the types, never the value."""
    said, _, place = str(error).partition(" - at `$")
    where = place.rstrip("`").lstrip(".")
    return f"{where or what}: {said[0].lower()}{said[1:]}." if said else f"{what} cannot be read."
