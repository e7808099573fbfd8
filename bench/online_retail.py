"""UCI Online Retail, cleaned exactly as the reference splits do: real lines of known customers, nothing else."""

from pathlib import Path

import numpy as np
import polars as pl

from recommender.interactions import Interactions, Kind

NAME = "online_retail"


def lines(data: Path) -> pl.DataFrame:
    """Sold lines in time order: customer known, quantity and price above 0, no cancellation, item id begins with 5 digits."""
    table = pl.read_parquet(data / NAME / "transactions.parquet")
    sold = (
        (pl.col("quantity") > 0)
        & (pl.col("price") > 0)
        & ~pl.col("invoice_no").str.to_uppercase().str.starts_with("C")
        & pl.col("customer_id").is_not_null()
        & pl.col("item_id").str.contains(r"^\d{5}")
    )
    return (
        table.filter(sold)
        .with_columns(
            pl.col("customer_id").cast(pl.String), time_us=pl.col("timestamp").cast(pl.Datetime("us")).cast(pl.Int64)
        )
        .sort("timestamp", maintain_order=True)
    )


def interactions(data: Path) -> Interactions:
    """The lines as interactions; countries are those of the customer record."""
    table = lines(data)
    customers = pl.read_parquet(data / NAME / "customers.parquet").select(
        pl.col("customer_id").cast(pl.String), "country"
    )
    country_of = dict(customers.iter_rows())
    person, people = _coded(table["customer_id"])
    item, items = _coded(table["item_id"])
    order, _ = _coded(table["invoice_no"])
    country, countries = _coded(pl.Series([country_of.get(name, "") for name in people], dtype=pl.String))
    time_us = table["time_us"].to_numpy().astype(np.int64)
    return Interactions(
        item_ids=tuple(items),
        n_people=len(people),
        person=person.astype(np.int32),
        item=item.astype(np.int32),
        kind=np.full(len(table), Kind.PURCHASE, np.int8),
        time_us=time_us,
        quantity=table["quantity"].to_numpy().astype(np.float32),
        order=order,
        countries=tuple(countries),
        country=country.astype(np.int32),
        categories=(),
        category=np.full(len(items), -1, np.int32),
        price=np.full(len(items), np.nan, np.float32),
        now_us=int(time_us.max()) + 1,
    )


def people(data: Path) -> list[str]:
    """Customer ids in the order of the interactions' row numbers."""
    return _coded(lines(data)["customer_id"])[1]


def _coded(column: pl.Series) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[str]]:
    names = column.unique().sort()
    code = column.rank("dense").cast(pl.Int64) - 1
    return code.to_numpy().astype(np.int64), names.to_list()
