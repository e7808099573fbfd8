"""What an item file's cells mean and which rows cannot be used."""

from dataclasses import replace

import polars as pl

from recommender.domain.events import MAX_ID_BYTES, PRICE_SCALE
from recommender.domain.items import CATEGORY_SEPARATOR, Availability
from recommender.domain.synonyms import ITEM_SYNONYMS
from recommender.importing.attributes import attribute_cells
from recommender.importing.checking import Rule
from recommender.importing.event_rules import HIGHEST_PRICE, illegal_item
from recommender.importing.event_signs import refuse_events, without_signs
from recommender.importing.naming import Columns, missing, resolve
from recommender.importing.nested import check_plain, loose_ids, nested_rules
from recommender.importing.report import ImportOptions
from recommender.importing.running import Plan, cells_of
from recommender.importing.tables import Table
from recommender.importing.times import TimeReading, decide
from recommender.importing.values import (
    bad_identifier,
    currency,
    decimal_mark,
    flag,
    identifier,
    money,
    money_currency,
    number,
    present,
    text,
)

TEXTS = ("title", "url", "image", "category", "brand", "item_group_id", "color", "size", "description")
IDS = ("item_id", "item_group_id")
MONEY = ("price", "sale_price", "margin")
TIMES = ("added_at", "available_from", "available_until")
_PRICES = ("price", "sale_price")
_LARGEST_STOCK = 1e12

_WORDS = {
    Availability.IN_STOCK: "in stock,instock,available,true,1,yes,tak,dostępny,dostepny,w magazynie,в наличии,limited availability",
    Availability.OUT_OF_STOCK: "out of stock,outofstock,unavailable,sold out,soldout,false,0,no,nie,niedostępny,niedostepny,"
    "brak,нет в наличии,discontinued",
    Availability.PREORDER: "preorder,pre order,presale,przedsprzedaż,przedsprzedaz,предзаказ",
    Availability.BACKORDER: "backorder,back order,on backorder,onbackorder,na zamówienie,na zamowienie,под заказ",
}
_AVAILABILITY = {word: state.value for state, words in _WORDS.items() for word in words.split(",")}


def item_plan(sample: pl.DataFrame, table: Table, options: ImportOptions) -> Plan:
    """Decide from the file's columns and first rows how to read it."""
    file = table.found.path.name
    columns = resolve(table.columns, ITEM_SYNONYMS, replace(options, maps=without_signs(options)), file)
    if not columns.has("item_id"):
        raise missing("item_id", table.columns, file)
    refuse_events(columns.rest, options, file)
    cells = cells_of(sample, columns)
    check_plain(cells, columns, file)
    times = {
        name: decide(cells[name].alias(columns.shown(name)), options.timezone, file)
        for name in TIMES
        if name in cells.columns
    }
    marks = {
        name: decimal_mark(cells[name], table.separator)
        for name in MONEY
        if name in cells.columns and cells.schema[name] == pl.String
    }
    readings = [f"{columns.shown(name)}: {reading.told(options.timezone)}" for name, reading in times.items()]
    readings += [f"{columns.shown(name)}: decimal comma" for name, mark in marks.items() if mark == ","]
    ids = loose_ids(IDS, columns, table)
    return Plan(
        columns=columns,
        parse=_Parser(times, marks, options).parse,
        rules=[*nested_rules(ids), *_rules(columns)],
        ids=ids,
        personal=frozenset(),
        readings=tuple(readings),
    )


class _Parser:
    """Cells to typed columns; what a rule needs to know beside them stands in columns that begin with ``=``."""

    def __init__(self, times: dict[str, TimeReading], marks: dict[str, str], options: ImportOptions) -> None:
        self._times = times
        self._marks = marks
        self._options = options

    def parse(self, cells: pl.DataFrame) -> pl.DataFrame:
        """One chunk; money in 1/10,000 (``price_e4``), times in microseconds (``added_at_us``)."""
        schema = cells.schema
        told = [
            present(name, schema[name]).alias(f"={name}")
            for name in (*MONEY, *TIMES, "stock", "visible", "availability")
            if name in schema
        ]
        return cells.select(
            identifier("item_id", schema["item_id"]).alias("item_id"),
            *(_text(name, schema) for name in TEXTS),
            *self._money(schema),
            *self._moments(schema),
            self._currency(schema).alias("currency"),
            _stock(schema).alias("=units"),
            _stock(schema).cast(pl.Int64, strict=False).alias("stock"),
            _availability(schema).alias("availability"),
            (flag("visible", schema["visible"]) if "visible" in schema else pl.lit(None, pl.Boolean)).alias("visible"),
            *told,
            *attribute_cells(schema),
        )

    def _money(self, schema: pl.Schema) -> list[pl.Expr]:
        made = []
        for name in MONEY:
            amount = pl.lit(None, pl.Float64)
            if name in schema:
                amount = money(name, schema[name], decimal=self._marks.get(name, "."))
            sane = pl.when(amount.abs() <= HIGHEST_PRICE).then(amount)
            made += [
                amount.alias(f"={name} amount"),
                (sane * PRICE_SCALE).round().cast(pl.Int64, strict=False).alias(f"{name}_e4"),
            ]
        return made

    def _moments(self, schema: pl.Schema) -> list[pl.Expr]:
        return [
            (
                self._times[name].microseconds(name, schema[name], self._options.timezone)
                if name in schema
                else pl.lit(None, pl.Int64)
            ).alias(f"{name}_us")
            for name in TIMES
        ]

    def _currency(self, schema: pl.Schema) -> pl.Expr:
        told = [currency(identifier("currency", schema["currency"]))] if "currency" in schema else []
        prices = [name for name in _PRICES if name in schema]
        beside = [money_currency(name, schema[name]) for name in prices]
        fallback = [
            pl.when(present(name, schema[name])).then(pl.lit(self._options.currency, pl.String)) for name in prices
        ]
        return pl.coalesce([*told, *beside, *fallback, pl.lit(None, pl.String)])


