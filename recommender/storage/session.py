"""One file on its way into the log: ids for rows that have none, duplicates told from equal rows of the same file."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import sqlalchemy as sa

from recommender.domain.ports import ImportCounts, ReadyRows
from recommender.storage.content import CONTENT_LETTERS, content, derived_ids, refuse_control_characters, refuse_gaps
from recommender.storage.counting import LOG_POSITION, next_number, set_number
from recommender.storage.database import Database
from recommender.storage.forgetting import Forgotten
from recommender.storage.links import remember
from recommender.storage.refusing import Refusing
from recommender.storage.secret import Secrets, current_secret
from recommender.storage.tables import events

if TYPE_CHECKING:
    from recommender.storage.sqlite_rows import Cells

KEPT = tuple(CONTENT_LETTERS)
ASKED_AT_ONCE = 10_000

DERIVED = "derived_id"
"""Column :meth:`SqlImportSession.ready` adds: the id a row gets if it names none."""

repeated = sa.Table(
    "repeated_rows",
    sa.MetaData(),
    sa.Column("event_id", sa.Text(), primary_key=True),
    sa.Column("times", sa.Integer(), nullable=False),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)
"""How often this session has met a row that stood in the log when it came: on disk, gone with the session."""

REMEMBER = (
    "INSERT INTO repeated_rows (event_id, times) VALUES ({mark}, {mark}) "
    "ON CONFLICT (event_id) DO UPDATE SET times = excluded.times"
)


@dataclass(slots=True)
class _Counts:
    new: int = 0
    duplicates: int = 0
    conflicts: int = 0
    erased: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A chunk made ready: clean, with the ids it derives.

    Attributes
    ----------
    lines : DataFrame
        The rows; those that say the same as another of the chunk come last.
    first : int
        How many come before those.
    cells : Cells or None
        The cells of the ``first`` rows, if all go into the log the same way.
    """

    lines: pl.DataFrame
    first: int
    cells: "Cells | None"


