"""A newcomer's first files: odd headers, Excel, exports of other systems."""

from pathlib import Path

import polars as pl
import pytest
from shop_files import events, log, order, orders, write

from recommender.domain.errors import BadInputError, UsageError
from recommender.domain.ports import Stores

ODD = """Event Name;Order No;Customer ID;SKU;Qty;Unit Price;Date
buy;1001;17850;85123A;6;2,55;2024-04-01 08:26
buy;1001;17850;71053;6;3,39;2024-04-01 08:26
buy;1002;17850;22633;6;1,85;2024-04-01 08:28
buy;1003;13047;84879;32;1,69;2024-04-01 08:34
buy;1003;13047;22745;6;2,10;2024-04-01 08:34
buy;1003;13047;22748;6;2,10;2024-04-01 08:34
buy;1004;12583;22728;24;3,75;2024-04-01 08:45
buy;1004;12583;22727;24;3,75;2024-04-01 08:45
buy;1005;13748;22086;80;2,55;2024-04-01 09:00
buy;1006;17850;85123A;6;2,55;2024-04-01 09:02
"""


def test_ten_orders_with_odd_headers_are_understood_and_the_guesses_are_told(
    sqlite_stores: Stores, tmp_path: Path
) -> None:
    report = events(sqlite_stores, write(tmp_path / "orders.csv", ODD), currency="GBP", timezone="Europe/London")
    assert (report.rows, report.new, report.rejected) == (10, 10, 0)
    assert {guess.field: guess.column for guess in report.guesses} == {
        "type": "Event Name",
        "order_id": "Order No",
        "customer_id": "Customer ID",
        "item_id": "SKU",
        "quantity": "Qty",
        "price": "Unit Price",
        "timestamp": "Date",
    }
    assert report.separator == ";"
    assert "Unit Price: decimal comma" in report.readings
    first = log(
        sqlite_stores, "type", "customer_id", "item_id", "quantity", "price_e4", "currency", "order_id", "time_us"
    )[0]
    assert first[:7] == ("purchase", "17850", "85123A", 6, 25_500, "GBP", "1001")
    assert first[7] == 1_711_956_360_000_000  # 08:26 in London's summer is 07:26 UTC


