"""The first page: what we would put in front of this person, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint

from recommender.api.access import allow
from recommender.demo_shop.floor import Floor, person_of
from recommender.demo_shop.history import is_live, looked_at, orders_of, own_events, rhythm
from recommender.demo_shop.panel import places_of
from recommender.demo_shop.people import Shown
from recommender.demo_shop.session import State
from recommender.demo_shop.shelves import BAND, heading_of, name_of, slug
from recommender.demo_shop.texts import Words
from recommender.domain.events import Line

HISTORY = 2_000
BEST = 9
"""So many stand where there is no list: three rows of three."""
NEAR = 4
"""So many things of the same shelf stand, without script, in the place of the row of similar things."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intro:
    """How the page opens: a heading, sentences, and which list stands beside it."""

    heading: str
    sentences: Sequence[str]
    scenario: str


def register(bp: Blueprint, floor: Floor) -> None:
    """The route."""

    @bp.get("")
    @allow()
    def home() -> Any:
        return floor.view("home.html", lambda state: gather(floor, state))


def gather(floor: Floor, state: State) -> Mapping[str, Any]:
    """What the page shows of this person."""
    lines: Sequence[Line] = []
    if state.consent:
        lines = floor.shop.stores.log.of_person(person_of(state), limit=HISTORY)
    shown = next((one for one in floor.people() if one.customer_id == state.known), None)
    looked = looked_at(lines)
    thing = floor.stock.thing(looked.item_id) if looked else None
    words = Words(state.language)
    return {
        "intro": intro(
            words,
            state,
            shown,
            lines,
            categories=_categories(floor, state) if shown else (),
            live=is_live(lines, floor.shop.clock.now()),
        ),
        "looked": looked if thing else None,
        "looked_thing": thing,
        "looked_shelf": (slug(thing.category), name_of(thing.category, state.language))
        if thing and thing.category
        else None,
        "near": floor.stock.popular(NEAR, shelf=thing.category or None, without=[thing.item_id]) if thing else (),
        "band": [_round(floor, category, state) for category in BAND if floor.stock.shelf(category)],
        "popular": floor.stock.popular(BEST),
    }


def _categories(floor: Floor, state: State) -> Sequence[str]:
    """The shelves of what the list beside the opening shows."""
    return [thing.category for thing in floor.stock.things(place.item_id for place in places_of(floor, state))]


def intro(
    words: Words, state: State, shown: Shown | None, lines: Sequence[Line], *, categories: Sequence[str], live: bool
) -> Intro:
    """The opening for a known customer, a visitor, or somebody without consent; ``categories`` are of the items shown."""
    if not state.consent:
        return Intro(heading=words("home_refused"), sentences=[words("home_refused_text")], scenario="trending")
    updated = [words("updated_now")] if live else []
    if shown is not None:
        heading = heading_of(shown.top_shelf, categories, state.language) or words("home_learning")
        return Intro(heading=heading, sentences=[_who(words, shown, lines), *updated], scenario="home")
    done = len(own_events(lines))
    if done:
        said = words.count("home_learning_text", done)
        return Intro(heading=words("home_learning"), sentences=[said, *updated], scenario="home")
    return Intro(heading=words("home_new"), sentences=[words("home_new_text")], scenario="trending")


def _who(words: Words, shown: Shown, lines: Sequence[Line]) -> str:
    shelves = ", ".join(name_of(name, words.language) for name in shown.top_shelves)
    often = rhythm(orders_of(lines))
    if often is None:
        return words("home_known", id=shown.customer_id, shelves=shelves)
    return words("home_known_often", id=shown.customer_id, often=words(often), shelves=shelves)


def _round(floor: Floor, category: str, state: State) -> tuple[str, str, str]:
    """Address, name and picture of a shelf: the thing most people buy from it."""
    best = floor.stock.popular(1, shelf=category)
    picture = best[0].picture if best else ""
    return slug(category), name_of(category, state.language), picture
