"""What an event file's cells mean and which rows cannot be used."""

from datetime import datetime

import polars as pl

from recommender.domain.events import PRICE_SCALE, EventType, event_type
from recommender.domain.synonyms import EVENT_SYNONYMS
from recommender.importing.event_rules import AMOUNTS, HIGHEST_PRICE, IDS, LARGEST_QUANTITY, event_rules
from recommender.importing.jsonl_table import NESTED_LINE
from recommender.importing.naming import Columns, missing, resolve
from recommender.importing.nested import check_plain, loose_ids, nested_rules
from recommender.importing.report import ImportOptions
from recommender.importing.running import Plan, cells_of
from recommender.importing.tables import Table
from recommender.importing.times import TimeReading, decide
from recommender.importing.values import (
    currency,
    decimal_mark,
    identifier,
    money,
    money_currency,
    number,
    present,
)

PERSONAL = frozenset({"visitor_id", "customer_id", "session_id"})


def event_plan(sample: pl.DataFrame, table: Table, options: ImportOptions, latest: datetime) -> Plan:
    """Decide from the file's columns and first rows how to read it; ``latest`` is the last time an event may have."""
    file = table.found.path.name
    names = [name for name in table.columns if name != NESTED_LINE]
    columns = resolve(table.columns, EVENT_SYNONYMS, options, file, extra=("slate_id",))
    _check_required(columns, names, file)
    cells = cells_of(sample, columns)
    check_plain(cells, columns, file)
    reading = decide(cells["timestamp"].alias(columns.shown("timestamp")), options.timezone, file)
    marks = {
        name: decimal_mark(cells[name], table.separator)
        for name in AMOUNTS
        if name in cells.columns and cells.schema[name] == pl.String
    }
    readings = [f"{columns.shown('timestamp')}: {reading.told(options.timezone)}"]
    readings += [f"{columns.shown(name)}: decimal comma" for name, mark in marks.items() if mark == ","]
    ids = loose_ids(IDS, columns, table)
    parser = _Parser(reading, marks, options)
    return Plan(
        columns=columns,
        parse=parser.parse,
        rules=[*nested_rules(ids), *event_rules(columns, latest)],
        ids=ids,
        personal=PERSONAL,
        readings=tuple(readings),
    )


def _check_required(columns: Columns, names: list[str], file: str) -> None:
    if not columns.has("type"):
        hint = ", or, if every row is of one type, say so: --set type=purchase"
        raise missing("type", names, file, hint)
    if not columns.has("timestamp"):
        raise missing("timestamp", names, file)
    if not columns.has("visitor_id") and not columns.has("customer_id"):
        raise missing("customer_id", names, file, " (or visitor_id=COLUMN for anonymous browsers)")


LOG_COLUMNS = ("type", "time_us", *IDS, "quantity", "price_e4", "currency", "value_e4")


def log_columns(parsed: pl.DataFrame, *, nested: bool) -> tuple[pl.DataFrame, int]:
    """What the log takes of parsed rows, and how many order totals were left out.

    A total belongs to the order, not to each of its items: it is kept on rows without an item and, where an order's items
    came nested in one object, on the first of them.
    """
    lines = parsed.select(*LOG_COLUMNS, *(["line"] if nested else []))
    if nested:
        return lines, 0
    doubled = pl.col("item_id").is_not_null() & pl.col("value_e4").is_not_null()
    count = int(lines.select(doubled.sum()).item())
    return (lines.with_columns(value_e4=pl.when(~doubled).then(pl.col("value_e4"))), count) if count else (lines, 0)


class _Parser:
    """Cells to the log's columns; what a rule needs to know beside them stands in columns that begin with ``=``."""

    def __init__(self, reading: TimeReading, marks: dict[str, str], options: ImportOptions) -> None:
        self._reading = reading
        self._marks = marks
        self._options = options

    def parse(self, cells: pl.DataFrame) -> pl.DataFrame:
        """One chunk; columns as in ``LINE_COLUMNS`` without ``seq``, and the rules' own."""
        schema = cells.schema
        nested = f"attribute:{NESTED_LINE}" in schema
        told = [
            present(name, schema[name]).alias(f"={name}")
            for name in ("timestamp", "quantity", *AMOUNTS)
            if name in schema
        ]
        frame = cells.select(
            _types(cells).alias("type"),
            self._reading.microseconds("timestamp", schema["timestamp"], self._options.timezone).alias("time_us"),
            *(
                (identifier(name, schema[name]) if name in schema else pl.lit(None, pl.String)).alias(name)
                for name in IDS
            ),
            *self._amounts(schema),
            _quantity(schema).alias("=units"),
            self._currency(schema).alias("currency"),
            *told,
            pl.col("type").is_not_null().alias("=type"),
            *([pl.col(f"attribute:{NESTED_LINE}").cast(pl.Int64).fill_null(0).alias("line")] if nested else []),
        )
        return frame.with_columns(_whole_quantity().alias("quantity"), *_scaled())

    def _amounts(self, schema: pl.Schema) -> list[pl.Expr]:
        return [
            (
                money(name, schema[name], decimal=self._marks.get(name, "."))
                if name in schema
                else pl.lit(None, pl.Float64)
            ).alias(f"={name} amount")
            for name in AMOUNTS
        ]

    def _currency(self, schema: pl.Schema) -> pl.Expr:
        told = [currency(identifier("currency", schema["currency"]))] if "currency" in schema else []
        beside = [money_currency(name, schema[name]) for name in AMOUNTS if name in schema]
        fallback = pl.lit(self._options.currency, pl.String)
        priced = [present(name, schema[name]) for name in AMOUNTS if name in schema]
        if not priced:
            return pl.coalesce(told) if told else pl.lit(None, pl.String)
        return pl.coalesce([*told, *beside, pl.when(pl.any_horizontal(priced)).then(fallback)])


def _types(cells: pl.DataFrame) -> pl.Expr:
    """The column of types in our words, each distinct name looked up once."""
    names = cells["type"].cast(pl.String).unique().drop_nulls().to_list()
    known = {name: found.value for name in names if (found := event_type(name)) is not None}
    cell = pl.col("type").cast(pl.String)
    return cell.replace_strict(known, default=None, return_dtype=pl.String) if known else pl.lit(None, pl.String)


def _quantity(schema: pl.Schema) -> pl.Expr:
    return number("quantity", schema["quantity"]) if "quantity" in schema else pl.lit(None, pl.Float64)


def _whole_quantity() -> pl.Expr:
    """Units of a line with an item, 1 where the file does not say; a refund's sign does not matter."""
    units = pl.col("=units")
    signless = pl.when(pl.col("type") == EventType.REFUND.value).then(units.abs()).otherwise(units)
    sane = pl.when(signless.abs() <= LARGEST_QUANTITY).then(signless).cast(pl.Int64, strict=False)
    return pl.when(pl.col("item_id").is_not_null()).then(sane.fill_null(1))


def _scaled() -> list[pl.Expr]:
    def whole(name: str) -> pl.Expr:
        amount = pl.col(f"={name} amount")
        sane = pl.when(amount.abs() <= HIGHEST_PRICE).then(amount)
        return (sane * PRICE_SCALE).round().cast(pl.Int64, strict=False).alias(f"{name}_e4")

    return [whole(name) for name in AMOUNTS]
