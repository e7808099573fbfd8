"""``/v1/recommendations/<scenario>``: one list, for a page."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from flask import Blueprint, Response, g, request
from msgspec import Meta

from recommender.api.access import allow
from recommender.api.identity import HEADER
from recommender.api.problems import FieldProblem, Refusal
from recommender.api.reading import fields_of, item_ids, object_of, pairs_of, struct_of
from recommender.api.storefront import Storefront
from recommender.api.visitors import Callers
from recommender.domain.clock import ShopClock
from recommender.domain.keys import KeyClass
from recommender.domain.people import Person
from recommender.domain.requests import Filter, Language, Repeat, Request
from recommender.domain.slates import Basis, Slate, SlateItem
from recommender.ranking.cards import Card, safe_link

ENCODER = msgspec.json.Encoder(decimal_format="number")
CLASSES = frozenset({KeyClass.PK, KeyClass.SK})
"""Keys that may ask for a list."""
ROUTE = "/v1/recommendations/<scenario>"
SPOKEN = frozenset(Language)

Price = Annotated[float, Meta(ge=0, le=1e12)]
Condition = Annotated[str, Meta(max_length=600, pattern="^[^=]+=")]
Path = Annotated[str, Meta(max_length=1000)]
Brand = Annotated[str, Meta(max_length=500)]
Id = Annotated[str, Meta(description="an id: printable, at most 128 bytes of UTF-8")]
Proof = Annotated[str, Meta(max_length=2048)]
Tag = Annotated[str, Meta(max_length=35)]
YesNo = bool | Literal[0, 1, "0", "1", "false", "true"]
YES = frozenset({True, "1", "true"})
Currency = Annotated[str, Meta(pattern="^([A-Za-z]{3})?$")]


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a storefront says when it asks for a list. Everything may be left out."""

    visitor_id: Annotated[str | None, Meta(description="the browser's id, a text of at most 128 bytes")] = None
    customer_id: Annotated[
        str | None,
        Meta(description="the customer's id, a text of at most 128 bytes; with a pk_ key only beside a valid identity"),
    ] = None
    identity: Annotated[Proof | None, Meta(description="the shop's signed proof of customer_id")] = None
    item_id: Annotated[
        tuple[Id, ...], Meta(max_length=50, description="the item or items the page shows, at most 50 ids")
    ] = ()
    cart: Annotated[tuple[Id, ...], Meta(max_length=200, description="the items in the cart, at most 200 ids")] = ()
    exclude: Annotated[
        tuple[Id, ...], Meta(max_length=1000, description="items that must not appear, at most 1,000 ids")
    ] = ()
    category: Annotated[Path | None, Meta(description="a category path or its beginning, parts joined by ` > `")] = None
    brand: Annotated[Brand | None, Meta(description="a brand, as the catalogue writes it")] = None
    price_min: Annotated[Price | None, Meta(description="a number: the least an item may cost now")] = None
    price_max: Annotated[Price | None, Meta(description="a number: the most an item may cost now")] = None
    where: Annotated[tuple[Condition, ...], Meta(max_length=20, description="attribute=value, at most 20 of them")] = ()
    repeat: Annotated[Repeat, Meta(description="auto, allow or forbid: whether items bought before may come back")] = (
        Repeat.AUTO
    )
    size: Annotated[int, Meta(ge=1, le=100, description="a whole number from 1 to 100: how many items")] = 12
    lang: Annotated[
        Tag | None, Meta(description="a language tag; pl gives Polish reasons, ru Russian, anything else English ones")
    ] = None
    currency: Annotated[
        Currency | None, Meta(description="three letters (ISO 4217); prices stay in the catalogue's currency")
    ] = None
    explain: Annotated[
        YesNo, Meta(description="true or false, or 1 or 0: say how the list came about; needs an sk_ key")
    ] = False

    @property
    def explains(self) -> bool:
        """``explain`` as one of two values."""
        return self.explain in YES


class AnswerReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why an item is there: a stable code and a sentence to show."""

    code: str
    text: str


class AnswerItem(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a list. ``price`` is what a customer pays now; null where the catalogue does not say. ``price_old`` is what
    it cost before a sale; null without one.
    """

    item_id: str
    rank: int
    score: float
    source: str
    reason: AnswerReason
    title: str | None
    url: str | None
    image: str | None
    price: Decimal | None
    price_old: Decimal | None
    currency: str | None


