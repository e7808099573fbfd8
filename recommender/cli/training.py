"""``recommender train``."""

import typer

from recommender.cli.context import State
from recommender.cli.moments import moment
from recommender.cli.output import Stages, emit
from recommender.cli.reports import say_training
from recommender.domain.errors import NotPublishedError

UNTIL = typer.Option(None, "--until", metavar="TIME", help="Learn from events before this moment only.")
SEED = typer.Option(0, "--seed", help="Of everything random; the same seed gives the same model.")


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("train")
    def train(
        context: typer.Context,
        until: str | None = UNTIL,
        seed: int = SEED,
        budget: float = typer.Option(
            60.0, "--budget", min=0, help="Seconds for tuning and for learning who orders lists; 0 takes the defaults."
        ),
    ) -> None:
        """Learn from the log, judge on later events, publish what is not worse than the live model (exit code 4: nothing)."""
        from recommender.train import train_home

        state: State = context.obj
        with state.shop() as shop, Stages(quiet=state.quiet) as stages:
            outcome = train_home(
                shop,
                until=moment(until, state.settings.timezone, "--until"),
                seed=seed,
                budget=budget,
                progress=stages,
            )
        emit(state, outcome.as_json(), lambda console: say_training(console, outcome))
        if not outcome.published:
            raise NotPublishedError(outcome.refusal or "The new model is worse than the live one, which stays.")
