"""What goes into a log at once, and what became of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a group of events came from and the legal basis it was stored under (``contract``, ``consent``, …)."""

    kind: str  # "import" or "api"
    legal_basis: str
    name: str = ""  # the file's base name, or the key's id


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """How an append went, event by event, in the order given: True was new, False was there already."""

    new: tuple[bool, ...]
    position: int = 0  # of the log after it; 0 where nothing was stored


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """How an import went: rows that were ``new``, ``duplicates`` of stored ones, ``conflicts`` (same id, other content;
    the stored one wins), ``erased`` (of people whose tombstone refuses them) and ``refused`` (of people who objected to
    being kept, or withdrew).
    """

    new: int
    duplicates: int
    conflicts: int
    erased: int
    refused: int = 0


class ReadyRows(Protocol):
    """A chunk an :class:`ImportSession` made ready; what else is in it is the session's."""

    @property
    def lines(self) -> "pl.DataFrame":
        """The rows."""
        ...


class ImportSession(Protocol):
    """One file on its way into the log, in one transaction: leaving the ``with`` block normally commits, an error undoes all."""

    def ready(self, rows: "pl.DataFrame") -> "pl.DataFrame | ReadyRows":
        """Do for a chunk what needs no database; another thread may call it while this one writes.

        Returns
        -------
        DataFrame or ReadyRows
            What :meth:`write` takes in place of the rows, and stores faster.
        """
        ...

    def write(self, rows: "pl.DataFrame | ReadyRows") -> ImportCounts:
        """Store one chunk of lines.

        ``rows`` has the columns of :data:`~recommender.domain.events.LINE_COLUMNS` without ``seq`` and ``line``
        (missing columns are null). ``event_id`` null: the store derives one from the row's content and its
        how-many-eth occurrence in this session, so that a second import of the same file adds nothing while
        two equal rows of one file stay two. Rows of erased people, and of who objected to being kept or withdrew, are counted, not stored.
        A column ``line`` may number the lines of an event that names its id (missing: 0), a column ``properties`` hold JSON.
        """
        ...
