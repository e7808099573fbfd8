"""Files that say whom lists are for."""

import gzip
from pathlib import Path

import polars as pl
import pytest
import zstandard

from recommender.domain.errors import BadInputError
from recommender.domain.people import Person
from recommender.importing.people_table import read_people


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
        ("people.csv", b"", "people.csv is empty."),
        ("people.parquet", b"PAR1 not really", "people.parquet begins like Parquet but cannot be read to its end"),
        ("people.csv.gz", b"\x1f\x8bnot gzip", "people.csv.gz is damaged"),
        ("people.csv", b"customer_id\n\x00\n", "people.csv is not a text table: line 2 holds a NUL byte"),
        ("people.xlsx", b"PK\x03\x04", "people.xlsx is an Excel workbook"),
        ("people.csv", b"customer_id,city\n1,Oslo\n2,Oslo,x\n", "people.csv, line 3: the row has 3 cells, more than"),
        ("people.jsonl", b'{"customer_id":"a"}\n{"customer_id":\n', "people.jsonl, line 2: the line is not JSON"),
        (
            "people.jsonl",
            b'{"customer_id":"[a]"}\n{"customer_id":["a"]}\n',
            "people.jsonl, line 2: customer_id is a list or",
        ),
        ("people.jsonl", b'{"customer_id":{"id":1}}\n', "people.jsonl, line 1: customer_id is a list or an object"),
    ],
)
def test_a_file_that_is_no_table_of_people_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInputError) as refusal:
        read_people(tmp_path / name, "customer_id")
    assert said in str(refusal.value)


@pytest.mark.parametrize("name", ["people.csv.zst", "people.jsonl.zst", "people.csv.gz", "people.parquet.zst"])
def test_a_packed_file_that_is_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    kind = name.split(".")[1]
    whole = pl.DataFrame({"customer_id": [f"c{number}" for number in range(200_000)]})
    plain = tmp_path / "plain"
    getattr(whole, {"csv": "write_csv", "jsonl": "write_ndjson", "parquet": "write_parquet"}[kind])(plain)
    pack = gzip.compress if name.endswith(".gz") else zstandard.ZstdCompressor().compress
    packed = pack(plain.read_bytes())
    (tmp_path / name).write_bytes(packed)
    assert len(read_people(tmp_path / name, "customer_id")) == 200_000
    (tmp_path / name).write_bytes(packed[: len(packed) // 2])
    with pytest.raises(BadInputError, match=f"{name} is cut off"):
        read_people(tmp_path / name, "customer_id")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([["a"]], r"people.parquet: customer_id holds List\(String\); an id is a text or a number."),
        ([{"id": 1}], "people.parquet: customer_id holds Struct"),
        ([True], "people.parquet: customer_id holds Boolean"),
        ([b"a", b"\xff"], "people.parquet: customer_id holds bytes that are no text in UTF-8"),
    ],
)
def test_what_is_no_id_in_parquet_is_named(tmp_path: Path, values: list[object], said: str) -> None:
    pl.DataFrame({"customer_id": values}).write_parquet(tmp_path / "people.parquet")
    with pytest.raises(BadInputError, match=said):
        read_people(tmp_path / "people.parquet", "customer_id")


def test_bytes_that_are_text_and_columns_without_ids_are_read(tmp_path: Path) -> None:
    pl.DataFrame({"customer_id": [b"a", None, b"z"]}).write_parquet(tmp_path / "people.parquet")
    assert list(read_people(tmp_path / "people.parquet", "customer_id")) == [
        Person(customer_id="a"),
        Person(customer_id="z"),
    ]
    pl.DataFrame({"customer_id": [None, None]}).write_parquet(tmp_path / "nobody.parquet")
    assert read_people(tmp_path / "nobody.parquet", "customer_id").blank == 2


def test_ids_are_spelled_as_an_import_stores_them(tmp_path: Path) -> None:
    people = tmp_path / "people.jsonl"
    people.write_text('{"customer_id":7}\n{"customer_id":8.0}\n{"customer_id":"[x]"}\n{"customer_id":"e\u0301"}\n')
    assert [one.customer_id for one in read_people(people, "customer_id")] == ["7", "8", "[x]", "\u00e9"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="There is no file"):
        read_people(tmp_path / "people.csv", "customer_id")
