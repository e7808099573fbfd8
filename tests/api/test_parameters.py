"""What a storefront may say, and how it is told what it may not."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storefronts import Spy, Tokens, make_app, opened

from recommender.domain.clock import ShopClock
from recommender.domain.people import Person
from recommender.domain.requests import Language, Repeat

HOME = "/v1/recommendations/home"


def test_all_parameters_of_an_address_reach_the_use_case() -> None:
    spy = Spy()
    query = (
        "visitor_id=v7&customer_id=c1&item_id=a&item_id=b&cart=x&exclude=y&repeat=forbid&size=3&lang=pl-PL&currency=PLN"
    )
    assert make_app(recommend=spy).test_client().get(f"{HOME}?{query}").status_code == 200
    asked = spy.asked[0]
    assert asked.scenario == "home"
    assert asked.person == Person(customer_id="c1", visitor_id="v7")
    assert (asked.item_ids, asked.cart, asked.exclude) == (("a", "b"), ("x",), ("y",))
    assert (asked.repeat, asked.size, asked.language) == (Repeat.FORBID, 3, Language.PL)


def test_the_post_twin_says_the_same() -> None:
    spy = Spy()
    client = make_app(recommend=spy).test_client()
    body = {"visitor_id": "v7", "customer_id": "c1", "item_id": ["a", "b"], "cart": "x", "size": 3, "lang": "pl"}
    assert client.post(HOME, json=body).status_code == 200
    assert (
        client.get(f"{HOME}?visitor_id=v7&customer_id=c1&item_id=a&item_id=b&cart=x&size=3&lang=pl").status_code == 200
    )
    by_body, by_query = spy.asked
    assert (by_body.person, by_body.item_ids, by_body.cart) == (by_query.person, by_query.item_ids, by_query.cart)
    assert (by_body.size, by_body.language) == (by_query.size, by_query.language)


@pytest.mark.parametrize(
    ("said", "meant"), [(1, True), (0, False), (True, True), (False, False), ("1", True), ("false", False)]
)
def test_a_body_may_say_yes_as_an_address_does(said: object, *, meant: bool) -> None:
    spy = Spy()
    assert make_app(recommend=spy).test_client().post(HOME, json={"explain": said}).status_code == 200
    assert spy.asked[0].explain is meant


@pytest.mark.parametrize("said", [2, 1.0, "yes", "", None, [1]])
def test_what_is_neither_yes_nor_no_is_told_both(said: object) -> None:
    answer = make_app().test_client().post(HOME, json={"explain": said, "size": 0}).get_json()
    assert [error["pointer"] for error in answer["errors"]] == ["/explain", "/size"]
    assert answer["detail"].startswith("explain must be true or false, or 1 or 0")


def test_an_empty_question_is_a_question() -> None:
    spy = Spy()
    assert make_app(recommend=spy).test_client().get(HOME).status_code == 200
    assert (spy.asked[0].person, spy.asked[0].size, spy.asked[0].repeat) == (Person(), 12, Repeat.AUTO)


def test_the_moment_is_the_shops_own() -> None:
    spy = Spy()
    clock = ShopClock(timedelta(days=5_000))
    make_app(recommend=spy, clock=clock).test_client().get(HOME)
    assert abs(spy.asked[0].now - clock.now()) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("size=abc", "/size", "invalid_parameter"),
        ("size=0", "/size", "invalid_parameter"),
        ("size=101", "/size", "invalid_parameter"),
        ("size=1e9", "/size", "invalid_parameter"),
        ("size=3&size=4", "/size", "invalid_parameter"),
        ("size=", "/size", "invalid_parameter"),
        ("repeat=maybe", "/repeat", "invalid_parameter"),
        ("currency=EURO", "/currency", "invalid_parameter"),
        ("visitor_id=" + "ż" * 65, "/visitor_id", "invalid_parameter"),
        ("visitor_id=a%00b", "/visitor_id", "invalid_parameter"),
        ("item_id=a&item_id=b%0Ac", "/item_id/1", "invalid_parameter"),
        ("&".join(f"item_id={n}" for n in range(51)), "/item_id", "invalid_parameter"),
        ("sizee=3", "/sizee", "unknown_parameter"),
        ("a/b=3", "/a~1b", "unknown_parameter"),
        ("explain=maybe", "/explain", "invalid_parameter"),
        ("price_min=cheap", "/price_min", "invalid_parameter"),
        ("price_min=nan", "/price_min", "invalid_parameter"),
        ("price_max=-1", "/price_max", "invalid_parameter"),
        ("price_max=1e999", "/price_max", "invalid_parameter"),
        ("price_min=3&price_max=2", "/price_min", "invalid_parameter"),
        ("where=red", "/where", "invalid_parameter"),
        ("where==red", "/where", "invalid_parameter"),
        ("category=tea&category=coffee", "/category", "invalid_parameter"),
    ],
)
def test_a_wrong_parameter_is_named(query: str, pointer: str, code: str) -> None:
    answer = make_app().test_client().get(f"{HOME}?{query}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    assert [error["pointer"] for error in answer.get_json()["errors"]] == [pointer]
    assert answer.get_json()["errors"][0]["message"]


def test_every_wrong_parameter_is_named_at_once() -> None:
    answer = make_app().test_client().get(f"{HOME}?size=abc&repeat=x&foo=1")
    assert {error["pointer"] for error in answer.get_json()["errors"]} == {"/size", "/repeat", "/foo"}


@pytest.mark.parametrize("nobody", ["", "%20", "null", "undefined", "0", "[object%20Object]", "Guest"])
def test_what_a_broken_page_sends_for_nobody_is_nobody(nobody: str) -> None:
    spy = Spy()
    answer = (
        make_app(recommend=spy).test_client().get(f"{HOME}?visitor_id={nobody}&customer_id={nobody}&item_id={nobody}")
    )
    assert answer.status_code == 200
    assert spy.asked[0].person == Person()


def test_ids_are_compared_in_their_composed_form() -> None:
    spy = Spy()
    decomposed = quote("zo\u0301e")
    make_app(recommend=spy).test_client().get(f"{HOME}?visitor_id={decomposed}&item_id=a&item_id=a&item_id=")
    assert spy.asked[0].person.visitor_id == "zóe"
    assert spy.asked[0].item_ids == ("a",)


def test_a_public_key_cannot_name_a_customer(tmp_path: Path) -> None:
    spy = Spy()
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        client = make_app(recommend=spy, keys=tokens.ring).test_client()
        client.get(f"{HOME}?customer_id=c1&visitor_id=v7&identity=forged", headers={"X-API-Key": tokens.pk})
        client.get(f"{HOME}?customer_id=c1&visitor_id=v7", headers={"X-API-Key": tokens.sk})
    assert spy.asked[0].person == Person(visitor_id="v7")
    assert spy.asked[1].person == Person(customer_id="c1", visitor_id="v7")


@pytest.mark.parametrize("tag", ["pl", "PL", "pl-PL", "pl_PL"])
def test_polish_is_understood(tag: str) -> None:
    spy = Spy()
    make_app(recommend=spy).test_client().get(f"{HOME}?lang={tag}")
    assert spy.asked[0].language is Language.PL


@pytest.mark.parametrize("tag", ["", "en", "de", "plx", "xx-pl"])
def test_any_other_language_gives_english(tag: str) -> None:
    spy = Spy()
    make_app(recommend=spy).test_client().get(f"{HOME}?lang={tag}")
    assert spy.asked[0].language is Language.EN


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"null",
        b'{"size": 3, "size": 4}',
        b'{"size": NaN}',
        b'{"size": Infinity}',
        b'{"size": 1e999}',
        b'{"size": "3"}',
        b'{"size": 3.5}',
        b'{"size": true}',
        b'{"size": ' + b"1" * 5000 + b"}",
        b'{"visitor_id": 7}',
        b'{"visitor_id": "\\ud800"}',
        b'{"visitor_id": "\xff"}',
        b'{"price_min": "\\ud800"}',
        b'{"where": ["a=\\ud800"]}',
        b'{"\\ud800": 1}',
        b'{"where": ' + b"[" * 900 + b'"\\u00e9"' + b"]" * 900 + b"}",
        b'{"visitor_id": "a\\u0000"}',
        b'{"item_id": {"a": 1}}',
        b'{"key": "pk_x"}',
        b'{"item_id": ' + b"[" * 20 + b"]" * 20 + b"}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        '{"size": 3}'.encode("utf-16"),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_body_that_is_not_what_the_call_takes_is_refused(body: bytes) -> None:
    answer = make_app().test_client().post(HOME, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_a_body_of_another_kind_is_refused() -> None:
    client = make_app().test_client()
    assert client.post(HOME, data=b"{}", content_type="text/plain").status_code == 415
    assert client.post(HOME, data=b"{}").status_code == 415
    zipped = client.post(HOME, data=b"{}", content_type="application/json", headers={"Content-Encoding": "gzip"})
    assert zipped.status_code == 415


def test_a_post_takes_no_parameters_in_its_address() -> None:
    answer = make_app().test_client().post(f"{HOME}?size=3", json={})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "unknown_parameter")


ANY = make_app()
NAMES = st.sampled_from(
    ["visitor_id", "customer_id", "item_id", "cart", "exclude", "repeat", "size", "lang", "x", "key"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(NAMES, st.text(max_size=140)), max_size=8))
def test_no_address_breaks_the_service(pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in pairs)
    assert ANY.test_client().get(f"{HOME}?{query}").status_code in (200, 400)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.one_of(NAMES, st.text(max_size=5)),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=9)),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=5,
    )
)
def test_no_body_breaks_the_service(body: dict[str, object]) -> None:
    assert ANY.test_client().post(HOME, json=body).status_code in (200, 400)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_break_the_service(data: bytes) -> None:
    client = ANY.test_client()
    assert client.post(HOME, data=data, content_type="application/json").status_code in (200, 400)
    query = data.decode("latin-1").replace("#", "").replace("\n", "").replace("\r", "")
    assert client.get(HOME, query_string=query).status_code in (200, 400)
