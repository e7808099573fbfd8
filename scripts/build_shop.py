"""Make the bundled shop from the UCI Online Retail data: ``python scripts/build_shop.py SOURCE_DIR OUT_DIR``.

``SOURCE_DIR`` holds ``transactions.parquet`` (columns invoice_no, customer_id, item_id, description, quantity, price,
timestamp, country; the published 541,909 rows in their order). What is kept and why: ``docs/bundled-shop.md``.
"""

import argparse
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
from shop_categories import OTHER, category_of
from shop_names import mended, readable

LICENCE = """# The bundled shop's data

`events.parquet`, `items.parquet` and `customers.parquet` are derived from **Online Retail**, real orders of a UK online gift
shop, December 2010 to December 2011, donated by Dr. Daqing Chen, London South Bank University.

Chen, D., Sain, S. L., Guo, K. (2012). Data mining for the online retail industry: A case study of RFM model-based customer
segmentation using data mining. *Journal of Database Marketing & Customer Strategy Management* 19(3), 197-208.
doi:10.1057/dbm.2012.17

The UCI Machine Learning Repository publishes the set under the
[Creative Commons Attribution 4.0 International](https://creativecommons.org/licenses/by/4.0/) licence (CC BY 4.0).
The copy we started from is that of the R package `onlineretail` (allanvc/onlineretail on GitHub), whose description states
CC0 and the donor's permission.

**Changed by us:** lines without a customer, postage, fees and manual lines left out; cancellations turned into refunds;
names cased for reading; categories, median prices and first sale dates added. Each rule, with its counts, stands in
`docs/bundled-shop.md`; `scripts/build_shop.py` applies them.
"""

NOT_SOLD = ("NEXT DAY CARRIAGE", "HIGH RESOLUTION IMAGE", "PACKING CHARGE")
"""Names of lines with an item's number that are services: they stay in the orders and are never shown."""


def main() -> None:
    """Read, build, write, print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    raw = pl.read_parquet(arguments.source / "transactions.parquet").with_row_index("row")
    known = raw.filter(pl.col("customer_id").is_not_null())
    valid = known.filter((pl.col("quantity") > 0) & (pl.col("price") > 0) & ~cancelled())
    sold = valid.filter(is_product())
    returned = known.filter(cancelled() & is_product() & (pl.col("quantity") < 0))
    refunds = refunds_of(returned.filter(pl.col("customer_id").is_in(sold["customer_id"].unique().implode())), sold)
    events = events_of(sold, refunds)
    items = items_of(sold, raw)
    customers = customers_of(valid)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, frame in (("events", events), ("items", items), ("customers", customers)):
        frame.write_parquet(
            arguments.out / f"{name}.parquet", compression="zstd", compression_level=19, statistics=False
        )
    (arguments.out / "LICENSE.md").write_text(LICENCE, encoding="utf-8")
    tell(raw=raw, valid=valid, sold=sold, returned=returned, refunds=refunds, items=items, customers=customers)


def cancelled() -> pl.Expr:
    """Whether a line stands on a cancellation (its invoice number begins with C)."""
    return pl.col("invoice_no").str.to_uppercase().str.starts_with("C")


def is_product() -> pl.Expr:
    """Whether a line is an item (its id begins with five digits) and not postage, a fee or a manual correction."""
    return pl.col("item_id").str.contains(r"^\d{5}")


@dataclass(slots=True)
class Order:
    """What is left of one item in one order of one customer."""

    moment: datetime
    units: int
    invoice: str


def refunds_of(returned: pl.DataFrame, sold: pl.DataFrame) -> pl.DataFrame:
    """Tie each returned line to the latest earlier order of the same customer and item that has so many units left."""
    left: dict[tuple[int, str], list[Order]] = defaultdict(list)
    bought = sold.group_by("customer_id", "item_id", "invoice_no").agg(
        pl.col("timestamp").min(), pl.col("quantity").sum(), pl.col("row").min()
    )
    for customer, item, invoice, moment, units, _ in bought.sort("timestamp", "row").iter_rows():
        left[customer, item].append(Order(moment, units, invoice))
    orders: list[str | None] = []
    back = returned.sort("timestamp", "row").with_columns(-pl.col("quantity"))
    for customer, item, moment, units in back.select("customer_id", "item_id", "timestamp", "quantity").iter_rows():
        match = next((o for o in reversed(left[customer, item]) if o.moment <= moment and o.units >= units), None)
        if match is not None:
            match.units -= units
        orders.append(None if match is None else match.invoice)
    return back.with_columns(pl.Series("invoice_no", orders, dtype=pl.String))


def events_of(sold: pl.DataFrame, refunds: pl.DataFrame) -> pl.DataFrame:
    """Purchases and refunds in the order of time; lines of one minute keep the order of the source."""
    both = pl.concat(
        [sold.with_columns(pl.lit("purchase").alias("type")), refunds.with_columns(pl.lit("refund").alias("type"))]
    )
    return both.sort("timestamp", "row").select(
        "type",
        pl.col("timestamp").dt.replace_time_zone("UTC"),
        pl.col("customer_id").cast(pl.String),
        "item_id",
        "quantity",
        "price",
        pl.lit("GBP").alias("currency"),
        pl.col("invoice_no").alias("order_id"),
    )


def items_of(sold: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Name (the most frequent description on sales), median price, category, day of the first sale."""
    sales = raw.filter(
        (pl.col("quantity") > 0) & (pl.col("price") > 0) & ~cancelled() & pl.col("description").is_not_null()
    )
    names = (
        sales.group_by("item_id", "description")
        .agg(pl.len().alias("times"), pl.col("row").max())
        .sort("times", "row", descending=True)
        .unique("item_id", keep="first", maintain_order=True)
    )
    measured = sold.group_by("item_id").agg(
        pl.col("price").median().round(2), pl.col("timestamp").min().dt.replace_time_zone("UTC").alias("added_at")
    )
    found = measured.join(names.select("item_id", "description"), on="item_id", how="left").sort("item_id")
    titles = [readable(name) for name in found["description"]]
    return found.select(
        "item_id",
        pl.Series("title", [mended(title) for title in titles]),
        pl.concat_str(pl.lit("/demo/item/"), "item_id").alias("url"),
        "price",
        pl.lit("GBP").alias("currency"),
        pl.lit("in stock").alias("availability"),
        (~pl.col("description").str.to_uppercase().is_in(NOT_SOLD)).alias("visible"),
        pl.Series("category", [category_of(title) for title in titles]),
        "added_at",
    )


