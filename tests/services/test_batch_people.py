import gzip
from pathlib import Path

import polars as pl
import pytest
import zstandard

from recommender.domain.errors import BadInputError
from recommender.domain.people import Person
from recommender.services.people_table import read_people


def test_each_person_is_named_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("customer_id,city\nc2,Oslo\nc1,Bergen\nc2,Oslo\n,Oslo\n c3 ,Oslo\n")
    table = read_people(path, "customer_id")
    assert list(table) == [Person(customer_id="c2"), Person(customer_id="c1"), Person(customer_id="c3")]
    assert (len(table), table.rows, table.duplicates, table.blank) == (3, 5, 1, 1)


def test_visitors_are_visitors(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text('{"visitor_id":"v1"}\n{"visitor_id":"v2"}\n')
    assert list(read_people(path, "visitor_id")) == [Person(visitor_id="v1"), Person(visitor_id="v2")]


@pytest.mark.parametrize("header", ["customer_id", "Customer ID", "CustomerID", "CUSTOMER_ID"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_headers_and_separators_may_be_as_spreadsheets_write_them(tmp_path: Path, header: str, separator: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"\ufeffname{separator}{header}\r\nx{separator}007\r\n", encoding="utf-8")
    assert list(read_people(path, "customer_id")) == [Person(customer_id="007")]


def test_numbers_in_parquet_are_ids_without_fractions(tmp_path: Path) -> None:
    for name, values in {"whole": [12345, 7], "fractions": [12345.0, 7.0], "gaps": [12345.0, None, 7.0]}.items():
        pl.DataFrame({"customer_id": values}).write_parquet(tmp_path / f"{name}.parquet")
        people = list(read_people(tmp_path / f"{name}.parquet", "customer_id"))
        assert people == [Person(customer_id="12345"), Person(customer_id="7")]


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    content = b"customer_id\nc1\n"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    (tmp_path / "a.csv.zst").write_bytes(zstandard.ZstdCompressor().compress(content))
    for name in ("a.csv.gz", "a.csv.zst"):
        assert list(read_people(tmp_path / name, "customer_id")) == [Person(customer_id="c1")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("people.csv", b"id,city\n1,Oslo\n", "people.csv has no column customer_id; it has id, city."),
        ("people.csv", b"", "people.csv has no column customer_id; it has no columns."),
        ("people.parquet", b"PAR1 not really", "people.parquet cannot be read as a table"),
        ("people.csv.gz", b"not gzip", "people.csv.gz cannot be read as a table"),
        ("people.csv", b"customer_id\n\xff\xfe\n", "people.csv cannot be read as a table"),
        ("people.xlsx", b"PK", "neither .csv, .jsonl nor .parquet"),
    ],
)
def test_a_file_that_is_no_table_of_people_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInputError) as refusal:
        read_people(tmp_path / name, "customer_id")
    assert said in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="There is no file"):
        read_people(tmp_path / "people.csv", "customer_id")
