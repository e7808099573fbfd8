"""What every import does: read chunks, judge them, hand on the good rows, count and keep the bad ones, report."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from recommender.domain.errors import BadInputError, UsageError
from recommender.domain.ports import ImportCounts
from recommender.importing.checking import Rule, Wording, broken_reject, judge, shortened
from recommender.importing.naming import Columns
from recommender.importing.nested import marked
from recommender.importing.rejects import RejectsFile
from recommender.importing.report import (
    SHOWN_REJECTS,
    ImportOptions,
    ImportReport,
    Progress,
    Reject,
    Step,
    refusal,
    silent,
)
from recommender.importing.tables import REASON, Chunk, Table
from recommender.importing.values import texts_of

SAMPLE_ROWS = 50_000
"""Rows from which a file's way of writing times and numbers is decided; the same whatever the chunks."""

_FEWEST_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one file is read: ``parse`` makes typed columns of a chunk's cells (both by field), ``rules`` judge them.

    ``ids`` are the fields whose cells may be lists, which a rule has to be told of (:func:`~recommender.importing.nested.marked`).
    """

    columns: Columns
    parse: Callable[[pl.DataFrame], pl.DataFrame]
    rules: Sequence[Rule]
    personal: frozenset[str]
    ids: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()


@dataclass(slots=True)
class Run:
    """One import under way."""

    kind: str
    table: Table
    options: ImportOptions
    progress: Progress
    rows: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    counts: list[ImportCounts] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    _started: float = field(default_factory=time.perf_counter)
    _file: RejectsFile = field(init=False)

    def __post_init__(self) -> None:
        self._file = RejectsFile(self.table, max(self.options.max_rejects, _FEWEST_KEPT))

    @property
    def refused(self) -> bool:
        """Whether too many rows were rejected for anything to be stored."""
        return self.rejected > self.options.max_rejects

    def sampled(self) -> tuple[pl.DataFrame, Iterator[Chunk]]:
        """The file's first rows, and all of its chunks from the top."""
        chunks = self.table.chunks(self.options.chunk_rows, self.progress)
        held: list[Chunk] = []
        while sum(chunk.frame.height for chunk in held) < SAMPLE_ROWS and (chunk := next(chunks, None)) is not None:
            held.append(chunk)
        if not any(chunk.frame.height or chunk.broken for chunk in held):
            raise BadInputError(f"{self.table.found.path.name} has a header but no rows.")
        sample = pl.concat([chunk.frame for chunk in held]).head(SAMPLE_ROWS)
        return sample, chain(held, chunks)

    def check_constants(self, sample: pl.DataFrame, plan: Plan) -> None:
        """Hold what ``--set`` gives every row to the rules once, beside empty cells.

        Raises
        ------
        UsageError
            No row could be used with such a value.
        """
        probe = plan.parse(cells_of(sample.clear(1), plan.columns))
        for rule in plan.rules:
            value = None if rule.field is None else plan.columns.fixed.get(rule.field)
            if value is not None and bool(probe.select(rule.broken.fill_null(value=False)).item()):
                told = rule.message.format(value=f"“{shortened(value)}”")
                raise UsageError(f"--set {rule.field}={shortened(value)}: {told}.")

    def good_rows(self, chunks: Iterator[Chunk], plan: Plan) -> Iterator[pl.DataFrame]:
        """The typed rows of each chunk that broke no rule; the others are counted and kept for the rejects file."""
        wording = Wording(shown=plan.columns.shown, personal=plan.personal)
        for chunk in chunks:
            self._take_broken(chunk)
            if not chunk.frame.height:
                continue
            self.rows += chunk.frame.height
            cells = cells_of(chunk.frame, plan.columns)
            parsed = _typed(chunk, cells, plan)
            verdict = judge(parsed, plan.rules)
            bad = verdict.is_not_null()
            if bad.any():
                self._take_rejected(chunk, cells, verdict, plan.rules, wording)
                parsed = parsed.filter(~bad)
            self.progress(Step(stage="checking", rows=self.rows))
            yield parsed

    def again(self, plan: Plan) -> Iterator[pl.DataFrame]:
        """The good rows once more, from the top of the file, counting nothing."""
        for chunk in self.table.chunks(self.options.chunk_rows, silent):
            parsed = _typed(chunk, cells_of(chunk.frame, plan.columns), plan)
            yield parsed.filter(judge(parsed, plan.rules).is_null())

    def _take_broken(self, chunk: Chunk) -> None:
        self.rows += len(chunk.broken)
        self.rejected += len(chunk.broken)
        room = SHOWN_REJECTS - len(self.rejects)
        self.rejects += [broken_reject(one) for one in chunk.broken[: max(room, 0)]]
        if chunk.broken and not self._file.full:
            self._file.add_broken(chunk.broken)

    def _take_rejected(
        self, chunk: Chunk, cells: pl.DataFrame, verdict: pl.Series, rules: Sequence[Rule], wording: Wording
    ) -> None:
        places = verdict.is_not_null().arg_true()
        self.rejected += len(places)
        room = SHOWN_REJECTS - len(self.rejects)
        if room > 0:
            self.rejects += wording.rejects(cells, chunk.lines, verdict, rules, room)
        if not self._file.full:
            self._file.add(chunk, places, wording.reasons(verdict[places], rules))

    def report(self, plan: Plan, *, stored: bool) -> ImportReport:
        """The report; writes the rejects file (not in a dry run)."""
        kept = None if self.options.dry_run else self._file.write()
        if self.rejected and kept is None and not self.options.dry_run:
            self.warnings.append("The rejects file could not be written beside the input.")
        found = self.table.found
        counts = self.counts if stored else []
        return ImportReport(
            kind=self.kind,
            file=found.path.name,
            rows=self.rows,
            accepted=self.rows - self.rejected,
            new=sum(count.new for count in counts),
            duplicates=sum(count.duplicates for count in counts),
            conflicts=sum(count.conflicts for count in counts),
            erased=sum(count.erased for count in counts),
            refused=sum(count.refused for count in counts),
            rejected=self.rejected,
            rejects=tuple(sorted(self.rejects, key=lambda reject: reject.line)),
            rejects_file=kept,
            guesses=plan.columns.guesses,
            ignored=self.ignored,
            attributes=self.attributes,
            format=found.format,
            compression=found.compression,
            encoding=found.encoding,
            separator=self.table.separator,
            readings=plan.readings,
            warnings=tuple(self.warnings),
            seconds=time.perf_counter() - self._started,
            dry_run=self.options.dry_run,
        )

    def refuse(self, plan: Plan) -> None:
        """Raise the error that lists why nothing was stored."""
        raise refusal(self.report(plan, stored=False), self.options.max_rejects)


def _typed(chunk: Chunk, cells: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    parsed = plan.parse(cells)
    return marked(parsed, chunk, plan.columns, plan.ids) if plan.ids else parsed


def cells_of(frame: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """A chunk's cells under the names of our fields; fields set to one value are filled in.

    Bytes are read as text: in a field they must be (``BadInputError``), as an attribute they are left out where they are not.
    """
    mapped = [pl.col(column).alias(name) for name, column in columns.of.items()]
    fixed = [pl.lit(value).alias(name) for name, value in columns.fixed.items()]
    rest = [pl.col(name).alias(f"attribute:{name}") for name in columns.rest if name != REASON]
    cells = frame.select(mapped + fixed + rest) if mapped or rest else frame.select(fixed)
    binary = [name for name, kind in cells.schema.items() if kind == pl.Binary]
    return cells.with_columns(_read(cells[name], columns) for name in binary) if binary else cells


def _read(cells: pl.Series, columns: Columns) -> pl.Series:
    try:
        return texts_of(cells, shown=f"the column {columns.shown(cells.name)}")
    except BadInputError:
        if not cells.name.startswith("attribute:"):
            raise
        return pl.Series(cells.name, [None] * len(cells), dtype=pl.String)
