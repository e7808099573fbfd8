"""What a storefront gets."""

import json
import logging
from decimal import Decimal

import pytest
from storefronts import CARD, Spy, make_app, slate_of

from recommender.domain.errors import StoreUnavailableError, UnknownScenarioError
from recommender.domain.requests import Request
from recommender.domain.slates import Slate
from recommender.services.catalogue_view import Card

HOME = "/v1/recommendations/home"


def test_a_list_has_the_shape_of_the_contract() -> None:
    answer = make_app().test_client().get(f"{HOME}?customer_id=c1&size=2")
    assert answer.content_type == "application/json"
    assert answer.json == {
        "slate_id": "slate-1",
        "scenario": "home",
        "model": "run-1",
        "fallback": None,
        "basis": "personal",
        "items": [
            {
                "item_id": f"i{rank}",
                "rank": rank,
                "score": 1 / rank,
                "source": "popular",
                "reason": {"code": "trending", "text": "Bought."},
                "title": "Mug, blue",
                "url": "/items/mug",
                "image": "https://shop.example/mug.jpg",
                "price": 7.5,
                "price_old": None,
                "currency": "GBP",
            }
            for rank in (1, 2)
        ],
    }


@pytest.mark.parametrize("digits", ["0.10", "7.50", "19.99", "123456789012.3456", "0"])
def test_a_price_keeps_its_digits(digits: str) -> None:
    text = make_app(card=Card(price=Decimal(digits))).test_client().get(f"{HOME}?size=1").text
    assert json.loads(text, parse_float=Decimal, parse_int=Decimal)["items"][0]["price"] == Decimal(digits)
    assert f'"price":{digits},' in text


def test_the_price_is_what_is_paid_now() -> None:
    card = Card(price=Decimal("9.00"), sale_price=Decimal("7.00"))
    assert make_app(card=card).test_client().get(f"{HOME}?size=1").get_json()["items"][0]["price"] == 7


@pytest.mark.parametrize("price", [Decimal("NaN"), Decimal("Infinity"), None])
def test_no_price_is_null(price: Decimal | None) -> None:
    text = make_app(card=Card(price=price)).test_client().get(f"{HOME}?size=1").text
    assert json.loads(text, parse_constant=pytest.fail)["items"][0]["price"] is None


def test_an_item_the_catalogue_does_not_know_has_nulls() -> None:
    item = make_app(card=Card()).test_client().get(f"{HOME}?size=1").get_json()["items"][0]
    assert [item[name] for name in ("title", "url", "image", "price", "currency")] == [None] * 5


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "//evil.example/x",
        "/\\evil.example",
        " javascript:x",
    ],
)
def test_a_link_that_could_run_or_lead_elsewhere_is_left_out(link: str) -> None:
    item = make_app(card=Card(url=link, image=link)).test_client().get(f"{HOME}?size=1").get_json()["items"][0]
    assert (item["url"], item["image"]) == (None, None)


@pytest.mark.parametrize("link", ["https://shop.example/x", "http://shop.example", "/items/1?a=b"])
def test_a_plain_link_stays(link: str) -> None:
    assert make_app(card=Card(url=link)).test_client().get(f"{HOME}?size=1").get_json()["items"][0]["url"] == link


@pytest.mark.parametrize("error", [RuntimeError("c-canary"), StoreUnavailableError("c-canary"), KeyError("c-canary")])
def test_an_accident_still_gives_a_list_and_is_logged_once(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    def broken(request: Request) -> Slate:
        raise error

    logging.getLogger("recommender").propagate = True
    with caplog.at_level(logging.ERROR, logger="recommender"):
        answer = make_app(recommend=broken).test_client().get(f"{HOME}?customer_id=c-canary&size=3")
    assert (answer.status_code, answer.get_json()["fallback"], len(answer.get_json()["items"])) == (
        200,
        "internal_error",
        3,
    )
    (line,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    fields = vars(line)["fields"]
    assert fields["request_id"] == answer.headers["X-Request-Id"]
    assert fields["error"] == type(error).__name__
    assert "canary" not in str(fields)


def test_a_request_that_makes_no_sense_gets_no_list() -> None:
    def picky(request: Request) -> Slate:
        raise UnknownScenarioError("There is no scenario hom. Did you mean home?")

    answer = make_app(recommend=picky).test_client().get("/v1/recommendations/hom")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_scenario")
    assert "home" in answer.get_json()["detail"]


def test_when_even_the_last_rung_breaks_the_answer_is_a_problem() -> None:
    def broken(request: Request, *, fallback: str = "") -> Slate:
        raise RuntimeError("secret detail")

    answer = make_app(recommend=broken, resort=broken).test_client().get(HOME)
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
    assert "secret detail" not in answer.text


def test_a_list_is_kept_by_no_cache_and_tells_no_other_site() -> None:
    headers = make_app().test_client().get(HOME).headers
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert len(headers["X-Request-Id"]) == 16


def test_two_requests_have_two_numbers() -> None:
    client = make_app().test_client()
    assert client.get(HOME).headers["X-Request-Id"] != client.get(HOME).headers["X-Request-Id"]


def test_a_hundred_items_may_be_asked_for() -> None:
    spy = Spy()
    assert len(make_app(recommend=spy, card=CARD).test_client().get(f"{HOME}?size=100").get_json()["items"]) == 100
    assert slate_of(spy.asked[0]).items[-1].rank == 100
