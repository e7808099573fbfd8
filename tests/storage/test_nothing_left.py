"""After an erasure not a byte of the person is left in any file of the home."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.people import Customer, Person
from recommender.domain.ports import Source, Stores
from recommender.storage import default_url, open_stores

CANARY, BROWSER = "canary-customer-7f3a", "canary-browser-91cc"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
PERSON = Person(customer_id=CANARY, visitor_id=BROWSER)


def fill(stores: Stores) -> None:
    source = Source(kind="import", legal_basis="contract")
    for turn in range(3):
        numbers = [f"c{n % 400}" for n in range(3_000)]
        who = [CANARY if n % 97 == turn else one for n, one in enumerate(numbers)]
        with stores.log.importing(source) as session:
            session.write(pl.DataFrame({"type": ["purchase"] * 3_000, "time_us": range(3_000), "customer_id": who}))
        events = [
            Event(
                event_id=f"e{turn}-{n}",
                type=EventType.SEARCH,
                time=NOON,
                visitor_id=BROWSER,
                customer_id=CANARY if n % 2 else None,
                items=(EventItem(item_id="a"),),
                properties={"search_term": f"gift for {CANARY}"},
            )
            for n in range(40)
        ]
        stores.log.append(events, source)
    stores.customers.put(Customer(customer_id=f"c{n}", email=f"c{n}@example.com") for n in range(300))
    stores.customers.put([Customer(customer_id=CANARY, email=f"{CANARY}@example.com")])
    stores.customers.put([Customer(customer_id=CANARY, name="A longer name than before " * 400)])
    stores.consent.record(
        [
            ConsentRecord(
                person=PERSON, purpose=Purpose.MODEL_TRAINING, state=ConsentState.GRANTED, time=NOON, source=CANARY
            )
        ]
    )


def files_with(folder: Path, text: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def test_no_file_of_the_home_holds_the_person_after_erasing_and_compacting(home: Path) -> None:
    stores = open_stores(default_url(home), home=home)
    reader = open_stores(default_url(home), home=home)
    fill(stores)
    assert files_with(home, CANARY)
    assert reader.log.of_person(PERSON)
    stores.tombstones.add(PERSON)
    assert stores.log.erase(PERSON) > 200
    assert stores.customers.erase(PERSON) == 1
    assert stores.consent.erase(PERSON) == 1
    stores.compact()
    assert files_with(home, CANARY) == []
    assert files_with(home, BROWSER) == []
    assert files_with(home, "A longer name than before") == []
    assert reader.log.of_person(PERSON) == []
    stores.close()
    reader.close()
    assert files_with(home, CANARY) == []


def test_without_the_secret_a_derived_id_cannot_be_recomputed(home: Path, tmp_path: Path) -> None:
    ids = []
    for folder in (home, tmp_path / "other"):
        stores = open_stores(default_url(folder), home=folder)
        with stores.log.importing(Source(kind="import", legal_basis="contract")) as session:
            session.write(pl.DataFrame({"type": ["purchase"], "time_us": [1], "customer_id": ["anna"]}))
        ids.append(next(stores.log.frames(columns=["event_id"])).item())
        stores.close()
    assert ids[0] != ids[1]
