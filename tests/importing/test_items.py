"""Item files: Google Merchant's words, prices with currencies, attributes, the whole catalogue."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from shop_files import items, write

from recommender.domain.errors import BadInputError
from recommender.domain.items import Availability
from recommender.domain.ports import Stores
from recommender.importing import ImportRefusedError

MERCHANT = """id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\tsale_price\tproduct_type\tbrand\tgtin\titem_group_id\tcustom_label_0
A1\tRed mug\tA mug\thttps://shop.example/a1\thttps://shop.example/a1.jpg\tin_stock\t199.00 PLN\t149.50 PLN\tKitchen>Mugs\tAcme\t0590\tG1\tgift
A2\tBlue mug\tA mug\thttps://shop.example/a2\t\tout of stock\t1,199.00 PLN\t\tKitchen > Mugs\tAcme\t0591\tG1\t
"""


def test_a_google_merchant_feed_is_understood(sqlite_stores: Stores, tmp_path: Path) -> None:
    report = items(sqlite_stores, write(tmp_path / "feed.txt", MERCHANT))
    assert (report.separator, report.new) == ("\t", 2)
    found = sqlite_stores.catalogue.get(["A1", "A2"])
    first = found["A1"]
    assert (first.title, first.url, first.image) == (
        "Red mug",
        "https://shop.example/a1",
        "https://shop.example/a1.jpg",
    )
    assert (first.price, first.sale_price, first.currency) == (Decimal(199), Decimal("149.5"), "PLN")
    assert (first.availability, first.category, first.item_group_id) == (Availability.IN_STOCK, "Kitchen > Mugs", "G1")
    assert first.attributes == {"gtin": "0590", "custom_label_0": "gift"}
    assert (found["A2"].availability, found["A2"].price) == (Availability.OUT_OF_STOCK, Decimal(1199))


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("In Stock", Availability.IN_STOCK),
        ("https://schema.org/InStock", Availability.IN_STOCK),
        ("1", Availability.IN_STOCK),
        ("false", Availability.OUT_OF_STOCK),
        ("sold-out", Availability.OUT_OF_STOCK),
        ("niedostępny", Availability.OUT_OF_STOCK),
        ("preorder", Availability.PREORDER),
        ("on backorder", Availability.BACKORDER),
    ],
)
def test_words_for_availability(word: str, state: Availability, sqlite_stores: Stores, tmp_path: Path) -> None:
    items(sqlite_stores, write(tmp_path / "i.csv", f"item_id,availability\na,{word}\n"))
    assert sqlite_stores.catalogue.get(["a"])["a"].availability is state


def test_attributes_take_the_type_the_whole_file_allows(sqlite_stores: Stores, tmp_path: Path) -> None:
    text = "item_id,pages,weight,organic,code,mixed\na,12,1.5,true,007,1\nb,,2,false,008,x\n"
    items(sqlite_stores, write(tmp_path / "i.csv", text), chunk_rows=1)
    attributes = sqlite_stores.catalogue.get(["a"])["a"].attributes
    assert attributes == {"pages": 12, "weight": 1.5, "organic": True, "code": "007", "mixed": "1"}


def test_an_empty_cell_leaves_what_is_stored(sqlite_stores: Stores, tmp_path: Path) -> None:
    items(sqlite_stores, write(tmp_path / "i.csv", "item_id,title,price\na,Mug,5\n"), currency="EUR")
    items(sqlite_stores, write(tmp_path / "j.csv", "item_id,title,availability\na,,out of stock\n"))
    found = sqlite_stores.catalogue.get(["a"])["a"]
    assert (found.title, found.price, found.availability) == ("Mug", Decimal(5), Availability.OUT_OF_STOCK)


def test_replace_takes_out_what_the_file_lacks(sqlite_stores: Stores, tmp_path: Path) -> None:
    items(sqlite_stores, write(tmp_path / "i.csv", "item_id\na\nb\n"))
    items(sqlite_stores, write(tmp_path / "j.csv", "item_id\nb\n"), replace=True)
    assert {item.item_id: item.removed for item in sqlite_stores.catalogue.all()} == {"a": True, "b": False}


def test_bad_cells_are_named_and_nothing_is_stored(sqlite_stores: Stores, tmp_path: Path) -> None:
    text = "item_id,price,stock,visible,added_at,availability\na,cheap,1,1,2024-01-01,in stock\n,1,1,1,2024-01-01,in stock\n"
    text += "c,1,few,1,2024-01-01,in stock\nd,1,1,perhaps,2024-01-01,in stock\ne,1,1,1,soon,in stock\nf,1,1,1,2024-01-01,maybe\n"
    with pytest.raises(ImportRefusedError) as caught:
        items(sqlite_stores, write(tmp_path / "i.csv", text))
    assert [reject.code for reject in caught.value.report.rejects] == [
        "bad_price",
        "missing_id",
        "bad_stock",
        "bad_visible",
        "bad_time",
        "bad_availability",
    ]
    assert "column price: “cheap” is not an amount" in str(caught.value)
    assert list(sqlite_stores.catalogue.all()) == []


def test_a_word_that_exports_write_by_mistake_is_no_item(sqlite_stores: Stores, tmp_path: Path) -> None:
    text = "item_id,title\nundefined,A\n[object Object],B\nNULL,C\nnull-mug,D\n0,E\n"
    report = items(sqlite_stores, write(tmp_path / "i.csv", text), max_rejects=3)
    assert [(reject.line, reject.code) for reject in report.rejects] == [(n, "illegal_id") for n in (2, 3, 4)]
    assert [item.item_id for item in sqlite_stores.catalogue.all()] == ["0", "null-mug"]


def test_typed_columns_of_parquet_are_taken_as_they_are(sqlite_stores: Stores, tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "item_id": [12345.0],
            "price": [19.99],
            "stock": [3],
            "visible": [False],
            "added_at": [datetime(2024, 1, 1, tzinfo=UTC)],
            "rating": [4.5],
            "tags": [["a", "b"]],
        }
    )
    path = tmp_path / "i.parquet"
    frame.write_parquet(path)
    items(sqlite_stores, path, currency="PLN")
    found = sqlite_stores.catalogue.get(["12345"])["12345"]
    assert (found.price, found.stock, found.visible) == (Decimal("19.99"), 3, False)
    assert found.added_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert found.attributes == {"rating": 4.5}


def test_an_item_that_stands_twice_is_warned_of_and_the_last_counts(sqlite_stores: Stores, tmp_path: Path) -> None:
    report = items(sqlite_stores, write(tmp_path / "i.csv", "item_id,title\na,Old\na,New\n"), chunk_rows=1)
    assert "1 rows repeat an item_id" in report.warnings[0]
    assert sqlite_stores.catalogue.get(["a"])["a"].title == "New"


def test_decimal_commas_without_a_hint_follow_the_semicolons(sqlite_stores: Stores, tmp_path: Path) -> None:
    items(sqlite_stores, write(tmp_path / "i.csv", "item_id;cena\na;1,250\nb;12,50\n"), currency="PLN")
    found = sqlite_stores.catalogue.get(["a", "b"])
    assert (found["a"].price, found["b"].price) == (Decimal("1.25"), Decimal("12.5"))


ORDERS = "Order No;Customer;Order date;SKU;Qty;Unit price\n1001;anna;2026-10-01 09:12;mug-blue;2;7,50\n"


def test_a_file_of_orders_is_no_catalogue(sqlite_stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(BadInputError) as caught:
        items(sqlite_stores, write(tmp_path / "orders.csv", ORDERS))
    said = str(caught.value)
    assert "Order No (order_id), Customer (customer_id), Order date (timestamp)" in said
    assert "recommender import events" in said
    assert "--map order_id= --map customer_id= --map timestamp=." in said
    assert not list(sqlite_stores.catalogue.all())


@pytest.mark.parametrize(
    ("header", "refused"),
    [
        ("sku,customer_id", True),
        ("sku,cookie_id", True),
        ("sku,invoice_no,invoice_date", True),
        ("sku,user,time", True),
        ("sku,order", False),
        ("sku,date", False),
        ("sku,created_at", False),
        ("sku,buyer,label", False),
    ],
)
def test_a_column_that_says_who_or_when_gives_events_away(
    header: str, sqlite_stores: Stores, tmp_path: Path, *, refused: bool
) -> None:
    file = write(tmp_path / "feed.csv", f"{header}\n" + ",".join(["1"] + ["2024-05-01"] * header.count(",")) + "\n")
    if refused:
        with pytest.raises(BadInputError, match="looks like a file of events"):
            items(sqlite_stores, file)
    else:
        assert items(sqlite_stores, file).new == 1


def test_a_shop_may_say_that_such_a_column_is_an_attribute(sqlite_stores: Stores, tmp_path: Path) -> None:
    file = write(tmp_path / "feed.csv", "sku,customer_number\nA1,7\n")
    report = items(sqlite_stores, file, maps={"customer_id": ""})
    assert report.attributes == ("customer_number",)
    assert sqlite_stores.catalogue.get(["A1"])["A1"].attributes == {"customer_number": 7}


def test_columns_kept_as_attributes_are_named_and_others_too(sqlite_stores: Stores, tmp_path: Path) -> None:
    file = tmp_path / "feed.parquet"
    pl.DataFrame({"id": ["A1"], "gtin": ["05"], "parts": [["a"]]}).write_parquet(file)
    report = items(sqlite_stores, file)
    assert (report.attributes, report.ignored) == (("gtin",), ("parts",))
