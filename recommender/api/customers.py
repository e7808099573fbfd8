"""``/v1/customers/{id}``: what the shop's server says of a customer, and what we hold of them."""

from datetime import date
from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta

from recommender.api.access import allow
from recommender.api.describing import Operation, described
from recommender.api.later import Backroom
from recommender.api.problems import FieldProblem, Refusal
from recommender.api.reading import object_of, person_id, struct_of
from recommender.domain.consent import ConsentState, Purpose
from recommender.domain.keys import KeyClass
from recommender.domain.people import Customer
from recommender.features import ATTRIBUTES, AttributeValue
from recommender.services.attributes import Portrait
from recommender.services.customer_desk import CustomerDesk, Entered
from recommender.services.privacy import Receipt

PREFERENCE = "preference_"
"""Preferences are attributes of the customer under this prefix."""
MOST_ATTRIBUTES = 200

Text = Annotated[str, Meta(max_length=500, description="a text of at most 500 characters")]
Plain = str | int | float | bool | None
Said = Annotated[
    dict[Purpose, bool | ConsentState],
    Meta(
        description=f"an object of the purposes {', '.join(Purpose)}, each with true, false or one of {', '.join(ConsentState)}"
    ),
]
Named = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=100)], Plain],
    Meta(
        max_length=MOST_ATTRIBUTES,
        description=f"an object of at most {MOST_ATTRIBUTES} names (1 to 100 characters), each with a text, a number, true, false or null",
    ),
]


