"""Rows by many-row statements: every one of them, under the number it has or is given."""

import sqlite3
from collections.abc import Iterator

import polars as pl
import pytest

from recommender.storage.sqlite_rows import ROWS_PER_STATEMENT, cells_of, store

TABLE = (
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, event_id TEXT, line INTEGER, item_id TEXT, UNIQUE (event_id, line))"
)
EVERY_SIZE = ROWS_PER_STATEMENT + 20 + 3


@pytest.fixture
def driver() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(TABLE)
    yield connection
    connection.close()


def rows(number: int) -> pl.DataFrame:
    items = [f"i{place}" if place % 3 else None for place in range(number)]
    return pl.DataFrame({"event_id": [f"e{place}" for place in range(number)], "line": 0, "item_id": items})


def stored(driver: sqlite3.Connection) -> list[tuple[object, ...]]:
    return driver.execute("SELECT seq, event_id, line, item_id FROM events ORDER BY seq").fetchall()


@pytest.mark.parametrize("number", [1, 2, 20, 21, ROWS_PER_STATEMENT, EVERY_SIZE])
def test_rows_without_a_number_are_counted_in_their_order(driver: sqlite3.Connection, number: int) -> None:
    assert store(driver, cells_of(rows(number)), 7) == number
    assert stored(driver) == [(seq, *row) for seq, row in enumerate(rows(number).iter_rows(), start=7)]


def test_rows_with_numbers_keep_them_whatever_the_gaps(driver: sqlite3.Connection) -> None:
    numbers = [3 * place + 1 for place in range(EVERY_SIZE)]
    numbered = rows(EVERY_SIZE).insert_column(0, pl.Series("seq", numbers))
    assert store(driver, cells_of(numbered), 1) == EVERY_SIZE
    assert [row[0] for row in stored(driver)] == numbers


def test_a_row_whose_event_is_there_leaves_its_number_free(driver: sqlite3.Connection) -> None:
    store(driver, cells_of(rows(1)), 1)
    assert store(driver, cells_of(rows(3)), 10) == 2
    assert [row[0] for row in stored(driver)] == [1, 11, 12]
