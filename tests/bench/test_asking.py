"""A figure is refused where the answers are not what it claims; lists made beforehand are read as they were written."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bench.asking import FULL, checked_answers, customer_of, home_paths, turns_of, twice
from bench.load import _one, _seconds
from bench.memory import workers_of
from bench.precomputed import create_app, reader, write_lists
from bench.processes import private_mb

PATHS = [f"/v1/recommendations/home?customer_id=c{n}" for n in range(10)]


def answering(**changes: Any) -> Any:
    """A service whose lists are full, personal and different, but for the changes."""

    def ask(path: str) -> bytes:
        who = customer_of(path)
        places = [{"item_id": f"{who}-{rank}"} for rank in range(FULL)]
        return json.dumps({"fallback": None, "model": "r1", "basis": "personal", "items": places} | changes).encode()

    return ask


def test_the_lists_of_a_sound_service_are_given_back() -> None:
    lists = checked_answers(answering(), PATHS)
    assert lists[PATHS[3]][0] == "c3-0"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fallback": "no_model"}, "not answered by the model: no_model"),
        ({"model": None}, "not answered by the model"),
        ({"items": [{"item_id": "a"}]}, "gave 1 items, not 12"),
        ({"basis": "anonymous"}, "only 0 of 10 answers are personal"),
        ({"items": [{"item_id": "a"}] * FULL}, "they are not personal"),
    ],
)
def test_answers_that_are_not_the_models_own_are_no_figure(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(RuntimeError, match=said):
        checked_answers(answering(**changes), PATHS)


def test_people_asked_for_are_spread_over_the_file(tmp_path: Path) -> None:
    pl.DataFrame({"customer_id": [f"a {n:03}" for n in range(100)]}).write_parquet(tmp_path / "c.parquet")
    paths = home_paths(tmp_path / "c.parquet", people=4)
    assert [path.rpartition("=")[2] for path in paths] == ["a%20000", "a%20025", "a%20050", "a%20075"]


def test_each_round_asks_for_other_people_and_twice_where_it_says_so(tmp_path: Path) -> None:
    pl.DataFrame({"customer_id": [f"c{n:03}" for n in range(100)]}).write_parquet(tmp_path / "c.parquet")
    turns = turns_of(tmp_path / "c.parquet", rounds=3, people=20)
    assert [len(turn) for turn in turns] == [20] * 3
    assert len({path for turn in turns for path in turn}) == 60
    assert twice(turns[0])[:3] == [turns[0][0], turns[0][0], turns[0][1]]


def test_with_few_customers_rounds_share_them(tmp_path: Path) -> None:
    pl.DataFrame({"customer_id": [f"c{n}" for n in range(5)]}).write_parquet(tmp_path / "c.parquet")
    assert [len(turn) for turn in turns_of(tmp_path / "c.parquet", rounds=3, people=4)] == [4] * 3


def test_a_list_made_beforehand_is_read_and_joined_with_its_cards(tmp_path: Path) -> None:
    store = str(tmp_path / "lists.db")
    assert write_lists(store, {"c1": ["b", "a"]}, ["c1", "c2"]) == 2
    cards = {"a": b'"item_id":"a"}', "b": b'"item_id":"b"}'}
    client = create_app(reader(store), cards).test_client()
    answer = client.get("/v1/recommendations/home?customer_id=c1").get_json()
    assert [(place["rank"], place["item_id"]) for place in answer["items"]] == [(1, "b"), (2, "a")]
    with sqlite3.connect(store) as database:
        assert database.execute("SELECT count(*) FROM lists").fetchone() == (2,)


def test_what_wrk_says_is_read_in_any_unit() -> None:
    said = "  50%  831.00us\n  99%    1.25s\n  3021 requests in 3.00m, 2MB read"
    assert _seconds(r"50%\s+([\d.]+)(us|ms|s|m)", said) == pytest.approx(831e-6)
    assert _seconds(r"99%\s+([\d.]+)(us|ms|s|m)", said) == 1.25
    assert _seconds(r"requests in ([\d.]+)(us|ms|s|m)", said) == 180
    with pytest.raises(RuntimeError, match="did not say"):
        _one("75%", said)


def test_private_memory_is_this_processs_own() -> None:
    assert 30 < private_mb_holding(40_000_000) - private_mb_holding(0) < 60


def private_mb_holding(size: int) -> float:
    """Of a new process: in one that has run for long what is held may lie where others have let go."""
    words = [sys.executable, "-c", f"held = b'x' * {size}; print('held', flush=True); input()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        found = private_mb(process.pid)
        process.communicate("\n")
    return found


def test_a_service_without_the_workers_asked_for_is_no_figure() -> None:
    with subprocess.Popen(["sleep", "60"]) as childless:
        try:
            with pytest.raises(RuntimeError, match="has 0 workers, 2 were asked for"):
                workers_of(childless.pid, 2)
        finally:
            childless.kill()
