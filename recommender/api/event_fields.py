"""Single values of an event as they were sent → as the log keeps them, or a sentence saying why not."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import UnsetType

from recommender.domain.events import ILLEGAL_IDS, ILLEGAL_ITEM_IDS, MAX_ID_BYTES, PRICE_SCALE
from recommender.domain.people import normal_id

MOST_PROPERTIES = 50
HIGHEST_PRICE = 1e10
MILLISECONDS_FROM = 1e11
"""A number of at least this is a time in milliseconds, a smaller one in seconds (until the year 5138)."""
LONGEST_TEXT = 1_000
LEAP_SECOND = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d):60((?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_SECONDS = 86_400

Scalar = str | int | float | bool | None
Unset = UnsetType | None


class Unusable(Exception):  # noqa: N818 - a verdict, not a failure
    """Raised while an event or an item is checked: its code, the sentence, and the field where the code does not name it."""

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code, self.field = code, field


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
    return None if clean is None else real_person(clean, name)


def real_person(clean: str, name: str) -> str:
    """An id in its normal form, unless it is a word that is no person.

    Raises
    ------
    Unusable
        If it is.
    """
    if clean.lower() in ILLEGAL_IDS:
        raise Unusable("illegal_id", f"{name} is a word that shops send by mistake (null, guest, 0, …), not a person.")
    return clean


def real_item(clean: str) -> str:
    """An item's id in its normal form, unless it is a word that is no item.

    Raises
    ------
    Unusable
        If it is.
    """
    if clean.lower() in ILLEGAL_ITEM_IDS:
        raise Unusable("illegal_id", "item_id is a word that shops send by mistake (null, undefined, …), not an item.")
    return clean


def id_of(text: str | Unset, name: str) -> str | None:
    """An id in its normal form; an empty one counts as missing."""
    if not text:
        return None
    if text.isascii() and len(text) <= MAX_ID_BYTES and text.isprintable() and text[0] != " " != text[-1]:
        return text
    clean = normal_id(text)
    if not clean.isprintable() or "\ufffd" in clean:
        raise Unusable("bad_id", f"{name} holds characters that do not print.")
    if len(clean) > MAX_ID_BYTES or len(clean.encode()) > MAX_ID_BYTES:
        raise Unusable("bad_id", f"{name} is longer than {MAX_ID_BYTES} bytes.")
    return clean or None


def moment(told: Scalar, name: str) -> int:
    """Microseconds since 1970 of a time as it was sent.

    Raises
    ------
    Unusable
        If it is no time.
    """
    if isinstance(told, str):
        try:
            found = time_of(told)
        except ValueError:
            raise Unusable("bad_time", f"{name} is not a time; write it as 2026-05-31T14:00:00Z.") from None
        if found.tzinfo is None:
            raise Unusable("bad_time", f"{name} has no offset; write it as 2026-05-31T14:00:00Z.")
        return microseconds(found)
    if isinstance(told, bool) or not isinstance(told, int | float) or not abs(told) < 1e15:
        raise Unusable("bad_time", f"{name} is not a time; write it as 2026-05-31T14:00:00Z.")
    return round(told * (1_000 if abs(told) >= MILLISECONDS_FROM else 1_000_000))


def time_of(told: str) -> datetime:
    """A time as RFC 3339 allows it, also with a small ``t`` and ``z``; a leap second counts as the second after it.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return _seldom_written(told)


def _seldom_written(told: str) -> datetime:
    leap = LEAP_SECOND.fullmatch(told)
    if leap is None:
        return datetime.fromisoformat(told.upper())
    try:
        found = datetime.fromisoformat(f"{leap[1]}:59{leap[2]}".upper()) + timedelta(seconds=1)
        after = found.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(told) from error
    if (after.day, after.hour, after.minute) != (1, 0, 0):
        raise ValueError(told)  # clocks have leap seconds at the end of a month only
    return found


def microseconds(moment: datetime) -> int:
    """Since 1970."""
    since = moment - EPOCH
    return (since.days * DAY_SECONDS + since.seconds) * 1_000_000 + since.microseconds


def money(amount: float | Unset, name: str) -> int | None:
    """An amount in 1/10,000 of the currency unit; see :class:`Unusable`."""
    if amount is None or isinstance(amount, UnsetType):
        return None
    if not 0 <= amount <= HIGHEST_PRICE:
        raise Unusable(f"bad_{name}", f"{name} must be between 0 and {HIGHEST_PRICE:,.0f}.")
    return round(amount * PRICE_SCALE)


def currency(told: str | Unset, default: str | None) -> str | None:
    """The code of a currency, ``default`` where none is told; see :class:`Unusable`."""
    if not told:
        return default
    code = told.strip().upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise Unusable("bad_currency", "currency must be a code of three letters such as PLN or EUR.")
    return code


def properties(told: Mapping[str, Scalar] | Unset) -> str | None:
    """Properties as the log keeps them; see :class:`Unusable`."""
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


def in_words(error: msgspec.ValidationError, what: str = "The event") -> str:
    """The decoder's sentence, which names the place and the types, never the value."""
    said, _, place = str(error).partition(" - at `$")
    where = place.rstrip("`").lstrip(".")
    return f"{where or what}: {said[0].lower()}{said[1:]}." if said else f"{what} cannot be read."
