"""Rows that cannot be used: why, where, and how they come back mended."""

import json
from pathlib import Path

import polars as pl
import pytest
from shop_files import PLAIN, customers, events, log, order, orders, reasons, write

from recommender.domain.ports import Stores
from recommender.importing import ImportRefusedError

BAD = {
    "missing_type": ",2024-05-01,c1,i1,1,1,o1",
    "unknown_type": "teleport,2024-05-01,c1,i1,1,1,o1",
    "missing_time": "purchase,,c1,i1,1,1,o1",
    "bad_time": "purchase,31.02.2024,c1,i1,1,1,o1",
    "old_time": "purchase,1970-01-01,c1,i1,1,1,o1",
    "future_time": "purchase,2024-06-02T12:00:01Z,c1,i1,1,1,o1",
    "no_person": "purchase,2024-05-01,,i1,1,1,o1",
    "illegal_id": "purchase,2024-05-01,Guest,i1,1,1,o1",
    "bad_id": f"purchase,2024-05-01,{'ż' * 65},i1,1,1,o1",
    "no_item": "view_item,2024-05-01,c1,,1,1,o1",
    "bad_quantity": "purchase,2024-05-01,c1,i1,2.5,1,o1",
    "negative_quantity": "purchase,2024-05-01,c1,i1,-2,1,o1",
    "bad_price": "purchase,2024-05-01,c1,i1,1,cheap,o1",
}


