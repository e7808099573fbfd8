"""The short way through a body of events says what the strict way says, and leaves it what is odd."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.api.event_bodies import MAX_EVENT_BYTES, Bad, open_text
from recommender.api.event_checks import Arrival, Checked, check, check_plain
from recommender.api.event_plain import plain_body

ARRIVAL = Arrival(received_us=1_790_000_000_000_000, shift_us=0, sent_at=None, trusted=True, key=b"k", currency="PLN")
EVENT: dict[str, Any] = {"event_id": "e1", "type": "view_item", "visitor_id": "v1", "items": [{"item_id": "lamp"}]}

words = st.sampled_from(["a", "", " a", "a ", "ż", "a b", ":", '"', "x\\", "null", "\x7f", "a" * 200])
numbers = st.sampled_from([0, 1, -1, 2.5, 1e11, 10**30, None])
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["view_item", "buy", "Product Added", "refund", "search", "dance"]),
    "timestamp": st.sampled_from(["2026-05-31T14:00:00Z", "2026-05-31T14:00:00", "yesterday", 1_780_000_000, 0, None]),
    "visitor_id": words | st.none(),
    "customer_id": words | st.none(),
    "session_id": words | st.none(),
    "order_id": words | st.none(),
    "currency": st.sampled_from(["eur", "PLN", "zł", "", None]),
    "value": numbers,
    "price": numbers,
    "quantity": st.sampled_from([1, 0, 20_000, None, 2.5]),
    "item_id": words | st.none(),
    "items": st.lists(
        st.fixed_dictionaries({"item_id": words}, optional={"price": numbers, "quantity": numbers}), max_size=3
    ),
    "consent": st.dictionaries(st.sampled_from(["analytics_profile", "sleep"]), st.booleans()) | st.none(),
    "properties": st.dictionaries(words, words | numbers, max_size=3) | st.none(),
    "colour": words,
}
events = st.fixed_dictionaries({"event_id": words}, optional=FIELDS)


@given(st.lists(events, min_size=1, max_size=3))
def test_both_ways_say_the_same(sent: list[dict[str, Any]]) -> None:
    text = msgspec.json.encode({"events": sent})
    plain = plain_body(text)
    if plain is None:
        return
    for short, strict in zip(plain.events, open_text(text).events, strict=True):
        who = {"visitor_id": short.visitor_id or None, "customer_id": short.customer_id or None}
        assert not isinstance(strict, Bad)
        assert _said(check_plain(short, ARRIVAL, **who)) == _said(check(strict, ARRIVAL, **who, seen={}))


def _said(found: Checked | Bad) -> object:
    if isinstance(found, Bad):
        return found
    return found.event._replace(body=None), found.notes


def test_an_ordinary_body_goes_the_short_way() -> None:
    plain = plain_body(msgspec.json.encode({"events": [EVENT, EVENT], "sent_at": 1_780_000_000}))
    assert plain is not None
    assert [msgspec.to_builtins(event) for event in plain.events] == [EVENT, EVENT]


def test_a_list_goes_the_short_way() -> None:
    assert plain_body(msgspec.json.encode([EVENT])) is not None


ODD: Mapping[str, bytes] = {
    "a name twice": b'[{"event_id":"e","type":"view_item","type":"search"}]',
    "a name twice, once null": b'[{"event_id":"e","type":"search","session_id":null,"session_id":"s"}]',
    "a name twice, its colon late": b'[{"event_id":"e","type" :"view_item","type":"search"}]',
    "a name twice in properties": b'[{"event_id":"e","type":"search","properties":{"a":1,"a":2}}]',
    "a name twice beside a colon": b'[{"event_id":":","type":"search","session_id":":","session_id":":"}]',
    "a name twice beside the events": b'{"sent_at":1,"sent_at":2,"events":[{"event_id":"e","type":"search"}]}',
    "an escape": b'[{"event_id":"\\u0065","type":"search"}]',
    "no id": b'[{"type":"search"}]',
    "an empty id": b'[{"event_id":"","type":"search"}]',
    "a space before an id": b'[{"event_id":" e","type":"search"}]',
    "a space after an id": b'[{"event_id":"e ","type":"search"}]',
    "a character that does not print": b'[{"event_id":"e\x7f","type":"search"}]',
    "not ASCII": '[{"event_id":"ż","type":"search"}]'.encode(),
    "no events": b'{"events":[]}',
    "no JSON": b"[{",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_is_odd_goes_the_strict_way(text: bytes) -> None:
    assert plain_body(text) is None


def test_an_event_that_is_too_large_is_refused_amid_small_ones() -> None:
    large = EVENT | {"properties": {f"p{number}": "x" * 900 for number in range(40)}}
    text = msgspec.json.encode({"events": [EVENT] * 10 + [large]})
    assert MAX_EVENT_BYTES < len(text) < 11 * MAX_EVENT_BYTES
    assert plain_body(text) is None
    assert [event.code if isinstance(event, Bad) else "" for event in open_text(text).events] == [""] * 10 + [
        "event_too_large"
    ]
