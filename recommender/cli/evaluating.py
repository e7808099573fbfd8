"""``recommender evaluate``."""

from pathlib import Path

import typer

from recommender.cli.context import State
from recommender.cli.moments import moment
from recommender.cli.output import Stages, emit
from recommender.cli.reports import say_evaluation
from recommender.cli.training import SEED, UNTIL


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("evaluate")
    def evaluate(
        context: typer.Context,
        until: str | None = UNTIL,
        days: int | None = typer.Option(
            None, "--days", min=1, help="Judge on so many last days; default: the last tenth of the log's time."
        ),
        seed: int = SEED,
        out: Path | None = typer.Option(
            None, "--out", metavar="FILE.html", help="Where the report goes; default: a new file in var/reports."
        ),
    ) -> None:
        """Judge the live recipe (or the defaults) on the last days, learned without them. Publishes nothing."""
        from recommender.evaluate import evaluate_home

        state: State = context.obj
        with state.known_shop() as shop, Stages(quiet=state.quiet) as stages:
            judged = evaluate_home(
                shop,
                until=moment(until, state.settings.timezone, "--until"),
                days=days,
                out=out,
                seed=seed,
                progress=stages,
            )
        emit(state, judged.as_json(), lambda console: say_evaluation(console, judged))
