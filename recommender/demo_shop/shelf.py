"""The shelves: everything of a category, page by page, and first what is for this person."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from flask import Blueprint, request

from recommender.api.access import allow
from recommender.demo_shop.floor import Floor
from recommender.demo_shop.session import State
from recommender.demo_shop.shelves import name_of, slug, steps_of
from recommender.domain.items import CATEGORY_SEPARATOR

PAGE_SIZE = 24


def register(bp: Blueprint, floor: Floor) -> None:
    """The routes."""

    @bp.get("/shelves")
    @allow()
    def shelves() -> Any:
        return floor.view("shelves.html", lambda state: {"shelves": all_shelves(floor, state)})

    @bp.get("/shelf/<path:address>")
    @allow()
    def shelf(address: str) -> Any:
        category = floor.stock.category_at(address)
        if category is None:
            return floor.view("missing.html", lambda _: {}, status=404)
        number = request.args.get("page", 1, type=int)
        return floor.view("shelf.html", lambda state: gather(floor, state, category, number))


def gather(floor: Floor, state: State, category: str, number: int) -> Mapping[str, Any]:
    """One page of a shelf."""
    on_sale = floor.stock.shelf(category)
    pages = max(1, ceil(len(on_sale) / PAGE_SIZE))
    page = min(max(number, 1), pages)
    language = state.language
    return {
        "category": category,
        "name": name_of(category, language),
        "address": slug(category),
        "path": [(slug(step), name_of(step, language)) for step in steps_of(category)[:-1]],
        "parts": [
            (slug(below), name_of(below, language))
            for below in floor.stock.categories()
            if below.rpartition(CATEGORY_SEPARATOR)[0] == category
        ],
        "count": len(on_sale),
        "things": floor.stock.things(on_sale[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]),
        "page": page,
        "pages": pages,
    }


def all_shelves(floor: Floor, state: State) -> list[tuple[str, str, int, str]]:
    """Address, name, how many things, and a picture of every shelf, the largest first."""
    found = []
    for category in floor.stock.categories():
        if CATEGORY_SEPARATOR not in category:
            best = floor.stock.popular(1, shelf=category)
            picture = best[0].picture if best else ""
            count = len(floor.stock.shelf(category))
            found.append((slug(category), name_of(category, state.language), count, picture))
    return sorted(found, key=lambda one: (-one[2], one[1]))