class SqlImportSession:
    """:class:`~recommender.domain.ports.ImportSession` inside one write transaction.

    How equal rows are told apart without keeping the file in memory: the first one is stored under the id of its
    content. A later one finds that id taken. If this very session took it, it is the second occurrence; if an earlier
    import did, it is the first occurrence again, a duplicate. From there a temporary table counts on.
    """

    def __init__(self, database: Database, connection: sa.Connection, secrets: Secrets, source_id: int) -> None:
        self._database = database
        self._connection = connection
        self._secret = current_secret(connection, secrets)
        self._source_id = source_id
        self._seq = next_number(connection, LOG_POSITION)
        self._forgotten = Forgotten(connection, secrets)
        self._refusing = Refusing(connection)
        repeated.create(connection)
        self._empty = self._seq == 1
        self._first = False

    def write(self, rows: pl.DataFrame | ReadyRows) -> ImportCounts:
        """Store one chunk (see the port)."""
        counts = _Counts()
        ready = rows if isinstance(rows, Ready) else self.ready(rows if isinstance(rows, pl.DataFrame) else rows.lines)
        lines = self._without_refusing(self._without_erased(ready.lines, counts), counts)
        cells, first = (ready.cells, ready.first) if len(lines) == len(ready.lines) else (None, len(lines))
        if len(lines):
            self._begin(lines)
            unnamed = lines["event_id"].null_count()
            mixed = 0 < unnamed < len(lines)
            if unnamed < len(lines):
                self._store_given(lines.filter(pl.col("event_id").is_not_null()) if mixed else lines, cells, counts)
            if unnamed:
                nameless = lines.filter(pl.col("event_id").is_null()) if mixed else lines
                self._store_unnamed(nameless, first if not mixed else unnamed, cells, counts)
            self._link(lines)
        return ImportCounts(
            new=counts.new,
            duplicates=counts.duplicates,
            conflicts=counts.conflicts,
            erased=counts.erased,
            refused=counts.refused,
        )

    def close(self) -> None:
        """Note how far the log has come; the temporary table goes."""
        if self._first:
            self._database.end_first_import(self._connection)
        set_number(self._connection, LOG_POSITION, self._seq - 1)
        repeated.drop(self._connection)

    def ready(self, rows: pl.DataFrame) -> Ready:
        """Clean a chunk and derive the ids of rows that have none: all that needs no database (see the port)."""
        lines = rows
        for column in rows.select(pl.col(pl.String)):
            if (column == "").any():
                lines = lines.with_columns(pl.when(column != "").then(column).alias(column.name))
        if "event_id" not in lines.columns:
            lines = lines.with_columns(event_id=pl.lit(None, dtype=pl.String))
        line = pl.col("line").fill_null(0) if "line" in lines.columns else pl.lit(0)
        lines = lines.with_columns(line.cast(pl.Int64).alias("line"))
        lines = lines.select("event_id", "line", *(name for name in KEPT if name in lines.columns))
        refuse_gaps(lines)
        lines = lines.with_columns(content=content(lines))
        refuse_control_characters(lines, lines["content"])
        unnamed = lines["event_id"].null_count()
        ids = derived_ids(lines["content"], lines["time_us"], self._secret) if unnamed else [None] * len(lines)
        lines = lines.with_columns(pl.Series(DERIVED, ids, dtype=pl.String))
        if not len(lines) or 0 < unnamed < len(lines):
            return Ready(lines=lines, first=len(lines), cells=None)
        if not unnamed:
            return Ready(lines=lines, first=len(lines), cells=self._database.cells(self._columns(lines)))
        fresh = lines[DERIVED].is_first_distinct()
        first = int(fresh.sum())
        if first < len(lines):
            lines = pl.concat([lines.filter(fresh), lines.filter(~fresh)])
        return Ready(lines=lines, first=first, cells=self._database.cells(self._columns(_named(lines.head(first)))))

    def _begin(self, lines: pl.DataFrame) -> None:
        """Say before the first lines of an empty log what is coming."""
        if self._empty:
            self._empty, self._first = False, True
            filled = {column.name for column in lines if column.null_count() < len(column)}
            self._database.begin_first_import(self._connection, filled)

    def _without_erased(self, lines: pl.DataFrame, counts: _Counts) -> pl.DataFrame:
        if self._forgotten.nobody:
            return lines
        refused = pl.lit(value=False)
        for letter, name in (("c", "customer_id"), ("v", "visitor_id")):
            if name in lines.columns:
                gone = self._forgotten.among(letter, lines[name].unique().to_list())
                refused = refused | pl.col(name).is_in(list(gone)).fill_null(value=False)
        kept = lines.filter(~refused)
        counts.erased += len(lines) - len(kept)
        return kept

    def _without_refusing(self, lines: pl.DataFrame, counts: _Counts) -> pl.DataFrame:
        if self._refusing.nobody or not len(lines):
            return lines
        kept = lines.filter(~self._refusing.of(lines))
        counts.refused += len(lines) - len(kept)
        return kept

    def _link(self, lines: pl.DataFrame) -> None:
        if "visitor_id" not in lines.columns or "customer_id" not in lines.columns:
            return
        seen = lines.filter(pl.col("visitor_id").is_not_null() & pl.col("customer_id").is_not_null())
        last = seen.group_by("visitor_id", "customer_id").agg(pl.col("time_us").max())
        remember(self._database, self._connection, last.select("visitor_id", "customer_id", "time_us").iter_rows())

    def _columns(self, lines: pl.DataFrame) -> pl.DataFrame:
        """The columns of the log but ``seq``."""
        kept = (name for name in KEPT if name in lines.columns)
        return lines.select("event_id", "line", pl.lit(self._source_id, pl.Int64).alias("source_id"), *kept)

    def _insert(self, lines: pl.DataFrame, cells: "Cells | None" = None) -> pl.Series | None:
        """Store what is not there yet (of ``lines`` only their number is needed beside ``cells``); which rows went in, None if all."""
        first = self._seq
        if cells is not None:
            stored = self._database.insert_cells(self._connection, cells, first)
        else:
            seq = pl.int_range(first, first + len(lines), dtype=pl.Int64, eager=True).alias("seq")
            numbered = self._columns(lines).insert_column(0, seq)
            stored = self._database.insert_lines(self._connection, numbered)
        if stored == len(lines):
            self._seq = first + len(lines)
            return None
        went_in = self._database.numbers_from(self._connection, first)
        self._seq = int(went_in.max(initial=first - 1)) + 1
        places = np.zeros(len(lines), dtype=bool)
        places[went_in - first] = True
        return pl.Series(places)

    def _store_given(self, lines: pl.DataFrame, cells: "Cells | None", counts: _Counts) -> None:
        """Rows that name their event: the first content stands, the same again is a duplicate, another a conflict."""
        went_in = self._insert(lines, cells)
        if went_in is None:
            counts.new += len(lines)
            return
        counts.new += int(went_in.sum())
        met = lines.filter(~went_in)
        for some in met.iter_slices(ASKED_AT_ONCE):
            stored = self._stored(some["event_id"].unique().to_list())
            there = stored.select("event_id", "line", content(stored).alias("stored"))
            same = some.join(there, on=["event_id", "line"], how="left")
            equal = int((same["content"] == same["stored"]).sum())
            counts.duplicates += equal
            counts.conflicts += len(some) - equal

    def _stored(self, ids: list[str]) -> pl.DataFrame:
        columns = [events.c[name] for name in ("event_id", "line", *KEPT)]
        found = self._connection.execute(sa.select(*columns).where(events.c.event_id.in_(ids))).all()
        types = {c.name: pl.Int64 if isinstance(c.type, sa.Integer) else pl.String for c in columns}
        return pl.DataFrame([tuple(row) for row in found], schema=types, orient="row")

    def _store_unnamed(self, lines: pl.DataFrame, first: int, cells: "Cells | None", counts: _Counts) -> None:
        """Rows without an id: stored under the id of their content and occurrence (see the class and :class:`Ready`)."""
        fresh = lines.head(first)
        went_in = self._insert(fresh if cells is not None else _named(fresh), cells)
        if went_in is None:
            counts.new += first
            met = lines.slice(first)
        else:
            counts.new += int(went_in.sum())
            met = pl.concat([fresh.filter(~went_in), lines.slice(first)])
        if len(met):
            met = _named(met)
            later = self._later_occurrences(met)
            counts.duplicates += len(met) - len(later)
            if len(later):
                went_in = self._insert(later)
                stored = len(later) if went_in is None else int(went_in.sum())
                counts.new += stored
                counts.duplicates += len(later) - stored

    def _later_occurrences(self, met: pl.DataFrame) -> pl.DataFrame:
        """Of rows whose id is taken: those that are a second or later occurrence, under the id of that occurrence."""
        ids = met["event_id"].to_list()
        times = self._times_met(ids)
        occurrence = []
        for event_id in ids:
            times[event_id] += 1
            occurrence.append(times[event_id])
        self._connection.exec_driver_sql(REMEMBER.format(mark=self._database.mark), list(times.items()))
        later = met.with_columns(pl.Series("occurrence", occurrence, dtype=pl.Int64)).filter(pl.col("occurrence") > 1)
        ids = derived_ids(later["content"], later["time_us"], self._secret, later["occurrence"].to_list())
        return later.with_columns(pl.Series("event_id", ids, dtype=pl.String)).drop("occurrence")

    def _times_met(self, ids: list[str]) -> dict[str, int]:
        """How often this session has met each content: counted, or once if it stored the row, or never."""
        wanted = sorted(set(ids))
        times: dict[str, int] = {}
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            some = json.dumps(wanted[start : start + ASKED_AT_ONCE])
            listed = self._database.json_list
            owners = f"SELECT event_id, source_id FROM events WHERE line = 0 AND event_id IN ({listed})"  # noqa: S608
            stored = self._connection.exec_driver_sql(owners, (some,)).all()
            times.update((event_id, int(source_id == self._source_id)) for event_id, source_id in stored)
            counted = f"SELECT event_id, times FROM repeated_rows WHERE event_id IN ({listed})"  # noqa: S608
            times.update((row[0], row[1]) for row in self._connection.exec_driver_sql(counted, (some,)).all())
        return times


def _named(lines: pl.DataFrame) -> pl.DataFrame:
    """Rows without an id under the one derived for them."""
    return lines.with_columns(event_id=pl.col(DERIVED), line=pl.lit(0, dtype=pl.Int64))
