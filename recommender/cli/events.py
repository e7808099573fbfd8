"""``recommender events``: the events the service refused, and sending them again."""

from datetime import UTC, datetime

import typer
from rich.console import Console

from recommender.cli.context import State
from recommender.cli.output import emit, table
from recommender.domain.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Events over HTTP: those that were refused.", no_args_is_help=True)
    letters = typer.Typer(help="Refused events, kept with their reason for a while.", no_args_is_help=True)
    app.add_typer(group, name="events")
    group.add_typer(letters, name="dead-letters")

    @letters.command("list")
    def show(
        context: typer.Context,
        code: str | None = typer.Option(None, "--code", metavar="CODE", help="Only those refused for this reason."),
        limit: int = typer.Option(20, "--limit", min=0, max=1_000, help="How many to show, the newest first."),
    ) -> None:
        """How many there are by reason, and the newest ones. They may hold personal data."""
        from recommender.api.replaying import checked_code, shown

        state: State = context.obj
        with state.known_shop() as shop:
            counts = shop.stores.dead_letters.counts()
            code = checked_code(code, counts)
            newest = [shown(one) for one in shop.stores.dead_letters.newest(limit, code=code)]

        def say(console: Console) -> None:
            if not counts:
                console.print("No event was refused.")
                return
            console.print(table(None, ["reason", "events"], [[name, f"{n:,}"] for name, n in counts.items()]))
            rows = [[_when(one["received_us"]), one["code"], one["message"], one["body"] or "–"] for one in newest]
            console.print(table(None, ["received (UTC)", "reason", "why", "event"], rows))

        emit(state, {"counts": counts, "newest": newest}, say)

    @letters.command("replay")
    def replay(
        context: typer.Context,
        code: str | None = typer.Option(None, "--code", metavar="CODE", help="Only those refused for this reason."),
        fix: list[str] = typer.Option([], "--set", metavar="FIELD=VALUE", help="Give every event this value first."),
    ) -> None:
        """Check refused events again and store those that pass now."""
        from dataclasses import asdict

        from recommender.api import replaying
        from recommender.wiring import callers_of, desk_of

        state: State = context.obj
        told = replaying.checked_fix(dict(map(_pair, fix)))
        with state.known_shop() as shop:
            code = replaying.checked_code(code, shop.stores.dead_letters.counts())
            report = replaying.replay(desk_of(shop, callers_of(shop)), shop.stores, code=code, fix=told)

        def say(console: Console) -> None:
            console.print(f"{report.stored:,} stored, {report.duplicates:,} were there already")
            console.print(f"{report.not_kept:,} may not be kept, {report.still_refused:,} are still refused")

        emit(state, asdict(report), say)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UsageError(f"--set takes FIELD=VALUE, such as currency=PLN; {text!r} is none.")
    return name, value


def _when(moment_us: int) -> str:
    return f"{datetime.fromtimestamp(moment_us / 1e6, UTC):%Y-%m-%d %H:%M:%S}"
