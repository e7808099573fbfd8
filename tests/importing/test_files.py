"""What a file is: format, packing, encoding, and one clear sentence for each way to be broken."""

import gzip
from pathlib import Path

import polars as pl
import pytest
import zstandard
from shop_files import PLAIN, events, log, order, write

from recommender.domain.errors import BadInputError
from recommender.domain.ports import Stores
from recommender.importing.encodings import best_code_page

VIEW = "view,2024-05-01,c1,i1\n"
VIEWS = "type,timestamp,customer_id,item_id\n" + VIEW * 3


@pytest.mark.parametrize("name", ["v.csv", "v.tsv", "v.txt", "noname", "v.csv.gz", "v.csv.zst", "v.parquet"])
def test_csv_is_recognised_by_its_content_whatever_its_name(name: str, sqlite_stores: Stores, tmp_path: Path) -> None:
    if name == "v.parquet":
        with pytest.raises(BadInputError, match="named like Parquet, but it is not"):
            events(sqlite_stores, write(tmp_path / name, VIEWS))
        return
    assert events(sqlite_stores, write(tmp_path / name, VIEWS)).new == 3


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
def test_parquet_may_be_packed(packing: str, sqlite_stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    pl.read_csv(VIEWS.encode()).write_parquet(path)
    data = path.read_bytes()
    packed = {"": data, ".gz": gzip.compress(data), ".zst": zstandard.ZstdCompressor().compress(data)}[packing]
    other = tmp_path / f"w.parquet{packing}"
    other.write_bytes(packed)
    assert events(sqlite_stores, other).new == 3


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found(separator: str, sqlite_stores: Stores, tmp_path: Path) -> None:
    report = events(sqlite_stores, write(tmp_path / "v.csv", VIEWS.replace(",", separator)))
    assert (report.separator, report.new) == (separator, 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250", "iso8859-2"])
def test_polish_text_comes_out_right_in_every_encoding(encoding: str, sqlite_stores: Stores, tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", VIEWS.replace("i1", "gęśla jaźń, ŻÓŁĆ".replace(",", "")), encoding)
    events(sqlite_stores, path)
    assert log(sqlite_stores, "item_id")[0] == ("gęśla jaźń ŻÓŁĆ",)


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Zażółć gęślą jaźń", "cp1250"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy", "cp1250"),
        ("Съешь же ещё этих мягких французских булок", "cp1251"),
        ("Dès Noël, où un zéphyr haï me vêt de glaçons würmiens", "cp1252"),
        ("El pingüino comió cañas", "cp1252"),
        ("£100 – a “gift”", "cp1252"),
    ],
)
def test_the_code_page_that_reads_best_is_chosen(text: str, page: str) -> None:
    assert best_code_page(text.encode(page)) == page


def test_text_in_a_quoted_cell_may_break_lines_and_hold_separators(sqlite_stores: Stores, tmp_path: Path) -> None:
    text = 'type,timestamp,customer_id,item_id\nview,2024-05-01,c1,"i,1"\nview,2024-05-01,c1,"say ""i"""\nview,2024-05-01,c1,24"x\n'
    events(sqlite_stores, write(tmp_path / "v.csv", text))
    assert log(sqlite_stores, "item_id") == [("i,1",), ('say "i"',), ('24"x',)]


def test_windows_lines_and_excels_first_line_are_no_trouble(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", "sep=;\r\n" + VIEWS.replace(",", ";").replace("\n", "\r\n"))
    assert events(sqlite_stores, path).new == 3


BROKEN = {
    "an empty file": (b"", "is empty"),
    "blank lines only": (b"\n\n  \n", "holds blank lines only"),
    "a header only": (b"type,timestamp,customer_id\n", "has a header but no rows"),
    "a workbook": (b"PK\x03\x04" + bytes(50), "Excel workbook"),
    "binary": (b"abc\0def\n" * 9, "NUL byte"),
    "a JSON array": (b'[{"type":"view"}]', "one JSON array"),
    "XML": (b"<rss></rss>", "XML"),
    "a twice named column": (b"type,type,timestamp\nview,view,2024-05-01\n", "names the column 'type' twice"),
    "a gzip cut off": (gzip.compress(VIEWS.encode() * 500)[:-20], "cut off"),
    "a damaged gzip": (gzip.compress(VIEWS.encode())[:30] + bytes(30), "cut off|damaged"),
    "a zstd cut off": (zstandard.ZstdCompressor().compress(VIEWS.encode() * 500)[:-20], "cut off"),
    "a Parquet cut off": (b"PAR1" + bytes(100), "begins like Parquet"),
    "no column we know": (b"a;b\n1;2\n", "no column that we recognise as type. Its columns are: a, b"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_told_in_one_sentence_and_stores_nothing(
    what: str, sqlite_stores: Stores, tmp_path: Path
) -> None:
    data, message = BROKEN[what]
    path = tmp_path / "f.csv"
    path.write_bytes(data)
    with pytest.raises(BadInputError, match=message) as caught:
        events(sqlite_stores, path)
    assert "f.csv" in str(caught.value)
    assert log(sqlite_stores, "item_id") == []


def test_a_missing_file_is_named_with_its_neighbour(sqlite_stores: Stores, tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", VIEWS)
    with pytest.raises(BadInputError, match=r"no file .*order.csv \(did you mean orders.csv\?\)"):
        events(sqlite_stores, tmp_path / "order.csv")


def test_a_folder_is_no_file(sqlite_stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is a directory"):
        events(sqlite_stores, tmp_path)


def test_bytes_of_a_parquet_are_read_where_they_are_text_and_named_where_they_are_not(
    sqlite_stores: Stores, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.parquet", tmp_path / "bad.parquet"
    told = pl.read_csv(VIEWS.encode())
    named = told.with_columns(customer_id=pl.Series([b"c1", "ż".encode(), b"c3"]))
    named.with_columns(picture=pl.Series([b"\xff"] * 3)).write_parquet(good)  # of no use to us, and left alone
    told.with_columns(customer_id=pl.Series([b"c1", b"c2", b"\xff"])).write_parquet(bad)
    assert events(sqlite_stores, good).new == 3
    assert ("ż",) in log(sqlite_stores, "customer_id")
    with pytest.raises(BadInputError, match="the column customer_id holds bytes that are no text"):
        events(sqlite_stores, bad)


def test_a_parquet_that_breaks_amid_its_rows_stores_nothing(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    frame = pl.DataFrame(
        [{"type": "view", "timestamp": "2024-05-01", "customer_id": f"c{n}", "item_id": "i"} for n in range(9000)]
    )
    frame.write_parquet(path, row_group_size=3000, compression="uncompressed", use_pyarrow=False)
    data = bytearray(path.read_bytes())
    place = data.rindex(b"c8000") - 2000
    data[place : place + 3000] = b"\xff" * 3000
    path.write_bytes(bytes(data))
    with pytest.raises(BadInputError):
        events(sqlite_stores, path, chunk_rows=1000)
    assert log(sqlite_stores, "item_id") == []


def test_a_quote_left_open_is_suspected(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", PLAIN + order(1) + '\npurchase,2024-05-01,"c1,i1,1,9,o\n' + order(2) + "\n")
    with pytest.raises(BadInputError, match=r"line 3: .*quote may be left open"):
        events(sqlite_stores, path)
