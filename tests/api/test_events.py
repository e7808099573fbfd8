"""``POST /v1/events``: what is taken, what is refused, and what the log holds afterwards."""

import gzip
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from event_calls import CONSENT, SECRET, Shop, open_shop, view
from identity_tokens import sign

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.events import LINE_COLUMNS
from recommender.domain.people import Person
from recommender.domain.ports import Stores

PROFILE = Purpose.ANALYTICS_PROFILE
NOW_US = 1_000_000


@pytest.fixture
def shop(sqlite_stores: Stores) -> Iterator[Shop]:
    made = open_shop(sqlite_stores)
    yield made
    made.ingest.stop()


@pytest.fixture
def any_shop(stores: Stores) -> Iterator[Shop]:
    """On each backend in turn."""
    made = open_shop(stores)
    yield made
    made.ingest.stop()


def verdict_codes(said: Any) -> dict[int, str]:
    return {one["index"]: one["code"] for one in (*said["rejected"], *said["notes"])}


def numbers(said: Any) -> tuple[int, int, int, int]:
    return said["accepted"], said["duplicates"], said["not_stored"], len(said["rejected"])


@pytest.mark.parametrize("wrapped", [{"events": [view()]}, [view()], view()])
def test_an_object_of_events_a_list_and_a_single_event_are_understood(shop: Shop, wrapped: Any) -> None:
    assert shop.said(wrapped) == {"accepted": 1, "duplicates": 0, "not_stored": 0, "rejected": [], "notes": []}


def test_an_event_is_stored_with_a_line_for_each_of_its_items(any_shop: Shop) -> None:
    event = {
        "event_id": "e1",
        "type": "Order Completed",
        "timestamp": "2026-05-01T12:00:00+02:00",
        "customer_id": "c1",
        "visitor_id": "v1",
        "session_id": "s1",
        "items": [{"item_id": "a", "price": 19.9, "quantity": 2}, {"item_id": "b"}],
        "order_id": "o1",
        "currency": "eur",
        "value": 49.5,
        "slate_id": "sl1",
        "properties": {"colour": "ż\t\\"},
    }
    assert any_shop.said(event)["accepted"] == 1
    noon = int(datetime(2026, 5, 1, 10, tzinfo=UTC).timestamp() * 1e6)
    first, second = any_shop.lines(*list(LINE_COLUMNS)[1:])
    assert first == ("e1", 0, "purchase", noon, "v1", "c1", "s1", "a", 2, 199000, "EUR", "o1", 495000, "sl1")
    assert second == ("e1", 1, "purchase", noon, "v1", "c1", "s1", "b", 1, None, "EUR", "o1", None, "sl1")
    assert list(any_shop.stores.log.links()) == [("v1", "c1")]


def test_whoever_is_read_next_is_marked_before_the_answer(shop: Shop) -> None:
    shop.said([view("v1"), view("v2", customer_id="c2"), {"type": "nonsense", "visitor_id": "v3"}])
    assert shop.marked == [(("c:c2", "v:v1", "v:v2"), shop.stores.log.position())]


def test_one_bad_event_of_five_hundred_does_not_spoil_the_others(shop: Shop) -> None:
    events = [view(event_id=f"e{n}") for n in range(500)]
    events[77] = {**events[77], "type": "nonsense"}
    said = shop.said({"events": events})
    assert numbers(said) == (499, 0, 0, 1)
    assert said["rejected"][0]["index"] == 77
    assert said["rejected"][0]["code"] == "unknown_type"


def test_an_event_sent_twice_is_stored_once(any_shop: Shop) -> None:
    event = view(event_id="e1", timestamp="2026-05-01T12:00:00Z")
    assert numbers(any_shop.said([event, event])) == (1, 1, 0, 0)
    assert numbers(any_shop.said(event)) == (0, 1, 0, 0)
    assert any_shop.lines("event_id") == [("e1",)]
    assert any_shop.stores.dead_letters.counts() == {}


