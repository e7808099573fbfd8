"""What an import is asked to do and what it tells afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from recommender.domain.errors import BadInputError

SHOWN_REJECTS = 20
"""How many rejected rows a report lists one by one."""

HIDDEN = "(personal, not shown)"
"""Stands in a report where the value of a personal column was."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How to read a file.

    Attributes
    ----------
    maps : mapping of field to column
        Beats every guess. An empty column name means "this file has no such field".
    sets : mapping of field to value
        The field has this value in every row.
    max_rejects : int
        More rejected rows than this and nothing is stored.
    dry_run : bool
        Read and check everything, store and write nothing.
    replace : bool
        Items only: the file is the whole catalogue.
    legal_basis : str
        Recorded with imported events (``contract``, ``consent``, ``legitimate_interest``).
    timezone : str
        IANA name; times without an offset are in it.
    currency : str or None
        Of prices whose currency the file does not tell.
    now : aware datetime
        The moment of the import; events more than 24 h later are rejected.
    chunk_rows : int
        Rows checked at once; changes memory and speed, never the result.
    """

    maps: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    max_rejects: int = 0
    dry_run: bool = False
    replace: bool = False
    legal_basis: str = "contract"
    timezone: str = "UTC"
    currency: str | None = None
    now: datetime = field(default_factory=_now)
    chunk_rows: int = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far an import is. ``rows_total`` and ``bytes_total`` are None where the format does not tell."""

    stage: str
    rows: int
    rows_total: int | None = None
    bytes_done: int | None = None
    bytes_total: int | None = None


Progress = Callable[[Step], None]


def silent(_: Step) -> None:
    """The progress of nobody watching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Which column fills a field, and why we think so."""

    field: str
    column: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One row that was not stored.

    ``line`` is the physical line of a text file (the header is line 1) or the row number of a Parquet file (from 1).
    ``value`` is shortened, and hidden in personal columns; None where the row as a whole is at fault.
    """

    line: int
    column: str | None
    value: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What was found in a file and what became of its rows.

    ``rows`` = ``accepted`` + ``rejected``; of the accepted, ``new``, ``duplicates``, ``conflicts``, ``erased`` and
    ``refused`` say what the store did with them (all 0 in a dry run). Columns that fill no field are in ``attributes`` where they are kept
    as such, in ``ignored`` where they are not used.
    """

    kind: str
    file: str
    rows: int
    accepted: int
    new: int
    duplicates: int
    conflicts: int
    erased: int
    refused: int
    rejected: int
    rejects: tuple[Reject, ...]
    rejects_file: Path | None
    guesses: tuple[Guess, ...]
    ignored: tuple[str, ...]
    attributes: tuple[str, ...]
    format: str
    compression: str | None
    encoding: str | None
    separator: str | None
    readings: tuple[str, ...]
    warnings: tuple[str, ...]
    seconds: float
    dry_run: bool

    @property
    def rows_per_s(self) -> float:
        """Rows read per second, from opening the file to the commit."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0


class ImportRefusedError(BadInputError):
    """Too many rows were rejected, so nothing was stored; ``report`` has the details."""

    code: ClassVar[str] = "import_refused"

    def __init__(self, message: str, report: ImportReport) -> None:
        super().__init__(message)
        self.report = report


def refusal(report: ImportReport, max_rejects: int) -> ImportRefusedError:
    """The error that says why a file was refused, listing its first rejected rows."""
    head = (
        f"{report.file}: {report.rejected} of {report.rows} rows cannot be used and at most {max_rejects} may be left out"
        " (--max-rejects), so nothing was stored."
    )
    unit = "row" if report.format == "parquet" else "line"
    lines = [f"  {unit} {r.line}: {r.message}" for r in report.rejects[:10]]
    more = report.rejected - len(lines)
    if more > 0:
        lines.append(f"  … and {more} more")
    if report.rejects_file is not None:
        lines.append(f"The rejected rows stand with their reasons in {report.rejects_file.name}, beside the file.")
    return ImportRefusedError("\n".join([head, *lines]), report)
