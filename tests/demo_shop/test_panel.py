"""The panel: what a profile says in it, the list it compares, and taking an event back."""

import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from re import search
from typing import Any

import pytest
from demo_pages import pages, set_up
from flask.testing import FlaskClient

from recommender.demo_shop.panel import told
from recommender.domain.people import Person
from recommender.domain.requests import Language
from recommender.wiring import Shop


@pytest.fixture(scope="module")
def opened_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, Shop]]:
    home: Path = tmp_path_factory.mktemp("panel")
    set_up(home)
    with pages(home) as found:
        yield found


@pytest.fixture
def client(opened_shop: tuple[FlaskClient, Shop]) -> FlaskClient:
    return opened_shop[0].application.test_client()


def asked(client: FlaskClient, path: str) -> Any:
    return client.get(f"/demo/panel/{path}").json


def before(client: FlaskClient) -> Any:
    page = client.get("/demo/item/i00").get_data(as_text=True)
    found = search(r'data-before="([^"]*)"', page)
    assert found is not None
    return json.loads(unescape(found[1]))


def event(client: FlaskClient, event_id: str, item_id: str, kind: str = "view_item") -> dict[str, Any]:
    page = client.get("/demo").get_data(as_text=True)
    customer, visitor = search(r'customer="([^"]*)"', page), search(r'visitor="([^"]*)"', page)
    assert customer is not None
    assert visitor is not None
    return {
        "event_id": event_id,
        "type": kind,
        "customer_id": customer[1],
        "visitor_id": visitor[1],
        "items": [{"item_id": item_id}],
    }


def test_what_is_not_known_is_null_and_interests_come_first() -> None:
    facts = told({"path_shares": {"Kitchen > Mugs & teaware": 0.25, "Garden": 0.001}, "views": 3}, Language.PL)
    assert [(fact.key, fact.label, fact.value) for fact in facts[:2]] == [
        ("interest:Kitchen > Mugs & teaware", "Zainteresowanie: Kubki i herbata", 0.25),
        ("views", "Oglądane rzeczy", 3.0),
    ]
    assert {fact.key: fact.value for fact in facts}["spend"] is None


def test_the_page_carries_how_things_stood_before_it(client: FlaskClient) -> None:
    standing = before(client)
    assert standing["facts"] == asked(client, "profile")
    assert [place["item_id"] for place in standing["places"]] == [place["item_id"] for place in asked(client, "list")]
    assert all(place["title"] and place["reason"] for place in standing["places"])


def test_a_look_moves_the_profile_and_taken_back_it_is_as_it_was(client: FlaskClient) -> None:
    client.get("/demo")
    was = asked(client, "profile")
    sent = client.post("/v1/events", json={"events": [event(client, "look-1", "i01")]})
    assert sent.json is not None
    assert sent.json["accepted"] == 1
    assert asked(client, "profile") != was
    answer = client.post("/demo/panel/undo", json={"event_ids": ["look-1"]})
    assert answer.json == {"taken_back": 1, "pill": "Basket"}
    assert asked(client, "profile") == was


def test_taking_back_empties_the_basket_of_what_was_put_in(client: FlaskClient) -> None:
    client.get("/demo")
    client.post("/demo/basket/add", data={"item_id": "i00", "quantity": "3"}, headers={"Accept": "application/json"})
    answer = client.post("/demo/panel/undo", json={"event_ids": [], "put_in": {"i00": 2}})
    assert answer.json is not None
    assert "1" in answer.json["pill"]
    answer = client.post("/demo/panel/undo", json={"event_ids": [], "put_in": {"i00": 1}})
    assert answer.json is not None
    assert answer.json["pill"] == "Basket"


def test_nobody_takes_back_an_event_of_somebody_else(
    opened_shop: tuple[FlaskClient, Shop], client: FlaskClient
) -> None:
    _, shop = opened_shop
    client.get("/demo")
    other = {**event(client, "theirs", "i01"), "customer_id": "somebody-else", "visitor_id": "v-else"}
    client.post("/v1/events", json={"events": [other]})
    answer = client.post("/demo/panel/undo", json={"event_ids": ["theirs"]})
    assert answer.json is not None
    assert answer.json["taken_back"] == 0
    assert shop.stores.log.of_person(Person(customer_id="somebody-else"))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"event_ids": 3}', b'{"event_ids": ["\xff"]}', b'{"event_ids": ["a\\u0000"]}', b'{"other": 1}'],
)
def test_what_cannot_be_read_is_refused_with_a_problem(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/demo/panel/undo", data=body)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_without_consent_the_profile_says_nothing(client: FlaskClient) -> None:
    client.get("/demo")
    client.post("/demo/consent", data={"consent": "no", "back": "/demo"})
    page = client.get("/demo").get_data(as_text=True)
    assert 'data-consent="no"' in page
    assert asked(client, "profile") == []
