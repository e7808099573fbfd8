"""Every scenario through the whole path: address or body in, list out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from answer_samples import END, SHELVES, Spring, make_spring, recommender_of
from flask.testing import FlaskClient

from recommender.api import Service, create_app
from recommender.api.access import Door
from recommender.api.standing import Readiness
from recommender.api.storefront import Storefront
from recommender.domain.clock import ShopClock
from recommender.ranking.scenarios import SCENARIOS

HOME = "/v1/recommendations/home"
READY = Readiness(status="ready", model="spring", checks={})


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Spring:
    return make_spring(tmp_path_factory.mktemp("spring"))


@pytest.fixture
def client(spring: Spring, tmp_path: Path) -> Iterator[FlaskClient]:
    """The small shop of spring behind the real application, at the end of its sixty days."""
    stores = spring.copy(tmp_path)
    shop = recommender_of(stores, spring.model)
    clock = ShopClock(datetime.now(UTC) - END + timedelta(minutes=1))
    front = Storefront(recommend=shop.slate, last_resort=shop.without_model, cards=shop.catalogue.cards)
    yield create_app(Service(storefront=front, door=Door(None), clock=clock, ready=lambda: READY)).test_client()
    stores.close()


@pytest.mark.parametrize("person", ["", "visitor_id=v5", "customer_id=c1", "customer_id=never-seen", "visitor_id=new"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_answers_everybody_by_get_and_post_alike(
    client: FlaskClient, scenario: str, person: str
) -> None:
    asked = {"item_id": ["i10"], "cart": ["i11"], **dict([person.split("=")] if person else [])}
    got = client.get(f"/v1/recommendations/{scenario}?item_id=i10&cart=i11&{person}").get_json()
    sent = client.post(f"/v1/recommendations/{scenario}", json=asked).get_json()
    assert got["items"] == sent["items"]
    assert [place["rank"] for place in got["items"]] == list(range(1, 13))
    assert all(place["title"] and place["reason"]["text"] for place in got["items"])
    assert not {"i10", "i11"} & {place["item_id"] for place in got["items"]}
    assert "explanation" not in got


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_filter_holds_in_every_scenario(client: FlaskClient, scenario: str) -> None:
    garden = {f"i{n:02}" for n in range(40) if SHELVES[n % len(SHELVES)] == "Garden"} | {"fresh"}
    answer = client.get(f"/v1/recommendations/{scenario}?category=Garden&customer_id=c1&price_min=9").get_json()
    found = {place["item_id"] for place in answer["items"]}
    assert found
    assert found <= garden - {"fresh"}


def test_a_server_is_told_how_a_list_came_about(client: FlaskClient) -> None:
    told = client.get(f"{HOME}?customer_id=c1&explain=1&exclude=i03").get_json()
    plain = client.get(f"{HOME}?customer_id=c1&exclude=i03").get_json()
    assert told["items"] == plain["items"]
    assert told["explanation"]["order"] == "blend"
    explained = told["explanation"]["items"]
    assert {str(one["features"]) for one in explained} == {"{}"}
    assert [one["item_id"] for one in explained] == [place["item_id"] for place in plain["items"]]
    assert {one["why"] for one in told["explanation"]["dropped"]} <= {
        "not_sellable",
        "not_on_sale_now",
        "variant",
        "category_cap",
        "excluded",
    }
