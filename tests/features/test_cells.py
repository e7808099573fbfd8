"""Cells of tables in columns: the order of rows and their sums, however wide their values are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.features.cells import Columns, newest, ordered, put_together
from recommender.features.periods import DecayedSum
from recommender.features.tables import LastOf, Newest

NARROW = st.integers(-3, 3)
WIDE = st.sampled_from([-(1 << 40), -1, 0, 1, 1 << 40])
WIDEST = st.sampled_from([-(1 << 60), 0, 1 << 60])


def columns(**values: list[int]) -> Columns:
    return {name: np.array(column, np.int64) for name, column in values.items()}


def rows(cells: Columns) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in cells.values()), strict=True))


@pytest.mark.parametrize("key", [NARROW, WIDE, WIDEST], ids=["all in one", "keys in one", "columns"])
@given(data=st.data())
def test_rows_stay_whole_and_are_in_order(key: st.SearchStrategy[int], data: st.DataObject) -> None:
    told = data.draw(st.lists(st.tuples(NARROW, key, WIDE), min_size=1, max_size=20))
    who, num, value = map(list, zip(*told, strict=True))
    found = ordered(columns(who=who, value=value, num=num), ("who", "num"))
    found = {name: found[name] for name in ("who", "num", "value")}
    assert [row[:2] for row in rows(found)] == sorted(row[:2] for row in told)
    assert sorted(rows(found)) == sorted(told)


def test_no_rows_are_in_order() -> None:
    assert rows(ordered(columns(who=[], num=[]), ("who", "num"))) == []


def test_cells_of_one_key_are_summed() -> None:
    table = DecayedSum(name="t", num="week", text="brand", column="interest", half_life_weeks=1.0)
    cells = columns(who=[2, 1, 2, 2], num=[7, 7, 7, 6], text=[3, 3, 3, 3], value=[1, 8, -8, 3])
    found = put_together(table, cells)
    assert [found[name].tolist() for name in ("who", "text", "num", "value")] == [
        [1, 2, 2],
        [3, 3, 3],
        [7, 6, 7],
        [8, 3, -7],
    ]


def test_the_last_of_a_key_is_its_largest() -> None:
    table = LastOf(name="t", text="item", column="cart")
    found = put_together(table, columns(who=[1, 1, 1], text=[5, 4, 5], value=[10, 20, 1 << 61]))
    assert [found[name].tolist() for name in ("text", "value")] == [[4, 5], [20, 1 << 61]]


def test_a_person_keeps_the_newest_cells_and_others_keep_theirs() -> None:
    table = Newest(name="t", num="day", cap=2)
    found = newest(table, columns(who=[1, 1, 1, 2], num=[3, 9, 4, 1]))
    assert list(found) == ["who", "num"]
    assert sorted(rows(found)) == [(1, 4), (1, 9), (2, 1)]
