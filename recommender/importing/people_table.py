"""Whom a file asks lists for: one column of ids out of a CSV, JSON Lines or Parquet table, opened and read as imports are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from recommender.domain.errors import BadInputError
from recommender.domain.people import Person
from recommender.importing.nested import nested_places
from recommender.importing.opening import open_table
from recommender.importing.report import silent
from recommender.importing.tables import Chunk, Table
from recommender.importing.values import identifier, texts_of

IdColumn = Literal["customer_id", "visitor_id"]
CHUNK_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """The people of a file, each once, in its order.

    Attributes
    ----------
    ids : Series of str
    column : str
        ``customer_id`` or ``visitor_id``.
    rows, duplicates, blank : int
        Rows read; rows naming somebody already named; rows without an id. The last two are left out.
    """

    ids: pl.Series
    column: IdColumn
    rows: int
    duplicates: int
    blank: int

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Person]:
        for name in self.ids:
            yield Person(customer_id=name) if self.column == "customer_id" else Person(visitor_id=name)


def read_people(path: Path, column: IdColumn) -> PeopleTable:
    """Read the ids of one column, spelled as an import of the same file would store them.

    Parameters
    ----------
    path : Path
        CSV, JSON Lines or Parquet, also packed (gzip, zstd); recognised by its content.
    column : str
        The column; its letter case, spaces and underscores do not matter.

    Raises
    ------
    BadInputError
        There is no such file, it is cut off or damaged, it is no table, it has no such column, a row cannot be read, or an id
        is neither a text nor a number.
    """
    with open_table(Path(path), silent) as table:
        name = _column_of(table, column)
        parts = [_ids(table, chunk, name) for chunk in table.chunks(CHUNK_ROWS, silent)]
    ids = pl.concat(parts) if parts else pl.Series(dtype=pl.String)
    named = ids.drop_nulls()
    unique = named.unique(maintain_order=True)
    return PeopleTable(unique, column, len(ids), len(named) - len(unique), len(ids) - len(named))


def _column_of(table: Table, column: IdColumn) -> str:
    wanted = column.replace("_", "")
    names = [name for name in table.columns if "".join(c for c in name.lower() if c.isalnum()) == wanted]
    if not names:
        raise BadInputError(f"{table.found.path.name} has no column {column}; it has {', '.join(table.columns)}.")
    return column if column in names else names[0]


def _ids(table: Table, chunk: Chunk, name: str) -> pl.Series:
    """The ids of a chunk as text in its normal form, null where there is none."""
    if chunk.broken:
        first = chunk.broken[0]
        raise BadInputError(f"{table.found.path.name}, line {first.line}: {first.message}.")
    cells = chunk.frame.select(name)
    kind = cells.schema[name]
    if kind == pl.Binary:
        cells = texts_of(cells[name], shown=f"{table.found.path.name}: {name}").to_frame()
    elif not (kind.is_numeric() or isinstance(kind, pl.String | pl.Categorical | pl.Enum | pl.Null)):
        raise BadInputError(f"{table.found.path.name}: {name} holds {kind}; an id is a text or a number.")
    for place in nested_places(chunk, name)[:1]:
        where = f"{table.found.path.name}, line {chunk.lines[place]}"
        raise BadInputError(f"{where}: {name} is a list or an object; an id is a text or a number.")
    ids = cells.select(identifier(name, cells.schema[name]))[name]
    return ids.set(ids == "", None)
