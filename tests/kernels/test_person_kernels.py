"""Kernels of people and of the ids of their items: compiled and plain ones give the same."""

import zlib
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_samples import SEEDS, drawn, same

from recommender.kernels import plain

compiled = pytest.importorskip("recommender.kernels._compiled", reason="no C compiler at install")


@given(SEEDS)
def test_purchases(seed: int) -> None:
    rng = drawn(seed)
    n, day = int(rng.integers(0, 900)), 86_400_000_000
    item = rng.integers(0, 40, n).astype(np.int32)
    kind = rng.integers(0, 4 if seed % 2 else 3, n).astype(np.int8)
    time_us = np.sort(rng.integers(-3 * day, 40 * day, n))
    order = rng.integers(-1, int(rng.integers(1, 2**50)) if seed % 3 else 9, n)
    units = rng.integers(1, 5, n).astype(np.float32)
    asked: Any = (item, kind, time_us, order, units, 40, int(rng.integers(-3 * day, 41 * day)), 2, 3)
    found = compiled.purchases(*asked)
    same(found, plain.purchases(*asked))
    names, start, age, weight, latest = found
    counted: Any = (names, start, latest, len(age), rng.integers(0, 45, 12).tolist())
    assert compiled.again(*counted) == plain.again(*counted)
    half_life, power = float(rng.choice([0.5, 30.0, 400.0])), float(rng.choice([0.0, 0.2, 1.5]))
    same(compiled.totals(start, age, weight, half_life), plain.totals(start, age, weight, half_life))
    same(compiled.faded(start, age, power), plain.faded(start, age, power))
    looks = compiled.occurrences(item, kind, time_us, asked[6], 0, 1)
    same(looks, plain.occurrences(item, kind, time_us, asked[6], 0, 1))
    weight, most = rng.integers(0, 5, len(names)) / 3, int(rng.integers(0, 30))
    same(compiled.weightiest(names, weight, most), plain.weightiest(names, weight, most))
    same(compiled.those_of(item, kind, 2), plain.those_of(item, kind, 2))
    assert compiled.those_of(item, kind, 2).tolist() == sorted(set(found[0].tolist()))


@given(SEEDS)
def test_a_person_is_folded_in(seed: int) -> None:
    rng = drawn(seed)
    n_rows, n_items, f = int(rng.integers(1, 60)), int(rng.integers(1, 90)), int(rng.choice([1, 3, 8, 30, 32, 64]))
    factors = rng.normal(size=(n_rows, f)).astype(np.float32)
    place = rng.integers(-1, n_rows, n_items).astype(np.int32)
    gram = factors.T.astype(np.float64) @ factors + 0.1 * np.eye(f)
    item = np.sort(rng.choice(n_items, int(rng.integers(0, n_items + 1)), replace=False)).astype(np.int64)
    weight = rng.integers(0, 5, len(item)) / 3
    asked: Any = (factors, place, gram, item, weight, 10.0 * rng.random(), 1e-6)
    found, wanted = compiled.folded_in(*asked), plain.folded_in(*asked)
    assert (found is None) == (wanted is None) == (not ((place[item] >= 0) & (weight > 0)).any())
    if found is not None and wanted is not None:
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)
        points = compiled.inner_products(factors, place, item, found)
        np.testing.assert_allclose(points, plain.inner_products(factors, place, item, found), rtol=1e-4, atol=1e-5)
        assert (points[place[item] < 0] == 0).all()


def test_what_is_infinite_is_the_heaviest_and_a_half_life_of_nothing_is_refused() -> None:
    weight = np.ones(100)
    weight[3] = np.inf
    for which in (compiled, plain):
        assert which.weightiest(np.arange(100), weight, 2)[0].tolist() == [0, 3]
        for half_life in (0.0, -1.0, float("nan")):
            with pytest.raises(ValueError, match="a half-life of"):
                which.totals(np.zeros(1, np.int64), np.ones(1), None, half_life)


def test_nothing_follows_from_a_system_without_solution() -> None:
    for which in (compiled, plain):
        factors, place = np.zeros((2, 3), np.float32), np.arange(2, dtype=np.int32)
        assert which.folded_in(factors, place, np.zeros((3, 3)), np.arange(2), np.ones(2), 1.0, 0.0) is None
        endless = np.full((2, 3), np.inf, np.float32)
        assert which.folded_in(endless, place, np.eye(3), np.arange(2), np.ones(2), 1.0, 0.0) is None
        with pytest.raises(IndexError, match="there are no factors in row 1"):
            which.inner_products(factors[:1], place, np.arange(2), np.ones(3, np.float32))


@given(SEEDS)
def test_trail(seed: int) -> None:
    rng = drawn(seed)
    n = int(rng.integers(0, 100))
    item, time_us = rng.integers(0, 30, n).astype(np.int32), np.sort(rng.integers(0, 40, n))
    for order in (None, rng.integers(-1, 5, n)):
        same(compiled.trail(item, time_us, order), plain.trail(item, time_us, order))


@given(st.lists(st.text(max_size=9), unique=True, max_size=60), st.lists(st.text(max_size=9), max_size=20))
def test_texts(texts: list[str], others: list[str]) -> None:
    texts = [text for text in texts if text.isprintable()]
    packed = [text.encode() for text in texts]
    hashes = np.array([zlib.crc32(text) for text in packed], np.uint32)
    n_buckets = 1 << (max(len(texts), 1) - 1).bit_length()
    bucket = (hashes & np.uint32(n_buckets - 1)).astype(np.int32)
    members = np.argsort(bucket, kind="stable").astype(np.int32)
    buckets = np.searchsorted(bucket[members], np.arange(n_buckets + 1)).astype(np.int32)
    data, ends = np.frombuffer(b"".join(packed), np.uint8), np.cumsum([len(text) for text in packed]).astype(np.int64)
    asked = [*texts[::2], *others, "\ud800", "ä", ""]
    found = compiled.rows_of(asked, data, ends, buckets, members)
    same(found, plain.rows_of(asked, data, ends, buckets, members))
    assert found.tolist() == [texts.index(text) if text in texts else -1 for text in asked]
    plain_ones = [text for text in asked if text.isascii()] + ["x" * 40, "y" * 300]
    for some, count in ((plain_ones, len(plain_ones)), ([*plain_ones, "ä"], -1), ([], 0), (["z"] * 20, 20)):
        blob = msgspec.msgpack.encode(some)
        assert compiled.texts_in(blob) == plain.texts_in(blob) == count
        same(
            compiled.rows_of_packed(blob, data, ends, buckets, members),
            plain.rows_of(some, data, ends, buckets, members),
        )


@given(st.binary(max_size=40))
def test_bytes_that_hold_no_texts_are_told_from_those_that_do(blob: bytes) -> None:
    assert compiled.texts_in(blob) == plain.texts_in(blob)
    none: Any = (np.zeros(0, np.uint8), np.zeros(0, np.int64), np.zeros(2, np.int32), np.zeros(0, np.int32))
    for which in (compiled, plain):
        for broken in (b"", b"\xdd\xff\xff\xff\xff", b"\x92\xa1a", b"\x91\xa5ab", b"\x91\x01", b"\x90\xa1a"):
            assert which.texts_in(broken) == -1
            with pytest.raises(ValueError, match="these bytes hold no texts"):
                which.rows_of_packed(broken, *none)
