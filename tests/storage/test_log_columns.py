"""Columns of the log on their way from SQLite into frames, with texts that look like something else."""

import sqlite3

import polars as pl
import pytest

from recommender.storage.columns import of_json_lists

ODD = ["null", "a,b", 'say "no"', "back\\slash", "tab\there", "[1,2]", "ü", "NULL", " ", None, "x"]


def read_back(texts: list[str | None], numbers: list[int | None]) -> pl.DataFrame:
    """The columns as SQLite lists them and Polars reads them."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE t (place INTEGER PRIMARY KEY, word TEXT, number INTEGER)")
        connection.executemany("INSERT INTO t (word, number) VALUES (?, ?)", zip(texts, numbers, strict=True))
        ask = "SELECT CAST(json_group_array(word) AS BLOB), CAST(json_group_array(number) AS BLOB) FROM t"
        lists = connection.execute(ask).fetchone()
    return of_json_lists(lists, len(texts), {"word": pl.String(), "number": pl.Int64()})


@pytest.mark.parametrize("odd", ODD)
def test_a_text_comes_back_as_it_was_among_others(odd: str | None) -> None:
    texts = ["v1", odd, "v2"]
    assert read_back(texts, [0, 1, 2])["word"].to_list() == texts


@pytest.mark.parametrize("odd", ODD)
def test_a_text_that_is_in_every_row_comes_back(odd: str | None) -> None:
    assert read_back([odd] * 4, [0, 1, 2, 3])["word"].to_list() == [odd] * 4


@pytest.mark.parametrize("texts", [[""], ["", ""], ["", "v1", ""]])
def test_an_empty_text_is_missing(texts: list[str | None]) -> None:
    assert read_back(texts, [1] * len(texts))["word"].to_list() == [text or None for text in texts]


@pytest.mark.parametrize("numbers", [[0], [0, 0, 0], [None, None], [7, None, -(1 << 62)], [None, 0]])
def test_numbers_and_gaps_come_back(numbers: list[int | None]) -> None:
    assert read_back(["v1"] * len(numbers), numbers)["number"].to_list() == numbers
