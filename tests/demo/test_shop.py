"""The bundled shop: what it holds, that it loads, that its dates can be shown as fresh."""

import re
import time
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from recommender.demo.shop import DATA, load_shop, shift_for
from recommender.domain.ports import Stores


@pytest.fixture(scope="module")
def bundled() -> pl.DataFrame:
    return pl.read_parquet(DATA / "events.parquet")


def test_the_files_are_small_and_carry_their_licence() -> None:
    assert sum(file.stat().st_size for file in DATA.iterdir()) <= 4_000_000
    licence = (DATA / "LICENSE.md").read_text()
    assert "doi:10.1057/dbm.2012.17" in licence
    assert "CC BY 4.0" in licence


def test_the_purchase_lines_are_those_of_the_cleaning_rule(bundled: pl.DataFrame) -> None:
    sold = bundled.filter(pl.col("type") == "purchase")
    assert sold.height == 396_337
    assert sold["customer_id"].n_unique() == 4_334
    assert sold["item_id"].n_unique() == 3_659
    assert sold["timestamp"].is_sorted()
    assert (sold["timestamp"].min(), sold["timestamp"].max()) == (
        datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        datetime(2011, 12, 9, 12, 50, tzinfo=UTC),
    )


def test_every_tied_refund_names_an_earlier_order_of_the_same_item_with_enough_units(bundled: pl.DataFrame) -> None:
    key = ["customer_id", "item_id", "order_id"]
    sold = (
        bundled.filter(pl.col("type") == "purchase")
        .group_by(key)
        .agg(pl.col("quantity").sum(), pl.col("timestamp").min())
    )
    back = bundled.filter((pl.col("type") == "refund") & pl.col("order_id").is_not_null())
    assert back.height == 7_401
    ends = back.group_by(key).agg(pl.col("quantity").sum().alias("back"), pl.col("timestamp").min().alias("returned"))
    both = ends.join(sold, on=key, how="left")
    assert both.filter(pl.col("quantity").is_null()).height == 0
    assert both.filter((pl.col("back") > pl.col("quantity")) | (pl.col("returned") < pl.col("timestamp"))).height == 0


def test_every_item_has_a_readable_name_a_price_and_a_category() -> None:
    items = pl.read_parquet(DATA / "items.parquet")
    titles = items["title"].to_list()
    assert items["item_id"].n_unique() == items.height == 3_659
    assert items.filter((pl.col("price") <= 0) | pl.col("title").is_null()).height == 0
    assert [title for title in titles if title.isupper() and len(title) > 5] == []
    assert items.filter(pl.col("item_id") == "85123A")["title"].item() == "White hanging heart T-light holder"
    assert [
        title
        for title in titles
        if re.search(r"\b(?:set|of)\d|\b(?:tradtional|braclet|necklac|strawbery)\b", title, re.IGNORECASE)
    ] == []
    assert "Round snack boxes set of 4 woodland" in titles
    assert items.filter(~pl.col("visible"))["title"].sort().to_list() == [
        "High resolution image",
        "Next day carriage",
        "Packing charge",
    ]


def test_few_lines_are_without_a_category(bundled: pl.DataFrame) -> None:
    items = pl.read_parquet(DATA / "items.parquet")
    other = items.filter(pl.col("category") == "Gifts > Other")["item_id"]
    sold = bundled.filter(pl.col("type") == "purchase")
    assert sold.filter(pl.col("item_id").is_in(other.implode())).height < 0.05 * sold.height
    assert items["category"].n_unique() == 23


def test_the_shop_loads_whole(sqlite_stores: Stores) -> None:
    start = time.process_time()
    summary = load_shop(sqlite_stores)
    assert time.process_time() - start < 60  # 12 s on a quiet machine; this guards against falling off a cliff
    assert (summary.customers, summary.items, summary.event_lines) == (4_338, 3_659, 404_777)
    assert summary.new_event_lines == 404_777
    assert summary.last_event == datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
    assert sqlite_stores.customers.countries()["12347"] == "Iceland"


def test_the_shift_is_whole_days_and_ends_yesterday() -> None:
    last = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
    shift = shift_for(last, date(2024, 6, 1))
    assert (last + shift).date() == date(2024, 5, 31)
    assert shift % timedelta(days=1) == timedelta(0)
