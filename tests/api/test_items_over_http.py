"""``/v1/items``: the catalogue as the shop's server keeps it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from event_calls import Shop, open_shop
from flask.testing import FlaskClient

from recommender.api import items
from recommender.api.item_checks import CatalogueItem
from recommender.domain.clock import ShopClock
from recommender.domain.items import Availability
from recommender.domain.ports import Stores
from recommender.domain.synonyms import ITEM_SYNONYMS


@pytest.fixture
def shop(stores: Stores) -> Iterator[Shop]:
    made = open_shop(stores)
    made.app.register_blueprint(items.blueprint(stores.catalogue, ShopClock(timedelta())))
    yield made
    made.ingest.stop()


def call(shop: Shop, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
    client: FlaskClient = shop.app.test_client()
    headers = {"Authorization": f"Bearer {key or shop.sk}"}
    sent = {} if body is None else {"json": body}
    return client.open(f"/v1/items{path}", method=method, headers=headers, **sent)


def test_items_are_inserted_and_updated_in_bulk_with_a_verdict_for_each(shop: Shop) -> None:
    lamp = {"item_id": "lamp", "title": "A lamp", "price": 19.9, "currency": "pln", "attributes": {"watt": 5}}
    broken = [{"item_id": "x", "price": -1}, {"title": "nameless"}, {"item_id": "y", "sizes": [3]}, 5]
    answer = call(shop, "PUT", "", {"items": [lamp, *broken]}).get_json()
    assert (answer["created"], answer["updated"]) == (1, 0)
    assert [(one["index"], one["code"]) for one in answer["rejected"]] == [
        (1, "bad_price"),
        (2, "invalid_item"),
        (3, "bad_attributes"),
        (4, "not_an_object"),
    ]
    assert "sizes" in answer["rejected"][2]["message"]
    assert call(shop, "PUT", "", [{"item_id": "lamp", "stock": 3}]).get_json()["updated"] == 1
    found = shop.stores.catalogue.get(["lamp"])["lamp"]
    assert (found.title, str(found.price), found.currency, found.stock) == ("A lamp", "19.90", "PLN", 3)


def test_what_is_sold_at_a_loss_says_so_as_in_files(shop: Shop) -> None:
    assert call(shop, "PUT", "", [{"item_id": "lamp", "margin": -1.5}]).get_json()["created"] == 1
    assert shop.stores.catalogue.get(["lamp"])["lamp"].margin == Decimal("-1.5")
    [refused] = call(shop, "PUT", "", [{"item_id": "lamp", "margin": -1e11}]).get_json()["rejected"]
    assert refused["code"] == "bad_margin"


@pytest.mark.parametrize("word", ["undefined", " Null ", "[object Object]", "NaN", "-1"])
def test_a_word_that_pages_send_by_mistake_is_no_item(shop: Shop, word: str) -> None:
    answer = call(shop, "PUT", "", [{"item_id": word, "title": "A"}, {"item_id": f"{word.strip()} mug"}]).get_json()
    assert [(one["index"], one["code"]) for one in answer["rejected"]] == [(0, "illegal_id")]
    assert answer["created"] == 1


@pytest.mark.parametrize("bad", ["\ud800", "a\x00b"])
@pytest.mark.parametrize("place", ["title", "price", "stock", "availability", "attributes", "anything_else"])
def test_a_change_whose_texts_are_none_is_refused(shop: Shop, place: str, bad: str) -> None:
    call(shop, "PUT", "", [{"item_id": "lamp", "title": "A lamp"}])
    for body in ({place: bad}, {place: {"x": bad}}, {place: {bad: 1}}):
        answer = call(shop, "PATCH", "/lamp", body)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_parameter")
        assert answer.get_json()["errors"][0]["pointer"] == f"/{place}"
        taken = call(shop, "PUT", "", [{"item_id": "mug", **body}])
        assert (taken.status_code, len(taken.get_json()["rejected"])) == (200, 1)


def test_what_is_wrong_with_an_item_is_said_of_an_item(shop: Shop) -> None:
    deep: Any = 1
    for _ in range(20):
        deep = [deep]
    large, nested, half = {"description": "x" * 32_000}, {"deep": deep}, {"title": "\ud800"}
    for broken, codes in (([large, nested], ["item_too_large", "too_deep"]), ([half], ["invalid_text"])):
        rejected = call(shop, "PUT", "", [{"item_id": "a", **one} for one in broken]).get_json()["rejected"]
        assert [one["code"] for one in rejected] == codes
        assert all("item" in one["message"] and "event" not in one["message"] for one in rejected)


def test_json_that_is_none_is_said_of_the_item(shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {shop.sk}"}
    twice = b'[{"item_id":"a","title":"A","title":"B"}]'
    client = shop.app.test_client()
    said = client.put("/v1/items", data=twice, content_type="application/json", headers=headers).get_json()["rejected"]
    assert (said[0]["code"], said[0]["message"].startswith("The item ")) == ("invalid_item", True)
    assert (
        "items" in client.put("/v1/items", data=twice, content_type="text/html", headers=headers).get_json()["detail"]
    )


def test_google_merchants_names_are_understood_and_other_names_are_attributes(shop: Shop) -> None:
    merchant = {"id": "e", "link": "/e", "image_link": "/e.jpg", "product_type": "Oak > Tables", "Name": "A table"}
    more = {"material": "oak", "legs": 4, "solid": True, "weight": 12.5, "gtin": "0590", "colour": None}
    assert call(shop, "PUT", "", {**merchant, **more}).get_json()["created"] == 1
    found = shop.stores.catalogue.get(["e"])["e"]
    assert (found.url, found.image, found.category, found.title) == ("/e", "/e.jpg", "Oak > Tables", "A table")
    assert found.attributes == {"material": "oak", "legs": 4, "solid": True, "weight": 12.5, "gtin": "0590"}


def test_a_fields_own_name_beats_others_and_attributes_beat_names_beside_them(shop: Shop) -> None:
    sent = {"item_id": "e", "sku": "S-1", "url": "/e", "link": "/f", "wood": "oak", "attributes": {"wood": "elm"}}
    call(shop, "PUT", "", sent)
    found = shop.stores.catalogue.get(["e"])["e"]
    assert (found.url, found.attributes) == ("/e", {"sku": "S-1", "link": "/f", "wood": "elm"})


@pytest.mark.parametrize(
    ("broken", "code", "said"),
    [
        ({"link": "/a", "product_url": "/b"}, "ambiguous_name", "link and product_url could each be url"),
        ({"sizes": {"w": 3}}, "bad_attributes", "sizes is no field of an item"),
        ({"link": 5}, "invalid_item", "url: expected `str | null`"),
        ({"x" * 129: 1}, "bad_attributes", "1 to 128 printable"),
        ({"wood": "y" * 1_001}, "bad_attributes", "at most 1,000 characters"),
        ({"wood": 1, "attributes": [1]}, "invalid_item", "attributes: expected `object`"),
    ],
)
def test_names_that_cannot_be_placed_are_told(shop: Shop, broken: Any, code: str, said: str) -> None:
    rejected = call(shop, "PUT", "", {"item_id": "e", **broken}).get_json()["rejected"]
    assert [one["code"] for one in rejected] == [code]
    assert said in rejected[0]["message"]
    assert call(shop, "PATCH", "/e", broken).status_code == 400


def test_a_patch_understands_the_same_names(shop: Shop) -> None:
    call(shop, "PUT", "", {"item_id": "e", "material": "oak"})
    changed = call(shop, "PATCH", "/e", {"inventory": 3, "sku": "S-1", "material": None, "wood/kind": "elm"}).get_json()
    assert (changed["stock"], changed["attributes"]) == (3, {"sku": "S-1", "wood/kind": "elm"})
    refused = call(shop, "PATCH", "/e", {"a/b": [1]}).get_json()
    assert [one["pointer"] for one in refused["errors"]] == ["/a~1b"]


def test_every_field_of_an_item_is_one_that_files_know() -> None:
    own = {field.name for field in msgspec.structs.fields(CatalogueItem)} - {"attributes"}
    assert own == set(ITEM_SYNONYMS)


def test_an_item_named_twice_in_a_call_ends_as_it_was_said_last(shop: Shop) -> None:
    call(shop, "PUT", "", [{"item_id": "a", "price": 1, "stock": 1}, {"item_id": "a", "price": 2}])
    found = shop.stores.catalogue.get(["a"])["a"]
    assert (str(found.price), found.stock) == ("2.00", 1)


def test_a_patch_changes_what_it_names_and_null_takes_a_value_away(shop: Shop) -> None:
    stand = {"price": 10, "sale_price": 8, "availability": "in stock", "attributes": {"colour": "red", "watt": 5}}
    call(shop, "PUT", "", {"item_id": "a", **stand})
    before = shop.stores.catalogue.version()
    changed = call(shop, "PATCH", "/a", {"sale_price": None, "visible": False, "attributes": {"watt": None}})
    assert changed.status_code == 200
    assert changed.get_json()["attributes"] == {"colour": "red"}
    found = shop.stores.catalogue.get(["a"])["a"]
    assert (str(found.price), found.sale_price, found.visible) == ("10.00", None, False)
    assert found.availability is Availability.IN_STOCK
    assert shop.stores.catalogue.version() > before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"price": "ten"}, 400),
        ({"price": 1e11}, 400),
        ({"item_id": "b"}, 400),
        ({"availability": "perhaps"}, 400),
        ({"added_at": "2026-05-01T12:00:00"}, 400),
        ({"added_at": "0001-01-01T00:00:00+05:00"}, 400),
        ([], 400),
    ],
)
def test_what_a_patch_may_not_say(shop: Shop, body: Any, status: int) -> None:
    call(shop, "PUT", "", {"item_id": "a"})
    answer = call(shop, "PATCH", "/a", body)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_an_item_is_shown_with_its_times(shop: Shop) -> None:
    call(
        shop, "PUT", "", {"item_id": "a/b ż", "added_at": "2026-05-01", "available_until": "2026-06-01T00:00:00+02:00"}
    )
    shown = call(shop, "GET", "/a/b ż").get_json()
    assert (shown["item_id"], shown["added_at"]) == ("a/b ż", "2026-05-01T00:00:00Z")
    assert shop.stores.catalogue.get(["a/b ż"])["a/b ż"].available_until == datetime(2026, 5, 31, 22, tzinfo=UTC)


def test_an_items_times_may_be_written_small(shop: Shop) -> None:
    call(
        shop, "PUT", "", {"item_id": "a", "added_at": "2026-05-01t10:00:00z", "available_from": "2016-12-31T23:59:60Z"}
    )
    shown = call(shop, "GET", "/a").get_json()
    assert (shown["added_at"], shown["available_from"]) == ("2026-05-01T10:00:00Z", "2017-01-01T00:00:00Z")


def test_an_item_that_was_taken_out_is_gone_until_it_is_put_again(shop: Shop) -> None:
    call(shop, "PUT", "", {"item_id": "a", "title": "A"})
    assert call(shop, "DELETE", "/a").status_code == 204
    assert [call(shop, method, "/a").status_code for method in ("GET", "DELETE")] == [404, 404]
    assert call(shop, "PATCH", "/a", {"stock": 1}).status_code == 404
    assert shop.stores.catalogue.get(["a"])["a"].removed
    call(shop, "PUT", "", {"item_id": "a"})
    assert call(shop, "GET", "/a").get_json()["title"] == "A"


def test_a_browsers_key_cannot_touch_the_catalogue(shop: Shop) -> None:
    calls = [("PUT", ""), ("PATCH", "/a"), ("GET", "/a"), ("DELETE", "/a")]
    assert [call(shop, method, path, {}, key=shop.pk).status_code for method, path in calls] == [403] * 4
