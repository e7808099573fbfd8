"""One thing: what it is, who buys it, what goes with it, and the switch that sells it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, request

from recommender.api.access import allow
from recommender.demo_shop.floor import Floor
from recommender.demo_shop.session import State
from recommender.demo_shop.shelves import name_of, slug, steps_of
from recommender.demo_shop.signals import pushed
from recommender.demo_shop.texts import Words
from recommender.demo_shop.things import Thing
from recommender.domain.items import Availability, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The box of things that go together.

    Attributes
    ----------
    things
        The page's thing first.
    baskets
        How many orders hold it.
    tenths
        In how many of ten of them stands one of the others.
    """

    things: Sequence[Thing]
    baskets: int
    tenths: int

    @property
    def total(self) -> Decimal:
        """What all of them cost."""
        return sum((thing.price or Decimal(0) for thing in self.things), Decimal(0))


def register(bp: Blueprint, floor: Floor) -> None:
    """The routes."""

    @bp.get("/item/<path:item_id>")
    @allow()
    def item(item_id: str) -> Any:
        thing = floor.stock.thing(item_id)
        if thing is None:
            return floor.view("missing.html", lambda _: {}, status=404)
        return floor.view("product.html", lambda state: gather(floor, state, thing))

    @bp.post("/availability")
    @allow()
    def availability() -> Any:
        state, item_id = floor.state(), request.form.get("item_id", "")
        thing = floor.stock.thing(item_id)
        sold_out = request.form.get("sold_out") == "yes"
        if thing is None:
            return floor.view("missing.html", lambda _: {}, status=404)

        def answer(now: Thing) -> Response:
            words = Words(state.language)
            said = words("is_sold_out" if sold_out else "is_back", item=now.title)
            if request.accept_mimetypes.best == "application/json":
                return jsonify(said=said, sold_out=sold_out, item_id=item_id)
            return floor.back(state, now.url)

        return floor.do(lambda: set_availability(floor, thing, sold_out=sold_out), answer)


def gather(floor: Floor, state: State, thing: Thing) -> Mapping[str, Any]:
    """What the page shows of a thing."""
    steps = [(slug(step), name_of(step, state.language)) for step in steps_of(thing.category)] if thing.category else []
    near = thing.category or None
    return {
        "thing": thing,
        "path": steps,
        "again_tenths": round(thing.facts.again * 10) if thing.facts.bought_again and thing.facts.again else None,
        "together": together(floor, thing) if thing.offered else None,
        "popular": floor.stock.popular(8, shelf=near, without=[thing.item_id]),
        "push": pushed("view_item", [(thing, 1)]) if state.consent else None,
    }


def together(floor: Floor, thing: Thing) -> Together | None:
    """What goes with a thing and is on sale; None if nothing does."""
    facts = thing.facts
    others = [(other, one.baskets) for one in facts.companions if (other := floor.stock.thing(one.item_id))]
    others = [(other, baskets) for other, baskets in others if other.offered]
    if not others or thing.price is None:
        return None
    both = facts.either if len(others) == len(facts.companions) else others[0][1]
    return Together(
        things=[thing, *(other for other, _ in others)],
        baskets=facts.baskets,
        tenths=round(10 * both / facts.baskets),
    )


def set_availability(floor: Floor, thing: Thing, *, sold_out: bool) -> Thing:
    """Sell a thing out, or put it back on sale, as ``PATCH /v1/items/{id}`` does; lists of this worker know it at once."""
    wanted = Availability.OUT_OF_STOCK if sold_out else Availability.IN_STOCK
    floor.shop.stores.catalogue.put([Item(item_id=thing.item_id, availability=wanted)])
    floor.shop.catalogue_view.poll()
    return floor.stock.thing(thing.item_id) or thing
