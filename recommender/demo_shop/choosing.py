"""The bar at the top: whom to shop as, consent, language. Each is a form, so it works without script."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from recommender.api.access import allow
from recommender.demo_shop.floor import Floor
from recommender.demo_shop.people import Shown
from recommender.domain.requests import Language

HOME = "/demo"


def register(bp: Blueprint, floor: Floor) -> None:
    """The routes."""

    @bp.post("/person")
    @allow()
    def person() -> Any:
        wanted = request.form.get("person") or None
        state = floor.state()

        def answer(people: tuple[Shown, ...]) -> Response:
            known = {one.customer_id for one in people}
            return floor.back(state.shopping_as(wanted if wanted in known else None), HOME)

        return floor.do(floor.people, answer)

    @bp.post("/consent")
    @allow()
    def consent() -> Any:
        return floor.back(floor.state().with_consent(given=request.form.get("consent") == "yes"), back())

    @bp.post("/language")
    @allow()
    def language() -> Any:
        state, wanted = floor.state(), request.form.get("language", "")
        known = wanted in {str(one) for one in Language}
        return floor.back(replace(state, language=Language(wanted)) if known else state, back())


def back() -> str:
    """The page a form was sent from, if it is one of ours."""
    where = request.form.get("back", HOME)
    ours = where == HOME or where.startswith(f"{HOME}/")
    return where if ours and "\\" not in where and where.isprintable() else HOME
