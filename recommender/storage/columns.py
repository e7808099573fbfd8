"""The log in columns: Polars types, and text from a database into frames. Imported only where columns are wanted."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from recommender.domain.events import LINE_COLUMNS

TYPES = {"int64": pl.Int64(), "int32": pl.Int32(), "str": pl.String()}

Schema = Mapping[str, pl.DataType]


def line_schema(columns: Sequence[str] | None = None) -> dict[str, pl.DataType]:
    """Polars types of the log's columns, read off :data:`LINE_COLUMNS`, in the order asked for.

    Raises
    ------
    ValueError
        If a column is not one of the log's.
    """
    wanted = list(LINE_COLUMNS) if columns is None else list(columns)
    if strange := [name for name in wanted if name not in LINE_COLUMNS]:
        raise ValueError(f"the log has no column {strange[0]!r}; it has {', '.join(LINE_COLUMNS)}")
    return {name: TYPES[LINE_COLUMNS[name].split()[0].strip(",")] for name in wanted}


def who_schema() -> dict[str, pl.DataType]:
    """:func:`line_schema` with ``who`` before it: the place in a list of people."""
    return {"who": pl.Int32(), **line_schema()}


def of_separated(text: bytes | None, schema: Schema, separator: str) -> pl.DataFrame:
    """Lines of fields that need no quoting; an empty field is null, no text no rows."""
    if text is None:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(text, has_header=False, separator=separator, quote_char=None, schema=dict(schema))


def of_json_rows(text: bytes, schema: Schema) -> pl.DataFrame | None:
    """Lines of JSON arrays with a number before and after the fields, gaps as empty texts; None if a text is escaped.

    Without escapes such a line is also one of CSV; an empty text is null.
    """
    if b"\\" in text:
        return None
    fenced = {"before": pl.String(), **schema, "after": pl.String()}
    read = pl.read_csv(text, has_header=False, separator=",", schema=fenced)
    names = [name for name, kind in schema.items() if kind == pl.String]
    return read.select(list(schema)).with_columns(pl.when(pl.col(name) != "").then(name).alias(name) for name in names)


def of_csv(lines: Sequence[Any], schema: Schema) -> pl.DataFrame:
    """Lines of CSV, quoted where needed; an empty field is null."""
    return pl.read_csv(io.BytesIO(b"".join(lines)), has_header=False, schema=dict(schema))


def of_rows(rows: Sequence[Sequence[Any]], schema: Schema) -> pl.DataFrame:
    """Rows as the driver gives them."""
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
