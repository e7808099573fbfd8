"""Refused events sent again: checked by the rules of today, as if they had only just been sent by the key they came from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from recommender.api.events import Call, EventDesk, read_call
from recommender.domain.incoming import DeadLetter, Delivery, StoredLetter, Verdict
from recommender.domain.keys import KeyClass
from recommender.domain.ports import Stores

AT_ONCE = 200
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How a replay went, letter by letter: stored now, there already, not to be kept (consent), or still refused."""

    stored: int
    duplicates: int
    not_kept: int
    still_refused: int


def replay(desk: EventDesk, stores: Stores, *, code: str | None, fix: Mapping[str, Any]) -> Replayed:
    """Check every letter again and store the events that pass; their letters go.

    Parameters
    ----------
    code
        Only letters with this code; None: all that can be repeated (a conflict cannot).
    fix
        Fields every event gets before it is checked, such as a currency that was missing.
    """
    classes = {record.key_id: record.key_class for record in stores.keys.all()}
    intake = stores.intake()
    found: dict[str, int] = dict.fromkeys(("stored", "duplicates", "not_kept", "still_refused"), 0)
    last = 0
    try:
        while letters := stores.dead_letters.after(last, AT_ONCE):
            last = letters[-1].number
            wanted = [one for one in letters if _wanted(one.letter, code)]
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


OUTCOMES = {Verdict.NEW: "stored", Verdict.DUPLICATE: "duplicates", Verdict.CONFLICT: "duplicates"}


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
