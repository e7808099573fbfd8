"""Filters and explanations at the edge: what reaches the use case, and who is told."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from storefronts import NOW, Spy, Tokens, make_app, opened, slate_of

from recommender.api.storefront import Storefront
from recommender.domain.metrics import REGISTRY
from recommender.domain.requests import Filter, Request

HOME = "/v1/recommendations/home"


def test_a_filter_reaches_the_use_case_from_address_and_body_alike() -> None:
    spy = Spy()
    client = make_app(recommend=spy).test_client()
    query = "category=Garden%20%3E%20Pots&brand=Clay&price_min=1.10&price_max=20&where=color=red&where=note=a=b"
    body: dict[str, Any] = {
        "category": "Garden > Pots",
        "brand": "Clay",
        "price_min": 1.10,
        "price_max": 20,
        "where": ["color=red", "note=a=b"],
    }
    assert client.get(f"{HOME}?{query}").status_code == 200
    assert client.post(HOME, json=body).status_code == 200
    assert spy.asked[0].only == spy.asked[1].only
    assert spy.asked[0].only == Filter(
        category="Garden > Pots",
        brand="Clay",
        price_min=Decimal("1.1"),
        price_max=Decimal(20),
        where=(("color", "red"), ("note", "a=b")),
    )


def test_empty_filters_are_none() -> None:
    spy = Spy()
    make_app(recommend=spy).test_client().get(f"{HOME}?category=&brand=%20")
    assert spy.asked[0].only is None


def test_a_page_is_not_told(tmp_path: Path) -> None:
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        client = make_app(keys=tokens.ring).test_client()
        answers = [client.get(f"{HOME}?explain=1", headers={"X-API-Key": key}) for key in (tokens.pk, tokens.sk)]
        plain = client.get(f"{HOME}?explain=0", headers={"X-API-Key": tokens.pk})
    assert [answer.status_code for answer in answers] == [403, 200]
    assert answers[0].get_json()["code"] == "forbidden"
    assert plain.status_code == 200


def test_a_storefront_gets_an_answer_even_if_the_catalogue_in_memory_breaks() -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("broken")

    front = Storefront(
        recommend=broken,
        last_resort=broken,
        cards=broken,
        nothing=lambda request, fallback: slate_of(request, fallback=fallback),
    )
    slate, cards = front(Request(scenario="home", now=NOW, size=2), request_id="r")
    assert (slate.fallback, len(cards)) == ("internal_error", 2)


def test_lists_and_their_places_are_counted() -> None:
    def numbers() -> tuple[float, float]:
        lists = REGISTRY.read("recommender_slates_total", ("home", "none"))
        return lists[0], REGISTRY.read("recommender_slate_items_total", ("popular",))[0]

    client = make_app(recommend=Spy()).test_client()
    client.get(f"{HOME}?size=3")
    before = numbers()
    client.get(f"{HOME}?size=3")
    assert numbers() == (before[0] + 1, before[1] + 3)
