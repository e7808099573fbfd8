"""Events from a file into the log, in one transaction."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl

from recommender.ahead import ahead
from recommender.domain.errors import UsageError
from recommender.domain.ports import EventLog, Source
from recommender.importing.event_columns import event_plan, log_columns
from recommender.importing.event_lines import numbered
from recommender.importing.jsonl_table import NESTED_LINE
from recommender.importing.opening import open_table
from recommender.importing.report import ImportOptions, ImportReport, Progress, Step, silent
from recommender.importing.running import Plan, Run
from recommender.importing.tables import Chunk
from recommender.importing.times import check_timezone
from recommender.importing.turns import short_turns

PIECE_ROWS = 16_384
"""Rows that are made ready while those before them are stored: few, so that the first are soon there, and cells stay in the cache."""
LATEST_AHEAD = timedelta(hours=24)
"""An event may be this far in the future (clocks and time zones differ); later ones are rejected."""


def import_events(
    path: Path, *, log: EventLog, options: ImportOptions | None = None, progress: Progress = silent
) -> ImportReport:
    """Read a file of events and store its new ones, all of them or none.

    Raises
    ------
    ImportRefusedError
        More rows were rejected than ``options.max_rejects``; nothing was stored.
    BadInputError
        The file itself cannot be used.
    UsageError
        The options contradict themselves or name what does not exist.
    """
    options = options or ImportOptions()
    check_options(options)
    if options.replace:
        raise UsageError("Events are never replaced; --replace is for items.")
    with open_table(Path(path), progress) as table:
        run = Run("events", table, options, progress)
        sample, chunks = run.sampled()
        plan = event_plan(sample, table, options, options.now + LATEST_AHEAD)
        run.check_constants(sample, plan)
        run.ignored = tuple(name for name in plan.columns.rest if name != NESTED_LINE)
        nested = NESTED_LINE in table.columns
        lines = numbered(_log_lines(run, plan, chunks, nested=nested), nested=nested)
        if options.dry_run:
            for _ in lines:
                pass
        else:
            _store(run, plan, lines, log)
        if run.refused:
            run.refuse(plan)
        return run.report(plan, stored=not options.dry_run)


def _log_lines(run: Run, plan: Plan, chunks: Iterator[Chunk], *, nested: bool) -> Iterator[pl.DataFrame]:
    left_out = 0
    for parsed in run.good_rows(chunks, plan):
        lines, doubled = log_columns(parsed, nested=nested)
        left_out += doubled
        yield lines
    if left_out:
        run.warnings.append(
            f"{left_out} rows have both an item and {plan.columns.shown('value')}, which is read as the order's total;"
            " it was left out there. If it is the price of one unit, use --map price=… instead."
        )


def check_options(options: ImportOptions) -> None:
    """Raise ``UsageError`` for options no file could satisfy."""
    check_timezone(options.timezone)
    if options.max_rejects < 0:
        raise UsageError(f"--max-rejects must be 0 or more, not {options.max_rejects}.")


def _store(run: Run, plan: Plan, lines: Iterator[pl.DataFrame], log: EventLog) -> None:
    source = Source(kind="import", legal_basis=run.options.legal_basis, name=run.table.found.path.name)
    with log.importing(source) as session, short_turns():
        pieces = (piece for frame in lines if not run.refused for piece in frame.iter_slices(PIECE_ROWS))
        for piece in ahead(session.ready(piece) for piece in pieces if piece.height):
            if not run.refused:
                run.counts.append(session.write(piece))
                run.progress(Step(stage="storing", rows=run.rows))
        if run.refused:
            run.refuse(plan)
        run.progress(Step(stage="committing", rows=run.rows))