def test_the_same_id_with_other_content_is_a_conflict_that_an_operator_can_see(any_shop: Shop) -> None:
    any_shop.said(view(event_id="e1", item_id="a"))
    two = {**view(event_id="e1"), "items": [{"item_id": "b"}, {"item_id": "c"}]}
    said = any_shop.said(two)
    assert numbers(said) == (0, 1, 0, 0)
    assert verdict_codes(said) == {0: "conflict"}
    assert any_shop.lines("event_id", "line", "item_id") == [("e1", 0, "a")]
    (letter,) = any_shop.stores.dead_letters.newest(5)
    assert letter.letter.code == "conflict"
    assert json.loads(letter.letter.body or "") == two


def test_a_repeated_body_without_ids_adds_nothing_while_equal_events_of_one_body_stay_several(shop: Shop) -> None:
    body = {"events": [view(timestamp="2026-05-01T12:00:00Z")] * 2}
    assert numbers(shop.said(body)) == (2, 0, 0, 0)
    assert numbers(shop.said(body)) == (0, 2, 0, 0)


def test_an_event_without_id_and_time_happens_each_time_it_arrives(shop: Shop) -> None:
    assert numbers(shop.said(view())) == (1, 0, 0, 0)
    assert numbers(shop.said(view())) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"type": "teleport"}, "unknown_type"),
        ({"type": 5}, "invalid_event"),
        ({"visitor_id": None}, "no_person"),
        ({"visitor_id": "null"}, "illegal_id"),
        ({"visitor_id": "[object Object]"}, "illegal_id"),
        ({"customer_id": "guest"}, "illegal_id"),
        ({"visitor_id": 7}, "invalid_event"),
        ({"visitor_id": "a\u0000b"}, "bad_id"),
        ({"visitor_id": "v" * 129}, "bad_id"),
        ({"visitor_id": "ż" * 65}, "bad_id"),
        ({"visitor_id": "a\u202eb"}, "bad_id"),
        ({"event_id": "e\nf"}, "bad_id"),
        ({"items": []}, "no_item"),
        ({"items": [{"item_id": ""}]}, "bad_id"),
        ({"items": [{"item_id": "undefined"}]}, "illegal_id"),
        ({"items": [{"item_id": "a"}, {"item_id": " NULL "}]}, "illegal_id"),
        ({"items": None, "item_id": "[object Object]"}, "illegal_id"),
        ({"items": [{"item_id": "a", "quantity": 0}]}, "bad_quantity"),
        ({"items": [{"item_id": "a", "quantity": 10_001}]}, "bad_quantity"),
        ({"items": [{"item_id": "a", "quantity": True}]}, "invalid_event"),
        ({"items": [{"item_id": "a", "quantity": "1"}]}, "invalid_event"),
        ({"items": [{"item_id": "a", "price": -0.01}]}, "bad_price"),
        ({"items": [{"item_id": "a", "price": 1e11}]}, "bad_price"),
        ({"items": [{"item_id": str(n)} for n in range(201)]}, "too_many_items"),
        ({"type": "purchase", "items": []}, "no_item"),
        ({"type": "refund", "items": []}, "no_item"),
        ({"value": -1}, "bad_value"),
        ({"currency": "zloty"}, "bad_currency"),
        ({"timestamp": "yesterday"}, "bad_time"),
        ({"timestamp": "2026-05-01T12:00:00"}, "bad_time"),
        ({"timestamp": "2026-05-01T12:00:60Z"}, "bad_time"),
        ({"timestamp": "2016-12-31T23:59:61Z"}, "bad_time"),
        ({"timestamp": "9999-12-31T23:59:60Z"}, "bad_time"),
        ({"timestamp": True}, "invalid_event"),
        ({"timestamp": 1e20}, "bad_time"),
        ({"timestamp": "1980-01-01T00:00:00Z"}, "old_time"),
        ({"timestamp": 0}, "old_time"),
        ({"properties": {"x": {"y": 1}}}, "invalid_event"),
        ({"properties": {"x": "y" * 1_001}}, "bad_property"),
        ({"properties": {str(n): n for n in range(51)}}, "too_many_properties"),
        ({"deep": [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}, "too_deep"),
        ({"padding": "x" * 32_000}, "event_too_large"),
    ],
)
def test_what_an_event_may_not_say(shop: Shop, broken: dict[str, Any], code: str) -> None:
    said = shop.said([view() | broken])
    assert [one["code"] for one in said["rejected"]] == [code]
    assert shop.lines("event_id") == []


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2025-11-20t10:00:00z", "2025-11-20T10:00:00+00:00"),
        ("2025-11-20t12:00:00.25+02:00", "2025-11-20T10:00:00.25+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2016-12-31t18:59:60.5-05:00", "2017-01-01T00:00:00.5+00:00"),
    ],
)
@pytest.mark.parametrize("event_id", [{}, {"event_id": "e1"}], ids=["strict", "plain"])
def test_times_are_all_that_rfc_3339_allows(shop: Shop, told: str, meant: str, event_id: dict[str, str]) -> None:
    assert shop.said([view(timestamp=told, **event_id)])["accepted"] == 1
    assert shop.lines("time_us") == [(round(datetime.fromisoformat(meant).timestamp() * 1_000_000),)]


