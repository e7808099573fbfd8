"""Which rows of an event file cannot be used, and why."""

from datetime import datetime

import polars as pl

from recommender.domain.events import ILLEGAL_IDS, ILLEGAL_ITEM_IDS, MAX_ID_BYTES, NEEDS_ITEM, EventType
from recommender.importing.checking import Rule
from recommender.importing.naming import Columns
from recommender.importing.times import EARLIEST_US
from recommender.importing.values import bad_identifier

LARGEST_QUANTITY = 1_000_000
HIGHEST_PRICE = 1e10
PERSON_IDS = ("visitor_id", "customer_id")
IDS = (*PERSON_IDS, "item_id", "order_id", "session_id", "event_id", "slate_id")
AMOUNTS = ("price", "value")


def event_rules(columns: Columns, latest: datetime) -> list[Rule]:
    """The rules a row is held to, in order; ``latest`` is the last time an event may have."""
    return [*_type_and_time(latest), *_people(), *_items(), *_units(columns), *_money(columns)]


def _type_and_time(latest: datetime) -> list[Rule]:
    kinds = ", ".join(kind.value for kind in EventType)
    time = pl.col("time_us")
    return [
        Rule(field="type", code="missing_type", broken=~pl.col("=type"), message="the type is missing"),
        Rule(
            field="type",
            code="unknown_type",
            broken=pl.col("type").is_null(),
            message=f"{{value}} is no event type; the types are {kinds}",
        ),
        Rule(field="timestamp", code="missing_time", broken=~pl.col("=timestamp"), message="the time is missing"),
        Rule(
            field="timestamp",
            code="bad_time",
            broken=time.is_null(),
            message="{value} is not a time as the rest of the file writes them; 2024-05-31T14:00:00Z always is",
        ),
        Rule(field="timestamp", code="old_time", broken=time < EARLIEST_US, message="{value} is before 1990"),
        Rule(
            field="timestamp",
            code="future_time",
            broken=time > int(latest.timestamp() * 1_000_000),
            message="{value} is more than 24 hours in the future",
        ),
    ]


def _people() -> list[Rule]:
    rules = [
        Rule(
            field=name,
            code="illegal_id",
            broken=pl.col(name).str.to_lowercase().is_in(list(ILLEGAL_IDS)).fill_null(value=False),
            message="the id is a word or number that shops send by mistake (null, guest, 0, …), not a person",
        )
        for name in PERSON_IDS
    ]
    nobody = pl.col("visitor_id").is_null() & pl.col("customer_id").is_null()
    rules.append(
        Rule(
            field=None,
            code="no_person",
            broken=nobody,
            message="the row names nobody: visitor_id and customer_id are empty",
        )
    )
    return rules


def _items() -> list[Rule]:
    kind, item = pl.col("type"), pl.col("item_id")
    rules = [
        Rule(
            field=name,
            code="bad_id",
            broken=bad_identifier(pl.col(name), MAX_ID_BYTES).fill_null(value=False),
            message=f"the id is longer than {MAX_ID_BYTES} bytes or holds characters that do not print",
        )
        for name in IDS
    ]
    rules.append(illegal_item(item))
    needs = kind.is_in([one.value for one in NEEDS_ITEM]) & item.is_null()
    rules.append(Rule(field="item_id", code="no_item", broken=needs, message="this type of event needs an item"))
    empty = item.is_null() & pl.col("=value amount").is_null()
    bare = (kind == EventType.PURCHASE.value) & empty
    rules.append(
        Rule(
            field="item_id",
            code="no_item",
            broken=bare,
            message="a purchase needs an item, or at least the order's value",
        )
    )
    vague = (kind == EventType.REFUND.value) & empty & pl.col("order_id").is_null()
    rules.append(
        Rule(field="item_id", code="no_item", broken=vague, message="a refund needs an item, a value or an order_id")
    )
    return rules


def illegal_item(item: pl.Expr) -> Rule:
    """The rule that an item's id is not a word that shops send by mistake; ``item`` as it was tidied."""
    return Rule(
        field="item_id",
        code="illegal_id",
        broken=item.str.to_lowercase().is_in(list(ILLEGAL_ITEM_IDS)).fill_null(value=False),
        message="the id is a word that shops send by mistake (null, undefined, …), not an item",
    )


def _units(columns: Columns) -> list[Rule]:
    if not columns.has("quantity"):
        return []
    units, refund = pl.col("=units"), pl.col("type") == EventType.REFUND.value
    return [
        Rule(
            field="quantity",
            code="bad_quantity",
            broken=pl.col("=quantity") & (units.is_null() | (units != units.floor()).fill_null(value=False)),
            message="{value} is not a whole number",
        ),
        Rule(
            field="quantity",
            code="negative_quantity",
            broken=(units < 0) & ~refund,
            message="{value} is negative; if the customer gave something back, write a row of type refund",
        ),
        Rule(
            field="quantity",
            code="bad_quantity",
            broken=(units == 0) | (units.abs() > LARGEST_QUANTITY),
            message=f"{{value}} is not between 1 and {LARGEST_QUANTITY:,}",
        ),
    ]


def _money(columns: Columns) -> list[Rule]:
    rules = []
    for name in AMOUNTS:
        if columns.has(name):
            amount = pl.col(f"={name} amount")
            rules += [
                Rule(
                    field=name,
                    code=f"bad_{name}",
                    broken=pl.col(f"={name}") & amount.is_null(),
                    message="{value} is not an amount",
                ),
                Rule(
                    field=name,
                    code=f"bad_{name}",
                    broken=(amount < 0) | (amount > HIGHEST_PRICE) | amount.is_infinite(),
                    message=f"{{value}} is not between 0 and {HIGHEST_PRICE:,.0f}",
                ),
            ]
    code = pl.col("currency")
    bad = (~code.str.contains(r"^[A-Z]{3}$")).fill_null(value=False)
    rules.append(
        Rule(
            field="currency",
            code="bad_currency",
            broken=bad,
            message="{value} is not a currency code such as PLN or EUR",
        )
    )
    return rules
