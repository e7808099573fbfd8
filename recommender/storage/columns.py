"""The log in columns: Polars types, and text from a database into frames. Imported only where columns are wanted."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import polars as pl

from recommender.domain.events import LINE_COLUMNS

TYPES = {"int64": pl.Int64(), "int32": pl.Int32(), "str": pl.String()}

NEVER = "\x1f"
"""A character that is in no JSON text."""

Schema = Mapping[str, pl.DataType]
_TEXTS = msgspec.json.Decoder(list[str | None])


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


def of_json_lists(texts: Sequence[bytes], rows: int, schema: Schema) -> pl.DataFrame:
    """Each column as the text of a JSON list of ``rows`` values without spaces; an empty text is null."""
    columns = zip(schema.items(), texts, strict=True)
    return pl.DataFrame([_of_json_list(name, kind, text[1:-1], rows) for (name, kind), text in columns])


def _of_json_list(name: str, kind: pl.DataType, text: bytes, rows: int) -> pl.Series:
    """Where all values are the same, one is read; else the list is CSV with commas for line ends, if nothing is escaped."""
    first = text.split(b",", 1)[0]
    if text == (first + b",") * (rows - 1) + first:
        value = msgspec.json.decode(first)
        return pl.Series(name, [None if value == "" else value], dtype=kind).new_from_index(0, rows)
    if kind != pl.String:
        return _of_commas(name, kind, text)
    if any(sign in text for sign in (b"\\", b'""', b'"null"')):
        return pl.Series(name, [one or None for one in _TEXTS.decode(b"[%b]" % text)], dtype=kind)
    return _of_commas(name, kind, text)


def _of_commas(name: str, kind: pl.DataType, text: bytes) -> pl.Series:
    return pl.read_csv(
        text, has_header=False, separator=NEVER, eol_char=",", null_values="null", schema={name: kind}
    ).to_series()


def of_csv(lines: Sequence[Any], schema: Schema) -> pl.DataFrame:
    """Lines of CSV, quoted where needed; an empty field is null."""
    return pl.read_csv(io.BytesIO(b"".join(lines)), has_header=False, schema=dict(schema))


def of_rows(rows: Sequence[Sequence[Any]], schema: Schema) -> pl.DataFrame:
    """Rows as the driver gives them."""
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
