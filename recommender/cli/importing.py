"""``recommender import``: events, items, customers."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from recommender.cli.context import State
from recommender.cli.output import Stages, emit, table
from recommender.domain.errors import UsageError

if TYPE_CHECKING:
    from recommender.importing.report import ImportOptions, ImportReport, Progress, Step
    from recommender.wiring import Shop

    Load = Callable[[Shop, ImportOptions, Progress], ImportReport]

FILE = typer.Argument(metavar="FILE", help="Parquet, CSV or JSONL, also .gz or .zst.")
MAPS = typer.Option([], "--map", metavar="FIELD=COLUMN", help="This column is that field. Beats guessing; repeatable.")
SETS = typer.Option([], "--set", metavar="FIELD=VALUE", help="This field has that value in every row; repeatable.")
REJECTS = typer.Option(0, "--max-rejects", min=0, help="So many rows may be left out; more and nothing is stored.")
DRY_RUN = typer.Option(False, "--dry-run", help="Show what is recognised and refused; store nothing.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Take in files: events, items, customers.", no_args_is_help=True)
    app.add_typer(group, name="import")

    @group.command("events")
    def events(
        context: typer.Context,
        file: Path = FILE,
        maps: list[str] = MAPS,
        sets: list[str] = SETS,
        max_rejects: int = REJECTS,
        dry_run: bool = DRY_RUN,
    ) -> None:
        """Take in orders, views and other events. All or nothing; a second import of a file adds nothing."""
        from recommender.importing import import_events

        def load(shop: "Shop", options: "ImportOptions", progress: "Progress") -> "ImportReport":
            return import_events(file, log=shop.stores.log, options=options, progress=progress)

        _run(context.obj, load, maps=maps, sets=sets, max_rejects=max_rejects, dry_run=dry_run)

    @group.command("items")
    def items(
        context: typer.Context,
        file: Path = FILE,
        maps: list[str] = MAPS,
        sets: list[str] = SETS,
        max_rejects: int = REJECTS,
        dry_run: bool = DRY_RUN,
        replace: bool = typer.Option(
            False, "--replace", help="The file is the whole catalogue: take out what it lacks."
        ),
    ) -> None:
        """Take in the catalogue or changes of it: prices, stock, names. Shows in every answer at once."""
        from recommender.importing import import_items

        def load(shop: "Shop", options: "ImportOptions", progress: "Progress") -> "ImportReport":
            return import_items(file, catalogue=shop.stores.catalogue, options=options, progress=progress)

        _run(context.obj, load, maps=maps, sets=sets, max_rejects=max_rejects, dry_run=dry_run, replace=replace)

    @group.command("customers")
    def customers(
        context: typer.Context,
        file: Path = FILE,
        maps: list[str] = MAPS,
        sets: list[str] = SETS,
        max_rejects: int = REJECTS,
        dry_run: bool = DRY_RUN,
    ) -> None:
        """Take in what is known of customers, and their consent."""
        from recommender.importing import import_customers

        def load(shop: "Shop", options: "ImportOptions", progress: "Progress") -> "ImportReport":
            stores = shop.stores
            return import_customers(
                file, customers=stores.customers, consent=stores.consent, options=options, progress=progress
            )

        _run(context.obj, load, maps=maps, sets=sets, max_rejects=max_rejects, dry_run=dry_run)


def pairs(words: Sequence[str], option: str) -> dict[str, str]:
    """``FIELD=SOMETHING`` words as a mapping."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{option} takes FIELD=VALUE, not {word!r}; for example {option} item_id=SKU.")
        found[name.strip()] = value
    return found


def _run(
    state: State,
    load: "Load",
    *,
    maps: Sequence[str],
    sets: Sequence[str],
    max_rejects: int,
    dry_run: bool,
    replace: bool = False,
) -> None:
    from recommender.importing.report import ImportOptions

    settings = state.settings
    with state.shop() as shop:
        options = ImportOptions(
            maps=pairs(maps, "--map"),
            sets=pairs(sets, "--set"),
            max_rejects=max_rejects,
            dry_run=dry_run,
            replace=replace,
            legal_basis=settings.legal_basis,
            timezone=settings.timezone,
            currency=settings.currency,
        )
        with Stages(quiet=state.quiet) as stages:

            def progress(step: "Step") -> None:
                if step.rows_total is None and step.bytes_total and step.bytes_done is not None:
                    stages("importing", step.bytes_done // 1024, step.bytes_total // 1024, "KB")
                else:
                    stages("importing", step.rows, step.rows_total, "rows")

            report = load(shop, options, progress)
    emit(state, as_json(report), lambda console: say(console, report))


def as_json(report: "ImportReport") -> Mapping[str, Any]:
    """The report as an object."""
    import msgspec

    made: Mapping[str, Any] = json.loads(msgspec.json.encode(report, enc_hook=str))
    return {**made, "rows_per_s": round(report.rows_per_s)}


def say(console: Console, report: "ImportReport") -> None:
    """The report for people."""
    found = [report.format, report.compression, report.encoding, report.separator and f"separator {report.separator!r}"]
    console.print(f"{report.file}: {', '.join(str(part) for part in found if part)}", markup=False)
    if report.guesses:
        rows = [[guess.field, guess.column, guess.why] for guess in report.guesses]
        console.print(table(None, ["field", "from column", "why"], rows))
    for name, words in (("read as", report.readings), ("warning", report.warnings)):
        for word in words:
            console.print(f"{name}: {word}", markup=False)
    if report.attributes:
        console.print(f"kept as attributes: {', '.join(report.attributes)}", markup=False)
    if report.ignored:
        console.print(f"not used: {', '.join(report.ignored)}", markup=False)
    for reject in report.rejects:
        console.print(f"left out, line {reject.line}: {reject.message}", markup=False)
    if report.rejects_file is not None:
        console.print(f"the rows left out are in {report.rejects_file}", markup=False)
    console.print(", ".join(_counts(report)) + f"; {report.seconds:.1f} s, {report.rows_per_s:,.0f} rows/s")
    if report.dry_run:
        console.print("Dry run: nothing was stored.")


def _counts(report: "ImportReport") -> list[str]:
    """What became of the rows."""
    counts = [f"{report.rows:,} rows"]
    if not report.dry_run:
        counts += [f"{report.new:,} new", f"{report.duplicates:,} already there"]
        for number, words in (
            (report.conflicts, "with a known id but other content (the stored one stays)"),
            (report.erased, "of erased people, not stored"),
            (report.refused, "of people who objected or withdrew, not stored"),
        ):
            counts += [f"{number:,} {words}"] if number else []
    if report.rejected:
        counts.append(f"{report.rejected:,} left out")
    return counts
