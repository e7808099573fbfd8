"""The items' pictures, drawn when first asked for and kept; their names change when a rule of drawing does."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response

from recommender import pictures
from recommender.api.access import allow
from recommender.api.problems import Refusal
from recommender.demo_shop.floor import Floor
from recommender.demo_shop.static_files import IMMUTABLE

KEPT = 512
KINDS = {"svg": "image/svg+xml", "png": "image/png"}


def register(bp: Blueprint, floor: Floor) -> None:
    """The route: ``/demo/pictures/<item_id>-<version>.svg`` or ``.png``."""
    drawn = lru_cache(maxsize=KEPT)(pictures.svg)
    painted = lru_cache(maxsize=KEPT)(pictures.png)

    @bp.get("/pictures/<path:name>")
    @allow()
    def picture(name: str) -> Any:
        item_id, kind = _read(name)
        thing = floor.stock.thing(item_id)
        if thing is None:
            raise Refusal("not_found", "There is no such picture.")
        text = drawn(thing.item_id, thing.title, thing.category)
        if kind == "svg":
            return _answer(text.encode(), kind)
        work: Callable[[], bytes] = lambda: painted(text)  # noqa: E731 - a name for the type
        return floor.do(work, lambda body: _answer(body, kind))


def _read(name: str) -> tuple[str, str]:
    """Item id and kind of a picture of the rules in use.

    Raises
    ------
    Refusal
        ``not_found``.
    """
    stem, _, kind = name.rpartition(".")
    item_id, _, version = stem.rpartition("-")
    if kind not in KINDS or version != pictures.VERSION:
        raise Refusal("not_found", "There is no such picture.")
    return item_id, kind


def _answer(body: bytes, kind: str) -> Response:
    response = Response(body, mimetype=KINDS[kind])
    response.headers["Cache-Control"] = IMMUTABLE
    return response
