"""``/v1/customers``: who a customer is, what is held of them, and forgetting them."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from event_calls import Shop, open_shop

from recommender.api import customers
from recommender.api.customers import CustomerBody
from recommender.api.later import Backroom
from recommender.api.reading import rule_of
from recommender.api.recommendations import Parameters
from recommender.domain.clock import ShopClock
from recommender.domain.consent import Purpose
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.keys import KeyClass
from recommender.domain.people import Person
from recommender.domain.ports import Source, Stores
from recommender.features import ATTRIBUTES
from recommender.services.attributes import Portraits
from recommender.services.customer_desk import CustomerDesk
from recommender.services.item_lookup import CatalogueLookup
from recommender.services.keys import create_key
from recommender.services.profiles import Profiles
from recommender.storage.freshness import FreshnessBoard
from recommender.storage.profiles.sqlite import SqliteProfiles

ANNA = Person(customer_id="anna-0815")


class Counter:
    """The routes over real stores of one home."""

    def __init__(self, shop: Shop, stores: Stores, home: Path, adm: str) -> None:
        self.shop, self.stores, self.home, self.adm = shop, stores, home, adm
        board = FreshnessBoard(home / "var" / "freshness", stores.changes.standing())
        cache = SqliteProfiles(home / "var" / "profiles.db")
        self.profiles = Profiles(
            log=stores.log,
            customers=stores.customers,
            consent=stores.consent,
            changes=stores.changes,
            store=cache,
            board=board,
            limit=2_000,
        )
        desk = CustomerDesk(
            stores=stores,
            board=board,
            profiles=cache,
            portraits=Portraits(self.profiles, CatalogueLookup(stores.catalogue)),
            home=home,
            clock=ShopClock(timedelta()),
        )
        shop.app.register_blueprint(customers.blueprint(desk, Backroom()))

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {key or self.shop.sk}"}
        sent = {} if body is None else {"json": body}
        return self.shop.app.test_client().open(f"/v1/customers{path}", method=method, headers=headers, **sent)


def buys(stores: Stores) -> None:
    event = Event(
        event_id="e1",
        type=EventType.PURCHASE,
        time=datetime.now(UTC) - timedelta(days=2),
        customer_id=ANNA.customer_id,
        items=(EventItem(item_id="mug"),),
    )
    stores.log.append([event], Source(kind="api", legal_basis="contract"))


@pytest.fixture
def counter(sqlite_stores: Stores, home: Path) -> Iterator[Counter]:
    adm = create_key(sqlite_stores.keys, key_class=KeyClass.ADM, name="", now=datetime.now(UTC)).token
    shop = open_shop(sqlite_stores)
    yield Counter(shop, sqlite_stores, home, adm)
    shop.ingest.stop()


def test_a_customer_is_entered_and_updated_and_null_leaves_what_stands(counter: Counter) -> None:
    body = {"country": "Poland", "attributes": {"loyalty": 3}, "preferences": {"size": "M"}, "birth_date": "1990-05-17"}
    first = counter.call("PUT", "/anna-0815", body)
    assert (first.status_code, first.get_json()["new"]) == (200, True)
    assert counter.call("PUT", "/anna-0815", {"city": "Gdynia", "country": None}).get_json()["new"] is False
    stands = counter.stores.customers.get(["anna-0815"])["anna-0815"]
    assert (stands.country, stands.city, str(stands.birth_date)) == ("Poland", "Gdynia", "1990-05-17")
    assert stands.attributes == {"loyalty": 3, "preference_size": "M"}


def test_consent_is_appended_and_counts_at_once(counter: Counter) -> None:
    assert counter.profiles.read(ANNA).refused == frozenset()
    said = {"consent": {"onsite_personalisation": False, "model_training": "objected"}}
    assert counter.call("PUT", "/anna-0815", said).get_json()["consent_records"] == 2
    assert counter.profiles.read(ANNA).refused == {"onsite_personalisation", "model_training"}
    counter.call("PUT", "/anna-0815", {"consent": {"onsite_personalisation": True}})
    assert counter.profiles.read(ANNA).refused == {"model_training"}
    assert not counter.stores.consent.allows(ANNA, Purpose.MODEL_TRAINING, default=True)


def test_nobody_is_entered_without_the_refusal_told_with_them(counter: Counter) -> None:
    with closing(sqlite3.connect(counter.home / "var" / "shop.db")) as database:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON consent BEGIN SELECT RAISE(ABORT, 'full'); END")
        database.commit()
    assert counter.call("PUT", "/anna-0815", {"consent": {"model_training": False}}).status_code == 500
    assert counter.stores.customers.get(["anna-0815"]) == {}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"consent": {"everything": True}}, "invalid_parameter"),
        ({"consent": {"model_training": "perhaps"}}, "invalid_parameter"),
        ({"birth_date": "yesterday"}, "invalid_parameter"),
        ({"shoe_size": 44}, "unknown_parameter"),
        ({"attributes": {"nested": {"no": 1}}}, "invalid_parameter"),
        ([1], "invalid_body"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_changes_nothing(counter: Counter, body: Any, code: str) -> None:
    answer = counter.call("PUT", "/anna-0815", body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    assert counter.stores.customers.get(["anna-0815"]) == {}


@pytest.mark.parametrize("bad", ["\ud800", "a\x00b"])
@pytest.mark.parametrize("place", ["name", "birth_date", "attributes", "preferences", "consent"])
def test_half_a_character_and_nul_are_no_text_wherever_they_stand(counter: Counter, place: str, bad: str) -> None:
    for body in ({place: bad}, {place: {"x": bad}}, {place: {bad: True}}):
        answer = counter.call("PUT", "/anna-0815", {"city": "Łódź", **body})
        found = answer.get_json()
        assert (answer.status_code, found["code"]) == (400, "invalid_parameter")
        assert found["errors"] == [
            {"pointer": f"/{place}", "code": "invalid", "message": f"{place} holds half a character, or NUL."}
        ]
    assert counter.call("PUT", "/anna-0815", {bad: "x"}).get_json()["errors"][0]["pointer"] == "/…"
    assert counter.stores.customers.get(["anna-0815"]) == {}


def test_whole_characters_may_be_escaped(counter: Counter) -> None:
    assert counter.call("PUT", "/anna-0815", {"name": "Łódź 🎁", "attributes": {"ż": "\\u0000"}}).status_code == 200
    stands = counter.stores.customers.get(["anna-0815"])["anna-0815"]
    assert (stands.name, stands.attributes) == ("Łódź 🎁", {"ż": "\\u0000"})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"consent": {"marketing": True}}, f"consent must be an object of the purposes {', '.join(Purpose)}, each"),
        ({"country": 5}, "country must be a text of at most 500 characters."),
        (
            {"attributes": {"a": [1]}},
            "attributes must be an object of at most 200 names (1 to 100 characters), each with a",
        ),
        ({"preferences": {"a": {}}}, "preferences must be an object of at most 200 names"),
        ({"birth_date": "yesterday"}, "birth_date must be a date such as 1990-05-17."),
    ],
)
def test_what_a_field_must_be_is_said(counter: Counter, body: Any, said: str) -> None:
    answer = counter.call("PUT", "/anna-0815", body).get_json()
    assert answer["detail"].startswith(said)
    assert [error["pointer"] for error in answer["errors"]] == [f"/{name}" for name in body]


@pytest.mark.parametrize("kind", [CustomerBody, Parameters])
def test_every_field_that_may_be_refused_says_what_it_must_be(kind: type[msgspec.Struct]) -> None:
    silent = [field.name for field in msgspec.structs.fields(kind) if "openapi" in rule_of(field.type)]
    assert silent == []


def test_a_profile_names_every_attribute_with_its_meaning(counter: Counter) -> None:
    buys(counter.stores)
    counter.profiles.board.mark([ANNA], counter.stores.log.position())
    told = counter.call("GET", "/anna-0815/profile").get_json()
    assert [one["name"] for one in told["attributes"]] == list(ATTRIBUTES)
    assert all(one["meaning"] for one in told["attributes"])
    values = {one["name"]: one["value"] for one in told["attributes"]}
    assert values["orders"] == 1
    assert told["position"] == 1


def test_an_export_holds_events_and_record(counter: Counter) -> None:
    buys(counter.stores)
    counter.call("PUT", "/anna-0815", {"email": "anna@example.com"})
    answer = counter.call("GET", "/anna-0815/export")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert json.loads(archive.read("customer.json"))[0]["email"] == "anna@example.com"
        assert [row["item_id"] for row in json.loads(archive.read("events.json"))] == ["mug"]


@pytest.mark.parametrize("what", ["profile", "export"])
def test_of_a_stranger_there_is_nothing(counter: Counter, what: str) -> None:
    assert counter.call("GET", f"/nobody-1/{what}").status_code == 404


def test_an_erased_customer_is_gone_everywhere_and_refused_from_then_on(counter: Counter) -> None:
    buys(counter.stores)
    counter.call("PUT", "/anna-0815", {"country": "Poland"})
    counter.profiles.board.mark([ANNA], counter.stores.log.position())
    assert counter.call("GET", "/anna-0815/profile").status_code == 200
    receipt = counter.call("DELETE", "/anna-0815", key=counter.adm).get_json()
    assert receipt["deleted"] == {**receipt["deleted"], "events": 1, "customers": 1, "profiles": 1}
    record = counter.profiles.read(ANNA).record
    assert record is not None
    assert len(record) == 0
    assert counter.call("GET", "/anna-0815/profile").status_code == 404
    assert counter.call("PUT", "/anna-0815", {"country": "Poland"}).status_code == 410
    assert counter.call("DELETE", "/anna-0815", key=counter.adm).status_code == 200
    held = [path for path in counter.home.rglob("*") if path.is_file() and b"anna-0815" in path.read_bytes()]
    assert held == []


def test_an_erasure_is_answered_whatever_lies_in_the_home(counter: Counter) -> None:
    buys(counter.stores)
    (counter.home / "a.csv").write_text("anna-0815")
    with (counter.home / "export.bin").open("wb") as large:
        large.truncate(3_000_000_000)
    answer = counter.call("DELETE", "/anna-0815", key=counter.adm)
    assert answer.status_code == 200
    receipt = answer.get_json()
    assert (receipt["deleted"]["events"], receipt["still_named_in"]) == (1, ["a.csv"])
    (counter.home / "export.bin").unlink()
    assert counter.call("DELETE", "/anna-0815", key=counter.adm).get_json()["searched_all"] is True


def test_only_operations_may_erase(counter: Counter) -> None:
    assert counter.call("DELETE", "/anna-0815").status_code == 403


def test_an_id_of_nobody_names_no_customer(counter: Counter) -> None:
    assert counter.call("PUT", "/undefined", {}).get_json()["code"] == "invalid_parameter"
