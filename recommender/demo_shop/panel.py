"""The panel "What just happened": what was sent, what it changed in the profile, and what that changed in the list.

The page carries how things stood before its own event; the script asks again once the event was acknowledged, and shows the
difference with the times it took. Nothing is held in the server, so any worker answers.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response, request

from recommender.api.access import allow
from recommender.api.problems import Refusal
from recommender.demo_shop.floor import Floor, person_of
from recommender.demo_shop.panel_texts import FACTS, PANEL
from recommender.demo_shop.session import State
from recommender.demo_shop.shelves import name_of
from recommender.demo_shop.texts import Words
from recommender.demo_shop.things import picture_of
from recommender.domain.people import Person
from recommender.domain.requests import Language, Repeat, Request
from recommender.features import AttributeValue
from recommender.model.lines import microseconds
from recommender.services.taking_back import take_back

LIST_SIZE = 8
COUNTS = ("views", "open_cart_items", "orders", "sessions_7d")
MONEY = ("spend", "typical_price")
MEASURES = ("due_in_days", "views_per_session")
LOWEST_SHARE = 0.005
DIGITS = 2
MOST_EVENTS = 50
ANY_ITEM = "ITEM"
"""Stands for an item's id in the address of a picture that the script fills in."""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the profile says. ``value`` is null where it is not known; ``unit`` is count, money, measure or share (0 to 1)."""

    key: str
    label: str
    unit: str
    value: float | None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One place of the list for the person's home page."""

    item_id: str
    title: str
    image: str | None
    reason: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How things stand: the profile in facts and the list."""

    facts: tuple[Fact, ...]
    places: tuple[Place, ...]


class TakingBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events somebody wants undone, and what they had put into the basket (pieces by item id; below 0: had taken out)."""

    event_ids: tuple[Annotated[str, msgspec.Meta(pattern=r"^[^\x00]*$")], ...]
    put_in: dict[str, int] = {}


def facts_of(floor: Floor, state: State) -> tuple[Fact, ...]:
    """What the profile says of who is shopping; nothing of somebody who has not agreed to one."""
    person = person_of(state)
    if person == Person():
        return ()
    shop = floor.shop
    return told(shop.portraits.of(person, microseconds(shop.clock.now())).values, state.language)


def places_of(floor: Floor, state: State) -> tuple[Place, ...]:
    """The list of the home page: things the person has not bought."""
    wanted = Request(
        scenario="home",
        now=floor.shop.clock.now(),
        person=person_of(state),
        size=LIST_SIZE,
        language=state.language,
        repeat=Repeat.FORBID,
    )
    slate = floor.shop.recommender.slate(wanted)
    cards = floor.shop.catalogue_view.cards([place.item_id for place in slate.items])
    return tuple(
        Place(item_id=place.item_id, title=card.title or place.item_id, image=card.image, reason=place.reason.text)
        for place, card in zip(slate.items, cards, strict=True)
    )


def standing_of(floor: Floor, state: State) -> Standing:
    """Both, as they are before the page says what it shows."""
    return Standing(facts=facts_of(floor, state), places=places_of(floor, state))


def told(values: dict[str, AttributeValue], language: Language) -> tuple[Fact, ...]:
    """What the panel tells of a profile's attributes, in the order people care about."""
    found = [_fact(name, "count", values.get(name), language) for name in COUNTS]
    found += [_fact(name, "money", values.get(name), language) for name in MONEY]
    found += [_fact(name, "measure", values.get(name), language) for name in MEASURES]
    return (*_interests(values.get("path_shares"), language), *found)


def _fact(name: str, unit: str, value: AttributeValue, language: Language) -> Fact:
    known = None if isinstance(value, bool) or not isinstance(value, (int, float)) else round(float(value), DIGITS)
    return Fact(key=name, label=FACTS[name][language], unit=unit, value=known)


def _interests(shares: AttributeValue, language: Language) -> list[Fact]:
    if not isinstance(shares, dict):
        return []
    return [
        Fact(
            key=f"interest:{path}",
            label=FACTS["interest"][language].format(shelf=name_of(path, language)),
            unit="share",
            value=round(float(share), DIGITS + 2),
        )
        for path, share in shares.items()
        if share >= LOWEST_SHARE
    ]


def words(language: Language) -> dict[str, str]:
    """The panel's sentences in a language."""
    return {name: said[language] for name, said in PANEL.items()}


def of_page(floor: Floor, state: State) -> Mapping[str, Any]:
    """What ``panel.html`` is filled with."""
    return {
        "before": msgspec.json.encode(standing_of(floor, state)).decode(),
        "words": msgspec.json.encode(words(state.language)).decode(),
        "text": words(state.language),
        "consent": state.consent,
        "picture": picture_of(ANY_ITEM),
        "owner": state.person or state.visitor_id or "",
        "simulated": state.known is not None,
    }


def register(bp: Blueprint, floor: Floor) -> None:
    """The calls of the panel's script."""

    @bp.get("/panel/profile")
    @allow()
    def panel_profile() -> Any:
        state = floor.state()
        return floor.do(lambda: facts_of(floor, state), _json)

    @bp.get("/panel/list")
    @allow()
    def panel_list() -> Any:
        state = floor.state()
        return floor.do(lambda: places_of(floor, state), _json)

    @bp.post("/panel/undo")
    @allow()
    def panel_undo() -> Any:
        state, shop = floor.state(), floor.shop
        try:
            wanted = msgspec.json.decode(request.get_data(), type=TakingBack)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal("bad_request", f"This is not what is to be taken back: {error}.") from None
        ids = wanted.event_ids[:MOST_EVENTS]
        after = state
        for item_id, pieces in wanted.put_in.items():
            after = after.set(item_id, after.basket.get(item_id, 0) - pieces)

        def finish(gone: int) -> Response:
            shown, words = floor.stock.lines(after.basket), Words(after.language)
            pill = (
                words("basket_pill", n=shown.pieces, sum=words.money(shown.total))
                if shown.lines
                else words("basket_none")
            )
            response = _json({"taken_back": gone, "pill": pill})
            floor.cookies.write(after, response)
            return response

        return floor.do(lambda: take_back(shop.stores, person_of(state), ids, cache=shop.cache), finish)


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), mimetype="application/json")
