"""The basket: put in, change, take out; and the order that is placed from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from secrets import token_hex
from typing import Any

from flask import Blueprint, Response, jsonify, request

from recommender.api.access import allow
from recommender.demo_shop.floor import Floor
from recommender.demo_shop.history import DEMO_ORDER
from recommender.demo_shop.session import MOST_PIECES, Placed, State
from recommender.demo_shop.signals import Push, pushed
from recommender.demo_shop.texts import Words
from recommender.demo_shop.things import Thing

PAGE = "/demo/basket"
PICKS = 6


def register(bp: Blueprint, floor: Floor) -> None:
    """The routes."""

    @bp.get("/basket")
    @allow()
    def basket() -> Any:
        return floor.view("basket.html", lambda state: gather(floor, state))

    @bp.post("/basket/add")
    @allow()
    def add() -> Any:
        state, words = floor.state(), Words(floor.state().language)
        quantity = _quantity(1)
        known = floor.stock.things(request.form.getlist("item_id"))
        if not known:
            return unknown(floor, words)
        things = [thing for thing in known if thing.offered]
        after = state
        for thing in things:
            after = after.put(thing.item_id, max(1, quantity))
        said = words("added", item=", ".join(thing.title for thing in things)) if things else words("failed")
        pushes = [pushed("add_to_cart", [(thing, max(1, quantity)) for thing in things])] if things else []
        return changed(floor, after, said, pushes)

    @bp.post("/basket/set")
    @allow()
    def set_() -> Any:
        state, words = floor.state(), Words(floor.state().language)
        thing = floor.stock.thing(request.form.get("item_id", ""))
        if thing is None:
            return unknown(floor, words)
        before, wanted = state.basket.get(thing.item_id, 0), _quantity(0)
        event = "add_to_cart" if wanted > before else "remove_from_cart"
        pushes = [pushed(event, [(thing, abs(wanted - before))])] if wanted != before else []
        said = words("added" if wanted > 0 else "removed", item=thing.title)
        return changed(floor, state.set(thing.item_id, wanted), said, pushes)

    @bp.post("/order")
    @allow()
    def order() -> Any:
        state = floor.state()
        if not floor.stock.lines(state.basket).lines:
            return floor.back(state, PAGE)
        placed = Placed(order_id=f"{DEMO_ORDER}{token_hex(4)}", lines=state.basket)
        floor.forget_people()
        return floor.back(replace(state, basket={}, placed=placed), "/demo/orders")


def gather(floor: Floor, state: State) -> Mapping[str, Any]:
    """What stands beside the basket itself, which is in every page's frame."""
    shown = floor.stock.lines(state.basket)
    return {"popular": _companions(floor, [line.thing for line in shown.lines])}


def _companions(floor: Floor, things: Sequence[Thing]) -> list[Thing]:
    """For browsers without script: what goes with the basket by the facts, then what is popular."""
    inside = {thing.item_id for thing in things}
    ids = [one.item_id for thing in things for one in thing.facts.companions if one.item_id not in inside]
    near = [thing for thing in floor.stock.things(dict.fromkeys(ids)) if thing.offered]
    rest = floor.stock.popular(PICKS, without=[*inside, *(thing.item_id for thing in near)])
    return [*near, *rest][:PICKS]


def changed(floor: Floor, state: State, said: str, pushes: Sequence[Push]) -> Response:
    """The answer to a change of the basket: figures for a script, the basket's page for everybody else."""
    if request.accept_mimetypes.best != "application/json":
        return floor.back(state, PAGE)
    words, shown = Words(state.language), floor.stock.lines(state.basket)
    pill = words("basket_pill", n=shown.pieces, sum=words.money(shown.total)) if shown.lines else words("basket_none")
    response = jsonify(said=said, pill=pill, cart=list(state.basket), push=list(pushes) if state.consent else [])
    floor.cookies.write(state, response)
    return response


def unknown(floor: Floor, words: Words) -> Any:
    """The answer to a wish for a thing that is not here: a sentence for a script, a page for everybody else."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify(said=words("not_found_text")), 404
    return floor.view("missing.html", lambda _: {}, status=404)


def _quantity(default: int) -> int:
    """The number a form sends, within bounds."""
    wanted = request.form.get("quantity", default, type=int)
    return min(max(default if wanted is None else wanted, 0), MOST_PIECES)
