"""UCI Online Retail, cleaned exactly as the reference splits do: real lines of known customers, nothing else."""

from pathlib import Path

import polars as pl

import recommender.demo
from bench.columns import Shop, shop_of
from recommender.interactions import Kind

NAME = "online_retail"
FILE = "transactions.parquet"


def lines(data: Path) -> pl.DataFrame:
    """Sold lines in time order: customer known, quantity and price above 0, no cancellation, item id begins with 5 digits."""
    table = pl.read_parquet(data / NAME / FILE)
    sold = (
        (pl.col("quantity") > 0)
        & (pl.col("price") > 0)
        & ~pl.col("invoice_no").str.to_uppercase().str.starts_with("C")
        & pl.col("customer_id").is_not_null()
        & pl.col("item_id").str.contains(r"^\d{5}")
    )
    return (
        table.filter(sold)
        .select(
            "quantity",
            "price",
            person=pl.col("customer_id").cast(pl.String),
            item=pl.col("item_id"),
            kind=pl.lit(int(Kind.PURCHASE), pl.Int8),
            time_us=pl.col("timestamp").cast(pl.Datetime("us")).cast(pl.Int64),
            order=pl.col("invoice_no"),
        )
        .sort("time_us", maintain_order=True)
    )


def shop(data: Path) -> Shop:
    """The lines as interactions.

    Countries are those of the customer record, as a shop knows them from the address; titles and categories are those of the
    bundled shop, the category made from the name alone.
    """
    customers = pl.read_parquet(data / NAME / "customers.parquet").select(
        pl.col("customer_id").cast(pl.String), "country"
    )
    bundled = Path(recommender.demo.__file__).parent / "data" / "items.parquet"
    named = pl.read_parquet(bundled, columns=["item_id", "category", "title"]).drop_nulls()
    return shop_of(
        lines(data),
        countries=dict(customers.iter_rows()),
        categories=dict(named.select("item_id", "category").iter_rows()),
        titles=dict(named.select("item_id", "title").iter_rows()),
    )
