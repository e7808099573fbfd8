"""Lists we wrote into the home are remembered and can forget a person."""

import json
import multiprocessing
from pathlib import Path

import polars as pl
import pytest

from recommender.services import exports

ROWS = [{"person_id": p, "item_id": "mug", "rank": 1} for p in ("anna", "ben", "=cmd")]


def write(path: Path) -> None:
    """The same three rows in the format of the suffix."""
    frame = pl.DataFrame(ROWS)
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    else:
        path.write_text("person_id,item_id,rank\nanna,mug,1\nben,mug,1\n'=cmd,mug,1\n")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_remembered_list_loses_the_rows_of_a_forgotten_person_only(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"picks{suffix}"
    write(out)
    exports.remember(tmp_path, out)
    assert exports.forget(tmp_path, frozenset({"anna"})).changed == (out.name,)
    assert b"anna" not in out.read_bytes()
    assert b"ben" in out.read_bytes()
    assert exports.forget(tmp_path, frozenset({"anna"})).changed == ()


def test_a_cell_made_safe_for_spreadsheets_is_still_recognised(tmp_path: Path) -> None:
    out = tmp_path / "picks.csv"
    write(out)
    exports.remember(tmp_path, out)
    exports.forget(tmp_path, frozenset({"=cmd"}))
    assert "cmd" not in out.read_text()


def test_a_list_outside_the_home_is_not_ours_to_change(tmp_path: Path) -> None:
    home = tmp_path / "shop"
    home.mkdir()
    out = tmp_path / "picks.csv"
    write(out)
    exports.remember(home, out)
    assert exports.known(home) == []
    assert exports.forget(home, frozenset({"anna"})).changed == ()
    assert "anna" in out.read_text()


def test_a_list_is_remembered_once_and_one_deleted_since_is_no_error(tmp_path: Path) -> None:
    out = tmp_path / "picks.csv"
    write(out)
    exports.remember(tmp_path, out)
    exports.remember(tmp_path, out)
    assert exports.known(tmp_path) == ["picks.csv"]
    out.unlink()
    assert exports.forget(tmp_path, frozenset({"anna"})).changed == ()


def remember_many(home: Path, of: int) -> None:
    """Forty lists of one process."""
    for number in range(40):
        exports.remember(home, home / f"{of}-{number}.csv")


def test_several_processes_remember_at_once_and_no_list_is_lost(tmp_path: Path) -> None:
    fresh = multiprocessing.get_context("spawn")
    several = [fresh.Process(target=remember_many, args=(tmp_path, of)) for of in range(4)]
    for one in several:
        one.start()
    for one in several:
        one.join(60)
    assert [one.exitcode for one in several] == [0] * 4
    assert sorted(exports.known(tmp_path)) == sorted(f"{of}-{number}.csv" for of in range(4) for number in range(40))
    assert sorted(path.name for path in (tmp_path / "var").iterdir()) == ["exports.json", "exports.lock"]


@pytest.mark.parametrize(
    "damage", [b'["picks.csv"]"x.csv"]', b'["picks.csv", "oth', b'{"a": "picks.csv"}', b'\xff["picks.csv"']
)
def test_a_damaged_register_is_set_aside_and_its_names_are_kept(tmp_path: Path, damage: bytes) -> None:
    write(tmp_path / "picks.csv")
    register = tmp_path / "var" / "exports.json"
    register.parent.mkdir()
    register.write_bytes(damage)
    exports.remember(tmp_path, tmp_path / "later.csv")
    assert exports.known(tmp_path) == ["picks.csv", "later.csv"]
    (aside,) = exports.set_aside(tmp_path)
    assert (tmp_path / aside).read_bytes() == damage
    assert exports.forget(tmp_path, frozenset({"anna"})).changed == ("picks.csv",)


def test_a_damaged_register_names_no_place_outside_the_home(tmp_path: Path) -> None:
    home = tmp_path / "shop"
    (home / "var").mkdir(parents=True)
    write(tmp_path / "picks.csv")
    (home / "var" / "exports.json").write_text(json.dumps(["../picks.csv", "/"]) + "]")
    assert exports.known(home) == []


def test_what_a_killed_rewriting_left_goes_with_the_next(tmp_path: Path) -> None:
    out = tmp_path / "picks.csv"
    write(out)
    exports.remember(tmp_path, out)
    (tmp_path / ".picks.csv.4711.tmp").write_text("person_id\nanna\n")
    exports.forget(tmp_path, frozenset({"anna"}))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["picks.csv"]


@pytest.mark.parametrize("end", ["\u2028", "\u0085", "\u2029", "\x0c"])
def test_a_text_that_holds_another_end_of_a_line_is_no_end_of_a_row(tmp_path: Path, end: str) -> None:
    out = tmp_path / "picks.jsonl"
    rows = [{"person_id": one, "reason": f"for{end}you"} for one in ("anna", "ben")]
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    exports.remember(tmp_path, out)
    assert exports.forget(tmp_path, frozenset({"anna"})) == exports.Forgotten(changed=("picks.jsonl",), left=())
    assert [json.loads(line) for line in out.read_bytes().decode().split("\n")[:-1]] == [rows[1]]


def test_a_blank_line_in_a_list_is_nobodys(tmp_path: Path) -> None:
    table, lines = tmp_path / "picks.csv", tmp_path / "picks.jsonl"
    table.write_text("person_id,item_id\n\nanna,mug\n\nben,mug\n")
    lines.write_text('{"person_id": "anna"}\n\n{"person_id": "ben"}\n')
    for out in (table, lines):
        exports.remember(tmp_path, out)
    assert exports.forget(tmp_path, frozenset({"anna"})).changed == ("picks.csv", "picks.jsonl")
    assert table.read_text().split() == ["person_id,item_id", "ben,mug"]
    assert lines.read_text().split("\n") == ["", '{"person_id": "ben"}', ""]


def damaged(home: Path) -> list[str]:
    """Remembered lists of which none is as we wrote it; and one that is, after them."""
    pl.DataFrame({"id": ["anna"]}).write_parquet(home / "other.parquet")
    (home / "cut.parquet").write_bytes(b"PAR1")
    (home / "cut.jsonl").write_text('{"person_id": "anna"}\n{"person_')
    (home / "list.jsonl").write_text('["anna"]\n')
    (home / "other.csv").write_text("name\nanna\n")
    (home / "short.csv").write_text("item_id,person_id\nmug\nmug,anna\n")
    (home / "latin.csv").write_bytes("person_id\nżółw\n".encode("iso8859-2"))
    names = sorted(path.name for path in home.iterdir())
    write(home / "picks.csv")
    for name in (*names, "picks.csv"):
        exports.remember(home, home / name)
    return names


def test_a_list_that_cannot_be_rewritten_is_named_and_the_others_are_reached(tmp_path: Path) -> None:
    names = damaged(tmp_path)
    assert exports.forget(tmp_path, frozenset({"anna"})) == exports.Forgotten(changed=("picks.csv",), left=tuple(names))


@pytest.mark.parametrize("suffix", [".CSV", ".Jsonl", ".PARQUET"])
def test_a_list_whose_ending_is_in_capitals_is_reached(tmp_path: Path, suffix: str) -> None:
    plain, out = tmp_path / f"picks{suffix.lower()}", tmp_path / f"LISTS{suffix}"
    write(plain)
    plain.rename(out)
    exports.remember(tmp_path, out)
    assert exports.forget(tmp_path, frozenset({"anna"})).changed == (out.name,)
    assert b"anna" not in out.read_bytes()


def test_a_list_nothing_takes_rows_out_of_is_named_if_it_mentions_the_person(tmp_path: Path) -> None:
    for name, text in {"hers.txt": "mug for anna", "his.txt": "mug for ben"}.items():
        (tmp_path / name).write_text(text)
        exports.remember(tmp_path, tmp_path / name)
    assert exports.forget(tmp_path, frozenset({"anna"})) == exports.Forgotten(changed=(), left=("hers.txt",))
