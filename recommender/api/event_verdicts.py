"""What the sender of events is told: a verdict for each, and four numbers that add up to the events sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from flask import Response

from recommender.domain.incoming import Delivery, Receipt, Verdict

MOST_NOTES = 100
ERASED = "The person asked to be forgotten; events about them are not taken."
SENTENCES = {
    Verdict.NO_CONSENT: "Not stored: the person has not consented to analytics_profile, in the event or on record.",
    Verdict.REFUSED: "Not stored: the person objected, withdrew or refused.",
    Verdict.CONFLICT: "Another event with this event_id says something else; that one stands.",
}


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was not taken: its place in the call, a stable code, and what to do."""

    index: int
    code: str
    message: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Something the sender should know of an event that was taken."""

    index: int
    code: str
    message: str


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the events. ``accepted`` are durable and new; all four numbers add up to the events sent.

    ``not_stored`` events were understood and dropped, because the person has not consented or has objected; ``notes``
    says which.
    """

    accepted: int
    duplicates: int
    not_stored: int
    rejected: tuple[Rejected, ...]
    notes: tuple[Note, ...]


@dataclass(slots=True)
class Call:
    """One call's events, sorted into those to store and the others."""

    delivery: Delivery
    places: list[int]
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to store, not even a dead letter."""
        return not self.delivery.events and not self.delivery.letters


NOTHING = Receipt(verdicts=(), position=0)
"""Of a call without anything to store."""


def answer(call: Call, receipt: Receipt) -> Response:
    """The verdicts as Flask sends them."""
    return Response(verdicts(call, receipt), 202, mimetype="application/json")


def verdicts(call: Call, receipt: Receipt) -> bytes:
    """The verdicts as the sender reads them."""
    if not call.rejected and not call.notes and set(receipt.verdicts) == {Verdict.NEW}:
        return ALL_TAKEN % len(receipt.verdicts)
    counts = dict.fromkeys(Verdict, 0)
    rejected, notes = list(call.rejected), list(call.notes)
    for index, verdict in zip(call.places, receipt.verdicts, strict=True):
        counts[verdict] += 1
        if verdict is Verdict.ERASED:
            rejected.append(Rejected(index=index, code="erased", message=ERASED))
        elif verdict in SENTENCES:
            notes.append(Note(index=index, code=verdict.value, message=SENTENCES[verdict]))
    found = Accepted(
        accepted=counts[Verdict.NEW],
        duplicates=counts[Verdict.DUPLICATE] + counts[Verdict.CONFLICT],
        not_stored=counts[Verdict.NO_CONSENT] + counts[Verdict.REFUSED],
        rejected=tuple(sorted(rejected, key=_place)),
        notes=tuple(sorted(notes, key=_place)[:MOST_NOTES]),
    )
    return msgspec.json.encode(found)


ALL_TAKEN = b'{"accepted":%d,"duplicates":0,"not_stored":0,"rejected":[],"notes":[]}'


def _place(said: Rejected | Note) -> int:
    return said.index


def nothing_stored(deliveries: Sequence[Delivery]) -> list[Receipt]:
    """What an intake that stores nothing would say; the yardstick of the benchmarks answers with it."""
    return [Receipt(verdicts=(Verdict.NEW,) * len(delivery.events), position=0) for delivery in deliveries]