@pytest.mark.parametrize("item_id", ["undefined-1", "Nan bread", "0", "guest", "nullx"])
def test_an_item_may_hold_a_word_that_is_no_item(shop: Shop, item_id: str) -> None:
    assert shop.said([view(item_id=item_id), view(item_id=item_id, event_id="e", customer_id="c")])["accepted"] == 2


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"type":"view_item","visitor_id":"a","visitor_id":"b","item_id":"i"}', "invalid_event"),
        (b'{"type":"view_item","visitor_id" : "a","visitor_id" :"b","item_id":"i"}', "invalid_event"),
        (b'{"type":"view_item","visitor_id":"\\ud800","item_id":"i"}', "invalid_text"),
        (b'{"type":"view_item","visitor_id":"a","item_id":"i","price":1e999}', "invalid_event"),
        (b'{"type":"view_item","visitor_id":"\xff","item_id":"i"}', "invalid_text"),
        (b'{"type":"view_item","visitor_id":"a","item_id":"i","n":%s}' % (b"9" * 5_000), "invalid_event"),
    ],
)
def test_json_that_parsers_disagree_on_is_refused_for_its_event_alone(shop: Shop, raw: bytes, code: str) -> None:
    said = shop.said(b'{"events":[%s,%s]}' % (raw, json.dumps(view()).encode()), content_type="application/json")
    assert verdict_codes(said) == {0: code}
    assert said["accepted"] == 1


def test_a_colon_after_a_quote_inside_a_text_is_no_repeated_name(shop: Shop) -> None:
    assert shop.said(view(properties={"said": 'he said "x":y'}))["accepted"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[", 400),
        (b"[NaN]", 400),
        (b"5", 202),
        (b"[]", 400),
        (b'{"events":{}}', 400),
        (b'{"events":[]}', 400),
        ('{"type":"view_item"}'.encode("utf-16"), 400),
        (b"[" * 100_000, 400),
        (json.dumps([view()] * 501).encode(), 413),
        (b" " * 1_000_001, 413),
    ],
)
def test_bodies_that_are_no_events(shop: Shop, body: bytes, status: int) -> None:
    response = shop.post(body, content_type="application/json")
    assert response.status_code == status
    if status != 202:
        assert response.content_type == "application/problem+json"


def test_gzip_is_unpacked_and_a_bomb_is_not(shop: Shop) -> None:
    packed = gzip.compress(json.dumps([view()]).encode())
    how: dict[str, Any] = {"headers": {"Content-Encoding": "gzip"}, "content_type": "application/json"}
    assert shop.said(packed, **how)["accepted"] == 1
    assert shop.post(gzip.compress(b" " * 50_000_000), **how).status_code == 413
    assert shop.post(packed[:-9], **how).status_code == 400
    assert shop.post(packed + packed, **how).status_code == 400
    assert shop.post(b"no gzip", **how).status_code == 400
    assert shop.post(b"[]", headers={"Content-Encoding": "br"}, content_type="application/json").status_code == 415


