"""What a forest is told and what it says: the compiled kernels and the plain ones give the same."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_samples import SEEDS, drawn, same

from recommender.kernels import plain

compiled = pytest.importorskip("recommender.kernels._compiled", reason="no C compiler at install")
DAY = 86_400_000_000
KINDS = [np.uint8, np.uint16, np.uint32, np.uint64]


def grouped_of(rng: np.random.Generator, n_items: int, *, weighed: bool) -> Any:
    item = np.sort(rng.choice(n_items, int(rng.integers(0, n_items)), replace=False))
    many = rng.integers(1, 6, len(item))
    age = rng.integers(0, 400, int(many.sum())) / 3
    return item, many.cumsum() - many, age, rng.random(len(age)) if weighed else None


@given(SEEDS, st.booleans(), st.booleans())
def test_what_person_and_item_decide_together(seed: int, weighed: bool, looked_weighed: bool) -> None:  # noqa: FBT001 - drawn
    rng = drawn(seed)
    n_items = int(rng.integers(1, 60))
    bought = grouped_of(rng, n_items, weighed=weighed)
    looked = grouped_of(rng, n_items + 9, weighed=looked_weighed)  # looks may be of items that came later
    traits = rng.choice(np.array([-9.0, -1.0, 0.5, 2.0], np.float32), (n_items, 5))
    shelves = rng.integers(-1, int(rng.integers(1, 2**31)) if seed % 2 else 4, (n_items, 3)).astype(np.int32)
    item = rng.integers(0, n_items, int(rng.integers(0, 90)))
    asked: Any = (item, bought, looked, float(rng.integers(0, 9)), traits, 3, -9.0, 0.25, shelves)
    found = compiled.paired(*asked)
    same(found, plain.paired(*asked))
    for column, row in zip(found.T.tolist(), item.tolist(), strict=True):
        own = (bought[0] == row).nonzero()[0]
        ages = np.split(bought[2], bought[1][1:])[own[0]] if len(own) else np.zeros(0)
        assert column[0] == len(ages)
        assert column[1] == pytest.approx(ages.min() if len(ages) else 999.0)
        assert (column[6] == -1.0) == (len(ages) < 2)
        for place, code in enumerate(shelves[row].tolist()):
            mates = (shelves[bought[0], place] == code).nonzero()[0] if code >= 0 else []
            assert column[11 + 3 * place] == pytest.approx(len(mates) / max(len(bought[0]), 1))
            days = min((np.split(bought[2], bought[1][1:])[mate].min() for mate in mates), default=999.0)
            assert column[12 + 3 * place] == pytest.approx(days)
            assert 0.0 <= column[13 + 3 * place] <= 1.0 + 1e-6
        assert column[8] == (traits[row, 3] - np.float32(0.25) if traits[row, 3] > -9.0 else 0.0)


@given(SEEDS)
def test_habits(seed: int) -> None:
    rng = drawn(seed)
    n, n_items = int(rng.integers(1, 300)), 30
    kind = rng.integers(0, 4, n).astype(np.int8)
    kind[rng.integers(0, n)] = 2
    time_us = np.sort(rng.integers(-5 * DAY, int(rng.integers(1, 300)) * DAY, n))
    order = rng.integers(-1 if seed % 3 == 0 else 0, int(rng.integers(1, 2**40)) if seed % 2 else 9, n)
    item, start, age, _ = grouped_of(rng, n_items, weighed=False)
    traits = rng.choice(np.array([-9.0, 0.5, 2.0], np.float32), (n_items, 3))
    asked: Any = (kind, time_us, order, 2, int(rng.integers(1, 400)), item, start, len(age), traits, 1, -9.0)
    found = compiled.habits(*asked)
    assert found == pytest.approx(plain.habits(*asked), rel=1e-12)
    assert 1 <= found[0] <= int((kind == 2).sum())
    assert found[1] == -1 or 1 <= found[1] <= int((kind == 2).sum())
    assert found[6] == int((np.diff(start, append=len(age)) > 1).sum())


def test_habits_by_hand() -> None:
    kind, days = np.array([2, 0, 2, 2, 2], np.int8), np.array([1, 2, 3, 3, 10])
    told: Any = (
        kind,
        days * DAY,
        np.array([7, -1, 8, 8, 9]),
        2,
        99,
        np.array([0, 2]),
        np.array([0, 3]),
        4,
        np.array([[1.0], [5.0], [-9.0]], np.float32),
        0,
        -9.0,
    )
    for which in (compiled, plain):
        assert which.habits(*told) == (3, 3, 4.5, DAY, 10 * DAY, 1.0, 1)
        assert which.habits(*told[:4], 1, *told[5:])[:5] == (1, 1, 0.0, 10 * DAY, 10 * DAY)
        with pytest.raises(ValueError, match="bought nothing"):
            which.habits(kind * 0, *told[1:])
        with pytest.raises(IndexError, match="no item has row 3"):
            which.habits(*told[:5], np.array([0, 3]), *told[6:])


def test_days_told_in_no_order_are_put_in_order() -> None:
    days = np.random.default_rng(3).permutation(3_000)
    kind, item = np.full(len(days), 2, np.int8), np.zeros(1, np.int64)
    asked: Any = (kind, days * DAY, days, 2, 9_999, item, item, len(days), np.zeros((1, 1), np.float32), 0, -9.0)
    assert compiled.habits(*asked)[:3] == plain.habits(*asked)[:3] == (3_000, 3_000, 1.0)


def forest_of(rng: np.random.Generator, kind: Any) -> Any:
    n_trees, n_leaves = int(rng.integers(0, 12)), int(rng.integers(1, np.iinfo(kind).bits + 1))
    splits = rng.integers(0, n_leaves, n_trees)
    column = rng.integers(0, 5, int(splits.sum()))
    threshold = rng.integers(-3, 4, len(column)).astype(np.float32)
    bits = rng.integers(0, 2 ** min(n_leaves - 1, 62), len(column)) if n_leaves > 1 else np.zeros(len(column))
    return (splits.cumsum(), column, threshold, bits.astype(kind)), rng.normal(size=(n_trees, n_leaves))


@given(SEEDS, st.sampled_from(KINDS), st.sampled_from([0, 1, 15, 16, 17, 200, 256, 257, 700]))
def test_what_a_forest_says(seed: int, kind: Any, n: int) -> None:
    rng = drawn(seed)
    nodes, leaf = forest_of(rng, kind)
    columns = rng.integers(-3, 4, (5, n)).astype(np.float32)
    found = compiled.closed(columns, *nodes)
    same(found, plain.closed(columns, *nodes))
    masks = rng.integers(0, np.iinfo(kind).max, (4, len(leaf)), kind, endpoint=True) if seed % 2 else None
    rows = rng.integers(-1, 7, n).astype(np.int32)
    person = rng.integers(0, 7, len(leaf)).astype(kind) if seed % 3 else None
    asked: Any = (masks, rows, person, columns, *nodes, leaf)
    said = compiled.walked(*asked)
    assert said.tolist() == plain.walked(*asked).tolist()
    if n > 16:  # a candidate alone scores as among others, to the bit
        alone: Any = (masks, rows[16:17], person, np.ascontiguousarray(columns[:, 16:17]), *nodes, leaf)
        assert compiled.walked(*alone).tolist() == plain.walked(*alone).tolist() == [said[16]]


def test_arrays_that_lead_elsewhere_are_refused() -> None:
    columns, one, zero = np.zeros((2, 3), np.float32), np.ones(1, np.int64), np.zeros(1, np.int64)
    edge, bits, leaf = np.zeros(1, np.float32), np.ones(1, np.uint8), np.zeros((1, 2))
    rows = np.zeros(3, np.int32)
    for which in (compiled, plain):
        for place in (-1, 2):
            with pytest.raises(IndexError, match=f"there is no column {place}"):
                which.closed(columns, one, np.array([place]), edge, bits)
        for ends in ([2], [-1]):
            with pytest.raises(IndexError, match="a tree ends past the nodes"):
                which.closed(columns, np.array(ends), zero, edge, bits)
        nobody: Any = (zero[:0], zero[:0], np.zeros(0), None)
        for row in (-1, 4):
            with pytest.raises(IndexError, match=f"no item has row {row}"):
                which.paired(np.array([row]), nobody, nobody, 1.0, columns, 0, -9.0, 0.0, np.zeros((2, 1), np.int32))
    with pytest.raises(ValueError, match="masks must be told of every tree"):
        compiled.walked(np.zeros((3, 2), np.uint8), rows, None, columns, one, zero, edge, bits, leaf)
    with pytest.raises(TypeError, match="masks is uint16 of 2 dimensions"):
        compiled.walked(np.zeros((3, 1), np.uint16), rows, None, columns, one, zero, edge, bits, leaf)
    with pytest.raises(ValueError, match="what a person closes"):
        compiled.walked(None, None, np.zeros(2, np.uint8), columns, one, zero, edge, bits, leaf)
    with pytest.raises(TypeError, match="threshold is float64"):
        compiled.closed(columns, one, zero, edge.astype(np.float64), bits)
    with pytest.raises(ValueError, match="trees and their leaves"):
        compiled.walked(None, None, None, columns, one, zero, edge, bits, np.zeros((2, 2)))
    for start, said in (([1], "begin before"), ([0, 0], "has no event"), ([0, 1], "past the last event")):
        items = np.arange(len(start))
        bought: Any = (items, np.array(start), np.zeros(1), None)
        with pytest.raises(IndexError, match=said):
            compiled.paired(zero, bought, bought, 1.0, columns, 0, -9.0, 0.0, np.zeros((2, 1), np.int32))
