"""The compiled kernels and the plain ones give the same; broken arrays are refused instead of read past their end."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_samples import SEEDS, drawn, same

from recommender import kernels
from recommender.algorithms.norm_scan import Rows
from recommender.kernels import plain

compiled = pytest.importorskip("recommender.kernels._compiled", reason="no C compiler at install")


def test_what_everybody_calls_is_compiled() -> None:
    assert kernels.COMPILED
    assert {name for name in kernels.__all__ if name != "COMPILED"} <= set(dir(plain)) & set(dir(compiled))
    assert all(getattr(kernels, name) is getattr(compiled, name) for name in kernels.__all__ if name != "COMPILED")


def table_of(rng: np.random.Generator) -> tuple[Any, Any, Any, Any, int]:
    n, width = int(rng.integers(1, 400)), int(rng.integers(1, 60))
    item = rng.integers(0, n, (n, width)).astype(np.int32)
    weight = (rng.integers(0, 5, (n, width)) / 4).astype(np.float32)
    anchors = rng.choice(n, int(rng.integers(0, min(n, 90) + 1)), replace=False).astype(np.int64)
    return item, weight, np.sort(anchors), rng.random(len(anchors)), int(rng.integers(1, width + 1))


@given(SEEDS)
def test_votes(seed: int) -> None:
    table = table_of(drawn(seed))
    one = compiled.votes(*table)
    same(one, plain.votes(*table))
    assert (one[1] > 0).all()
    for item in one[0][:5].tolist():
        assert compiled.loudest(*table, item) == plain.loudest(*table, item) >= 0
    assert compiled.loudest(*table, -7) == plain.loudest(*table, -7) == -1


@given(SEEDS)
def test_summed(seed: int) -> None:
    rng = drawn(seed)
    key = rng.integers(0, int(rng.integers(1, 2**40)) if seed % 2 else 50, int(rng.integers(0, 2_000)))
    value = rng.random(len(key))
    found = compiled.summed(key, value)
    same(found, plain.summed(key, value))
    np.testing.assert_allclose(found[1].sum(), value.sum())


@given(SEEDS)
def test_best_and_scores(seed: int) -> None:
    rng = drawn(seed)
    n = int(rng.integers(0, 900))
    item = np.sort(rng.choice(2_000, n, replace=False)).astype(np.int64)
    score = rng.integers(0, int(rng.integers(1, 50)) + 1, n) / 7  # many are equal, some are 0
    banned = np.sort(rng.choice(2_000, int(rng.integers(0, 300)), replace=False)).astype(np.int64)
    k = int(rng.integers(0, 200))
    kept = compiled.best(item, score, k, banned)
    same(kept, plain.best(item, score, k, banned))
    assert not set(kept.tolist()) & set(banned.tolist())
    wanted = rng.integers(0, 2_000, int(rng.integers(0, 300)))
    for asked in (wanted, np.sort(wanted)):
        same(compiled.scores_at(item, score, asked), plain.scores_at(item, score, asked))


@given(SEEDS)
def test_union(seed: int) -> None:
    rng = drawn(seed)
    parts = [rng.integers(0, int(rng.integers(1, 2**31)), int(rng.integers(0, 200))) for _ in range(rng.integers(0, 9))]
    same(compiled.union(parts), plain.union(parts))
    few = [rng.integers(0, 5_000, int(rng.integers(0, 200))) for _ in range(rng.integers(0, 9))]
    same(compiled.union(few), plain.union(few))


@given(SEEDS)
def test_below(seed: int) -> None:
    rng = drawn(seed)
    values = rng.choice([0.0, 0.02, 0.5, np.nan], int(rng.integers(1, 40))).astype(np.float32)
    item = rng.integers(0, len(values), int(rng.integers(0, 60)))
    for bound in (0.02, 0.3):
        same(compiled.below(item, values, bound), plain.below(item, values, bound))
    with pytest.raises(IndexError):
        compiled.below(np.array([len(values)]), values, 1.0)


@given(SEEDS)
def test_blend(seed: int) -> None:
    rng = drawn(seed)
    n_items, rows = int(rng.integers(1, 3_000)), int(rng.integers(0, 9))
    n = int(rng.integers(0, min(n_items, 700) + 1))
    new = np.arange(n_items, n_items + rng.integers(0, 5))
    item = np.concatenate([np.sort(rng.choice(n_items, n, replace=False)), new]).astype(np.int64)
    score = rng.integers(0, 6, (rows, len(item))) * rng.random((rows, 1))
    rank = rng.permutation(n_items).astype(np.int32)
    score *= np.where(
        rng.random(score.shape) < 0.01, 1e9, 1.0
    )  # one far above the others: these are all of about the same size

    def own() -> Any:
        theirs = np.sort(
            rng.choice(2 * n_items, int(rng.integers(0, 1 + n_items * rng.choice([0.02, 1.0, 2.0]))), replace=False)
        )
        return theirs, rng.integers(0, 6, len(theirs)) * rng.random()

    def by_item() -> Any:
        return None, rng.integers(0, 6, int(rng.integers(1, n_items + 3))) * rng.random()

    told: Any = [
        (line[: rng.integers(0, len(item) + 1)], (item, line), own(), by_item())[rng.integers(4)] for line in score
    ]
    found = compiled.stood(item, told, rank)
    same(found, plain.stood(item, told, rank))
    weights, limit = rng.integers(0, 4, rows) / 2, int(rng.integers(0, 250))
    for apart in (True, False):
        same(
            compiled.weighed(found[1], weights, limit, apart=apart),
            plain.weighed(found[1], weights, limit, apart=apart),
        )


@given(SEEDS)
def test_gained(seed: int) -> None:
    rng = drawn(seed)
    shape = int(rng.integers(0, 40)), int(rng.integers(10, 80))
    total = (rng.integers(0, 30, shape) / 7).astype(np.float32)
    hit, discount = rng.random(shape) < 0.2, 1.0 / np.log2(np.arange(2, 12))
    same(compiled.gained(total, hit, discount), plain.gained(total, hit, discount))


@given(SEEDS)
def test_spans(seed: int) -> None:
    rng = drawn(seed)
    n = int(rng.integers(0, 40))
    starts, lengths = rng.integers(0, 1000, n), rng.integers(0, 9, n)
    same(compiled.spans(starts, lengths), plain.spans(starts, lengths))
    for which in (compiled, plain):
        with pytest.raises(ValueError, match="a span is shorter than nothing"):
            which.spans(np.array([3, 4]), np.array([2, -1]))
        with pytest.raises(ValueError, match="2 starts but 1 lengths"):
            which.spans(np.array([3, 4]), np.array([2]))


@given(SEEDS)
def test_spread(seed: int) -> None:
    rng = drawn(seed)
    runs = int(rng.integers(0, 60))
    second, kind, order, fraction, length = (
        rng.integers(low, high, runs).astype(kind).tobytes()
        for low, high, kind in ((0, 2**32, "<u4"), (0, 4, "i1"), (-1, 99, "<i2"), (0, 10**6, "<u4"), (0, 5, "<u2"))
    )
    for bits in range(8):
        parts: Any = [part if bits >> place & 1 else b"" for place, part in enumerate((order, fraction, length))]
        size = int(np.frombuffer(length, "<u2").sum()) if parts[2] else runs
        items, units = (
            rng.integers(0, 40, size).astype("<u2").tobytes(),
            rng.integers(1, 256, size).astype("u1").tobytes(),
        )
        own: Any = items, units if rng.integers(2) else b""
        rest: Any = [*parts, *own, 40, 99]
        same(compiled.spread(second, seed, kind, *rest), plain.spread(second, seed, kind, *rest))
        either: tuple[Any, ...] = compiled, plain
        for which in either if size else ():
            with pytest.raises(ValueError, match="its columns differ in length"):
                which.spread(second, seed, kind[1:], *parts, *own, 40, 99)
            with pytest.raises(ValueError, match="its columns differ in length"):
                which.spread(second, seed, kind, *parts, items[2:], own[1], 40, 99)
            with pytest.raises(ValueError, match="items or orders it does not name"):
                which.spread(second, seed, kind, *parts, *own, max(np.frombuffer(items, "<u2")), 99)
        if bits & 1 and runs:
            for which in either:
                with pytest.raises(ValueError, match="items or orders it does not name"):
                    which.spread(second, seed, kind, *parts, *own, 40, max(np.frombuffer(order, "<i2"), default=0))


@given(SEEDS, st.sampled_from([np.float32, np.float64]), st.sampled_from([np.int32, np.int64]))
def test_nearest(seed: int, values: type, places: type) -> None:
    rng = drawn(seed)
    n, rows = int(rng.integers(2, 200)), int(rng.integers(1, 60))
    first = int(rng.integers(0, max(1, n - rows + 1)))
    rows = min(rows, n - first)
    cells: list[Any] = [rng.choice(n, int(rng.integers(0, n)), replace=False) for _ in range(rows)]
    indptr: Any = np.concatenate([[0], np.cumsum([len(cell) for cell in cells])]).astype(places)
    indices: Any = np.concatenate(cells).astype(places)
    data: Any = (rng.integers(-1, 6, len(indices)) / 3).astype(values)
    width = int(rng.integers(1, min(n, 40) + 1))
    tables = [(np.zeros((n, width), np.int32), np.zeros((n, width), np.float32)) for _ in range(2)]
    widest = [
        which.nearest(indptr, indices, data, first, width, *table)
        for which, table in zip((compiled, plain), tables, strict=True)
    ]
    assert widest[0] == widest[1]
    same(*tables)


@given(SEEDS, st.integers(1, 4))
def test_shared(seed: int, least: int) -> None:
    rng = drawn(seed)
    n, groups = int(rng.integers(1, 60)), int(rng.integers(1, 200))
    person = np.sort(rng.integers(0, int(rng.integers(1, 200)), groups))
    leading, following = (rng.random((n, groups)) < rng.random((n, 1)) for _ in range(2))
    leads, had = (
        (np.concatenate([[0], side.sum(axis=1).cumsum()]), side.nonzero()[1].astype(np.int32))
        for side in (leading, following.T)
    )
    first = int(rng.integers(0, n))
    met = rng.random((int(rng.integers(0, n - first + 1)), n)) < 0.5
    indptr, indices = np.concatenate([[0], met.sum(axis=1).cumsum()]), met.nonzero()[1].astype(np.int32)
    found = compiled.shared(indptr, indices, first, *leads, *had, person, n, least)
    same(found, plain.shared(indptr, indices, first, *leads, *had, person, n, least))
    by_hand = [
        len(set(person[leading[first + row] & following[column]].tolist())) >= least
        for row, column in zip(*met.nonzero(), strict=True)
    ]
    assert found.tolist() == by_hand


@given(SEEDS)
def test_scan(seed: int) -> None:
    rng = drawn(seed)
    n, f, k = (
        int(rng.integers(1, 9_000)),
        int((rng.integers(1, 70), 32, 64)[rng.integers(3)]),
        int(rng.integers(1, 300)),
    )
    factors = (rng.standard_normal((n, f)) * rng.random((n, 1)) ** 3).astype(np.float32)
    factors = np.ascontiguousarray(factors[np.argsort(-np.einsum("if,if->i", factors, factors), kind="stable")])
    made = Rows.of(factors)
    sketched = (made.sketch, made.step, made.stray)
    person = rng.standard_normal(f).astype(np.float32)
    skip = np.sort(rng.choice(n, int(rng.integers(0, min(n, 50))), replace=False)).astype(np.int64)
    rows, scores = compiled.scanned(factors, made.short, sketched, person, k, skip)
    others, theirs = plain.scanned(factors, made.short, sketched, person, k, skip)
    assert not set(rows.tolist()) & set(skip.tolist())
    np.testing.assert_allclose(np.sort(scores), np.sort(theirs), rtol=1e-4, atol=1e-5)
    floor = float(scores.min(initial=np.inf))
    for row in set(rows.tolist()) ^ set(others.tolist()):  # rounding may only change who is last
        assert float(factors[row] @ person) == pytest.approx(floor, rel=1e-4, abs=1e-5)
    whole = factors.astype(np.float64) @ person
    whole[skip] = 0.0
    assert min(k, int((whole > 1e-5).sum())) <= len(rows) <= min(k, int((whole > -1e-5).sum()))
    np.testing.assert_allclose(whole[rows], scores, rtol=1e-4, atol=1e-5)


@given(SEEDS, st.sampled_from([4, 32, 64]), st.sampled_from([1e-12, 1.0, 1e12]))
def test_a_scan_keeps_the_earlier_of_equal_scores_whatever_sketches_say(seed: int, f: int, scale: float) -> None:
    rng = drawn(seed)
    n, k = int(rng.integers(1, 6_000)), int(rng.integers(1, 300))
    whole = rng.integers(-3, 4, (n, f)) * (rng.random((n, f)) < rng.choice([0.05, 1.0]))
    whole = whole[np.argsort(-(whole**2).sum(axis=1), kind="stable")]
    asked = rng.integers(-9, 10, f)
    factors = (whole * np.float32(2.0 ** np.round(np.log2(scale)))).astype(
        np.float32
    )  # products of whole numbers are exact
    made = Rows.of(factors)
    skip = np.sort(rng.choice(n, int(rng.integers(0, min(n, 50))), replace=False)).astype(np.int64)
    rows, _ = compiled.scanned(
        factors, made.short, (made.sketch, made.step, made.stray), asked.astype(np.float32), k, skip
    )
    scores = whole @ asked
    scores[skip] = 0
    best = np.argsort(-scores, kind="stable")[:k]
    assert rows.tolist() == np.sort(best[scores[best] > 0]).tolist()


def test_arrays_in_pieces_are_read_all_the_same() -> None:
    for which in (compiled, plain):
        assert which.best(np.arange(9)[::2], np.arange(10.0)[::2], 2, np.arange(10)[::6]).tolist() == [4, 8]


def test_arrays_that_lead_elsewhere_are_refused() -> None:
    item, weight = np.zeros((3, 2), np.int32), np.ones((3, 2), np.float32)
    ones, zero = np.ones(1), np.zeros(1, np.int64)
    for which in (compiled, plain):
        for row in (-1, 3):
            with pytest.raises(IndexError, match=f"no item has row {row}"):
                which.votes(item, weight, np.array([row]), ones, 2)
            with pytest.raises(IndexError, match=f"no item has row {row}"):
                which.purchases(
                    np.array([row], np.int32), np.full(1, 2, np.int8), zero, zero, np.ones(1, np.float32), 3, 0, 2, 3
                )
        with pytest.raises(IndexError, match="no item has row -4"):
            which.union([np.array([-4])])
        with pytest.raises(IndexError, match="no item has row -4"):
            which.summed(np.array([-4]), ones)
    with pytest.raises(TypeError, match="item is int64 of 2 dimensions"):
        compiled.votes(item.astype(np.int64), weight, np.array([0]), ones, 2)
    with pytest.raises(TypeError, match="anchors is no array"):
        compiled.votes(item, weight, [0], ones, 2)
    with pytest.raises(TypeError, match="weights is float32 of 2 dimensions, which no kernel reads"):
        compiled.nearest(
            np.zeros(1, np.int32), np.zeros(0, np.int32), ones, 0, 2, item, np.ones((3, 4), np.float32)[:, ::2]
        )
    with pytest.raises(ValueError, match="3 neighbours are asked for, 2 are kept"):
        compiled.votes(item, weight, np.array([0]), ones, 3)
    with pytest.raises(IndexError, match="indptr leads out"):
        compiled.nearest(np.array([0, 9], np.int32), np.zeros(2, np.int32), np.ones(2), 0, 2, item, weight)
    with pytest.raises(IndexError, match="rows 2 to 4 of 3"):
        compiled.nearest(np.array([0, 0, 0], np.int32), np.zeros(0, np.int32), np.ones(0), 2, 2, item, weight)
    none, nobody, zero = np.array([0, 0]), np.zeros(0, np.int32), np.array([0])
    one, first = np.array([0, 1]), np.zeros(1, np.int32)
    with pytest.raises(IndexError, match="item 7 of 1"):
        compiled.shared(one, np.array([7], np.int32), 0, none, nobody, none, nobody, zero, 1, 2)
    with pytest.raises(IndexError, match="group 0 of 0"):
        compiled.shared(one, first, 0, one, first, none[:1], nobody, none[:0], 1, 2)
    with pytest.raises(IndexError, match="item 9 of 1"):
        compiled.shared(one, first, 0, one, first, one, first + 9, zero, 1, 2)
    with pytest.raises(IndexError, match="rows 1 to 2 of 1"):
        compiled.shared(none, nobody, 1, none, nobody, none, nobody, zero, 1, 2)
    with pytest.raises(IndexError, match="lead_ends leads out"):
        compiled.shared(none, nobody, 0, np.array([0, 3]), nobody, none, nobody, zero, 1, 2)
    with pytest.raises(ValueError, match="somebody must stand behind each group"):
        compiled.shared(none, nobody, 0, none, nobody, none, nobody, none, 1, 2)
    rows, made = np.ones((3, 32), np.float32), Rows.of(np.ones((3, 32), np.float32))
    for sketched in (
        (made.sketch[:2], made.step, made.stray),
        (made.sketch, made.step[:2], made.stray),
        (made.sketch, made.step, made.stray[:2]),
        (np.ascontiguousarray(made.sketch[:, :31]), made.step, made.stray),
    ):
        with pytest.raises(ValueError, match="the sketches are not those of the rows"):
            compiled.scanned(rows, made.short, sketched, rows[0], 1, zero[:0])
    with pytest.raises(ValueError, match="the arrays of a scan do not go together"):
        compiled.scanned(rows, made.short[:2], (made.sketch, made.step, made.stray), rows[0], 1, zero[:0])


@given(SEEDS)
def test_leading(seed: int) -> None:
    rng = drawn(seed)
    ranked = rng.permutation(int(rng.integers(1, 80))).astype(np.int32)
    banned = np.unique(rng.integers(0, 90, int(rng.integers(0, 40))))
    k = int(rng.integers(0, 100))
    same(compiled.leading(ranked, k, banned), plain.leading(ranked, k, banned))
