"""The panel "What just happened": what was sent, what it changed in the profile, and what that changed in the list.

The page carries how things stood before its own event; the script asks again once the event was acknowledged, and shows the
difference with the times it took. Nothing is held in the server, so any worker answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from recommender.api.access import allow
from recommender.demo_shop.panel_texts import FACTS, PANEL
from recommender.demo_shop.session import State, current
from recommender.demo_shop.shelves import name_of
from recommender.domain.people import Person
from recommender.domain.requests import Language, Request
from recommender.features import AttributeValue
from recommender.model.lines import microseconds
from recommender.services.taking_back import take_back
from recommender.wiring import Shop

LIST_SIZE = 8
COUNTS = ("views", "open_cart_items", "orders", "sessions_7d")
MONEY = ("spend", "typical_price")
MEASURES = ("due_in_days", "views_per_session")
LOWEST_SHARE = 0.005
MOST_EVENTS = 50


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
    """Events somebody wants undone."""

    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What the panel reads of a shop."""

    shop: Shop

    def facts(self, state: State) -> tuple[Fact, ...]:
        """What the profile says of who is shopping; nothing of somebody who has not agreed to one."""
        person = _person(state)
        if not state.consent or person == Person():
            return ()
        now = microseconds(self.shop.clock.now())
        return told(self.shop.portraits.of(person, now).values, state.language)

    def places(self, state: State) -> tuple[Place, ...]:
        """The list of the home page."""
        wanted = Request(
            scenario="home",
            now=self.shop.clock.now(),
            person=_person(state) if state.consent else Person(),
            size=LIST_SIZE,
            language=state.language,
        )
        slate = self.shop.recommender.slate(wanted)
        cards = self.shop.catalogue_view.cards([place.item_id for place in slate.items])
        return tuple(
            Place(
                item_id=place.item_id,
                title=card.title or place.item_id,
                image=card.image,
                reason=place.reason.text,
            )
            for place, card in zip(slate.items, cards, strict=True)
        )

    def standing(self, state: State) -> Standing:
        """Both."""
        return Standing(facts=self.facts(state), places=self.places(state))


def told(values: dict[str, AttributeValue], language: Language) -> tuple[Fact, ...]:
    """What the panel tells of a profile's attributes, in the order people care about."""
    found = [_fact(name, "count", values.get(name), language) for name in COUNTS]
    found += [_fact(name, "money", values.get(name), language) for name in MONEY]
    found += [_fact(name, "measure", values.get(name), language) for name in MEASURES]
    return (*_interests(values.get("path_shares"), language), *found)


def _fact(name: str, unit: str, value: AttributeValue, language: Language) -> Fact:
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    return Fact(key=name, label=FACTS[name][language], unit=unit, value=float(value) if known else None)  # type: ignore[arg-type]


def _interests(shares: AttributeValue, language: Language) -> list[Fact]:
    if not isinstance(shares, dict):
        return []
    return [
        Fact(
            key=f"interest:{path}",
            label=FACTS["interest"][language].format(shelf=name_of(path, language)),
            unit="share",
            value=float(share),
        )
        for path, share in shares.items()
        if share >= LOWEST_SHARE
    ]


def _person(state: State) -> Person:
    return Person(customer_id=state.person, visitor_id=None if state.person else state.visitor_id)


def words(language: Language) -> dict[str, str]:
    """The panel's sentences in a language."""
    return {name: said[language] for name, said in PANEL.items()}


def install(bp: Blueprint, shop: Shop) -> None:
    """Add the panel's calls to the demo's blueprint, and what its pages include."""
    panel = Panel(shop=shop)

    @bp.app_context_processor
    def on_pages() -> dict[str, Callable[[], Any]]:
        return {"panel": lambda: _of_page(panel)}

    @bp.get("/panel/profile")
    @allow()
    def profile() -> Response:
        return _json(panel.facts(current()))

    @bp.get("/panel/list")
    @allow()
    def places() -> Response:
        return _json(panel.places(current()))

    @bp.post("/panel/undo")
    @allow()
    def undo() -> Response:
        wanted = msgspec.json.decode(request.get_data(), type=TakingBack)
        gone = take_back(shop.stores, _person(current()), wanted.event_ids[:MOST_EVENTS], cache=shop.cache)
        return _json({"taken_back": gone})


def _of_page(panel: Panel) -> dict[str, Any]:
    state = current()
    return {
        "before": msgspec.json.encode(panel.standing(state)).decode(),
        "words": msgspec.json.encode(words(state.language)).decode(),
        "text": words(state.language),
        "consent": state.consent,
        "owner": state.person or state.visitor_id or "",
        "simulated": state.consent and state.person is not None,
    }


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), mimetype="application/json")
