"""``recommender models``: what was trained, what is served."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from recommender.cli.context import State
from recommender.cli.output import emit, table

if TYPE_CHECKING:
    from recommender.bundle import Shelf
    from recommender.services.models import Change, ModelCard, ModelDiff, ModelRow, Served

RUN = typer.Argument(metavar="RUN", help="A run's name, as `models list` shows it.")
SHOWN_METRICS = ("window.known.ndcg_at_10", "window_new.known.ndcg_at_10", "window.new.ndcg_at_10")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Trained models: list, compare, publish, roll back.", no_args_is_help=True)
    app.add_typer(group, name="models")

    @group.command("list")
    def list_models(context: typer.Context) -> None:
        """Every run that is kept, newest first; * is served."""
        from recommender.services import models

        state: State = context.obj
        rows = models.list_models(_shelf(state))
        emit(state, {"models": rows}, lambda console: _say_list(console, rows))

    @group.command("show")
    def show(context: typer.Context, run: str = RUN) -> None:
        """What one run learned from, with which settings, and how well it did."""
        from recommender.services import models

        state: State = context.obj
        card = models.show(_shelf(state), run)
        emit(state, card, lambda console: _say_card(console, card))

    @group.command("diff")
    def diff(context: typer.Context, left: str = RUN, right: str = RUN) -> None:
        """How the second run differs from the first."""
        from recommender.services import models

        state: State = context.obj
        found = models.diff(_shelf(state), left, right)
        emit(state, found, lambda console: _say_diff(console, found))

    @group.command("publish")
    def publish(context: typer.Context, run: str = RUN) -> None:
        """Serve this run from now on; running services notice by themselves."""
        from recommender.services import models

        state: State = context.obj
        served = models.publish(_shelf(state), run)
        emit(state, served, lambda console: _say_served(console, served))

    @group.command("rollback")
    def rollback(context: typer.Context) -> None:
        """Serve the run before the live one again."""
        from recommender.services import models

        state: State = context.obj
        served = models.rollback(_shelf(state))
        emit(state, served, lambda console: _say_served(console, served))


def _shelf(state: State) -> "Shelf":
    from recommender.bundle import Shelf

    return Shelf(state.settings.models_dir)


def _say_list(console: Console, rows: "Sequence[ModelRow]") -> None:
    if not rows:
        console.print("There is no model yet. `recommender train` makes one.")
        return
    cells = []
    for row in rows:
        metrics = ", ".join(f"{name} {row.metrics[name]:.4f}" for name in SHOWN_METRICS if name in row.metrics)
        size = f"{row.size_bytes / 1e6:.1f}" if row.size_bytes is not None else "–"
        window = f"{(row.first or '')[:10]} – {(row.last or '')[:10]}"
        cells.append(["*" if row.current else "", row.run_id, window, size, row.refused or metrics])
    console.print(table(None, ["", "run", "orders from – to", "MB", "on later lists"], cells))


def _say_card(console: Console, card: "ModelCard") -> None:
    row = card.row
    console.print(f"{row.run_id}{' (served now)' if row.current else ''}, made {row.created}")
    console.print(f"learned from {row.first} to {row.last}; seed {card.seed}; after {card.parent or 'none'}")
    facts = [
        [group, name, f"{value}"]
        for group, values in (
            ("metric", row.metrics),
            ("count", card.counts),
            ("setting", card.recipe),
            ("weight", card.weights),
            ("library", card.libraries),
        )
        for name, value in values.items()
    ]
    console.print(table(None, ["", "name", "value"], facts))
    arrays = [[a.name, a.dtype, "×".join(map(str, a.shape)), f"{a.size_bytes:,}"] for a in card.arrays]
    console.print(table(None, ["array", "dtype", "shape", "bytes"], arrays))


def _say_diff(console: Console, found: "ModelDiff") -> None:
    groups: list[tuple[str, Sequence[Change]]] = [
        ("metric", found.metrics),
        ("setting", found.recipe),
        ("weight", found.weights),
        ("around", found.surroundings),
    ]
    rows = [
        [group, change.name, _cell(change.left), _cell(change.right), _cell(change.delta, sign=True)]
        for group, changes in groups
        for change in changes
    ]
    if found.same_arrays:
        console.print("Both learned exactly the same.")
    if rows:
        console.print(table(None, ["", "name", found.left, found.right, "change"], rows))


def _cell(value: object, *, sign: bool = False) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:+.4g}" if sign else f"{value:.4g}"
    return str(value)


def _say_served(console: Console, served: "Served") -> None:
    before = f" (before: {served.before})" if served.before else ""
    console.print(f"{served.run_id} is served now{before}")
