"""Retailrocket: views, carts and purchases of a shop's visitors, those who bought only; one row per visitor, item and type."""

from pathlib import Path

import polars as pl

from bench.columns import Shop, shop_of
from recommender.interactions import Kind

NAME = "retailrocket_multibehavior"
FILE = "events.parquet"

KINDS = {"view": int(Kind.VIEW), "addtocart": int(Kind.CART), "transaction": int(Kind.PURCHASE)}

HOLDOUT = 0.25
"""Share of the clock that is judged: a tenth would leave 200 visitors."""


def shop(data: Path) -> Shop:
    """The rows in time order. There are no orders, categories or prices."""
    table = pl.read_parquet(data / NAME / FILE)
    return shop_of(
        table.select(
            person=pl.col("visitor_id").cast(pl.String),
            item=pl.col("item_id").cast(pl.String),
            kind=pl.col("event_type").replace_strict(KINDS, return_dtype=pl.Int8),
            time_us=pl.col("timestamp").cast(pl.Datetime("us")).cast(pl.Int64),
        ).sort("time_us", maintain_order=True)
    )
