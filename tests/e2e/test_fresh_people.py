"""What a person just did, allowed or withdrew counts in the next list of the whole service."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from recommender.api import create_app
from recommender.cli.context import State
from recommender.domain.items import Item
from recommender.domain.ports import Source
from recommender.wiring import Shop, connect, service_of

SERVER = Source(kind="api", legal_basis="contract")


@pytest.fixture
def shop(home: Path) -> Iterator[Shop]:
    settings = State.build(home=str(home), json=False, quiet=True).settings
    with connect(replace(settings, legal_basis="contract")) as made:
        made.stores.catalogue.put(Item(item_id=name, title=name) for name in ("mug", "pot", "tea"))
        yield made


@pytest.fixture
def client(shop: Shop) -> FlaskClient:
    service, _ = service_of(shop, open_to_all=True)
    return create_app(service).test_client()


def send(client: FlaskClient, item_id: str, consent: dict[str, bool] | None = None, **who: str) -> None:
    event: dict[str, Any] = {"type": "purchase", "items": [{"item_id": item_id}]}
    event |= {"timestamp": datetime.now(UTC).isoformat(), "consent": consent, **who}
    answer = client.post("/v1/events", json=event)
    assert answer.get_json()["accepted"] == 1, answer.get_json()


def shown(client: FlaskClient, **asked: str) -> list[Any]:
    answer = client.get("/v1/recommendations/home", query_string={"repeat": "forbid", **asked}).get_json()
    return sorted(item["item_id"] for item in answer["items"])


def test_a_purchase_counts_in_the_very_next_list(client: FlaskClient) -> None:
    assert shown(client, customer_id="c7") == ["mug", "pot", "tea"]
    send(client, "mug", customer_id="c7")
    assert shown(client, customer_id="c7") == ["pot", "tea"]
    send(client, "pot", customer_id="c7", visitor_id="b7")
    assert shown(client, customer_id="c7") == ["tea"]
    assert shown(client, visitor_id="b7") == ["mug", "tea"]


def test_a_withdrawal_counts_in_the_very_next_list(client: FlaskClient) -> None:
    send(client, "mug", customer_id="c7")
    assert shown(client, customer_id="c7") == ["pot", "tea"]
    answer = client.put("/v1/customers/c7", json={"consent": {"onsite_personalisation": False}})
    assert answer.status_code == 200
    assert shown(client, customer_id="c7") == ["mug", "pot", "tea"]


def test_a_customers_withdrawal_counts_in_the_browser_that_is_theirs(client: FlaskClient) -> None:
    send(client, "mug", visitor_id="b7")
    send(client, "pot", customer_id="c7", visitor_id="b7")
    assert shown(client, visitor_id="b7") == ["tea"]
    client.put("/v1/customers/c7", json={"consent": {"onsite_personalisation": False, "analytics_profile": False}})
    assert shown(client, visitor_id="b7") == ["mug", "pot", "tea"]
    event = {"type": "purchase", "items": [{"item_id": "tea"}], "visitor_id": "b7"}
    assert client.post("/v1/events", json=event).get_json()["not_stored"] == 1
    client.put("/v1/customers/c7", json={"consent": {"onsite_personalisation": True}})
    assert shown(client, visitor_id="b7") == ["tea"]


def test_a_refusal_a_customer_tells_elsewhere_counts_in_their_browser(client: FlaskClient) -> None:
    send(client, "mug", customer_id="c7", visitor_id="b7")
    assert shown(client, visitor_id="b7") == ["pot", "tea"]
    send(client, "pot", {"onsite_personalisation": False}, customer_id="c7")
    assert shown(client, visitor_id="b7") == ["mug", "pot", "tea"]


def test_a_refusal_beside_a_first_event_counts_in_the_very_next_list(client: FlaskClient) -> None:
    send(client, "mug", {"analytics_profile": True, "onsite_personalisation": False}, visitor_id="b8")
    assert shown(client, visitor_id="b8") == ["mug", "pot", "tea"]
    send(client, "pot", {"onsite_personalisation": True}, visitor_id="b8")
    assert shown(client, visitor_id="b8") == ["tea"]


def test_an_import_counts_as_soon_as_the_follower_looked(shop: Shop, client: FlaskClient) -> None:
    import polars as pl

    assert shown(client, customer_id="c7") == ["mug", "pot", "tea"]
    now_us = int(datetime.now(UTC).timestamp() * 1_000_000)
    row = {"event_id": "e1", "type": "purchase", "time_us": now_us, "customer_id": "c7", "item_id": "tea"}
    with shop.stores.log.importing(SERVER) as session:
        session.write(session.ready(pl.DataFrame([row])))
    shop.follower.poll()
    assert shown(client, customer_id="c7") == ["mug", "pot"]