def _text(name: str, schema: pl.Schema) -> pl.Expr:
    if name not in schema:
        return pl.lit(None, pl.String).alias(name)
    found = identifier(name, schema[name]) if name == "item_group_id" else text(name, schema[name])
    if name == "category":
        found = found.str.replace_all(r"\s*>\s*", CATEGORY_SEPARATOR)
    return found.alias(name)


def _stock(schema: pl.Schema) -> pl.Expr:
    return number("stock", schema["stock"]) if "stock" in schema else pl.lit(None, pl.Float64)


def _availability(schema: pl.Schema) -> pl.Expr:
    if "availability" not in schema:
        return pl.lit(None, pl.String)
    word = pl.col("availability").cast(pl.String).str.strip_chars().str.replace(r"^https?://schema\.org/", "")
    spaced = word.str.to_lowercase().str.replace_all(r"[_\-\s]+", " ")
    return spaced.replace_strict(_AVAILABILITY, default=None, return_dtype=pl.String)


def _rules(columns: Columns) -> list[Rule]:
    item = pl.col("item_id")
    rules = [
        Rule(field="item_id", code="missing_id", broken=item.is_null(), message="the item_id is missing"),
        Rule(
            field="item_id",
            code="bad_id",
            broken=bad_identifier(item, MAX_ID_BYTES),
            message=f"the id is longer than {MAX_ID_BYTES} bytes or holds characters that do not print",
        ),
        illegal_item(item),
        Rule(
            field="currency",
            code="bad_currency",
            broken=~pl.col("currency").str.contains(r"^[A-Z]{3}$"),
            message="{value} is not a currency code such as PLN or EUR",
        ),
    ]
    rules += [rule for name in MONEY if columns.has(name) for rule in _amount_rules(name)]
    rules += [rule for name in TIMES if columns.has(name) for rule in _time_rules(name)]
    rules += _state_rules(columns)
    return rules


def _amount_rules(name: str) -> list[Rule]:
    amount = pl.col(f"={name} amount")
    lowest = -HIGHEST_PRICE if name == "margin" else 0
    outside = (amount < lowest) | (amount.abs() > HIGHEST_PRICE)
    return [
        Rule(
            field=name,
            code=f"bad_{name}",
            broken=pl.col(f"={name}") & amount.is_null(),
            message="{value} is not an amount",
        ),
        Rule(
            field=name,
            code=f"bad_{name}",
            broken=outside,
            message=f"{{value}} is not between {lowest:,.0f} and {HIGHEST_PRICE:,.0f}",
        ),
    ]


def _time_rules(name: str) -> list[Rule]:
    unread = pl.col(f"={name}") & pl.col(f"{name}_us").is_null()
    return [
        Rule(field=name, code="bad_time", broken=unread, message="{value} is not a time such as 2024-05-31T14:00:00Z")
    ]


def _state_rules(columns: Columns) -> list[Rule]:
    units = pl.col("=units")
    words = ", ".join(state.value for state in Availability)
    unlike = {
        "stock": (units.is_null() | (units != units.floor()) | (units.abs() > _LARGEST_STOCK), "not a whole number"),
        "visible": (pl.col("visible").is_null(), "neither yes nor no"),
        "availability": (pl.col("availability").is_null(), f"none of: {words}"),
    }
    return [
        Rule(field=name, code=f"bad_{name}", broken=pl.col(f"={name}") & unread, message=f"{{value}} is {what}")
        for name, (unread, what) in unlike.items()
        if columns.has(name)
    ]