def test_a_beacon_brings_plain_text_and_its_key_in_the_address(shop: Shop) -> None:
    client = shop.app.test_client()
    body = json.dumps(view(consent=CONSENT))
    response = client.post(f"/v1/events?key={shop.pk}", data=body, content_type="text/plain;charset=UTF-8")
    assert response.get_json()["accepted"] == 1
    assert client.post(f"/v1/events?key={shop.pk}", data=body, content_type="text/html").status_code == 415
    assert client.post(f"/v1/events?key={shop.sk}", data=body).status_code == 401


def test_a_clock_that_is_wrong_is_corrected_by_when_the_call_was_sent(shop: Shop) -> None:
    wrong = datetime.now(UTC) - timedelta(days=3)
    event = view(event_id="e1", timestamp=(wrong - timedelta(hours=1)).isoformat())
    shop.said({"events": [event], "sent_at": wrong.isoformat()})
    ((time_us,),) = shop.lines("time_us")
    assert abs(time_us / 1e6 - (time.time() - 3600)) < 10


@pytest.mark.parametrize("unit", [1, 1_000])
def test_seconds_and_milliseconds_are_told_apart(shop: Shop, unit: int) -> None:
    shop.said(view(timestamp=1_750_000_000 * unit))
    assert shop.lines("time_us") == [(1_750_000_000_000_000,)]


def test_the_future_is_taken_for_now(shop: Shop) -> None:
    said = shop.said([view(timestamp="2999-01-01T00:00:00Z")])
    assert verdict_codes(said) == {0: "future_time"}
    ((time_us,),) = shop.lines("time_us")
    assert abs(time_us / 1e6 - time.time()) < 10


def test_a_shop_whose_clock_is_set_back_keeps_events_in_its_own_time(sqlite_stores: Stores) -> None:
    shop = open_shop(sqlite_stores, shift_days=100)
    shop.said(view(timestamp="2026-05-01T00:00:00Z"))
    shop.ingest.stop()
    assert shop.lines("time_us") == [(int(datetime(2026, 1, 21, tzinfo=UTC).timestamp()) * 1_000_000,)]


def test_without_consent_nothing_of_a_browser_is_stored(any_shop: Shop) -> None:
    stores = any_shop.stores
    for told in (None, {}, {"analytics_profile": False}, {"email_personalisation": True}):
        said = any_shop.said(view("v1", consent=told), key=any_shop.pk)
        assert numbers(said) == (0, 0, 1, 0)
        assert verdict_codes(said) == {0: "no_consent"}
    any_shop.said({"type": "nonsense", "visitor_id": "v1"}, key=any_shop.pk)
    assert any_shop.lines("event_id") == []
    assert any_shop.marked == []
    assert [letter.letter.body for letter in stores.dead_letters.newest(9)] == [None]
    assert {r.purpose for r in stores.consent.history(Person(visitor_id="v1"))} == {Purpose.EMAIL_PERSONALISATION}


def test_consent_told_in_an_event_is_recorded_once_and_holds_for_later_events(any_shop: Shop) -> None:
    for number in range(3):
        any_shop.said(view("v1", event_id=f"e{number}", consent=CONSENT), key=any_shop.pk)
    assert any_shop.said(view("v1"), key=any_shop.pk)["accepted"] == 1
    (record,) = any_shop.stores.consent.history(Person(visitor_id="v1"))
    assert (record.purpose, record.state, record.source) == (PROFILE, ConsentState.GRANTED, "event")
    assert any_shop.stores.consent.broken_at() is None


def test_a_refusal_told_in_an_event_ends_what_was_granted(shop: Shop) -> None:
    shop.said(view("v1", consent=CONSENT), key=shop.pk)
    assert shop.said(view("v1", consent={"analytics_profile": False}), key=shop.pk)["not_stored"] == 1
    assert shop.said(view("v1"), key=shop.pk)["not_stored"] == 1
    assert shop.said(view("v1", consent=CONSENT), key=shop.pk)["accepted"] == 1