def test_the_same_file_again_adds_nothing(stores: Stores, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", ODD)
    events(stores, path)
    again = events(stores, path)
    assert (again.new, again.duplicates) == (0, 10)


def test_two_equal_rows_of_one_file_stay_two(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(tmp_path, order(1), order(1))
    assert events(sqlite_stores, path).new == 2
    assert events(sqlite_stores, path).new == 0


def test_a_dry_run_tells_everything_and_stores_nothing(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(tmp_path, order(1), "purchase,yesterday,c1,i1,1,9.99,o2")
    report = events(sqlite_stores, path, dry_run=True, max_rejects=1)
    assert (report.accepted, report.rejected, report.new, report.dry_run) == (1, 1, 0, True)
    assert log(sqlite_stores, "item_id") == []
    assert [file.name for file in tmp_path.glob("orders*")] == ["orders.csv"]


def test_excel_in_polish_is_read_right(sqlite_stores: Stores, tmp_path: Path) -> None:
    sheet = "Data zamówienia;Klient;Kod produktu;Ilość;Cena;Waluta;Numer zamówienia\r\n"
    sheet += "15.03.2024 14:05;żółw;ŁĄKA-1;2;1 234,50;zł;Z/1\r\n16.03.2024;ćma;GĘŚ-2;1;0,99;PLN;Z/2\r\n;;;;;;\r\n"
    path = write(tmp_path / "zamówienia.csv", sheet, "cp1250")
    report = events(sqlite_stores, path, sets={"type": "purchase"}, timezone="Europe/Warsaw")
    assert (report.encoding, report.separator, report.rows) == ("cp1250", ";", 2)
    assert log(sqlite_stores, "customer_id", "item_id", "quantity", "price_e4", "currency") == [
        ("żółw", "ŁĄKA-1", 2, 12_345_000, "PLN"),
        ("ćma", "GĘŚ-2", 1, 9_900, "PLN"),
    ]


def test_the_columns_of_the_online_retail_set_are_known(sqlite_stores: Stores, tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "InvoiceNo": ["536365"],
            "StockCode": ["85123A"],
            "Quantity": [6],
            "InvoiceDate": ["12/13/2010 8:26"],
            "UnitPrice": [2.55],
            "CustomerID": [17850.0],
            "Country": ["United Kingdom"],
        }
    )
    path = tmp_path / "retail.parquet"
    frame.write_parquet(path)
    report = events(sqlite_stores, path, sets={"type": "purchase"})
    assert log(sqlite_stores, "customer_id", "item_id", "order_id") == [("17850", "85123A", "536365")]
    assert report.ignored == ("Country",)


def test_a_file_without_types_asks_for_one(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", "InvoiceNo,StockCode,InvoiceDate,CustomerID\n1,i1,2024-01-01,c1\n")
    with pytest.raises(BadInputError, match="--set type=purchase"):
        events(sqlite_stores, path)


def test_a_mapped_column_that_is_not_there_is_named_with_the_nearest(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(tmp_path, order(1))
    with pytest.raises(
        BadInputError, match=r"no column 'itemid' to fill item_id \(did you mean 'item_id'\?\).*timestamp"
    ):
        events(sqlite_stores, path, maps={"item_id": "itemid"})


def test_two_columns_for_one_field_are_a_question(sqlite_stores: Stores, tmp_path: Path) -> None:
    text = "type,timestamp,customer_id,sku,product_id\nview,2024-01-01,c1,s1,p1\n"
    path = write(tmp_path / "views.csv", text)
    with pytest.raises(BadInputError, match=r"sku, product_id could each be item_id; say which with --map item_id=sku"):
        events(sqlite_stores, path)
    events(sqlite_stores, path, maps={"item_id": "product_id"})
    assert log(sqlite_stores, "item_id", "type") == [("p1", "view_item")]


def test_the_exact_name_beats_a_synonym(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", "type,timestamp,customer_id,sku,item_id\nview,2024-01-01,c1,s1,p1\n")
    report = events(sqlite_stores, path)
    assert log(sqlite_stores, "item_id") == [("p1",)]
    assert report.ignored == ("sku",)


def test_a_field_that_does_not_exist_is_a_usage_error(sqlite_stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no field 'itm_id'.*did you mean 'item_id'"):
        events(sqlite_stores, orders(tmp_path, order(1)), maps={"itm_id": "item_id"})


def test_a_field_both_mapped_and_set_is_a_usage_error(sqlite_stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="both mapped to a column and set"):
        events(sqlite_stores, orders(tmp_path, order(1)), maps={"type": "type"}, sets={"type": "view"})


def test_native_events_with_nested_items_become_one_line_each(sqlite_stores: Stores, tmp_path: Path) -> None:
    text = (
        '{"event_id":"e1","type":"purchase","timestamp":"2024-05-01T10:00:00Z","customer_id":"c1","order_id":"o1","value":30.5,'
        '"currency":"EUR","items":[{"item_id":"a","price":10.25,"quantity":2},{"item_id":"a","price":10}]}\n'
        '{"event_id":"e2","type":"view_item","timestamp":"2024-05-01T09:00:00Z","visitor_id":"v1","items":[{"item_id":"b"}]}\n'
    )
    path = write(tmp_path / "native.jsonl", text)
    report = events(sqlite_stores, path)
    assert (report.format, report.rows, report.new) == ("jsonl", 3, 3)
    assert log(sqlite_stores, "event_id", "line", "item_id", "quantity", "price_e4", "value_e4") == [
        ("e1", 0, "a", 2, 102_500, 305_000),
        ("e1", 1, "a", 1, 100_000, None),
        ("e2", 0, "b", 1, None, None),
    ]
    assert events(sqlite_stores, path).new == 0


def test_rows_that_share_an_event_id_are_lines_of_one_event(sqlite_stores: Stores, tmp_path: Path) -> None:
    head = "event_id,type,timestamp,customer_id,item_id,price\n"
    rows = "".join(f"e1,purchase,2024-05-01,c1,i{n},5\n" for n in range(5))
    path = write(
        tmp_path / "flat.csv", head + rows + "e2,purchase,2024-05-01,c1,i1,5\n" + "e2,purchase,2024-05-01,c1,i1,6\n"
    )
    report = events(sqlite_stores, path, chunk_rows=2)
    assert (report.new, report.conflicts) == (6, 1)
    assert [line for line, event in log(sqlite_stores, "line", "event_id") if event == "e1"] == [0, 1, 2, 3, 4]
    assert events(sqlite_stores, path, chunk_rows=3).new == 0


def test_an_order_total_is_kept_without_items_and_left_out_beside_one(sqlite_stores: Stores, tmp_path: Path) -> None:
    text = "type,date,customer_id,item_id,total\npurchase,2024-05-01,c1,,50\npurchase,2024-05-02,c1,i1,70\n"
    report = events(sqlite_stores, write(tmp_path / "totals.csv", text), currency="PLN")
    assert log(sqlite_stores, "item_id", "value_e4", "currency") == [(None, 500_000, "PLN"), ("i1", None, "PLN")]
    assert "read as the order's total" in report.warnings[0]