class AnswerFeature(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a forest was told of an item, and by how much it moved the item beside the list's other candidates."""

    value: float
    moved: float


class AnswerExplained(msgspec.Struct, frozen=True, kw_only=True):
    """How one place came about: each generator's share in the blend's score, what signals added (as a share of the score), the
    rules that touched the item, what boosts and buries multiplied the score by, and what moved it most where a forest decided.
    """

    item_id: str
    generators: dict[str, float]
    signals: dict[str, float]
    rules: tuple[str, ...]
    factor: float
    features: dict[str, AnswerFeature]


class AnswerDropped(msgspec.Struct, frozen=True, kw_only=True):
    """An item that would have come before the list's end, and what kept it out; ``rule`` names the shop's rule."""

    item_id: str
    source: str
    why: str
    rule: str | None


class AnswerExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """How the list came about: who put the model's proposals in order (``blend``, ``forest``, ``both``; null where it proposed
    none), its places in order, and the first 50 items that were left out.
    """

    order: str | None
    items: tuple[AnswerExplained, ...]
    dropped: tuple[AnswerDropped, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A list. ``fallback`` is null, or says why a lower rung than the model's answered.

    ``explanation`` is there only if it was asked for.
    """

    slate_id: str
    scenario: str
    model: str | None
    fallback: str | None
    basis: Basis
    items: tuple[AnswerItem, ...]
    explanation: AnswerExplanation | None = None


def blueprint(storefront: Storefront, clock: ShopClock, callers: Callers) -> Blueprint:
    """The routes, over the use case that never leaves a storefront without a list."""
    bp = Blueprint("recommendations", __name__, url_prefix="/v1/recommendations")

    @bp.get("/<scenario>")
    @allow(*CLASSES)
    def by_query(scenario: str) -> Response:
        return _answer(scenario, parameters_of(request.query_string))

    @bp.post("/<scenario>")
    @allow(*CLASSES)
    def by_body(scenario: str) -> Response:
        if any(name != "key" for name, _ in pairs_of(request.query_string)):
            raise Refusal("unknown_parameter", "A POST takes its parameters in the body, not in the address.")
        headers = request.headers
        values = object_of(
            request.get_data(),
            content_type=headers.get("Content-Type", ""),
            encoding=headers.get("Content-Encoding", ""),
        )
        return _answer(scenario, struct_of(values, Parameters, strict=True))

    def _answer(scenario: str, parameters: Parameters) -> Response:
        question, notice = asked(scenario, parameters, callers, key_class=g.key_class, clock=clock)
        slate, cards = storefront(question, request_id=g.request_id)
        made = Response(encoded(slate, cards), mimetype="application/json")
        if notice is not None:
            made.headers[HEADER] = notice
        return made

    return bp


def parameters_of(query: bytes) -> Parameters:
    """What the address says.

    Raises
    ------
    Refusal
        ``invalid_parameter`` or ``unknown_parameter``.
    """
    pairs = [pair for pair in pairs_of(query) if pair[0] != "key"]
    return struct_of(fields_of(pairs, Parameters), Parameters, strict=False)


def asked(
    scenario: str, parameters: Parameters, callers: Callers, *, key_class: KeyClass, clock: ShopClock
) -> tuple[Request, str | None]:
    """The request a call makes, and why its proof of identity does not hold (None: it does, or there is none).

    Raises
    ------
    Refusal
        As :func:`request_of`.
    """
    caller = callers.of(
        key_class,
        visitor_id=parameters.visitor_id,
        customer_id=parameters.customer_id,
        identity=parameters.identity,
    )
    return request_of(scenario, parameters, caller.person, key_class=key_class, clock=clock), caller.notice


def request_of(
    scenario: str, parameters: Parameters, person: Person, *, key_class: KeyClass, clock: ShopClock
) -> Request:
    """The parameters as the use case takes them.

    Raises
    ------
    Refusal
        For what a browser may not ask, and ids or prices that cannot be.
    """
    if parameters.explains and key_class is KeyClass.PK:
        raise Refusal("forbidden", "explain needs an sk_ key: it tells how the shop's lists are made.")
    return Request(
        scenario=scenario,
        now=clock.now(),
        person=person,
        item_ids=item_ids(parameters.item_id, pointer="/item_id"),
        cart=item_ids(parameters.cart, pointer="/cart"),
        exclude=item_ids(parameters.exclude, pointer="/exclude"),
        repeat=parameters.repeat,
        size=parameters.size,
        language=_language(parameters.lang),
        only=filter_of(parameters),
        explain=parameters.explains,
    )


def filter_of(parameters: Parameters) -> Filter | None:
    """Which items the list may hold; None if the call says nothing of it.

    Raises
    ------
    Refusal
        If the least price is above the most.
    """
    low, high = parameters.price_min, parameters.price_max
    if low is not None and high is not None and low > high:
        message = "price_min must not be above price_max."
        problem = FieldProblem(pointer="/price_min", code="invalid", message=message)
        raise Refusal("invalid_parameter", message, errors=(problem,))
    category, brand = (parameters.category or "").strip(), (parameters.brand or "").strip()
    if not (category or brand or parameters.where) and low is None and high is None:
        return None
    pairs = (condition.partition("=") for condition in parameters.where)
    return Filter(
        category=category or None,
        brand=brand or None,
        price_min=None if low is None else Decimal(str(low)),
        price_max=None if high is None else Decimal(str(high)),
        where=tuple(dict.fromkeys((name.strip(), value.strip()) for name, _, value in pairs)),
    )


def _language(tag: str | None) -> Language:
    if tag is None:
        return Language.EN
    primary = tag.replace("_", "-").partition("-")[0].lower()
    return Language(primary) if primary in SPOKEN else Language.EN


def encoded(slate: Slate, cards: Sequence[Card]) -> bytes:
    """The body of the answer."""
    return ENCODER.encode(answer_of(slate, cards))


def answer_of(slate: Slate, cards: Sequence[Card]) -> Answer:
    """The slate with what the catalogue says of its items (``cards`` place by place)."""
    return Answer(
        slate_id=slate.slate_id,
        scenario=slate.scenario,
        model=slate.model,
        fallback=slate.fallback,
        basis=slate.basis,
        items=tuple(_item_of(place, card) for place, card in zip(slate.items, cards, strict=True)),
        explanation=explanation_of(slate),
    )


def explanation_of(slate: Slate) -> AnswerExplanation | None:
    """How the list came about; None unless it was asked for."""
    if slate.explanation is None:
        return None
    return msgspec.convert(slate.explanation, AnswerExplanation, from_attributes=True)


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
        price_old=card.price_old,
        currency=card.currency,
    )
