"""The commands of the product, each a few lines over a use case. Heavy modules load when a command needs them."""

import os
import signal
import sys
from collections.abc import Sequence

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError

from recommender.cli import (
    answering,
    doctor,
    evaluating,
    events,
    importing,
    keeping,
    models,
    newsletter,
    privacy,
    profiles,
    running,
    shaping,
    training,
)
from recommender.cli.context import State, hoist
from recommender.cli.output import complain
from recommender.domain.errors import RecommenderError, StoreUnavailableError

HELP = """Personal product lists for every visitor of your shop.

Start with `recommender import events FILE`, then `recommender train` and `recommender serve`.
--home, --json and --quiet may stand before or after the command.
"""

EXIT_CODES = """Exit codes: 0 done · 2 usage · 3 bad input (nothing half-done) · 4 not published: worse than the live model ·
5 a store is unavailable · 130 stopped by Ctrl-C (nothing half-done)."""

INTERRUPTED = 128 + signal.SIGINT
"""What typer makes of Ctrl-C."""


def say_version(asked: bool) -> None:
    """Print the version and leave, if that was asked for."""
    if asked:
        from recommender import __version__

        typer.echo(__version__)
        raise typer.Exit


def application() -> typer.Typer:
    """The whole command tree."""
    app = typer.Typer(
        help=HELP,
        epilog=EXIT_CODES,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def options(
        context: typer.Context,
        home: str | None = typer.Option(
            None, "--home", metavar="DIR", help="Folder of one shop (or RECOMMENDER_HOME; default: here)."
        ),
        json: bool = typer.Option(False, "--json", help="Print one JSON object at the end."),
        quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
        version: bool = typer.Option(
            False, "--version", callback=say_version, is_eager=True, help="Print the version and leave."
        ),
    ) -> None:
        del version  # said and done when it was read: it needs no command
        context.obj = State.build(home=home, json=json, quiet=quiet)

    for room in (
        importing,
        events,
        training,
        evaluating,
        answering,
        newsletter,
        shaping,
        models,
        keeping,
        profiles,
        privacy,
        running,
        doctor,
    ):
        room.register(app)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command; every error becomes one clear line on stderr and the exit code of the contract."""
    args = hoist(arguments)
    as_json = "--json" in args
    try:
        code = application()(args=args, prog_name="recommender", standalone_mode=False)
    except NoArgsIsHelpError as error:
        error.show()
        return 2
    except ClickException as error:
        complain(error.format_message(), code="usage", as_json=as_json, hint="See `recommender --help`.")
        return error.exit_code
    except RecommenderError as error:
        complain(str(error), code=error.code, as_json=as_json)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}; nothing half-done was kept.", code="disk", as_json=as_json)
        return StoreUnavailableError.exit_code
    if code == INTERRUPTED:
        complain("Stopped. Nothing half-done was kept.", code="stopped", as_json=as_json)
    return code if isinstance(code, int) else 0
