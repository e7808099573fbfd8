"""``recommender privacy``: what is held of one person, and forgetting it."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from recommender.cli.context import State
from recommender.cli.output import emit, table
from recommender.cli.people import PersonId

if TYPE_CHECKING:
    from recommender.services.privacy import Receipt


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Hand over or forget what is held of one person.", no_args_is_help=True)
    app.add_typer(group, name="privacy")
    group.command("export")(_export)
    group.command("erase")(_erase)
    group.command("log")(_log)


def _export(
    context: typer.Context,
    person_id: PersonId,
    out: Path = typer.Option(..., "--out", metavar="FILE.zip", help="Archive to write."),
) -> None:
    """Write everything held of one person into a ZIP of JSON files."""
    from recommender.services import privacy

    state: State = context.obj
    with state.known_shop() as shop:
        counts = privacy.export(shop.stores, person_id, out, var=state.settings.var_dir, clock=shop.clock)

    def say(console: Console) -> None:
        for name, rows in counts.items():
            console.print(f"{name}: {rows:,} rows")
        console.print(f"written to {out}. The file holds personal data: hand it over safely, then delete it.")

    emit(state, {"out": str(out), "rows": counts}, say)


def _erase(context: typer.Context, person_id: PersonId) -> None:
    """Forget one person in every store; later imports and events do not bring them back."""
    from recommender.services import privacy

    state: State = context.obj
    with state.known_shop() as shop:
        receipt = privacy.erase(shop.stores, person_id, home=state.settings.home, cache=shop.cache)
    emit(state, receipt, lambda console: _say_erased(console, receipt))


def _say_erased(console: Console, receipt: "Receipt") -> None:
    for store, rows in receipt.deleted.items():
        console.print(f"{store}: {rows:,} rows deleted")
    for name in receipt.rewritten:
        console.print(f"{name}: the person's rows taken out")
    for name in receipt.not_rewritten:
        console.print(f"{name} {_to_do(name)}")
    for name in receipt.still_named_in:
        console.print(f"the id also stands in {name}, a file of yours: where it means this person, edit or delete it")
    console.print("The person is refused from now on, also in imports. Backups made before: see docs/privacy.md.")


def _log(context: typer.Context) -> None:
    """When was something exported or erased (people by keyed hash)."""
    from recommender.services import privacy
    from recommender.wiring import check_known

    state: State = context.obj
    check_known(state.settings)
    entries = privacy.log(state.settings.var_dir)

    def say(console: Console) -> None:
        if not entries:
            console.print("Nothing was exported or erased yet.")
            return
        rows = [
            [e["time"], e["action"], e["subject"][:16], " ".join(f"{k}={v}" for k, v in e["rows"].items())]
            for e in entries
        ]
        console.print(table(None, ["time (UTC)", "action", "subject", "rows"], rows))

    emit(state, {"entries": entries}, say)


def _to_do(name: str) -> str:
    """What is to be done about a file of ours that an erasure could not put right."""
    from recommender.services.exports import is_register

    if is_register(name):
        return "is a damaged register of lists: delete the lists of people that are not in var/exports.json, then this file"
    return "is a list that could not be rewritten and may name the person still: delete it"