class CustomerBody(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop says of a customer. What is left out or null stays as it was."""

    email: Text | None = None
    name: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    phone: Text | None = None
    birth_date: Annotated[date | None, Meta(description="a date such as 1990-05-17")] = None
    gender: Text | None = None
    country: Text | None = None
    city: Text | None = None
    postal_code: Text | None = None
    language: Text | None = None
    attributes: Named | None = None
    consent: Said | None = None
    preferences: Named | None = None


class CustomerStored(msgspec.Struct, frozen=True, kw_only=True):
    """What was stored. ``consent_records`` were appended to the ledger."""

    customer_id: str
    new: bool
    consent_records: int


class AttributeTold(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute: its value, or null for what ``missing`` says; ``meaning`` and ``unit`` in words."""

    name: str
    facet: str
    value: AttributeValue
    unit: str
    meaning: str
    missing: str


class CustomerProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer's events add up to. ``position`` is the last line of the log that is in it."""

    customer_id: str
    position: int
    attributes: tuple[AttributeTold, ...]


class CustomerErased(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure deleted, by store; files of ours that were rewritten, files of ours that could not be and are to be
    deleted by hand, and files of the shop's own that still name the id, as far as a second suffices
    to look through them (``searched_all``: it did).
    """

    customer_id: str
    deleted: dict[str, int]
    rewritten: tuple[str, ...]
    not_rewritten: tuple[str, ...]
    still_named_in: tuple[str, ...]
    searched_all: bool
    erased_at: str


_BODY = ("invalid_parameter", "unknown_parameter", "invalid_body", "unsupported_media_type", "erased")


def blueprint(desk: CustomerDesk, backroom: Backroom) -> Blueprint:
    """The routes over the use cases; what may wait for a lock is done in the back room."""
    bp = Blueprint("customers", __name__, url_prefix="/v1/customers")
    _put(bp, desk, backroom)
    _show(bp, desk, backroom)
    _erase(bp, desk, backroom)
    return bp


def _put(bp: Blueprint, desk: CustomerDesk, backroom: Backroom) -> None:
    """The route by which the shop says who a customer is."""

    @bp.put("/<customer_id>")
    @allow(KeyClass.SK)
    @described(Operation(summary="Say who a customer is", answer=CustomerStored, body=CustomerBody, problems=_BODY))
    def put(customer_id: str) -> Any:
        known = _known(customer_id)
        headers = request.headers
        values = object_of(
            request.get_data(),
            content_type=headers.get("Content-Type", ""),
            encoding=headers.get("Content-Encoding", ""),
        )
        body = struct_of(values, CustomerBody, strict=True)
        customer, consent = customer_of(known, body), consent_of(body)

        def answer(entered: Entered) -> Response:
            if entered.erased:
                raise Refusal("erased", "This customer asked to be forgotten; nothing was stored.")
            return _json(CustomerStored(customer_id=known, new=entered.new, consent_records=entered.consent))

        return backroom.do(lambda: desk.enter(customer, consent, source="api"), answer)


def _show(bp: Blueprint, desk: CustomerDesk, backroom: Backroom) -> None:
    """The routes that hand out what is held of a customer."""

    @bp.get("/<customer_id>/profile")
    @allow(KeyClass.SK)
    @described(
        Operation(
            summary="What a customer's events add up to",
            answer=CustomerProfile,
            problems=("invalid_parameter", "not_found"),
        )
    )
    def profile(customer_id: str) -> Any:
        known = _known(customer_id)

        def look() -> Portrait:
            _must_be_known(desk, known)
            return desk.portrait(known)

        return backroom.do(look, lambda portrait: _json(profile_of(known, portrait)))

    @bp.get("/<customer_id>/export")
    @allow(KeyClass.SK)
    @described(
        Operation(
            summary="Everything held of a customer",
            answer="application/zip",
            problems=("invalid_parameter", "not_found"),
        )
    )
    def export(customer_id: str) -> Any:
        known = _known(customer_id)

        def collect() -> bytes:
            _must_be_known(desk, known)
            return desk.export(known)

        headers = {"Content-Disposition": 'attachment; filename="customer.zip"'}
        return backroom.do(collect, lambda body: Response(body, 200, headers, mimetype="application/zip"))


def _erase(bp: Blueprint, desk: CustomerDesk, backroom: Backroom) -> None:
    """The route that forgets a customer."""

    @bp.delete("/<customer_id>")
    @allow(KeyClass.ADM)
    @described(Operation(summary="Forget a customer for good", answer=CustomerErased, problems=("invalid_parameter",)))
    def erase(customer_id: str) -> Any:
        known = _known(customer_id)
        return backroom.do(lambda: desk.erase(known), lambda receipt: _json(erased_of(known, receipt)))


def customer_of(customer_id: str, body: CustomerBody) -> Customer:
    """The record a body describes; preferences become attributes."""
    preferences = {f"{PREFERENCE}{name}": value for name, value in (body.preferences or {}).items()}
    plain = {name: getattr(body, name) or None for name in CustomerBody.__struct_fields__ if name not in _NOT_PLAIN}
    return Customer(customer_id=customer_id, attributes={**(body.attributes or {}), **preferences}, **plain)


_NOT_PLAIN = frozenset({"attributes", "consent", "preferences"})


def consent_of(body: CustomerBody) -> dict[Purpose, ConsentState]:
    """What the customer said, by purpose: true is granted, false is withdrawn."""
    words = {True: ConsentState.GRANTED, False: ConsentState.WITHDRAWN}
    return {purpose: words[said] if isinstance(said, bool) else said for purpose, said in (body.consent or {}).items()}


def profile_of(customer_id: str, portrait: Portrait) -> CustomerProfile:
    """The attributes with what they mean, in the order of the facets."""
    return CustomerProfile(
        customer_id=customer_id,
        position=portrait.position,
        attributes=tuple(
            AttributeTold(
                name=one.name,
                facet=one.facet,
                value=portrait.values[one.name],
                unit=one.unit,
                meaning=one.meaning,
                missing=one.missing,
            )
            for one in ATTRIBUTES.values()
        ),
    )


def erased_of(customer_id: str, receipt: Receipt) -> CustomerErased:
    """The receipt as the caller reads it."""
    return CustomerErased(
        customer_id=customer_id,
        deleted=receipt.deleted,
        rewritten=receipt.rewritten,
        not_rewritten=receipt.not_rewritten,
        still_named_in=receipt.still_named_in,
        searched_all=receipt.searched_all,
        erased_at=receipt.erased_at,
    )


def _known(text: str) -> str:
    """The id of the address in its normal form."""
    found = person_id(text, pointer="/customer_id")
    if found is None:
        message = "The address must name a customer; this id is one that senders use for nobody."
        problem = FieldProblem(pointer="/customer_id", code="invalid", message=message)
        raise Refusal("invalid_parameter", message, errors=(problem,))
    return found


def _must_be_known(desk: CustomerDesk, customer_id: str) -> None:
    if not desk.knows(customer_id):
        raise Refusal("not_found", "There is neither a record nor an event of this customer.")


def _json(struct: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(struct), mimetype="application/json")
