"""Cells into values: ids, numbers, money, yes and no. All are Polars expressions over whole columns; null is missing.

Each takes the name and type of a column, so that text and typed files come out alike.
"""

import polars as pl

from recommender.domain.errors import BadInputError

_MISSING = ("", "\\n", "null", "none", "nan", "n/a", "na", "-", "#n/a")
_UNPRINTABLE = r"[\p{C}\p{Z}&&[^ ]]"
_SIGNS = r"[A-Za-z]{3}|[£$€₽¥]|zł|ZŁ|руб\.?|Kč"
_BEFORE, _AFTER = rf"^(?:{_SIGNS})\s*", rf"\s*(?:{_SIGNS})$"
_SIGN_CURRENCY = {
    "£": "GBP",
    "$": "USD",
    "€": "EUR",
    "₽": "RUB",
    "¥": "JPY",
    "ZŁ": "PLN",
    "РУБ": "RUB",
    "РУБ.": "RUB",
    "KČ": "CZK",
}
_TRUE = ("true", "1", "1.0", "yes", "y", "t", "tak", "да", "on", "granted")
_FALSE = ("false", "0", "0.0", "no", "n", "f", "nie", "нет", "off", "denied")


def text(column: str, dtype: pl.DataType) -> pl.Expr:
    """Trimmed text in NFC; whole floats lose their ``.0``; empty is missing."""
    cell = pl.col(column)
    if dtype.is_float():
        whole = cell.is_finite() & (cell.floor() == cell) & (cell.abs() < 2**53)
        spelled = pl.when(whole).then(cell.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(cell.cast(pl.String))
        return pl.when(cell.is_not_nan()).then(spelled)
    if dtype != pl.String:
        return cell.cast(pl.String, strict=False)
    return cell.map_batches(_tidied, return_dtype=pl.String)


def texts_of(cells: pl.Series, *, shown: str) -> pl.Series:
    """Bytes as the texts they are: Parquet files do not always say so.

    Raises
    ------
    BadInputError
        Some are no text in UTF-8; ``shown`` is the column's name for people.
    """
    try:
        return pl.Series(cells.name, [None if one is None else one.decode() for one in cells], dtype=pl.String)
    except UnicodeDecodeError:
        raise BadInputError(f"{shown} holds bytes that are no text in UTF-8; export it as text.") from None


def _tidied(cells: pl.Series) -> pl.Series:
    """Trimmed, in NFC, empty as null; a column that needs nothing of it is not touched."""
    trimmed = cells.str.strip_chars()
    if (trimmed.str.len_bytes() != trimmed.str.len_chars()).any():
        trimmed = trimmed.str.normalize("NFC")
    empty = (trimmed == "") | (trimmed == "\\N")
    return trimmed.set(empty, None) if empty.any() else trimmed


def _whole(ids: pl.Series) -> pl.Series:
    """``12345.0`` as ``12345``."""
    if not ids.str.ends_with("0").any():
        return ids
    return ids.str.replace(r"^(\d+)\.0+$", "${1}") if ids.str.contains(".0", literal=True).any() else ids


def identifier(column: str, dtype: pl.DataType) -> pl.Expr:
    """An id as text; what came through a number column (``12345.0``) is ``12345`` again."""
    found = text(column, dtype)
    if dtype == pl.String or dtype.is_decimal():
        return found.map_batches(_whole, return_dtype=pl.String)
    return found


def bad_identifier(value: pl.Expr, longest: int) -> pl.Expr:
    """Whether an id is too long (bytes of UTF-8) or holds characters that do not print."""
    return (value.str.len_bytes() > longest) | value.str.contains(_UNPRINTABLE)


def _told(column: str) -> pl.Expr:
    cell = pl.col(column).str.strip_chars()
    return pl.when(~cell.str.to_lowercase().is_in(_MISSING)).then(cell)


def present(column: str, dtype: pl.DataType) -> pl.Expr:
    """Whether a cell of a column that is no id says anything (``null``, ``n/a`` and the like do not)."""
    if dtype == pl.String:
        return _told(column).is_not_null()
    return pl.col(column).is_not_null() & (pl.col(column).is_not_nan() if dtype.is_float() else True)


def number(column: str, dtype: pl.DataType, *, decimal: str = ".") -> pl.Expr:
    """A number as float64; null also where the text is none. ``decimal`` settles what ``1,234`` and ``1.234`` mean."""
    if dtype != pl.String:
        cell = pl.col(column).cast(pl.Float64, strict=False)
        return pl.when(cell.is_not_nan()).then(cell)
    return _spelled(_told(column), decimal)


def money(column: str, dtype: pl.DataType, *, decimal: str = ".") -> pl.Expr:
    """Like :func:`number`, with a currency sign or code before or after it."""
    if dtype != pl.String:
        return number(column, dtype)
    return _spelled(_told(column).str.replace(_BEFORE, "").str.replace(_AFTER, ""), decimal)


def money_currency(column: str, dtype: pl.DataType) -> pl.Expr:
    """The currency written beside an amount, as a code; null where there is none."""
    if dtype != pl.String:
        return pl.lit(None, dtype=pl.String)
    cell = pl.col(column).str.strip_chars()
    return currency(pl.coalesce(cell.str.extract(rf"({_BEFORE})"), cell.str.extract(rf"({_AFTER})")))


def currency(value: pl.Expr) -> pl.Expr:
    """A code or sign as an upper-case code."""
    return value.str.strip_chars().str.to_uppercase().replace(_SIGN_CURRENCY)


def _spelled(cell: pl.Expr, decimal: str) -> pl.Expr:
    digits = cell.str.replace_all(r"[\s\x{a0}\x{202f}'’]", "")
    grouped = (
        digits.str.contains(r"^[+-]?\d{1,3}(,\d{3})+\.\d+$|^[+-]?\d{1,3}(,\d{3}){2,}$"),
        digits.str.contains(r"^[+-]?\d{1,3}(\.\d{3})+,\d+$|^[+-]?\d{1,3}(\.\d{3}){2,}$"),
    )
    comma_thousand, dot_thousand = (
        digits.str.contains(r"^[+-]?[1-9]\d{0,2},\d{3}$"),
        digits.str.contains(r"^[+-]?[1-9]\d{0,2}\.\d{3}$"),
    )
    plain_comma = digits.str.contains(r"^[+-]?\d+,\d+$")
    no_comma, no_dot = digits.str.replace_all(",", "", literal=True), digits.str.replace_all(".", "", literal=True)
    swapped = no_dot.str.replace(",", ".", literal=True)
    clean = (
        pl.when(grouped[0] | (comma_thousand & (decimal == ".")))
        .then(no_comma)
        .when(grouped[1])
        .then(swapped)
        .when(dot_thousand & (decimal == ","))
        .then(no_dot)
        .when(plain_comma)
        .then(swapped)
    )
    odd = (
        digits.str.contains(",", literal=True) | (dot_thousand if decimal == "," else pl.lit(value=False)) | grouped[1]
    )
    return pl.when(odd).then(clean.otherwise(None)).otherwise(digits).cast(pl.Float64, strict=False)


def decimal_mark(sample: pl.Series, separator: str | None) -> str:
    """What separates the decimals of a text column: by unmistakable cells, else by what sheets with this separator do."""
    cells = sample.drop_nulls().str.strip_chars().str.replace(_BEFORE, "").str.replace(_AFTER, "")
    commas = cells.str.contains(r"\d,(\d{1,2}|\d{4,})$|^0,\d+$|\.\d{3},\d").sum()
    dots = cells.str.contains(r"\d\.(\d{1,2}|\d{4,})$|^0\.\d+$|,\d{3}\.\d").sum()
    if commas != dots:
        return "," if commas > dots else "."
    return "," if separator == ";" and bool(cells.str.contains(",", literal=True).any()) else "."


def flag(column: str, dtype: pl.DataType) -> pl.Expr:
    """Yes or no in any of the usual words; null also where the text is neither."""
    if dtype == pl.Boolean:
        return pl.col(column)
    word = pl.col(column).cast(pl.String, strict=False).str.strip_chars().str.to_lowercase()
    return pl.when(word.is_in(_TRUE)).then(statement=True).when(word.is_in(_FALSE)).then(statement=False)
