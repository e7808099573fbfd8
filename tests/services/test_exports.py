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
    assert exports.forget(tmp_path, frozenset({"anna"})) == [out.name]
    assert b"anna" not in out.read_bytes()
    assert b"ben" in out.read_bytes()
    assert exports.forget(tmp_path, frozenset({"anna"})) == []


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
    assert exports.forget(home, frozenset({"anna"})) == []
    assert "anna" in out.read_text()


def test_a_list_is_remembered_once_and_one_deleted_since_is_no_error(tmp_path: Path) -> None:
    out = tmp_path / "picks.csv"
    write(out)
    exports.remember(tmp_path, out)
    exports.remember(tmp_path, out)
    assert exports.known(tmp_path) == ["picks.csv"]
    out.unlink()
    assert exports.forget(tmp_path, frozenset({"anna"})) == []


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
    assert exports.forget(tmp_path, frozenset({"anna"})) == ["picks.csv"]


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