def customers_of(valid: pl.DataFrame) -> pl.DataFrame:
    """Everyone with a valid line and the country of the latest order."""
    latest = valid.sort("timestamp", "row").group_by("customer_id").agg(pl.col("country").last())
    return latest.sort("customer_id").select(pl.col("customer_id").cast(pl.String), "country")


def tell(
    *,
    raw: pl.DataFrame,
    valid: pl.DataFrame,
    sold: pl.DataFrame,
    returned: pl.DataFrame,
    refunds: pl.DataFrame,
    items: pl.DataFrame,
    customers: pl.DataFrame,
) -> None:
    """The counts that ``docs/bundled-shop.md`` quotes."""
    tied = refunds["invoice_no"].is_not_null().sum()
    shares = sold.join(items.select("item_id", "category"), on="item_id")["category"].value_counts(sort=True)
    print(f"rows in the source                      {raw.height:>9,}")
    print(f"valid lines of known customers          {valid.height:>9,}")
    print(f"  of these without postage, fees, manual{sold.height:>9,}   = purchase lines")
    print(f"  orders                                {sold['invoice_no'].n_unique():>9,}")
    print(f"  customers with a product line         {sold['customer_id'].n_unique():>9,}")
    print(f"customers with any valid line           {customers.height:>9,}   = customers.parquet")
    print(f"cancelled product lines, known customer {returned.height:>9,}")
    print(f"  of customers with a purchase          {refunds.height:>9,}   = refund lines")
    print(f"  tied to their order                   {tied:>9,}")
    print(f"  without an order                      {refunds.height - tied:>9,}")
    print(
        f"items                                   {items.height:>9,}   of which hidden {int((~items['visible']).sum())}"
    )
    moments = sold["timestamp"].sort().dt.strftime("%Y-%m-%d %H:%M")
    print(f"span {moments[0]} to {moments[-1]}")
    for category, lines in shares.iter_rows():
        mark = "  <- no rule matched" if category == OTHER else ""
        print(f"  {category:<36}{lines:>9,} {lines / sold.height:7.2%}{mark}")


if __name__ == "__main__":
    main()
