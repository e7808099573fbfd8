"""``recommender profiles``: what a person's events add up to, and making all of it anew."""

from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from recommender.cli.context import State
from recommender.cli.output import Stages, emit, table
from recommender.cli.people import PersonId
from recommender.domain.errors import BadInputError
from recommender.domain.people import Person

if TYPE_CHECKING:
    from recommender.wiring import Shop


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Profiles: look at one, make all anew.", no_args_is_help=True)
    app.add_typer(group, name="profiles")

    @group.command("show")
    def show(context: typer.Context, person_id: PersonId) -> None:
        """What one person's events add up to, attribute by attribute, with what each means."""
        from recommender.features import ATTRIBUTES
        from recommender.model.lines import microseconds

        state: State = context.obj
        with state.known_shop() as shop:
            person = _person(shop, person_id)
            shop.follower.poll()
            portrait = shop.portraits.of(person, microseconds(shop.clock.now()))
        told = [
            {"name": one.name, "facet": one.facet, "value": portrait.values[one.name], "meaning": one.meaning}
            for one in ATTRIBUTES.values()
        ]

        def say(console: Console) -> None:
            rows = [[one.facet, one.name, _cell(portrait.values[one.name]), one.meaning] for one in ATTRIBUTES.values()]
            console.print(table(None, ["facet", "attribute", "value", "meaning"], rows))
            console.print(f"up to line {portrait.position:,} of the log")

        emit(state, {"id": person_id, "position": portrait.position, "attributes": told}, say)

    @group.command("rebuild")
    def rebuild(context: typer.Context) -> None:
        """Make every profile anew from the log; services go on with the old ones until it is done."""
        from recommender.ranking.settings import AnswerSettings
        from recommender.services.item_lookup import CatalogueLookup
        from recommender.services.rebuilding import rebuild_profiles

        state: State = context.obj
        with state.known_shop() as shop, Stages(quiet=state.quiet or state.json) as stages:
            report = rebuild_profiles(
                shop.stores,
                shop.profile_store,
                CatalogueLookup(shop.stores.catalogue),
                limit=AnswerSettings().history_lines,
                progress=stages,
            )

        def say(console: Console) -> None:
            console.print(
                f"{report.people:,} profiles from {report.events:,} events in {report.seconds:.1f} s "
                f"({report.events_per_s:,.0f} events/s)"
            )

        fields: dict[str, Any] = {
            name: getattr(report, name) for name in ("events", "people", "position", "seconds", "events_per_s")
        }
        emit(state, fields, say)


def _person(shop: "Shop", person_id: str) -> Person:
    """The customer of this id, else the visitor.

    Raises
    ------
    BadInputError
        If there is no event of either, and no customer's record.
    """
    customer, visitor = Person(customer_id=person_id), Person(visitor_id=person_id)
    if shop.stores.log.of_person(customer, limit=1) or shop.stores.customers.get([person_id]):
        return customer
    if shop.stores.log.of_person(visitor, limit=1):
        return visitor
    raise BadInputError(f"Nothing is known of {person_id!r}: no event, no customer's record. Check the id.")


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_cell(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