@pytest.mark.parametrize("state", [ConsentState.OBJECTED, ConsentState.WITHDRAWN])
def test_an_objection_or_withdrawal_on_record_beats_consent_and_legal_basis(
    any_shop: Shop, state: ConsentState
) -> None:
    before = datetime.now(UTC) - timedelta(days=1)
    any_shop.stores.consent.record(
        [ConsentRecord(person=Person(customer_id="c1"), purpose=PROFILE, state=state, time=before, source="test")]
    )
    said = any_shop.said([view("v1", customer_id="c1", consent=CONSENT), view("v2")])
    assert numbers(said) == (1, 0, 1, 0)
    assert verdict_codes(said) == {0: "refused"}
    assert any_shop.lines("visitor_id") == [("v2",)]
    assert len(any_shop.stores.consent.history(Person(customer_id="c1"))) == 1


def test_a_shop_that_relies_on_consent_asks_for_it_from_its_server_too(sqlite_stores: Stores) -> None:
    shop = open_shop(sqlite_stores, legal_basis="consent")
    assert shop.said(view())["not_stored"] == 1
    assert shop.said(view(consent=CONSENT))["accepted"] == 1
    shop.ingest.stop()


def test_a_browser_speaks_for_a_customer_only_with_proof(shop: Shop) -> None:
    event = view("v1", customer_id="c1", consent=CONSENT)
    said = shop.said(event, key=shop.pk)
    assert verdict_codes(said) == {0: "unproven_customer"}
    proof = sign("c1", key_id="k", secret=SECRET, expires=int(time.time()) + 60)
    assert shop.said({"events": [event], "identity": proof}, key=shop.pk)["notes"] == []
    other = sign("c2", key_id="k", secret=SECRET, expires=int(time.time()) + 60)
    said = shop.said({"events": [event], "identity": other}, key=shop.pk)
    assert verdict_codes(said) == {0: "unproven_customer"}
    assert shop.lines("customer_id") == [(None,), ("c1",), (None,)]


def test_identify_joins_a_browser_and_a_customer(shop: Shop) -> None:
    shop.said([view("v1", item_id="seen"), {"type": "identify", "visitor_id": "v1", "customer_id": "c1"}])
    assert [line.item_id for line in shop.stores.log.of_person(Person(customer_id="c1"))] == ["seen", None]


def test_late_events_of_an_erased_person_are_refused_and_leave_no_trace(any_shop: Shop) -> None:
    any_shop.stores.tombstones.add(Person(visitor_id="v1"))
    said = any_shop.said([view("v1"), view("v2"), {"type": "nonsense", "visitor_id": "v1"}])
    assert numbers(said) == (1, 0, 0, 2)
    assert verdict_codes(said) == {0: "erased", 2: "unknown_type"}
    assert any_shop.lines("visitor_id") == [("v2",)]
    assert any_shop.stores.dead_letters.newest(9) == []


def test_the_log_is_the_same_after_a_shuffled_triple_replay(any_shop: Shop) -> None:
    import random

    def log() -> list[Any]:
        return sorted(any_shop.lines(*list(LINE_COLUMNS)[1:]), key=repr)

    at = "2026-05-01T12:00:00Z"
    events = [view(f"v{n % 7}", f"i{n % 5}", event_id=f"e{n}", timestamp=at, consent=CONSENT) for n in range(120)]
    for start in range(0, 120, 20):
        any_shop.said(events[start : start + 20])
    once = log()
    again = events * 3
    random.Random(4).shuffle(again)  # noqa: S311
    for start in range(0, 360, 40):
        assert any_shop.said(again[start : start + 40])["accepted"] == 0
    assert log() == once


def test_a_call_of_very_many_lines_is_stored_like_a_small_one(any_shop: Shop) -> None:
    event = view(event_id="e1") | {"items": [{"item_id": f'i\\{n}"'} for n in range(150)], "properties": {"a": "\\\t"}}
    assert any_shop.said([event, view(event_id="e2")])["accepted"] == 2
    assert any_shop.said([event, view(event_id="e3")]) == {
        "accepted": 1,
        "duplicates": 1,
        "not_stored": 0,
        "rejected": [],
        "notes": [],
    }
    assert len(any_shop.lines("seq")) == 152
