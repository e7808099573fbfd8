"""Public data sets become interactions as their reference splits clean them."""

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from bench import complete_journey, online_retail, retailrocket
from recommender.evaluation.split import before
from recommender.interactions import Kind

NOON = datetime(2020, 1, 1, 12)
LATER = datetime(2020, 1, 2, 12)


def write(folder: Path, name: str, table: pl.DataFrame) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    table.write_parquet(folder / name)
    return folder


def grocer(folder: Path) -> Path:
    items = pl.DataFrame(
        {
            "item_id": [10, 11, 12],
            "manufacturer_id": [7, 8, None],
            "department": ["DAIRY", "FUEL", "GROCERY"],
            "product_category": ["MILK", "FUEL", None],
            "product_type": ["WHOLE", None, None],
        }
    )
    lines = pl.DataFrame(
        {
            "customer_id": [1, 1, 2, 2, 2],
            "basket_id": [100, 100, 200, 201, 201],
            "item_id": [10, 11, 12, 10, 12],
            "quantity": [2, 1, 1_000, 1, 0],
            "sales_value": [3.0, 9.0, 9.0, 2.0, 1.5],
            "timestamp": [NOON, NOON, NOON, LATER, LATER],
        }
    )
    write(folder, "complete_journey/items.parquet", items)
    return write(folder, "complete_journey/transactions.parquet", lines)


def test_a_grocers_fuel_and_bulk_are_no_purchases(tmp_path: Path) -> None:
    shop = complete_journey.shop(grocer(tmp_path)).interactions
    assert [shop.item_ids[item] for item in shop.item] == ["10", "10", "12"]
    assert set(shop.kind.tolist()) == {Kind.PURCHASE}
    assert shop.quantity.tolist() == [2.0, 1.0, 1.0]


def test_a_grocers_categories_are_paths_and_prices_those_of_a_unit(tmp_path: Path) -> None:
    shop = complete_journey.shop(grocer(tmp_path)).interactions
    assert [shop.categories[code] for code in shop.category] == ["DAIRY > MILK > WHOLE", "GROCERY"]
    assert shop.price.tolist() == [2.0, 1.5]
    assert shop.brand is not None
    assert shop.brand.tolist() == [0, -1]


def test_prices_before_a_cut_are_those_told_before_it(tmp_path: Path) -> None:
    shop = complete_journey.shop(grocer(tmp_path)).interactions
    assert np.array_equal(before(shop, int(shop.time_us[-1])).price, [1.5, np.nan], equal_nan=True)


def test_lines_of_one_basket_are_one_order(tmp_path: Path) -> None:
    order = complete_journey.shop(grocer(tmp_path)).interactions.order
    assert order[1] == order[2] != order[0]


def test_visitors_views_carts_and_purchases_keep_their_kinds_and_order(tmp_path: Path) -> None:
    events = pl.DataFrame(
        {
            "visitor_id": [7, 7, 3],
            "item_id": [5, 5, 5],
            "event_type": ["addtocart", "transaction", "view"],
            "timestamp": [LATER, LATER, NOON],
        }
    )
    shop = retailrocket.shop(write(tmp_path, "retailrocket_multibehavior/events.parquet", events))
    told = shop.interactions
    assert told.kind.tolist() == [Kind.VIEW, Kind.CART, Kind.PURCHASE]
    assert [shop.people[person] for person in told.person] == ["3", "7", "7"]
    assert (told.order == -1).all()
    assert np.isnan(told.price).all()


def test_cancelled_nameless_free_and_service_lines_are_no_purchases(tmp_path: Path) -> None:
    lines = pl.DataFrame(
        {
            "invoice_no": ["1", "C2", "3", "4", "5", "6"],
            "customer_id": [9, 9, None, 9, 9, 9],
            "item_id": ["85123A", "85123A", "85123A", "POST", "10002", "10002"],
            "quantity": [3, 1, 1, 1, 1, -1],
            "price": [2.5, 2.5, 2.5, 2.5, 0.0, 2.5],
            "timestamp": [NOON] * 6,
        }
    )
    write(tmp_path, "online_retail/customers.parquet", pl.DataFrame({"customer_id": [9], "country": ["France"]}))
    shop = online_retail.shop(write(tmp_path, "online_retail/transactions.parquet", lines)).interactions
    assert shop.item_ids == ("85123A",)
    assert shop.quantity.tolist() == [3.0]
    assert [shop.countries[code] for code in shop.country] == ["France"]
    assert shop.categories
    assert len(shop.titles) == 1
    assert shop.titles[0]
