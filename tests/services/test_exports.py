"""Lists we wrote into the home are remembered and can forget a person."""

import json
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
