"""Kernels of slates: compiled and plain ones choose the same candidates and write the same bytes."""

import re
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_samples import SEEDS, drawn

from recommender.bundle.ids import pack_texts
from recommender.kernels import plain
from recommender.kernels.plain.slates import rounded

compiled: Any = pytest.importorskip("recommender.kernels._compiled")
EITHER = pytest.mark.parametrize("kernels", [plain, compiled], ids=["plain", "compiled"])


def walk(seed: int) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """What a list must not hold and holds already, and a rung of candidates."""
    rng = drawn(seed)
    n_items, n = int(rng.integers(1, 60)), int(rng.integers(0, 90))
    dated = bool(rng.integers(2))
    start = rng.integers(0, 12, n_items)
    columns = (
        rng.random(n_items) < 0.8,
        start if dated else None,
        start + rng.integers(0, 20, n_items) if dated else None,
        np.where(rng.random(n_items) < 0.7, -1, rng.integers(0, 8, n_items)).astype(np.int32),
        np.where(rng.random(n_items) < 0.2, -1, rng.integers(0, 4, n_items)).astype(np.int32),
    )
    scores = np.where(rng.random(n) < 0.1, rng.choice([np.nan, np.inf, -np.inf], n), rng.normal(size=n))
    held = {
        "taken": set(rng.integers(0, n_items, 3).tolist()),
        "groups": set(rng.integers(0, 8, 2).tolist()),
        "own": np.unique(rng.integers(0, n_items, 6)).astype(np.int32),
        "counts": {0: 1, 2: int(rng.integers(0, 4))},
    }
    rows = rng.integers(0, n_items, n).astype(np.int32)
    rung = (
        rows,
        scores.astype(np.float32) if rng.integers(2) else None,
        int(rng.integers(0, 14)),
        int(rng.integers(0, 5)),
    )
    return held, (*rung, columns, int(rng.integers(0, 30)))


def asked(kernels: Any, seed: int) -> tuple[list[int], dict[str, Any]]:
    held, (rows, scores, wanted, cap, columns, now_us) = walk(seed)
    places, chosen = kernels.chosen(
        rows, scores, wanted, cap, held["taken"], held["groups"], held["own"], held["counts"], columns, now_us
    )
    assert chosen == rows[places].tolist()
    del held["own"]
    return places, held


@given(SEEDS)
def test_the_same_candidates_come_into_a_list(seed: int) -> None:
    assert asked(compiled, seed) == asked(plain, seed)


@EITHER
@given(seed=SEEDS)
def test_what_comes_into_a_list_keeps_its_rules(kernels: Any, seed: int) -> None:
    before, (rows, scores, wanted, _, (offered, starts, ends, group, category), now_us) = walk(seed)
    places, held = asked(kernels, seed)
    chosen = rows[places].tolist()
    assert len(places) <= wanted
    assert len(set(chosen)) == len(chosen)
    assert not before["taken"].intersection(chosen)
    assert offered[chosen].all()
    assert starts is None or ((starts[chosen] <= now_us) & (now_us < ends[chosen])).all()
    assert scores is None or np.isfinite(scores[places]).all()
    groups = [code for code in group[chosen].tolist() if code >= 0]
    assert len(set(groups)) == len(groups)
    assert not before["groups"].intersection(groups)
    assert held["taken"] == before["taken"] | set(chosen)
    assert held["groups"] == before["groups"] | set(groups)
    turns = [at for at in range(1, len(places)) if places[at] < places[at - 1]]
    assert len(turns) <= 1  # what only the cap of a category kept out follows at the end
    assert not turns or (category[rows[places[turns[0] :]]] >= 0).all()


