"""``POST /v1/events``: events in, a verdict for each, after they are durable."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

import msgspec
from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from recommender.api.access import allow
from recommender.api.describing import Operation, described
from recommender.api.event_bodies import Bad, open_text, text_of
from recommender.api.event_checks import Arrival, Checked, EventSent, check, check_plain
from recommender.api.event_fields import Unusable, id_of, person, real_person
from recommender.api.event_people import Teller
from recommender.api.event_plain import PlainEvent, plain_body
from recommender.api.event_usual import usual
from recommender.api.event_verdicts import NOTHING, Accepted, Call, Note, Rejected, answer
from recommender.api.later import when_done
from recommender.api.visitors import Callers
from recommender.domain.clock import ShopClock
from recommender.domain.consent import Purpose
from recommender.domain.incoming import DeadLetter, Delivery, body_of
from recommender.domain.keys import KeyClass
from recommender.domain.ports import Source
from recommender.services.ingest import Ingest

PROFILE = Purpose.ANALYTICS_PROFILE.value


class EventsBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body; a list of events, or one event, will do as well."""

    events: list[EventSent]
    sent_at: str | float | None = None
    identity: str | None = None


class EventsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What may stand in the address besides ``key``."""

    identity: Annotated[
        Annotated[str, msgspec.Meta(max_length=2048)] | None,
        msgspec.Meta(description="the shop's signed proof of customer_id, for pk_ keys"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDesk:
    """What decides about a call's events before they are stored.

    Attributes
    ----------
    name_key
        Keys the hash an event without an id is named by; the same for the life of a home.
    legal_basis
        The shop's, for events of its server; ``consent`` asks for consent there, too.
    """

    ingest: Ingest
    callers: Callers
    clock: ShopClock
    name_key: bytes
    legal_basis: str
    currency: str | None = None


CLASSES = frozenset({KeyClass.PK, KeyClass.SK})
ROUTE = "/v1/events"


def blueprint(desk: EventDesk) -> Blueprint:
    """The route."""
    bp = Blueprint("events", __name__, url_prefix=ROUTE)

    @bp.post("")
    @allow(*CLASSES)
    @described(
        Operation(
            summary="Events, up to 500",
            answer=Accepted,
            status=202,
            query=EventsQuery,
            body=EventsBody | list[EventSent] | EventSent,
            body_types=("application/json", "text/plain"),
            problems=("invalid_body", "unsupported_media_type"),
        )
    )
    def receive() -> ResponseReturnValue:
        headers = request.headers
        call = read_call(
            desk,
            request.get_data(),
            content_type=headers.get("Content-Type", ""),
            encoding=headers.get("Content-Encoding", ""),
            identity=request.args.get("identity"),
            key_class=g.key_class,
            key_id=g.key_id,
        )
        if call.empty:
            return answer(call, NOTHING)
        receipt: ResponseReturnValue = when_done(desk.ingest.submit(call.delivery), lambda found: answer(call, found))
        return receipt

    return bp


def read_call(
    desk: EventDesk,
    body: bytes,
    *,
    content_type: str,
    encoding: str,
    identity: str | None,
    key_class: KeyClass,
    key_id: str,
    received_us: int | None = None,
) -> Call:
    """Everything that needs no store: unpack, check each event, decide whom to believe.

    ``received_us`` is when the call arrived by the wall clock; None: now.

    Raises
    ------
    Refusal
        If the body as a whole cannot be read.
    """
    text = text_of(body, content_type=content_type, encoding=encoding)
    envelope = plain_body(text) or open_text(text)
    now_us = time.time_ns() // 1_000 if received_us is None else received_us
    browser = key_class is KeyClass.PK
    arrival = Arrival(
        received_us=now_us,
        shift_us=desk.clock.shift.days * 86_400_000_000,
        sent_at=None if envelope.sent_at is msgspec.UNSET else envelope.sent_at,
        trusted=not browser and desk.legal_basis != "consent",
        key=desk.name_key,
        currency=desk.currency,
    )
    proof = identity or (envelope.identity if isinstance(envelope.identity, str) else None)
    source = Source(kind="api", legal_basis="consent" if browser else desk.legal_basis, name=key_id or "no key")
    return _sorted(envelope.events, arrival, Teller(desk.callers, key_class, proof), source)


def _sorted(
    events: Sequence[PlainEvent | Mapping[str, Any] | Bad], arrival: Arrival, teller: Teller, source: Source
) -> Call:
    good, places, letters = [], [], []
    rejected: list[Rejected] = []
    notes: list[Note] = []
    seen: dict[bytes, int] = {}
    plainly = teller.believes and arrival.sent_at is None
    for index, sent in enumerate(events):
        if plainly and isinstance(sent, PlainEvent) and (event := usual(sent, arrival)) is not None:
            good.append(event)
            places.append(index)
            continue
        found = _plain(sent, arrival, teller) if isinstance(sent, PlainEvent) else _one(sent, arrival, teller, seen)
        if isinstance(found, Bad):
            rejected.append(Rejected(index=index, code=found.code, message=found.message))
            letters.append(_letter(sent, found, arrival, source))
            continue
        good.append(found.event)
        places.append(index)
        if found.notes:
            notes += [Note(index=index, code=code, message=message) for code, message in found.notes]
    delivery = Delivery(source=source, events=tuple(good), received_us=arrival.received_us, letters=tuple(letters))
    return Call(delivery=delivery, places=places, rejected=rejected, notes=notes)


def _plain(sent: PlainEvent, arrival: Arrival, teller: Teller) -> Checked | Bad:
    try:
        visitor = real_person(sent.visitor_id, "visitor_id") if sent.visitor_id else None
        customer = real_person(sent.customer_id, "customer_id") if sent.customer_id else None
    except Unusable as error:
        return Bad(code=error.code, message=str(error))
    visitor, customer, notes = teller.of(visitor, customer)
    found = check_plain(sent, arrival, visitor_id=visitor, customer_id=customer)
    if notes and isinstance(found, Checked):
        found.notes[:0] = notes
    return found


def _one(sent: Mapping[str, Any] | Bad, arrival: Arrival, teller: Teller, seen: dict[bytes, int]) -> Checked | Bad:
    if isinstance(sent, Bad):
        return sent
    try:
        visitor, customer, notes = teller.of(person(sent, "visitor_id"), person(sent, "customer_id"))
    except Unusable as error:
        return Bad(code=error.code, message=str(error))
    found = check(sent, arrival, visitor_id=visitor, customer_id=customer, seen=seen)
    if isinstance(found, Checked):
        found.notes[:0] = notes
    return found


def _letter(sent: PlainEvent | Mapping[str, Any] | Bad, why: Bad, arrival: Arrival, source: Source) -> DeadLetter:
    """A refused event, for the operator. Of a browser without consent only the reason is kept."""
    if isinstance(sent, PlainEvent):
        sent = cast("Mapping[str, Any]", msgspec.to_builtins(sent))
    kept = sent if isinstance(sent, Mapping) and (arrival.trusted or _consents(sent)) else None
    return DeadLetter(
        code=why.code,
        message=why.message,
        received_us=arrival.received_us,
        source=source.name,
        visitor_id=None if kept is None else _id_kept(kept, "visitor_id"),
        customer_id=None if kept is None else _id_kept(kept, "customer_id"),
        body=None if kept is None else body_of(kept),
    )


def _id_kept(sent: Mapping[str, Any], name: str) -> str | None:
    """The id by which the person is found again; of a number (refused as an id) its digits."""
    told = sent.get(name)
    if isinstance(told, bool) or not isinstance(told, str | int):
        return None
    try:
        return id_of(str(told), name)
    except Unusable:
        return None


def _consents(sent: Mapping[str, Any]) -> bool:
    told = sent.get("consent")
    return isinstance(told, Mapping) and told.get(PROFILE) is True