@pytest.mark.parametrize("code", BAD)
def test_each_rule_rejects_its_row_and_only_that(code: str, sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(tmp_path, order(1), BAD[code], order(2))
    report = events(sqlite_stores, path, max_rejects=1)
    assert reasons(report) == [code]
    assert report.rejects[0].line == 3
    assert len(log(sqlite_stores, "item_id")) == 2


@pytest.mark.parametrize("word", ["undefined", "Null", "[object Object]"])
def test_a_word_that_is_no_item_rejects_its_row(word: str, sqlite_stores: Stores, tmp_path: Path) -> None:
    report = events(sqlite_stores, orders(tmp_path, order(1, item=word), order(2, item=f"{word}-1")), max_rejects=1)
    assert [(reject.line, reject.code) for reject in report.rejects] == [(2, "illegal_id")]
    assert log(sqlite_stores, "item_id") == [(f"{word}-1",)]


@pytest.mark.parametrize("value", ["0", "1000001", "many"])
def test_quantities_from_one_to_a_million_are_taken(value: str, sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(
        tmp_path, order(1), f"purchase,2024-05-01,c1,i1,{value},1,o1", "purchase,2024-05-01,c1,i1,1000000,1,o1"
    )
    assert reasons(events(sqlite_stores, path, max_rejects=1)) == ["bad_quantity"]


@pytest.mark.parametrize("value", ["-1", "inf", "1e300"])
def test_prices_are_finite_and_not_negative(value: str, sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(tmp_path, order(1), f"purchase,2024-05-01,c1,i1,1,{value},o1")
    assert reasons(events(sqlite_stores, path, max_rejects=1)) == ["bad_price"]


def test_a_negative_purchase_is_told_how_to_be_a_refund(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(tmp_path, "purchase,2024-05-01,c1,i1,-2,1,o1")
    with pytest.raises(ImportRefusedError, match="write a row of type refund"):
        events(sqlite_stores, path)


def test_a_refund_may_carry_its_sign(sqlite_stores: Stores, tmp_path: Path) -> None:
    events(sqlite_stores, orders(tmp_path, "refund,2024-05-01,c1,i1,-2,1,o1"))
    assert log(sqlite_stores, "type", "quantity", "order_id") == [("refund", 2, "o1")]


def test_one_reject_too_many_and_nothing_is_stored(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(tmp_path, *(order(n) for n in range(200)), BAD["bad_time"], BAD["no_person"])
    with pytest.raises(ImportRefusedError) as caught:
        events(sqlite_stores, path, max_rejects=1, chunk_rows=50)
    assert caught.value.exit_code == 3
    assert "2 of 202 rows" in str(caught.value)
    assert "line 202: column timestamp" in str(caught.value)
    assert log(sqlite_stores, "item_id") == []
    assert caught.value.report.rejected == 2


def test_the_rejects_file_can_be_mended_and_fed_in_again(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(tmp_path, order(1), BAD["bad_time"], BAD["negative_quantity"])
    report = events(sqlite_stores, path, max_rejects=2)
    assert report.rejects_file == tmp_path / "orders.rejects.csv"
    text = report.rejects_file.read_text()
    assert text.splitlines()[0] == "reject_reason," + PLAIN.strip()
    report.rejects_file.write_text(text.replace("31.02.2024", "2024-02-29").replace("-2,", "2,"))
    mended = events(sqlite_stores, report.rejects_file)
    assert (mended.new, mended.ignored) == (2, ())
    assert len(log(sqlite_stores, "item_id")) == 3


def test_rejects_keep_encoding_separator_and_packing(sqlite_stores: Stores, tmp_path: Path) -> None:
    rows = "type;timestamp;customer_id;item_id\nview;2024-05-01;żaba;ślimak\nview;wczoraj;żółw;mięso\n"
    path = write(tmp_path / "views.csv", rows, "cp1250")
    report = events(sqlite_stores, path, max_rejects=1)
    assert report.rejects_file is not None
    assert report.rejects_file.read_bytes().decode("cp1250").splitlines()[1].endswith(";view;wczoraj;żółw;mięso")
    packed = write(tmp_path / "views.csv.gz", rows)
    again = events(sqlite_stores, packed, max_rejects=1)
    assert again.rejects_file is not None
    assert again.rejects_file.name == "views.rejects.csv.gz"
    assert events(sqlite_stores, again.rejects_file, max_rejects=1).rejected == 1


def test_a_row_with_too_few_cells_is_told_apart(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(tmp_path, order(1), "purchase,2024-05-01", order(2) + ",more", order(3))
    report = events(sqlite_stores, path, max_rejects=2)
    assert [(r.line, r.code) for r in report.rejects] == [(3, "ragged_row"), (4, "ragged_row")]
    assert "2 cells, fewer than the header's 7" in report.rejects[0].message
    assert report.new == 2
    assert report.rejects_file is not None
    assert report.rejects_file.read_text().splitlines()[1].endswith(",purchase,2024-05-01")


def test_lines_are_counted_as_an_editor_counts_them(sqlite_stores: Stores, tmp_path: Path) -> None:
    text = 'type,timestamp,customer_id,item_id,note\n\nview,2024-05-01,c1,i1,"two\nlines"\nview,2024-05-01,c1,,x\n'
    report = events(sqlite_stores, write(tmp_path / "v.csv", text), max_rejects=1)
    assert [(r.line, r.code) for r in report.rejects] == [(5, "no_item")]


def test_rejected_json_lines_keep_their_object(sqlite_stores: Stores, tmp_path: Path) -> None:
    good = '{"type":"view","timestamp":1714557600,"customer_id":"c1","item_id":"i1"}'
    path = write(tmp_path / "v.jsonl", f"{good}\nnot json\n{good.replace('i1', '')}\n")
    report = events(sqlite_stores, path, max_rejects=2)
    assert [(r.line, r.code) for r in report.rejects] == [(2, "bad_json"), (3, "no_item")]
    assert report.rejects_file is not None
    kept = [json.loads(line) for line in report.rejects_file.read_text().splitlines()]
    assert kept[0]["raw"] == "not json"
    assert (kept[1]["customer_id"], "needs an item" in kept[1]["reject_reason"]) == ("c1", True)


def test_rejected_parquet_rows_keep_their_types(sqlite_stores: Stores, tmp_path: Path) -> None:
    frame = pl.DataFrame({"type": ["view", "view"], "ts": [1714557600000, 0], "user_id": [7, 8], "item_id": ["a", "b"]})
    path = tmp_path / "v.parquet"
    frame.write_parquet(path)
    report = events(sqlite_stores, path, max_rejects=1)
    assert report.rejects[0].line == 2
    assert report.rejects_file is not None
    kept = pl.read_parquet(report.rejects_file)
    assert kept.drop("reject_reason").schema == frame.schema
    assert kept["user_id"].to_list() == [8]


def test_personal_values_are_not_repeated_in_a_report(sqlite_stores: Stores, tmp_path: Path) -> None:
    long = "anna-" * 40
    report = events(sqlite_stores, orders(tmp_path, f"purchase,2024-05-01,{long},i1,1,1,o1"), max_rejects=1)
    assert "anna" not in repr(report.rejects)
    path = write(tmp_path / "c.csv", "customer_id,email,name\nc1,anna.example.com,Anna\n")
    with pytest.raises(ImportRefusedError) as caught:
        customers(sqlite_stores, path)
    assert "anna" not in (str(caught.value) + repr(caught.value.report)).lower()
