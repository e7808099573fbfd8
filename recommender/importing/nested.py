"""Lists and objects where an id should be: Parquet tells them by a column's type, JSON Lines only line by line."""

from collections.abc import Iterable, Sequence

import polars as pl

from recommender.domain.errors import BadInputError
from recommender.importing.attributes import PREFIX
from recommender.importing.checking import Rule
from recommender.importing.jsonl_table import is_nested
from recommender.importing.naming import Columns
from recommender.importing.tables import Chunk, Table

_MARK = "=nested "


def check_plain(cells: pl.DataFrame, columns: Columns, file: str) -> None:
    """Raise ``BadInputError`` if a column that fills a field is one of lists or objects."""
    for name, dtype in cells.schema.items():
        if dtype.is_nested() and not name.startswith(PREFIX):
            raise BadInputError(
                f"{file}: the column {columns.shown(name)} holds lists or objects; {name} needs plain values."
            )


def loose_ids(fields: Iterable[str], columns: Columns, table: Table) -> tuple[str, ...]:
    """Of the fields that are ids: those whose cells may each be a list or an object, whatever the others are."""
    return tuple(name for name in fields if name in columns.of) if table.found.format == "jsonl" else ()


def nested_rules(ids: Sequence[str]) -> list[Rule]:
    """The rules that these ids are plain; they read what :func:`marked` adds."""
    message = "the id is a list or an object; an id is a text or a number"
    return [Rule(field=name, code="illegal_id", broken=pl.col(f"{_MARK}{name}"), message=message) for name in ids]


def marked(parsed: pl.DataFrame, chunk: Chunk, columns: Columns, ids: Sequence[str]) -> pl.DataFrame:
    """The chunk's rows with a column for each of these ids that says where it is a list or an object."""
    return parsed.with_columns(_marks(chunk, columns.of[name]).alias(f"{_MARK}{name}") for name in ids)


def _marks(chunk: Chunk, column: str) -> pl.Series:
    marks = pl.repeat(value=False, n=chunk.frame.height, eager=True)
    return marks.scatter(places, values=True) if (places := nested_places(chunk, column)) else marks


def nested_places(chunk: Chunk, column: str) -> list[int]:
    """The rows of a chunk of JSON Lines whose cell is a list or an object; a text may look like one."""
    if chunk.raw is None:
        return []
    cells = chunk.frame[column]
    alike = (cells.str.starts_with("[") | cells.str.starts_with("{")).fill_null(value=False).arg_true()
    return [place for place in alike.to_list() if is_nested(chunk.raw[place], column, cells[place])]
