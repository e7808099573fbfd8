"""Whom a file asks lists for: one column of ids out of a CSV, JSON Lines or Parquet table."""

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl
import zstandard

from recommender.domain.errors import BadInputError
from recommender.domain.people import Person

IdColumn = Literal["customer_id", "visitor_id"]
SEPARATORS = (",", ";", "\t", "|")


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
    """Read the ids of one column.

    Parameters
    ----------
    path : Path
        ``.csv`` (or ``.tsv``, ``.txt``), ``.jsonl`` (``.ndjson``) or ``.parquet``; ``.gz`` and ``.zst`` are unpacked.
    column : str
        The column; its letter case, spaces and underscores do not matter.

    Raises
    ------
    BadInputError
        There is no such file, it is no table of its format, or it has no such column.
    """
    frame = _table(path)
    wanted = column.replace("_", "")
    names = [name for name in frame.columns if "".join(c for c in name.lower() if c.isalnum()) == wanted]
    if not names:
        raise BadInputError(f"{path.name} has no column {column}; it has {', '.join(frame.columns) or 'no columns'}.")
    ids = _as_ids(frame.get_column(column if column in names else names[0]))
    named = ids.filter(ids.is_not_null() & (ids.str.len_bytes() > 0))
    unique = named.unique(maintain_order=True)
    return PeopleTable(unique, column, len(ids), len(named) - len(unique), len(ids) - len(named))


def _table(path: Path) -> pl.DataFrame:
    """The file as a table, every CSV cell as text."""
    if not path.is_file():
        raise BadInputError(f"There is no file {path}; give a table of people as CSV, JSON Lines or Parquet.")
    try:
        name, content = _unpacked(path)
        ending = Path(name).suffix.lower()
        if ending == ".parquet":
            return pl.read_parquet(io.BytesIO(content))
        if ending in (".jsonl", ".ndjson"):
            return pl.read_ndjson(io.BytesIO(content), infer_schema_length=None)
        if ending in (".csv", ".tsv", ".txt"):
            return _csv(content)
    except (pl.exceptions.PolarsError, UnicodeDecodeError, EOFError, OSError, zstandard.ZstdError) as error:
        raise BadInputError(f"{path.name} cannot be read as a table: {str(error).splitlines()[0]}") from error
    raise BadInputError(f"{path.name} is neither .csv, .jsonl nor .parquet; save it as one of these.")


def _unpacked(path: Path) -> tuple[str, bytes]:
    content = path.read_bytes()
    if path.suffix.lower() == ".gz":
        return path.stem, gzip.decompress(content)
    if path.suffix.lower() == ".zst":
        return path.stem, zstandard.ZstdDecompressor().stream_reader(content).read()
    return path.name, content


def _csv(content: bytes) -> pl.DataFrame:
    """Text in UTF-8 with or without its mark; the separator is the one the header has most of."""
    text = content.decode("utf-8-sig")
    header = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=header.count)
    if not text.strip():
        return pl.DataFrame()
    return pl.read_csv(io.StringIO(text), separator=separator, infer_schema=False, truncate_ragged_lines=True)


def _as_ids(column: pl.Series) -> pl.Series:
    """Ids as text without space around; whole numbers stored as fractions lose their ``.0``."""
    if column.dtype.is_float():
        column = column.cast(pl.Int64) if (column.drop_nulls() % 1 == 0).all() else column
    return column.cast(pl.String).str.strip_chars()
