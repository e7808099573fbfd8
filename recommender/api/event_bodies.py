"""From the bytes of ``POST /v1/events`` to one plain object per event, strictly and without trusting a length."""

import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from recommender.api.problems import Refusal
from recommender.api.strict_json import STRICT

MAX_EVENTS = 500
MAX_BYTES = 1_000_000
MAX_EVENT_BYTES = 32_000
MAX_DEPTH = 16
MEDIA_TYPES = frozenset({"application/json", "text/plain", ""})
"""``text/plain`` is what ``navigator.sendBeacon`` sends of a text."""
USUAL_TYPE = "application/json"
GZIP_WINDOW = 31
_KEY = re.compile(rb'"\s*:')


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """Why an event cannot be used at all."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a body holds: an object per event, or why there is none; and what is said of all of them.

    ``sent_at`` and ``identity`` are as they were sent, unchecked.
    """

    events: Sequence[Mapping[str, Any] | Bad]
    sent_at: Any = None
    identity: Any = None


def open_body(body: bytes, *, content_type: str, encoding: str, name: str = "events") -> Envelope:
    """The events (or whatever ``name`` says) of a body: an object that holds a list of them, the list, or one.

    Raises
    ------
    Refusal
        If the body as a whole is not what the call takes; a single bad event is a :class:`Bad` in its place.
    """
    return open_text(text_of(body, content_type=content_type, encoding=encoding, name=name), name)


def text_of(body: bytes, *, content_type: str, encoding: str, name: str = "events") -> bytes:
    """The body as it was before it was packed.

    Raises
    ------
    Refusal
        If its type or packing is not one the call takes.
    """
    if content_type != USUAL_TYPE and content_type.partition(";")[0].strip().lower() not in MEDIA_TYPES:
        raise Refusal("unsupported_media_type", f"Send the {name} as Content-Type: application/json or text/plain.")
    return _unpacked(body, encoding.strip().lower()) if encoding else body


def open_text(text: bytes, name: str = "events") -> Envelope:
    """:func:`open_body` of a body that is unpacked already.

    Raises
    ------
    Refusal
        As there.
    """
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _one_by_one(text, name)
    except RecursionError:
        raise Refusal("invalid_body", "The body is nested too deeply.") from None
    envelope = _envelope(found, name)
    repeated = len(_KEY.findall(text)) != _names(found, MAX_DEPTH + 2)
    if not repeated and len(text) <= MAX_EVENT_BYTES:
        return envelope
    return _one_by_one(text, name)


def _unpacked(body: bytes, encoding: str) -> bytes:
    """The body without its gzip; never more than the limit, however little was sent."""
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise Refusal("unsupported_media_type", "Content-Encoding may be gzip; this call takes no other.")
    inflate = zlib.decompressobj(GZIP_WINDOW)
    try:
        text = inflate.decompress(body, MAX_BYTES + 1)
    except zlib.error:
        raise Refusal("invalid_body", "The body is not gzip, although it says so.") from None
    if len(text) > MAX_BYTES or inflate.unconsumed_tail:
        raise Refusal("body_too_large", f"Unpacked, a body has at most {MAX_BYTES:,} bytes.")
    if not inflate.eof or inflate.unused_data:
        raise Refusal("invalid_body", "The gzip of the body is cut off, or something follows it.")
    return text


def _envelope(found: Any, name: str) -> Envelope:
    sent_at = identity = None
    if isinstance(found, dict) and name in found:
        events, sent_at, identity = found[name], found.get("sent_at"), found.get("identity")
    else:
        events = found if isinstance(found, list) else [found]
    if not isinstance(events, list):
        raise Refusal("invalid_body", f"{name} must be a list.")
    if len(events) > MAX_EVENTS:
        raise Refusal("body_too_large", f"A call has at most {MAX_EVENTS} {name}; this one has {len(events):,}.")
    if not events:
        raise Refusal("invalid_body", f"The body holds no {name}.")
    return Envelope(
        events=[one if isinstance(one, dict) else NO_OBJECT for one in events], sent_at=sent_at, identity=identity
    )


NO_OBJECT = Bad(code="not_an_object", message="Each is a JSON object.")


