"""Events on their way in: what a request brings, what becomes of it, and the gate of consent in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from recommender.domain.consent import ConsentState
from recommender.domain.ports import Source

LineValues = tuple[object, ...]
"""One line of an event, in the order of :data:`LINE_VALUES`."""

LINE_VALUES = (
    "event_id",
    "line",
    "type",
    "time_us",
    "visitor_id",
    "customer_id",
    "session_id",
    "item_id",
    "quantity",
    "price_e4",
    "currency",
    "order_id",
    "value_e4",
    "slate_id",
    "properties",
)
"""The columns a sender fills; the log adds ``seq`` and where the line came from."""


class Verdict(StrEnum):
    """What became of one event."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"  # the id is taken by an event that says something else; that one stands
    ERASED = "erased"
    NO_CONSENT = "no_consent"
    REFUSED = "refused"  # an objection or a withdrawal


class Incoming(NamedTuple):
    """One event that passed every check of form. A tuple, which is made four times as fast as a frozen dataclass.

    Attributes
    ----------
    lines
        One per item, at least one; values ready for the log.
    consent
        What the event itself says, by purpose.
    trusted
        Whether the shop's server vouches for it (its legal basis covers the event); else consent must.
    body
        The event as it was sent, for a dead letter: a mapping, or a ``msgspec.Struct`` of the same fields.
    """

    event_id: str
    time_us: int
    visitor_id: str | None
    customer_id: str | None
    lines: tuple[LineValues, ...]
    consent: Mapping[str, bool]
    trusted: bool
    body: object


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that was refused. ``body`` (JSON) and the ids are None where we had no right to keep them."""

    code: str
    message: str
    received_us: int
    source: str
    visitor_id: str | None = None
    customer_id: str | None = None
    body: str | None = None


LONGEST_BODY = 32_000
"""Characters; a longer body is not kept, only why it was refused."""


def body_of(event: object) -> str | None:
    """An event as the JSON text of a letter, with letters of every alphabet as they are; None where it is too long to keep."""
    text = msgspec.json.encode(event).decode()
    return text if len(text) <= LONGEST_BODY else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLetter:
    """A dead letter with its number, which grows with every letter."""

    number: int
    letter: DeadLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one request brings: its good events in order, and the letters of the others. Times are in shop time."""

    source: Source
    events: tuple[Incoming, ...]
    received_us: int
    letters: tuple[DeadLetter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a delivery: one verdict per event, and the log's position after it.

    ``first`` is the first number the transaction took for its lines, the last one is ``position``; None where nobody tells.
    """

    verdicts: tuple[Verdict, ...]
    position: int
    first: int | None = None


class Intake(Protocol):
    """The way into the log for events that come in all day."""

    def store(self, deliveries: Sequence[Delivery]) -> list[Receipt]:
        """Store all of it in one transaction and return after the commit, a receipt for each delivery.

        Raises
        ------
        StoreUnavailableError
            If nothing was stored because the database is away, full or locked.
        """
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class DeadLetters(Protocol):
    """Refused events, kept for a while so that they can be looked at and sent again. Personal data."""

    def counts(self) -> dict[str, int]:
        """How many there are, by code."""
        ...

    def newest(self, limit: int, *, code: str | None = None) -> list[StoredLetter]:
        """The newest first."""
        ...

    def naming(self, ids: Sequence[str]) -> list[StoredLetter]:
        """Letters whose sender named one of these people, oldest first."""
        ...

    def after(self, number: int, limit: int) -> list[StoredLetter]:
        """Letters with a greater number, oldest first."""
        ...

    def delete(self, numbers: Sequence[int]) -> int:
        """Delete by number; returns how many."""
        ...

    def expire(self, before_us: int) -> int:
        """Delete those received before; returns how many."""
        ...

    def erase(self, ids: Sequence[str]) -> int:
        """Delete every letter that names one of these people anywhere; returns how many."""
        ...


FINAL = frozenset({ConsentState.OBJECTED, ConsentState.WITHDRAWN})
"""States an event cannot change: only the shop's server lifts them, by an explicit new grant."""


def gate(state: ConsentState | None, told: bool | None, *, trusted: bool) -> Verdict | None:  # noqa: FBT001
    """Whether an event may be kept: None, or why not.

    Parameters
    ----------
    state
        What is on record for the person and ``analytics_profile``; None: nothing.
    told
        What the event itself says; None: nothing, or something older than the record.
    trusted
        See :class:`Incoming`.
    """
    if state in FINAL or (trusted and told is False):
        return Verdict.REFUSED
    if trusted:
        return None
    allowed = state is ConsentState.GRANTED if told is None else told
    return None if allowed else Verdict.NO_CONSENT


def change(states: Sequence[ConsentState | None], told: bool, *, kept: bool) -> ConsentState | None:  # noqa: FBT001
    """What an event's word adds to the record: None where it says nothing new.

    The same refusal again is nothing new. Of an event that is not kept, a refusal only ends a grant: remembering it for
    somebody of whom no grant is on record would need their id.

    Parameters
    ----------
    states
        What is on record for each id of the person; None: nothing.
    kept
        Whether the event passed the gate, so that the log holds the ids anyway.
    """
    if FINAL.intersection(states):
        return None
    if told:
        return None if all(state is ConsentState.GRANTED for state in states) else ConsentState.GRANTED
    if kept:
        return None if all(state is ConsentState.DENIED for state in states) else ConsentState.DENIED
    return ConsentState.DENIED if ConsentState.GRANTED in states else None
