"""``recommender recommend``: lists for many people into a file."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from recommender.cli.context import State
from recommender.cli.moments import moment
from recommender.cli.output import Stages, emit
from recommender.domain.errors import UsageError
from recommender.domain.requests import Language, Repeat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.domain.people import Person
    from recommender.services.batch import BatchReport
    from recommender.wiring import Shop


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("recommend")
    def recommend(
        context: typer.Context,
        scenario: str = typer.Option(..., "--scenario", help="home, newsletter, trending, …"),
        out: Path = typer.Option(..., "--out", metavar="FILE", help="File to write: .parquet, .csv or .jsonl."),
        customers: Path | None = typer.Option(None, "--customers", help="Table with a column customer_id."),
        visitors: Path | None = typer.Option(None, "--visitors", help="Table with a column visitor_id."),
        segment: str | None = typer.Option(None, "--segment", help="Members of a segment; there are no segments yet."),
        everybody: bool = typer.Option(False, "--all", help="Everyone the shop knows."),
        size: int = typer.Option(12, "--size", min=1, max=100, help="Items per list, 1 to 100."),
        now: str | None = typer.Option(
            None, "--now", metavar="TIME", help="Moment of the answer, to replay a past one."
        ),
        repeat: Repeat = typer.Option(Repeat.AUTO, "--repeat", help="Whether items bought before may come back."),
        language: Language = typer.Option(Language.EN, "--lang", help="Language of the reasons."),
    ) -> None:
        """Write one list per person: person_id, item_id, rank, score, source, reason. Goes on where a killed run stopped."""
        from recommender.services import exports
        from recommender.services.batch import run_batch
        from recommender.services.list_files import format_of

        state: State = context.obj
        asked = [name for name, given in _audience(customers, visitors, segment, everybody).items() if given]
        if len(asked) != 1:
            raise UsageError("Say for whom: exactly one of --customers FILE, --visitors FILE or --all.")
        if segment is not None:
            raise UsageError(
                f"There is no segment {segment!r}: this version has no segments. Write their members' ids into a file: --customers FILE."
            )
        given = moment(now, state.settings.timezone, "--now")
        with state.known_shop() as shop, Stages(quiet=state.quiet) as stages:
            people, notes = _people(shop, customers, visitors)
            format_of(out)
            exports.remember(state.settings.home, out)
            report = run_batch(
                shop.recommender,
                people,
                scenario=scenario,
                now=given or shop.clock.now(),
                now_given=given is not None,
                out=out,
                size=size,
                repeat=repeat,
                language=language,
                progress=lambda done, total: stages("lists", done, total, "people"),
            )
        emit(state, report, lambda console: _say(console, report, notes))


def _audience(customers: Path | None, visitors: Path | None, segment: str | None, everybody: bool) -> dict[str, bool]:
    return {
        "--customers": customers is not None,
        "--visitors": visitors is not None,
        "--segment": segment is not None,
        "--all": everybody,
    }


def _people(shop: "Shop", customers: Path | None, visitors: Path | None) -> "tuple[Iterable[Person], list[str]]":
    """Whom the lists are for, and what to say about the file they came from."""
    from recommender.importing.people_table import read_people
    from recommender.services.everyone import everyone

    if customers is not None:
        table = read_people(customers, "customer_id")
    elif visitors is not None:
        table = read_people(visitors, "visitor_id")
    else:
        return list(everyone(shop.stores.log, shop.stores.customers)), []
    notes = []
    if table.duplicates:
        notes.append(f"{table.duplicates:,} rows named somebody already named; one list each")
    if table.blank:
        notes.append(f"{table.blank:,} rows without an id were passed over")
    return table, notes


def _say(console: Console, report: "BatchReport", notes: list[str]) -> None:
    for note in notes:
        console.print(note)
    if report.started_over:
        console.print(f"started over: {report.started_over}")
    if report.resumed_people:
        console.print(f"{report.resumed_people:,} lists were there from an unfinished run")
    for name, count in report.fallbacks.items():
        console.print(f"{count:,} lists from a lower rung: {name}")
    if report.short:
        console.print(f"{report.short:,} lists are shorter than asked: too few items are left to show")
    model = f"model {report.model}" if report.model else "no model yet (run `recommender train`)"
    at = f"{report.now:%Y-%m-%d %H:%M} UTC" if isinstance(report.now, datetime) else ""
    console.print(f"{report.people:,} people, {report.items:,} rows, {report.seconds:.1f} s; {model}; as of {at}")
    console.print(f"written to {report.out}")
