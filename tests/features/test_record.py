"""The record of a person's items, made at once, appended to, and in columns."""

from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from feature_samples import line, lines, log_frame
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.domain.errors import BadInputError
from recommender.domain.events import EventType, Line
from recommender.features import record_frames
from recommender.features.record import Packed, Record, append, decode_record, encode_record, record_of_lines
from recommender.features.record_frames import Recording
from recommender.features.words import Words
from recommender.interactions import Kind

LIMITS = st.sampled_from([1, 3, 2_000])


def rows(record: Record) -> list[tuple[str, int, int, int, int]]:
    """(item id, kind, second, quantity, order) of each interaction."""
    columns = (
        one.tolist() for one in (record.item, record.kind, record.time_us // 1_000_000, record.quantity, record.order)
    )
    return [(record.item_ids[item], *rest) for item, *rest in zip(*columns, strict=True)]


def test_a_record_holds_views_carts_purchases_and_refunds_oldest_first() -> None:
    record = record_of_lines(
        [
            line(1, EventType.PURCHASE, day=2, item_id="tea", quantity=3, order_id="o1"),
            line(2, EventType.VIEW_ITEM, day=1, item_id="cup", session_id="s1"),
            line(3, EventType.SEARCH, day=1),
            line(4, EventType.ADD_TO_CART, day=1.5, item_id="tea"),
            line(5, EventType.REFUND, day=3, item_id="tea", order_id="o1"),
        ]
    )
    start = 1_700_000_000
    assert rows(record) == [
        ("cup", Kind.VIEW, start + 86_400, 1, 0),
        ("tea", Kind.CART, start + 129_600, 1, -1),
        ("tea", Kind.PURCHASE, start + 172_800, 3, 1),
        ("tea", Kind.REFUND, start + 259_200, 1, 1),
    ]
    assert record.complete


def test_a_record_keeps_the_newest_and_says_so() -> None:
    record = record_of_lines([line(seq, EventType.VIEW_ITEM, day=seq, item_id=f"i{seq}") for seq in range(1, 6)], 2)
    assert record.item_ids == ["i4", "i5"]
    assert not record.complete


@settings(max_examples=60, deadline=None)
@given(history=lines(), limit=LIMITS)
def test_a_record_survives_its_bytes(history: list[Line], limit: int) -> None:
    record = record_of_lines(history, limit)
    again = decode_record(encode_record(record))
    assert rows(again) == rows(record)
    assert (again.complete, again.time_us.tolist()) == (record.complete, record.time_us.tolist())
    assert encode_record(again) == encode_record(record)


@pytest.mark.parametrize("ids", [["tea", "cup"], ["t\u00e9", "cup"]], ids=["ascii", "beyond"])
def test_ids_are_the_same_however_they_are_read(ids: list[str]) -> None:
    record = record_of_lines([line(seq, EventType.VIEW_ITEM, day=seq, item_id=one) for seq, one in enumerate(ids, 1)])
    again = decode_record(encode_record(record)).item_ids
    assert list(again) == sorted(ids)
    assert (len(again), again[-1], again[:1]) == (2, max(ids), [min(ids)])


@pytest.mark.parametrize(
    "broken",
    [
        {"item": b"\x05\x00\x00\x00"},
        {"order": b"\x07\x00\x07\x00"},
        {"start": 1 << 63},
        {"item_ids": msgspec.Raw(b"\x92\xa3tea\x01")},
        {"item_ids": msgspec.Raw(b"\x92\xa3tea\xa1\xff")},
    ],
    ids=["item", "order", "start", "no text", "no UTF-8"],
)
def test_damaged_bytes_are_refused_when_they_are_read(broken: dict[str, Any]) -> None:
    made = encode_record(
        record_of_lines([line(seq, EventType.VIEW_ITEM, day=seq, item_id=f"i{seq}") for seq in (1, 2)])
    )
    assert len(decode_record(made)) == 2
    fields = list(Packed.__struct_fields__)
    row: list[Any] = msgspec.msgpack.decode(made)
    for name, value in broken.items():
        row[fields.index(name)] = value
    with pytest.raises(BadInputError, match="rebuild it from the log"):
        decode_record(msgspec.msgpack.encode(row))


@settings(max_examples=60, deadline=None)
@given(history=lines(), cut=st.integers(0, 40), limit=LIMITS)
def test_appending_gives_the_record_made_at_once(history: list[Line], cut: int, limit: int) -> None:
    before = decode_record(encode_record(record_of_lines(history[:cut], limit)))
    assert encode_record(append(before, history[cut:], limit)) == encode_record(record_of_lines(history, limit))


@settings(max_examples=30, deadline=None)
@given(history=lines(), limit=LIMITS)
def test_records_in_columns_are_those_of_each_persons_lines(history: list[Line], limit: int) -> None:
    frame = log_frame(history).with_columns(who=pl.coalesce("customer_id", "visitor_id", pl.lit("nobody")))
    whose: dict[str, list[Line]] = {}
    for one in history:
        whose.setdefault(one.customer_id or one.visitor_id or "nobody", []).append(one)
    people = Words()
    codes = frame.select(pl.col("who").cast(people.type).to_physical())
    recording = Recording(limit)
    recording.add(frame.with_columns(codes))
    known = np.unique(codes.to_numpy().astype(np.int64))
    made = dict(zip(people.texts(known).tolist(), recording.blobs(known), strict=True))
    assert made == {who: encode_record(record_of_lines(theirs, limit)) for who, theirs in whose.items()}


def test_records_of_chunks_that_were_cut_on_the_way_equal_those_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_frames, "ROWS_HELD", 4)
    history = [line(seq, EventType.VIEW_ITEM, day=-seq, item_id=f"i{seq % 3}") for seq in range(1, 20)]
    recording = Recording(5)
    for start in range(0, 19, 2):
        recording.add(log_frame(history[start : start + 2]).with_columns(who=pl.lit(1, pl.UInt32)))
    assert recording.blobs(np.array([1], np.int64)) == [encode_record(record_of_lines(history, 5))]


def test_orders_keep_apart_from_visits_that_are_not_named() -> None:
    history = [
        line(1, EventType.PURCHASE, item_id="tea", order_id="", session_id="s1"),
        line(2, EventType.PURCHASE, item_id="cup", order_id="", session_id=""),
    ]
    assert record_of_lines(history).order.tolist() == [0, -1]


@pytest.mark.parametrize("blob", [b"", b"\x90", encode_record(record_of_lines([]))[:-1]], ids=repr)
def test_bytes_that_are_no_record_are_refused(blob: bytes) -> None:
    with pytest.raises(BadInputError, match="rebuild it from the log"):
        decode_record(blob)


def test_columns_that_differ_in_length_are_refused() -> None:
    import msgspec

    packed = msgspec.msgpack.decode(encode_record(record_of_lines([line(1, EventType.VIEW_ITEM, item_id="tea")])))
    packed[3] += b"\x00\x00"
    with pytest.raises(BadInputError, match="differ in length"):
        decode_record(msgspec.msgpack.encode(packed))