@EITHER
def test_a_row_there_is_none_of_is_refused_when_the_list_comes_to_it(kernels: Any) -> None:
    one, none = np.zeros(1, np.int32) - 1, np.zeros(0, np.int32)
    columns = np.ones(1, bool), None, None, one, one
    for rows, wanted in (([0, 1], 2), ([-1], 1)):
        with pytest.raises(IndexError, match=f"no item has row {rows[-1]}"):
            kernels.chosen(np.array(rows, np.int32), None, wanted, 9, set(), set(), none, {}, columns, 0)
    assert kernels.chosen(np.array([0, 1], np.int32), None, 1, 9, set(), set(), none, {}, columns, 0) == ([0], [0])


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=20), st.data())
def test_the_same_scores_are_shown_and_never_rise(scores: list[float], data: st.DataObject) -> None:
    given_scores = np.array(scores, np.float32)
    places = data.draw(st.lists(st.integers(0, len(scores) - 1), max_size=20)) if scores else []
    most = data.draw(st.sampled_from([np.inf, 0.5, 12.0]))
    shown, last = compiled.shown(given_scores, places, most)
    assert (shown, last) == plain.shown(given_scores, places, most)
    assert shown == sorted(shown, reverse=True)
    assert shown == [rounded(one) for one in shown]
    assert all(one <= most for one in shown)


@EITHER
def test_a_place_without_a_score_is_refused(kernels: Any) -> None:
    with pytest.raises(IndexError, match="no candidate has place 1"):
        kernels.shown(np.ones(1, np.float32), [0, 1], np.inf)


@given(st.integers(0, 5), st.binary(max_size=3), st.data())
def test_rows_of_bytes_are_joined_as_python_joins_them(n: int, between: bytes, data: st.DataObject) -> None:
    rows = st.lists(st.binary(max_size=5), min_size=n, max_size=n)
    parts = tuple(data.draw(st.lists(st.one_of(st.binary(max_size=4), rows), max_size=4)))
    assert compiled.interleaved(parts, n, between) == plain.interleaved(parts, n, between)


@EITHER
def test_a_column_of_another_length_is_refused(kernels: Any) -> None:
    with pytest.raises(ValueError, match="2 rows but 1 of one of the columns"):
        kernels.interleaved((b"a", [b"b"]), 2, b"")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@EITHER
@given(st.lists(TEXTS, min_size=1, max_size=12), SEEDS)
def test_ids_and_cards_are_what_the_listing_has(kernels: Any, ids: list[str], seed: int) -> None:
    rng = drawn(seed)
    listed, cards = pack_texts("ids", ids), pack_texts("cards", [f'"title":"{number}"' for number in range(len(ids))])
    place = rng.integers(-1, len(ids), 20).astype(np.int32)
    rows = rng.integers(0, 20, 9).tolist()
    found = kernels.pieces(
        rows, place, listed["ids.utf8"], listed["ids.ends"], cards["cards.utf8"], cards["cards.ends"]
    )
    for row, quoted, card in zip(rows, *found, strict=True):
        escaped = place[row] >= 0 and re.search(r'["\\\x00-\x1f]', ids[place[row]])
        if place[row] < 0 or escaped:
            assert quoted is card is None
        else:
            assert quoted == msgspec.json.encode(ids[place[row]])
            assert card == b'"title":"%d"' % place[row]


@EITHER
def test_texts_that_are_not_there_are_refused(kernels: Any) -> None:
    texts = pack_texts("ids", ["a", "b"])
    data, ends = texts["ids.utf8"], texts["ids.ends"]
    assert kernels.pieces([1], np.zeros(1, np.int32), data, ends, data, ends) == ([None], [None])
    with pytest.raises(IndexError, match="no item has row -1"):
        kernels.pieces([-1], np.zeros(1, np.int32), data, ends, data, ends)
    with pytest.raises(IndexError, match="there is no text 2"):
        kernels.pieces([0], np.array([2], np.int32), data, ends, data, ends)
    with pytest.raises(ValueError, match="text 1 lies outside"):
        kernels.pieces([0], np.array([1], np.int32), data, np.array([1, 9]), data, ends)


@EITHER
def test_among_no_texts_no_text_is_found(kernels: Any) -> None:
    none = np.zeros(0, np.int64)
    packed = msgspec.msgpack.encode(["abc"])
    one = np.zeros(0, np.int32)
    assert kernels.rows_of_packed(packed, none.astype(np.uint8), none, one, one).tolist() == [-1]