def _names(found: Any, left: int = MAX_DEPTH) -> int:
    """How many names the objects in a value have; hugely many where it is nested too deeply."""
    if not left:
        return TOO_MANY
    names = 0
    inside: Iterable[Any] = ()
    if isinstance(found, dict):
        names, inside = len(found), found.values()
    elif isinstance(found, list):
        inside = found
    for one in inside:
        if one.__class__ in _DEEP:
            names += _names(one, left - 1)
    return names


TOO_MANY = 1 << 32
_DEEP: frozenset[type] = frozenset({dict, list})


class _Outer(msgspec.Struct):
    events: list[msgspec.Raw] | None = None
    sent_at: msgspec.Raw | None = None
    identity: msgspec.Raw | None = None


class _OuterItems(_Outer, rename={"events": "items"}):
    pass


def _one_by_one(text: bytes, name: str) -> Envelope:
    """The slow way, for bodies with something odd in them: each event is parsed on its own."""
    try:
        if text.lstrip()[:1] == b"[":
            outer = _Outer(events=msgspec.json.decode(text, type=list[msgspec.Raw]))
        else:
            outer = msgspec.json.decode(text, type=_Outer if name == "events" else _OuterItems)
    except RecursionError:
        raise Refusal("invalid_body", "The body is nested too deeply.") from None
    except UnicodeDecodeError:
        raise Refusal("invalid_body", "The body is not UTF-8.") from None
    except msgspec.DecodeError:
        return _by_the_strict_parser(text, name)
    parts = [msgspec.Raw(text)] if outer.events is None else outer.events
    _envelope([{}] * len(parts), name)  # there are not too many
    return Envelope(
        events=[_one(bytes(raw), KINDS[name]) for raw in parts],
        sent_at=_plain(outer.sent_at),
        identity=_plain(outer.identity),
    )


def _by_the_strict_parser(text: bytes, name: str) -> Envelope:
    """The slowest way: a body whose texts hold half a character is still JSON."""
    try:
        envelope = _envelope(STRICT.decode(text.decode()), name)
    except UnicodeDecodeError:
        raise Refusal("invalid_body", "The body is not UTF-8.") from None
    except RecursionError:
        raise Refusal("invalid_body", "The body is nested too deeply.") from None
    except ValueError as error:
        raise Refusal("invalid_body", f"The body is not JSON this call takes: {_reason(error)}.") from None
    return replace(envelope, events=[_sound(one, KINDS[name]) for one in envelope.events], sent_at=None, identity=None)


def _plain(raw: "msgspec.Raw | None") -> Any:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


class _Kind:
    """What is wrong with one of those a body holds, in its own words: ``event`` or ``item``."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.large = Bad(code=f"{noun}_too_large", message=f"An {noun} has at most {MAX_EVENT_BYTES:,} bytes.")
        self.bad_text = Bad(code="invalid_text", message=f"The {noun} is not UTF-8, or holds half a character.")
        self.deep = Bad(code="too_deep", message=f"An {noun} is nested at most {MAX_DEPTH} levels deep.")

    def no_json(self, error: ValueError) -> Bad:
        return Bad(
            code=f"invalid_{self.noun}", message=f"The {self.noun} is not JSON this call takes: {_reason(error)}."
        )


KINDS = {"events": _Kind("event"), "items": _Kind("item")}


def _one(raw: bytes, kind: _Kind) -> Mapping[str, Any] | Bad:
    """One event or item, by the strict parser."""
    if len(raw) > MAX_EVENT_BYTES:
        return kind.large
    try:
        found = STRICT.decode(raw.decode())
    except UnicodeDecodeError:
        return kind.bad_text
    except RecursionError:
        return kind.deep
    except ValueError as error:
        return kind.no_json(error)
    return _sound(found, kind)


def _sound(found: Any, kind: _Kind) -> Mapping[str, Any] | Bad:
    """What was parsed, unless it is no object, nested too deeply or holds what is no text."""
    if not isinstance(found, dict):
        return found if isinstance(found, Bad) else NO_OBJECT
    if _names(found) >= TOO_MANY:
        return kind.deep
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return kind.bad_text
    return found


def _reason(error: ValueError) -> str:
    return f"see character {error.pos}" if isinstance(error, json.JSONDecodeError) else str(error)
