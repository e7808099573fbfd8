"""Lists and objects where an id should be: refused, never stored as the text they are written as."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from shop_files import customers, events, items, log, write

from recommender.domain.errors import BadInputError
from recommender.domain.ports import Stores
from recommender.importing import ImportRefusedError, ImportReport

Import = Callable[..., ImportReport]
EVENT = {"type": "purchase", "timestamp": "2024-05-01", "customer_id": "c1", "item_id": "i1", "order_id": "o1"}
WHOLE: dict[Import, dict[str, Any]] = {
    events: EVENT,
    items: {"item_id": "i1", "item_group_id": "g1", "title": "A lamp"},
    customers: {"customer_id": "c1", "name": "Anna"},
}
IDS = [(events, name) for name in ("visitor_id", "customer_id", "item_id", "order_id", "session_id", "event_id")]
IDS += [(items, "item_id"), (items, "item_group_id"), (customers, "customer_id")]


def lines(path: Path, *records: dict[str, Any]) -> Path:
    return write(path, "".join(json.dumps(record) + "\n" for record in records))


@pytest.mark.parametrize("value", [["a"], [], {"id": "a"}, ["a" * 200]])
@pytest.mark.parametrize(("take", "name"), IDS)
def test_in_json_lines_such_a_row_is_rejected(
    take: Import, name: str, value: object, sqlite_stores: Stores, tmp_path: Path
) -> None:
    good = WHOLE[take]
    report = take(sqlite_stores, lines(tmp_path / "f.jsonl", good, {**good, name: value}), max_rejects=1)
    assert (report.accepted, report.new) == (1, 1)
    (reject,) = report.rejects
    assert (reject.line, reject.column, reject.code) == (2, name, "illegal_id")
    assert reject.message == f"column {name}: the id is a list or an object; an id is a text or a number"


@pytest.mark.parametrize("take", [events, items, customers])
def test_one_of_them_is_one_too_many_unless_told(take: Import, sqlite_stores: Stores, tmp_path: Path) -> None:
    name = "item_id" if take is items else "customer_id"
    with pytest.raises(ImportRefusedError, match="the id is a list or an object"):
        take(sqlite_stores, lines(tmp_path / "f.jsonl", {**WHOLE[take], name: ["a"]}))


def test_numbers_and_texts_that_look_like_lists_are_ids(sqlite_stores: Stores, tmp_path: Path) -> None:
    told = ["[a]", '["a"]', 7, 8.0]
    report = events(sqlite_stores, lines(tmp_path / "f.jsonl", *({**EVENT, "customer_id": one} for one in told)))
    assert report.rejected == 0
    assert [found for (found,) in log(sqlite_stores, "customer_id")] == ["[a]", '["a"]', "7", "8"]


def test_of_nested_items_only_the_one_is_rejected(sqlite_stores: Stores, tmp_path: Path) -> None:
    order = {**EVENT, "item_id": None, "items": [{"item_id": ["a"]}, {"item_id": "[b]"}]}
    report = events(sqlite_stores, lines(tmp_path / "f.jsonl", order), max_rejects=1)
    assert [(reject.column, reject.code) for reject in report.rejects] == [("item_id", "illegal_id")]
    assert log(sqlite_stores, "item_id") == [("[b]",)]


def test_the_column_is_named_as_the_file_has_it_and_may_be_set_instead(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = lines(tmp_path / "f.jsonl", {"klient": ["anna"], "name": "Anna"})
    report = customers(sqlite_stores, path, max_rejects=1)
    assert report.rejects[0].column == "klient"
    assert "anna" not in repr(report.rejects)
    assert customers(sqlite_stores, path, sets={"customer_id": "c1"}).new == 1


@pytest.mark.parametrize("take", [events, items, customers])
@pytest.mark.parametrize("value", [["a"], {"id": "a"}])
def test_a_parquet_file_with_a_column_of_them_is_refused(
    take: Import, value: object, sqlite_stores: Stores, tmp_path: Path
) -> None:
    name = "item_id" if take is items else "customer_id"
    pl.DataFrame([{**WHOLE[take], name: value}]).write_parquet(tmp_path / "f.parquet")
    with pytest.raises(BadInputError, match=f"the column {name} holds lists or objects; {name} needs plain values"):
        take(sqlite_stores, tmp_path / "f.parquet")
