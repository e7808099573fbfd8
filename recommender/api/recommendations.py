"""``/v1/recommendations/<scenario>``: one list, for a page."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

import msgspec
from flask import Blueprint, Response, g, request
from msgspec import Meta

from recommender.api.access import allow
from recommender.api.problems import Refusal
from recommender.api.reading import fields_of, item_ids, object_of, pairs_of, person_id, struct_of
from recommender.api.storefront import Storefront
from recommender.domain.clock import ShopClock
from recommender.domain.keys import KeyClass
from recommender.domain.people import Person
from recommender.domain.requests import Language, Repeat, Request
from recommender.domain.slates import Basis, Slate, SlateItem
from recommender.services.catalogue_view import Card

UNSUPPORTED = frozenset({"category", "brand", "price_min", "price_max", "where", "explain"})
"""Parameters of the contract that are answered with 400 ``unsupported_parameter`` until they are built."""

ENCODER = msgspec.json.Encoder(decimal_format="number")

Id = Annotated[str, Meta(description="an id: printable, at most 128 bytes of UTF-8")]
Proof = Annotated[str, Meta(max_length=2048)]
Tag = Annotated[str, Meta(max_length=35)]
Currency = Annotated[str, Meta(pattern="^([A-Za-z]{3})?$")]


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a storefront says when it asks for a list. Everything may be left out."""

    visitor_id: Annotated[str | None, Meta(description="the browser's id, a text of at most 128 bytes")] = None
    customer_id: Annotated[
        str | None,
        Meta(description="the customer's id, a text of at most 128 bytes; ignored with a pk_ key"),
    ] = None
    identity: Annotated[Proof | None, Meta(description="the shop's signed proof of customer_id; not checked yet")] = (
        None
    )
    item_id: Annotated[
        tuple[Id, ...], Meta(max_length=50, description="the item or items the page shows, at most 50 ids")
    ] = ()
    cart: Annotated[tuple[Id, ...], Meta(max_length=200, description="the items in the cart, at most 200 ids")] = ()
    exclude: Annotated[
        tuple[Id, ...], Meta(max_length=1000, description="items that must not appear, at most 1,000 ids")
    ] = ()
    repeat: Annotated[Repeat, Meta(description="auto, allow or forbid: whether items bought before may come back")] = (
        Repeat.AUTO
    )
    size: Annotated[int, Meta(ge=1, le=100, description="a whole number from 1 to 100: how many items")] = 12
    lang: Annotated[
        Tag | None, Meta(description="a language tag; pl gives Polish reasons, anything else English ones")
    ] = None
    currency: Annotated[
        Currency | None, Meta(description="three letters (ISO 4217); prices stay in the catalogue's currency")
    ] = None


class AnswerReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why an item is there: a stable code and a sentence to show."""

    code: str
    text: str


class AnswerItem(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a list. ``price`` is what a customer pays now; null where the catalogue does not say."""

    item_id: str
    rank: int
    score: float
    source: str
    reason: AnswerReason
    title: str | None
    url: str | None
    image: str | None
    price: Decimal | None
    currency: str | None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A list. ``fallback`` is null, or says why a lower rung than the model's answered."""

    slate_id: str
    scenario: str
    model: str | None
    fallback: str | None
    basis: Basis
    items: tuple[AnswerItem, ...]


def blueprint(storefront: Storefront, clock: ShopClock) -> Blueprint:
    """The routes, over the use case that never leaves a storefront without a list."""
    bp = Blueprint("recommendations", __name__, url_prefix="/v1/recommendations")

    @bp.get("/<scenario>")
    @allow(KeyClass.PK, KeyClass.SK)
    def by_query(scenario: str) -> Response:
        pairs = [pair for pair in pairs_of(request.query_string) if pair[0] != "key"]
        values = fields_of(pairs, Parameters)
        return _answer(scenario, struct_of(values, Parameters, unsupported=UNSUPPORTED, strict=False))

    @bp.post("/<scenario>")
    @allow(KeyClass.PK, KeyClass.SK)
    def by_body(scenario: str) -> Response:
        if any(name != "key" for name, _ in pairs_of(request.query_string)):
            raise Refusal("unknown_parameter", "A POST takes its parameters in the body, not in the address.")
        headers = request.headers
        values = object_of(
            request.get_data(),
            content_type=headers.get("Content-Type", ""),
            encoding=headers.get("Content-Encoding", ""),
        )
        return _answer(scenario, struct_of(values, Parameters, unsupported=UNSUPPORTED, strict=True))

    def _answer(scenario: str, parameters: Parameters) -> Response:
        question = request_of(scenario, parameters, key_class=g.key_class, clock=clock)
        slate, cards = storefront(question, request_id=g.request_id)
        return Response(ENCODER.encode(answer_of(slate, cards)), mimetype="application/json")

    return bp


def request_of(scenario: str, parameters: Parameters, *, key_class: KeyClass, clock: ShopClock) -> Request:
    """The parameters as the use case takes them; only a server's key may name a customer."""
    trusted = key_class is not KeyClass.PK
    customer = person_id(parameters.customer_id, pointer="/customer_id")
    return Request(
        scenario=scenario,
        now=clock.now(),
        person=Person(
            customer_id=customer if trusted else None,
            visitor_id=person_id(parameters.visitor_id, pointer="/visitor_id"),
        ),
        item_ids=item_ids(parameters.item_id, pointer="/item_id"),
        cart=item_ids(parameters.cart, pointer="/cart"),
        exclude=item_ids(parameters.exclude, pointer="/exclude"),
        repeat=parameters.repeat,
        size=parameters.size,
        language=_language(parameters.lang),
    )


def _language(tag: str | None) -> Language:
    primary = (tag or "").replace("_", "-").partition("-")[0].lower()
    return Language.PL if primary == "pl" else Language.EN


def answer_of(slate: Slate, cards: Sequence[Card]) -> Answer:
    """The slate with what the catalogue says of its items (``cards`` place by place)."""
    return Answer(
        slate_id=slate.slate_id,
        scenario=slate.scenario,
        model=slate.model,
        fallback=slate.fallback,
        basis=slate.basis,
        items=tuple(_item_of(place, card) for place, card in zip(slate.items, cards, strict=True)),
    )


def _item_of(place: SlateItem, card: Card) -> AnswerItem:
    price = card.price if card.sale_price is None else card.sale_price
    return AnswerItem(
        item_id=place.item_id,
        rank=place.rank,
        score=place.score,
        source=place.source,
        reason=AnswerReason(code=place.reason.code, text=place.reason.text),
        title=card.title,
        url=safe_link(card.url),
        image=safe_link(card.image),
        price=price if price is not None and price.is_finite() else None,
        currency=card.currency,
    )


def safe_link(link: str | None) -> str | None:
    """The link if a page may follow it: http(s) or a path of the shop's own site; anything else is left out."""
    if link is None:
        return None
    start = link.lower()
    if start.startswith(("https://", "http://")) or (start.startswith("/") and not start.startswith(("//", "/\\"))):
        return link
    return None
