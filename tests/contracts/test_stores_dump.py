"""A dump of one backend is the same shop on the other, and forgetting outlives it."""

import json
from pathlib import Path
from typing import Any

import pytest
from stores_samples import BY_API, at, bring_in, event, rows, said

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.errors import BadInputError
from recommender.domain.items import Item
from recommender.domain.keys import KeyClass, KeyRecord
from recommender.domain.people import Customer, Person
from recommender.domain.ports import Stores
from recommender.storage import open_stores

ANNA, BEN = Person(customer_id="anna"), Person(customer_id="ben")
FILE = rows({"customer_id": "anna"}, {"customer_id": "anna"}, {"customer_id": "ben", "item_id": 'a "b", c'})


def fill(stores: Stores) -> None:
    """A little of everything."""
    bring_in(stores, FILE)
    stores.log.append(
        [event("e1", 1, "a", "b", visitor_id="v", customer_id="ben", properties={"q": 'żół"ć\n,'})], BY_API
    )
    stores.catalogue.put([Item(item_id="a", title="A", attributes={"x": 1})])
    stores.customers.put([Customer(customer_id="anna", email="anna@example.com"), Customer(customer_id="ben")])
    records = [
        ConsentRecord(person=p, purpose=Purpose.MODEL_TRAINING, state=ConsentState.OBJECTED, time=at(0), source="s")
        for p in (ANNA, BEN)
    ]
    stores.consent.record(records)
    key = KeyRecord(
        key_id="k", key_class=KeyClass.PK, name="n", prefix="pk_", salt=b"\x00", digest=b"\xff", created_at=at(0)
    )
    stores.keys.put(key)
    stores.meta.set("clock_shift", "5")
    stores.tombstones.add(Person(customer_id="carl"))


def everything(stores: Stores) -> dict[str, Any]:
    """What the stores say."""
    return {
        "log": said(stores),
        "links": list(stores.log.links()),
        "items": list(stores.catalogue.all()),
        "customers": stores.customers.get(list(stores.customers.ids())),
        "consent": [stores.consent.history(person) for person in (ANNA, BEN)],
        "keys": stores.keys.all(),
        "shift": stores.meta.get("clock_shift"),
        "forgotten": stores.tombstones.covers([Person(customer_id="carl"), ANNA]),
    }


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An empty home of its own on each backend: the place to load into."""
    folder = tmp_path / "other"
    url = f"sqlite:///{folder}/var/shop.db"
    stores = open_stores(url if request.param == "sqlite" else request.getfixturevalue("postgres_url"), home=folder)
    yield stores
    stores.close()


def test_a_dump_loaded_elsewhere_says_the_same(stores: Stores, other: Stores, tmp_path: Path) -> None:
    fill(stores)
    counts = stores.dump(str(tmp_path / "dump"))
    assert counts["events"] == 5
    assert dict(other.load(str(tmp_path / "dump"))) == dict(counts)
    assert everything(other) == everything(stores)


def test_after_a_load_the_same_file_still_adds_nothing(stores: Stores, other: Stores, tmp_path: Path) -> None:
    fill(stores)
    stores.dump(str(tmp_path / "dump"))
    other.load(str(tmp_path / "dump"))
    assert bring_in(other, FILE).duplicates == 3
    assert other.log.append([event("e1", customer_id="ben")], BY_API).new == (False,)
    assert other.log.append([event("e2", customer_id="ben")], BY_API).new == (True,)


def test_people_erased_at_the_place_of_loading_stay_erased(stores: Stores, other: Stores, tmp_path: Path) -> None:
    fill(stores)
    stores.dump(str(tmp_path / "dump"))
    other.tombstones.add(ANNA)
    other.load(str(tmp_path / "dump"))
    assert other.log.of_person(ANNA) == []
    assert list(other.customers.ids()) == ["ben"]
    assert other.consent.history(ANNA) == []
    assert other.tombstones.covers([ANNA, Person(customer_id="carl"), BEN]) == [True, True, False]
    assert bring_in(other, FILE).erased == 2


def test_a_load_replaces_what_was_there_and_numbers_do_not_go_back(
    stores: Stores, other: Stores, tmp_path: Path
) -> None:
    fill(stores)
    stores.dump(str(tmp_path / "dump"))
    for n in range(9):
        other.log.append([event(f"old{n}", customer_id="old")], BY_API)
        other.catalogue.put([Item(item_id="old", stock=n)])
    position, version = other.log.position(), other.catalogue.version()
    other.load(str(tmp_path / "dump"))
    assert everything(other) == everything(stores)
    assert other.log.position() >= position
    assert other.catalogue.version() > version
    assert [one.item_id for one in other.catalogue.entries(version)] == ["a"]


@pytest.mark.parametrize("damage", ["missing part", "cut part", "no list", "wrong count", "newer", "short secret"])
def test_a_damaged_dump_changes_nothing(sqlite_stores: Stores, other: Stores, tmp_path: Path, damage: str) -> None:
    fill(sqlite_stores)
    fill(other)
    other.log.append([event("own", customer_id="own")], BY_API)
    before = everything(other)
    dump = tmp_path / "dump"
    sqlite_stores.dump(str(dump))
    part, listed = dump / "customers-000000.parquet", dump / "dump.json"
    about = json.loads(listed.read_text())
    if damage == "missing part":
        part.unlink()
    elif damage == "cut part":
        part.write_bytes(part.read_bytes()[:-20])
    elif damage == "no list":
        listed.unlink()
    elif damage == "wrong count":
        about["rows"]["events"] = 4
        listed.write_text(json.dumps(about))
    elif damage == "newer":
        listed.write_text(json.dumps({**about, "schema": "9999"}))
    else:
        (dump / "secret.key").write_bytes(b"short")
    with pytest.raises(BadInputError):
        other.load(str(dump))
    assert everything(other) == before
