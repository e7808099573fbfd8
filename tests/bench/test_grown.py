"""A grown shop: exactly so many items, the same from the same seed, heavy-tailed, and nothing in it twice."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from bench.grown import Grown, Size, grow


def small_shop() -> Grown:
    """Ten items, twenty customers, each buying three items of their own taste on several days."""
    start = datetime(2024, 5, 1, tzinfo=UTC)
    items = pl.DataFrame(
        {
            "item_id": [f"i{n}" for n in range(10)],
            "title": [f"Item {n}" for n in range(10)],
            "url": [f"/i{n}" for n in range(10)],
            "price": [1.0 + n for n in range(10)],
            "category": ["A > B"] * 5 + ["A > C"] * 5,
            "availability": ["in stock"] * 10,
        }
    )
    customers = pl.DataFrame({"customer_id": [f"c{n}" for n in range(20)], "country": ["Poland"] * 20})
    lines = [
        {"customer_id": f"c{who}", "item_id": f"i{(who + k) % 10}", "timestamp": start + timedelta(days=day, hours=who)}
        for who in range(20)
        for k in range(3)
        for day in range(5)
    ]
    events = pl.DataFrame(lines).with_columns(
        type=pl.lit("purchase"),
        price=pl.col("item_id").str.slice(1).cast(pl.Float64) + 1.0,
        order_id=pl.col("customer_id") + "-" + pl.col("timestamp").dt.day().cast(pl.String),
    )
    return Grown(items, customers, events)


@pytest.fixture(scope="module")
def grown() -> Grown:
    """The small shop, five and a half times as many items."""
    return grow(small_shop(), Size(items=55, events=600), np.random.default_rng(1))


def test_a_grown_shop_has_exactly_the_items_asked_for_each_once(grown: Grown) -> None:
    assert len(grown.items) == 55
    assert grown.items["item_id"].n_unique() == 55
    assert "item_group_id" not in grown.items.columns


def test_the_first_range_is_the_shop_as_it_is(grown: Grown) -> None:
    assert grown.items.head(10).equals(small_shop().items)


def test_events_are_about_as_many_as_asked_for_and_of_known_items_and_customers(grown: Grown) -> None:
    assert len(grown.events) == pytest.approx(600, rel=0.25)
    assert set(grown.events["item_id"]) <= set(grown.items["item_id"])
    assert set(grown.events["customer_id"]) == set(grown.customers["customer_id"])
    assert grown.events["timestamp"].is_sorted()


def test_early_ranges_sell_more_than_late_ones(grown: Grown) -> None:
    of_range = grown.events["item_id"].str.extract(r"-(\d+)$").fill_null("0").cast(pl.Int64).to_list()
    assert of_range.count(0) > 1.5 * of_range.count(4) > 0


def test_most_lines_of_a_customer_stay_in_their_range(grown: Grown) -> None:
    theirs = grown.events.select(
        who=pl.col("customer_id").str.extract(r"-(\d+)$").fill_null("0"),
        what=pl.col("item_id").str.extract(r"-(\d+)$").fill_null("0"),
    )
    stayed = (theirs["who"] == theirs["what"]).to_list()
    assert 0.75 < stayed.count(True) / len(stayed) < 0.95


def test_prices_of_events_follow_the_clones_price(grown: Grown) -> None:
    priced = grown.events.join(grown.items.select("item_id", now="price"), on="item_id")
    assert priced.filter((pl.col("price") - pl.col("now")).abs() > 0.011).is_empty()


def test_the_same_seed_gives_the_same_shop() -> None:
    size = Size(items=30, events=500)
    one, two = (grow(small_shop(), size, np.random.default_rng(7)) for _ in range(2))
    assert one.events.equals(two.events)
    assert one.items.equals(two.items)
