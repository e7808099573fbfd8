"""Refused events sent again: checked by the rules of today, as if they had only just been sent by the key they came from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import msgspec

from recommender.api.event_checks import EventSent
from recommender.api.event_verdicts import Call
from recommender.api.events import EventDesk, read_call
from recommender.domain.errors import UsageError
from recommender.domain.events import EventType, event_type
from recommender.domain.incoming import DeadLetter, Delivery, StoredLetter, Verdict
from recommender.domain.keys import KeyClass
from recommender.domain.ports import Stores

AT_ONCE = 200
JSON = "application/json"
_CODES = """bad_currency bad_id bad_price bad_property bad_quantity bad_time bad_value conflict event_too_large illegal_id
invalid_event invalid_text no_item no_person not_an_object old_time too_deep too_many_items too_many_properties unknown_type"""
CODES = tuple(_CODES.split())
"""Why an event is refused."""
NUMBERS: Mapping[str, type] = {"quantity": int, "price": float, "value": float}
SETTABLE = tuple(name for name in EventSent.__struct_fields__ if name not in ("items", "consent", "properties"))
"""Fields of an event that hold one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How a replay went, letter by letter: stored now, there already, not to be kept (consent), or still refused."""

    stored: int
    duplicates: int
    not_kept: int
    still_refused: int


def checked_code(code: str | None, kept: Collection[str]) -> str | None:
    """The code, if events are refused for it, or some that are ``kept`` were.

    Raises
    ------
    UsageError
        They never are.
    """
    if code is None or code in CODES or code in kept:
        return code
    raise UsageError(f"No event is refused for {code!r}{_near(code, CODES)}. The reasons are: {', '.join(CODES)}.")


def checked_fix(told: Mapping[str, str]) -> dict[str, Any]:
    """Fields every event gets, numbers as numbers.

    Raises
    ------
    UsageError
        A field does not exist or holds more than one value, or no event could have the value.
    """
    fix: dict[str, Any] = {}
    for name, value in told.items():
        if name not in SETTABLE:
            raise UsageError(
                f"There is no field {name!r} to set{_near(name, SETTABLE)}. The fields are: {', '.join(SETTABLE)}."
            )
        if name == "type" and event_type(value) is None:
            raise UsageError(f"--set type={value}: no such type. The types are: {', '.join(EventType)}.")
        try:
            fix[name] = NUMBERS.get(name, str)(value)
        except ValueError:
            raise UsageError(f"--set {name}={value}: {name} is a number.") from None
    return fix


def _near(name: str, among: Sequence[str]) -> str:
    near = get_close_matches(name.lower(), among, n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def replay(desk: EventDesk, stores: Stores, *, code: str | None, fix: Mapping[str, Any]) -> Replayed:
    """Check every letter that is there now once more and store the events that pass; their letters go.

    An event that conflicts again gets a new letter in place of the old one, which waits for another replay.

    Parameters
    ----------
    code
        Only letters with this code; None: all but conflicts, which conflict again unless ``fix`` names another id.
    fix
        Fields every event gets before it is checked, such as a currency that was missing.
    """
    classes = {record.key_id: record.key_class for record in stores.keys.all()}
    intake = stores.intake()
    found: dict[str, int] = dict.fromkeys(("stored", "duplicates", "not_kept", "still_refused"), 0)
    newest = stores.dead_letters.newest(1)
    last, end = 0, newest[0].number if newest else 0
    try:
        while last < end and (letters := stores.dead_letters.after(last, AT_ONCE)):
            last = letters[-1].number
            wanted = [one for one in letters if one.number <= end and _wanted(one.letter, code)]
            calls = [(one, _again(desk, one.letter, classes, fix)) for one in wanted]
            good = [(one, call) for one, call in calls if call is not None and call.delivery.events]
            found["still_refused"] += len(wanted) - len(good)
            receipts = intake.store([_without_letters(call) for _, call in good]) if good else []
            for receipt in receipts:
                found[OUTCOMES.get(receipt.verdicts[0], "not_kept")] += 1
            desk.ingest.tell([call.delivery for _, call in good], receipts)
            stores.dead_letters.delete([one.number for one, _ in good])
    finally:
        intake.close()
    return Replayed(**found)


OUTCOMES = {Verdict.NEW: "stored", Verdict.DUPLICATE: "duplicates", Verdict.CONFLICT: "still_refused"}


def _wanted(letter: DeadLetter, code: str | None) -> bool:
    return letter.code == code if code is not None else letter.code != Verdict.CONFLICT.value


def _again(desk: EventDesk, letter: DeadLetter, classes: Mapping[str, KeyClass], fix: Mapping[str, Any]) -> Call | None:
    """The letter's event as a call of its own; None where its body was not kept."""
    if letter.body is None:
        return None
    body = letter.body.encode()
    if fix:
        body = msgspec.json.encode({**msgspec.json.decode(body), **fix})
    return read_call(
        desk,
        body,
        content_type=JSON,
        encoding="",
        identity=None,
        key_class=classes.get(letter.source, KeyClass.SK),
        key_id=letter.source,
        received_us=letter.received_us,
    )


def _without_letters(call: Call) -> Delivery:
    return replace(call.delivery, letters=())


def shown(stored: StoredLetter) -> dict[str, Any]:
    """A letter for people and programs."""
    return {
        "number": stored.number,
        "received_us": stored.letter.received_us,
        "code": stored.letter.code,
        "message": stored.letter.message,
        "source": stored.letter.source,
        "body": stored.letter.body,
    }
