"""Columns beyond those we know: attributes, typed as the whole file allows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from recommender.importing.values import text

PREFIX = "attribute:"
_WHOLE = r"^-?(0|[1-9]\d{0,15})$"
_DECIMAL = r"^-?(0|[1-9]\d*)(\.\d+)?$"
_YES_NO = r"(?i)^(true|false)$"

Attribute = str | int | float | bool | None


@dataclass(slots=True)
class AttributeTypes:
    """Narrows down, chunk by chunk, what every text attribute can be: ``bool``, ``int``, ``float`` or ``str``.

    A column of ``007`` stays text: numbers do not begin with 0. ``separator`` ``;`` lets ``12,5`` be a number.
    """

    separator: str | None
    possible: dict[str, set[str]] = field(default_factory=dict)

    def look(self, parsed: pl.DataFrame) -> None:
        """Take the next chunk into account."""
        for name in attribute_columns(parsed):
            if parsed.schema[name] != pl.String:
                continue
            options = self.possible.setdefault(name, {"bool", "int", "float"})
            cells = self._dotted(pl.col(name))
            fits = parsed.select(
                cells.str.contains(_YES_NO).all().alias("bool"),
                cells.str.contains(_WHOLE).all().alias("int"),
                cells.str.contains(_DECIMAL).all().alias("float"),
            )
            options.intersection_update(kind for kind in ("bool", "int", "float") if fits[kind].item())

    def _dotted(self, cell: pl.Expr) -> pl.Expr:
        return cell.str.replace(r"^(-?\d+),(\d+)$", "${1}.${2}") if self.separator == ";" else cell

    def typed(self, parsed: pl.DataFrame) -> pl.DataFrame:
        """The chunk with its attributes as what they are."""
        made = []
        for name, options in self.possible.items():
            if "bool" in options:
                made.append((pl.col(name).str.to_lowercase() == "true").alias(name))
            elif "int" in options:
                made.append(pl.col(name).cast(pl.Int64).alias(name))
            elif "float" in options:
                made.append(self._dotted(pl.col(name)).cast(pl.Float64).alias(name))
        return parsed.with_columns(made)


def attribute_columns(frame: pl.DataFrame) -> list[str]:
    """The attributes among a chunk's columns."""
    return [name for name in frame.columns if name.startswith(PREFIX)]


def kept_as_attributes(sample: pl.DataFrame, columns: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the columns left over: those that become attributes, and those that cannot (lists and objects)."""
    names = tuple(columns)
    kept = tuple(name for name in names if not sample.schema[name].is_nested())
    return kept, tuple(name for name in names if name not in kept)


def attribute_cells(schema: pl.Schema) -> Iterable[pl.Expr]:
    """Attributes as they come: numbers and booleans stay, all else is trimmed text; lists and objects are left out."""
    for name, dtype in schema.items():
        if not name.startswith(PREFIX) or dtype.is_nested():
            continue
        if dtype.is_integer() or dtype == pl.Boolean:
            yield pl.col(name)
        elif dtype.is_float():
            yield pl.when(pl.col(name).is_finite()).then(pl.col(name)).alias(name)
        else:
            yield text(name, dtype).alias(name)


def attributes(row: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """The attributes of one row that are there."""
    return {key.removeprefix(PREFIX): cell for key, cell in row.items() if key.startswith(PREFIX) and cell is not None}
