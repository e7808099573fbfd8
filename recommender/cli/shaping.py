"""``recommender rules`` and ``recommender slates``: what the shop's rules match, and what became of lists."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer
from msgspec import structs
from rich.console import Console

from recommender.cli.context import State
from recommender.cli.output import emit, table
from recommender.domain.errors import BadInputError

if TYPE_CHECKING:
    from recommender.services.rules_check import CheckedRule
    from recommender.services.rules_compare import Compared
    from recommender.services.slate_report import SlateReport


def register(app: typer.Typer) -> None:
    """Add the commands."""
    rules = typer.Typer(help="The shop's rules.", no_args_is_help=True)
    app.add_typer(rules, name="rules")
    slates = typer.Typer(help="Lists that were shown.", no_args_is_help=True)
    app.add_typer(slates, name="slates")
    rules.command("check")(_check)
    rules.command("compare")(_compare)
    slates.command("report")(_report)


def _check(
    context: typer.Context,
    file: Path | None = typer.Argument(None, metavar="[FILE]", help="The rules; default: those of the shop."),
) -> None:
    """Read a file of rules and say what each one matches in the catalogue. Exit 3 if it cannot be used."""
    from recommender.services.rules_check import check_rules
    from recommender.services.shop_rules import read_rules

    state: State = context.obj
    path = file or state.settings.rules_file
    if not path.exists():
        raise BadInputError(f"There is no file {path}; docs/rules.md shows what one holds.")
    with state.known_shop() as shop:
        rules = read_rules(path, timezone=ZoneInfo(state.settings.timezone), clock=shop.clock)
        found = check_rules(rules, shop.catalogue_view.assortment(None), now=shop.clock.now())
    emit(state, {"file": str(path), "rules": found}, lambda console: _say_rules(console, path, found))


def _compare(
    context: typer.Context,
    file: Path | None = typer.Argument(None, metavar="[FILE]", help="The rules; default: those of the shop."),
    scenario: str = typer.Option("home", "--scenario", help="Whose lists."),
    people: int = typer.Option(500, "--people", min=1, help="For how many customers, chosen evenly by id."),
) -> None:
    """Make the lists of real customers without and with a file of rules, and say how much they differ."""
    from recommender.ranking.scenarios import scenario_named
    from recommender.services.everyone import everyone
    from recommender.services.rules_compare import compare_rules, evenly
    from recommender.services.shop_rules import read_rules

    scenario_named(scenario)
    state: State = context.obj
    path = file or state.settings.rules_file
    with state.known_shop() as shop:
        found = read_rules(path, timezone=ZoneInfo(state.settings.timezone), clock=shop.clock)
        known = everyone(shop.stores.log, shop.stores.customers)
        chosen = evenly([one for one in known if one.customer_id is not None], people)
        if not chosen:
            raise BadInputError("There is no customer to make lists for; import events or customers first.")
        asking = shop.recommender.responder()
        records = replace(asking.records, portraits=shop.portraits)
        asking = structs.replace(asking, records=records)
        made = compare_rules(asking, found, chosen, scenario=scenario, now=shop.clock.now())
    emit(state, made, lambda console: _say_compared(console, made))


def _report(
    context: typer.Context,
    days: int = typer.Option(30, "--days", min=1, help="How many days back."),
) -> None:
    """Lists seen and clicked, and what was put into the cart or bought within a day, by scenario and model."""
    from recommender.services.slate_report import slate_report

    state: State = context.obj
    with state.known_shop() as shop:
        made = slate_report(
            shop.stores.log,
            shop.slate_names,
            since=shop.clock.now() - timedelta(days=days),
            run_ids=shop.shelf.runs(),
        )
    emit(state, made, lambda console: _say_report(console, made, days))


def _say_rules(console: Console, path: Path, found: "list[CheckedRule]") -> None:
    rows = [[rule.name, rule.what, f"{rule.items:,}", "yes" if rule.now else "no", rule.examples] for rule in found]
    console.print(table(None, ["rule", "does", "items", "in force", "such as"], rows))
    for rule in found:
        if rule.items == 0 and rule.counts:
            console.print(f"note: {rule.name} matches no item of the catalogue")
    console.print(f"{path} can be used: {len(found)} rules")


def _say_compared(console: Console, made: "Compared") -> None:
    console.print(f"{made.scenario}: {made.changed:,} of {made.people:,} lists differ")
    console.print(f"{100 * made.kept:.1f}% of their items stay")
    for name, (before, after) in made.matches.items():
        console.print(f"{name}: items match the person {before:.3f} without the rules, {after:.3f} with them")


def _say_report(console: Console, made: "SlateReport", days: int) -> None:
    headings = ["scenario", "model", "seen", "clicked", "click rate", "clicks", "carts", "purchases", "worth"]
    rows = [
        [
            row.scenario,
            row.model or "none",
            f"{row.seen:,}",
            f"{row.clicked:,}",
            "–" if row.click_rate is None else f"{100 * row.click_rate:.1f}%",
            f"{row.clicks:,}",
            f"{row.carts:,}",
            f"{row.purchases:,}",
            f"{row.value:,.2f}",
        ]
        for row in made.rows
    ]
    if rows:
        console.print(table(None, headings, rows))
    else:
        console.print(f"no event of the last {days} days names a list (slate_id)")
    if made.forged:
        console.print(f"{made.forged:,} names in events were not given out by this shop and are not counted")
