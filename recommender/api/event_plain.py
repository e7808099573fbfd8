"""The short way for bodies with nothing odd in them, which is nearly all: decoded once, straight into typed events.

What the strict way (``event_bodies``, ``event_checks``) refuses or repairs is not decided here. A body that may hold any
of it is sent that way; here it is only made sure, with a few looks at the bytes, that there is nothing to refuse or repair.
"""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from recommender.api.event_bodies import MAX_EVENT_BYTES, MAX_EVENTS
from recommender.domain.events import MAX_ID_BYTES

Short = Annotated[str, msgspec.Meta(max_length=MAX_ID_BYTES)]
Id = Short | UnsetType | None
Scalar = str | int | float | bool | None
ODD_BYTES = (b"\\", b"\t", b"\n", b"\r", b"\x7f")
"""Escapes; space that is none of `` ``; the one ASCII control character JSON allows in a text."""
NAME_END = b'":'
LATE_COLON = b" :"
EMPTY, UNTIDY = b'""', (b'" ', b' "')
"""In JSON written without spaces: an empty text; one that begins or ends with a space."""


class PlainItem(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An item of a plain event."""

    item_id: Short
    price: float | UnsetType | None = UNSET
    quantity: int | UnsetType = UNSET


class PlainEvent(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An event whose texts are ids already: not empty, printable ASCII, no space at an end, not too long."""

    type: Short
    event_id: Short
    timestamp: str | float | UnsetType | None = UNSET
    sent_at: str | float | UnsetType | None = UNSET
    visitor_id: Id = UNSET
    customer_id: Id = UNSET
    session_id: Id = UNSET
    items: list[PlainItem] | UnsetType | None = UNSET
    item_id: Id = UNSET
    quantity: int | UnsetType | None = UNSET
    price: float | UnsetType | None = UNSET
    order_id: Id = UNSET
    currency: str | UnsetType | None = UNSET
    value: float | UnsetType | None = UNSET
    slate_id: Id = UNSET
    consent: dict[str, bool] | UnsetType | None = UNSET
    properties: dict[str, Scalar] | UnsetType | None = UNSET


class PlainBody(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Events, and what is said of all of them."""

    events: list[PlainEvent]
    sent_at: str | float | UnsetType | None = UNSET
    identity: str | UnsetType | None = UNSET


class _Parts(msgspec.Struct, frozen=True):
    events: list[msgspec.Raw]


_BODY = msgspec.json.Decoder(PlainBody)
_LIST = msgspec.json.Decoder(list[PlainEvent])
_PARTS = msgspec.json.Decoder(_Parts)
_PARTS_OF_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_ENCODE = msgspec.json.Encoder().encode


def plain_body(text: bytes) -> PlainBody | None:
    """The events of a body if there is nothing odd in it, else None.

    A name that stands twice in an object shows in the number of names: what was decoded, written again, has fewer. The
    count is exact because without escapes a quotation mark is always the end of a text or its beginning.
    """
    if not text.isascii() or any(odd in text for odd in ODD_BYTES) or (b" " in text and LATE_COLON in text):
        return None
    listed = text[:1] == b"["
    try:
        body = PlainBody(events=_LIST.decode(text)) if listed else _BODY.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    again = _ENCODE(body.events if listed else body)
    if text.count(NAME_END) != again.count(NAME_END) or EMPTY in again:
        return None
    if b" " in again and any(untidy in again for untidy in UNTIDY):
        return None
    return body if 0 < len(body.events) <= MAX_EVENTS and not _one_too_large(text, listed=listed) else None


def _one_too_large(text: bytes, *, listed: bool) -> bool:
    """Whether any event of a body is longer than an event may be."""
    if len(text) <= MAX_EVENT_BYTES:
        return False
    parts = _PARTS_OF_LIST.decode(text) if listed else _PARTS.decode(text).events
    return any(memoryview(part).nbytes > MAX_EVENT_BYTES for part in parts)
