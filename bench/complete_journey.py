"""The Complete Journey, a year of a grocer's baskets, cleaned exactly as the reference splits do."""

from pathlib import Path

import polars as pl

from bench.columns import Shop, shop_of
from recommender.interactions import Kind

NAME = "complete_journey"
FILE = "transactions.parquet"

NOT_SOLD = ("FUEL", "COUPON", "MISCELLANEOUS")
"""Departments that are no items."""

BULK = 1000
"""Quantities from here on are fuel by the unit or slips."""


def lines(data: Path) -> pl.DataFrame:
    """Sold lines in time order: no fuel, no coupons, no bulk. The price of a unit is the sales value over the quantity."""
    items = _items(data)
    dropped = items.filter(pl.col("department").is_in(NOT_SOLD))["item"]
    table = pl.read_parquet(data / NAME / FILE).with_columns(pl.col("item_id").cast(pl.String).alias("item"))
    kept = table.filter(~pl.col("item").is_in(dropped.implode()) & (pl.col("quantity") < BULK))
    return kept.select(
        "item",
        person=pl.col("customer_id").cast(pl.String),
        kind=pl.lit(int(Kind.PURCHASE), pl.Int8),
        time_us=pl.col("timestamp").cast(pl.Datetime("us")).cast(pl.Int64),
        quantity=pl.col("quantity").cast(pl.Float32),
        price=(pl.col("sales_value") / pl.col("quantity").clip(1)).cast(pl.Float32),
        order=pl.col("basket_id").cast(pl.String),
    ).sort("time_us", maintain_order=True)


def shop(data: Path) -> Shop:
    """The lines as interactions, with the category path of every item (department, category, type) and its brand.

    The brand is the manufacturer: the column of that name only tells the grocer's own label from all others.
    """
    levels = [pl.col(level) for level in ("department", "product_category", "product_type")]
    items = _items(data)
    paths = items.select("item", pl.concat_str(levels, separator=" > ", ignore_nulls=True))
    makers = items.select("item", pl.col("manufacturer_id").cast(pl.String)).drop_nulls()
    return shop_of(lines(data), categories=dict(paths.iter_rows()), brands=dict(makers.iter_rows()))


def _items(data: Path) -> pl.DataFrame:
    return pl.read_parquet(data / NAME / "items.parquet").with_columns(item=pl.col("item_id").cast(pl.String))
