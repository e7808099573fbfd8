"""The shortest way from a sent event to the log gives what the long one gives, or nothing."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.api.event_checks import Arrival, Checked, check_plain
from recommender.api.event_plain import PlainEvent
from recommender.api.event_usual import usual

NOW_US = 1_764_000_000_000_000
VIEW = {"type": "view_item", "event_id": "e1", "timestamp": "2025-11-20T10:00:00Z", "visitor_id": "v1"}
ITEM = {"item_id": "tea"}
TIMES = ["2025-11-20T10:00:00Z", "2025-11-20T12:00:00.25+02:00", "2025-11-20T10:00:00", "1970-01-01T00:00:00Z"]
LATER = ["2099-01-01T00:00:00Z", "2025-11-20t10:00:00z", "2016-12-31T23:59:60Z", "yesterday", 1_763_000_000, None]
PEOPLE = st.sampled_from(["v1", "guest", "NULL", "Anna"])
AMOUNTS = st.none() | st.sampled_from([0, 0.0, 0.1, 12.345, -1, 1e11])


def arrival(**more: Any) -> Arrival:
    """A server's call."""
    told = {"shift_us": 0, "sent_at": None, "trusted": True, "key": b"k", "currency": "PLN"} | more
    return Arrival(received_us=NOW_US, **told)


def of(**more: Any) -> PlainEvent:
    """A view of tea, with more, or other things, said."""
    return msgspec.convert(VIEW | {"items": [ITEM]} | more, PlainEvent)


def long_way(event: PlainEvent, at: Arrival) -> Any:
    """What the checks say of it."""
    return check_plain(event, at, visitor_id=event.visitor_id or None, customer_id=event.customer_id or None)


ITEMS = st.lists(
    st.fixed_dictionaries(
        {"item_id": st.sampled_from(["tea", "0", "NULL", "null-tea"])},
        optional={"price": AMOUNTS, "quantity": st.sampled_from([0, 1, 7, 10_001])},
    ),
    max_size=2,
)
MORE = st.fixed_dictionaries(
    {"type": st.sampled_from(["view_item", "purchase", "view", "page_view", "refund", "what"])},
    optional={
        "timestamp": st.sampled_from([*TIMES, *LATER]),
        "sent_at": st.sampled_from(["2025-11-20T10:00:05Z", 0, None]),
        "visitor_id": PEOPLE | st.none(),
        "customer_id": PEOPLE | st.none(),
        "session_id": st.sampled_from(["s1", None]),
        "order_id": st.sampled_from(["o1", None]),
        "slate_id": st.sampled_from(["l1", None]),
        "currency": st.sampled_from(["EUR", "eur", "E1R", "EURO", None]),
        "value": AMOUNTS,
        "items": ITEMS,
        "item_id": st.just("pot"),
        "consent": st.sampled_from([{}, {"analytics_profile": True}]),
        "properties": st.sampled_from([{}, {"colour": "red"}]),
    },
)


@settings(max_examples=400, deadline=None)
@given(more=MORE, shift=st.sampled_from([0, 86_400_000_000]))
def test_what_is_usual_is_what_the_checks_make_of_it(more: dict[str, Any], shift: int) -> None:
    event, at = of(**more), arrival(shift_us=shift)
    found = usual(event, at)
    if found is not None and not {"guest", "NULL"} & {event.visitor_id, event.customer_id}:
        assert long_way(event, at) == Checked(found, [])


@pytest.mark.parametrize("name", ["visitor_id", "customer_id"])
def test_a_word_that_is_no_person_is_not_usual(name: str) -> None:
    assert usual(of(**{name: "Guest"}), arrival()) is None


@pytest.mark.parametrize("word", ["undefined", "Null", "[object Object]", "-1"])
def test_a_word_that_is_no_item_is_neither_usual_nor_taken(word: str) -> None:
    event = of(items=[{"item_id": word}])
    assert usual(event, arrival()) is None
    assert long_way(event, arrival()).code == "illegal_id"


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"items": [{"item_id": "undefined-mug"}]},
        {"items": [{"item_id": "0"}]},
        {"customer_id": "c1", "session_id": "s1", "order_id": "o1", "slate_id": "l1", "currency": "EUR"},
        {"items": [{"item_id": "tea", "price": 12.5, "quantity": 3}]},
        {"type": "purchase", "visitor_id": None, "customer_id": "c1"},
    ],
)
def test_a_plain_view_or_purchase_is_usual(more: dict[str, Any]) -> None:
    assert usual(of(**more), arrival()) is not None
