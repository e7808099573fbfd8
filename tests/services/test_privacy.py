"""One person is handed over whole, and forgotten everywhere."""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from profile_samples import Corner, corner_at, happened

from recommender.domain.clock import ShopClock
from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.errors import BadInputError, StoreUnavailableError
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.incoming import DeadLetter, Delivery
from recommender.domain.items import Item
from recommender.domain.people import Customer, Person
from recommender.domain.ports import Source, Stores
from recommender.services import exports, privacy
from recommender.services.newsletter_kept import KeptPick, packed
from recommender.services.own_files import named_in
from recommender.storage import default_url, open_stores

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
SHOP = Source(kind="api", legal_basis="contract")
CANARY = "canary-4711"
BROWSER = "browser-0815"


def bought(event_id: str, *, customer_id: str | None = None, visitor_id: str | None = None) -> Event:
    """One mug, bought at noon."""
    return Event(
        event_id=event_id,
        type=EventType.PURCHASE,
        time=NOON,
        items=(EventItem(item_id="mug", price=Decimal("7.50")),),
        customer_id=customer_id,
        visitor_id=visitor_id,
    )


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """A home that knows a canary in every store, and Ben."""
    opened = open_stores(default_url(tmp_path), home=tmp_path)
    opened.log.append(
        [
            bought("e1", customer_id=CANARY, visitor_id=BROWSER),
            bought("e2", visitor_id=BROWSER),
            bought("e3", customer_id="ben"),
        ],
        SHOP,
    )
    opened.customers.put([Customer(customer_id=CANARY, email=f"{CANARY}@example.com"), Customer(customer_id="ben")])
    opened.consent.record(
        [
            ConsentRecord(
                person=Person(customer_id=CANARY),
                purpose=Purpose.MODEL_TRAINING,
                state=ConsentState.GRANTED,
                time=NOON,
                source="test",
            )
        ]
    )
    yield opened
    opened.close()


def bytes_of(home: Path) -> bytes:
    """Every byte of every file under a home."""
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def test_an_export_holds_every_kind_of_row_and_nobody_elses(stores: Stores, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    counts = privacy.export(stores, CANARY, out, var=tmp_path / "var", clock=ShopClock())
    assert counts == {
        "events.json": 2,
        "refused_events.json": 0,
        "customer.json": 1,
        "consent.json": 1,
        "newsletter.json": 0,
    }
    with zipfile.ZipFile(out) as archive:
        events = json.loads(archive.read("events.json"))
        everything = "".join(archive.read(name).decode() for name in archive.namelist())
    assert {row["event_id"] for row in events} == {"e1", "e2"}
    assert "ben" not in everything


def opened(path: Path) -> dict[str, Any]:
    """What stands in each file of an export."""
    with zipfile.ZipFile(path) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def test_consent_is_exported_by_both_ids_once_and_with_times_others_can_read(stores: Stores, tmp_path: Path) -> None:
    later = NOON + timedelta(microseconds=884_128)
    both = Person(customer_id=CANARY, visitor_id=BROWSER)
    stores.consent.record(
        [
            ConsentRecord(
                person=both,
                purpose=Purpose.ONSITE_PERSONALISATION,
                state=ConsentState.DENIED,
                time=later,
                source="event",
            )
        ]
    )
    privacy.export(stores, CANARY, tmp_path / "out.zip", var=tmp_path / "var", clock=ShopClock())
    first, second = opened(tmp_path / "out.zip")["consent.json"]
    assert first == {
        "customer_id": CANARY,
        "visitor_id": None,
        "purpose": "model_training",
        "state": "granted",
        "time": "2026-10-01T12:00:00Z",
        "source": "test",
        "actor": "customer",
        "text_version": None,
    }
    assert (second["customer_id"], second["visitor_id"]) == (CANARY, BROWSER)
    assert second["time"] == "2026-10-01T12:00:00.884128Z"


def test_no_file_of_an_export_holds_anything_but_plain_values(stores: Stores, tmp_path: Path) -> None:
    stores.customers.put(
        [Customer(customer_id=CANARY, birth_date=date(1990, 2, 28), attributes={"vip": True, "points": 2.5})]
    )
    (number,) = stores.readers.numbers([CANARY]).values()
    pick = KeptPick(item_id="mug", score=0.5, source="als", own=True, picked=False, when_us=1)
    stores.readers.keep({number: packed([pick])}, 1)
    letter = DeadLetter(code="conflict", message="Taken.", received_us=1, source="k", customer_id=CANARY, body="{}")
    intake = stores.intake()
    intake.store([Delivery(source=SHOP, events=(), received_us=1, letters=(letter,))])
    intake.close()
    counts = privacy.export(stores, CANARY, tmp_path / "out.zip", var=tmp_path / "var", clock=ShopClock())
    assert all(counts.values())
    files = opened(tmp_path / "out.zip")
    assert files["customer.json"][0]["birth_date"] == "1990-02-28"
    assert files["customer.json"][0]["attributes"] == {"vip": True, "points": 2.5}
    assert files["newsletter.json"][0]["picks"][0]["item_id"] == "mug"
    assert files["refused_events.json"][0]["customer_id"] == CANARY
    texts = [text for name in files for text in texts_of(files[name])]
    assert not [text for text in texts if re.search(r"\w\(|<|^\d{4}-\d\d-\d\d ", text)]


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_of(one)


def test_an_export_into_a_folder_that_is_not_there_says_so_and_leaves_nothing(stores: Stores, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="does not exist"):
        privacy.export(stores, CANARY, tmp_path / "no" / "out.zip", var=tmp_path / "var", clock=ShopClock())


def test_after_an_erasure_no_byte_of_the_person_is_left_in_the_home(stores: Stores, tmp_path: Path) -> None:
    picks = tmp_path / "picks.csv"
    picks.write_text(f"person_id,item_id\n{CANARY},mug\nben,mug\n")
    exports.remember(tmp_path, picks)
    unfinished = tmp_path / "picks.csv.partial"
    unfinished.mkdir()
    (unfinished / "000000.csv").write_text(f"{CANARY},mug\n")
    receipt = privacy.erase(stores, CANARY, home=tmp_path)
    assert receipt.deleted == {"events": 2, "customers": 1, "consent": 1, "dead_letters": 0}
    assert receipt.rewritten == ("picks.csv.partial", "picks.csv")
    assert receipt.still_named_in == ()
    left = bytes_of(tmp_path)
    assert CANARY.encode() not in left
    assert BROWSER.encode() not in left
    assert b"ben" in left


def test_an_erased_person_does_not_come_back_with_a_replay(stores: Stores, tmp_path: Path) -> None:
    privacy.erase(stores, CANARY, home=tmp_path)
    stores.log.append([bought("e4", customer_id=CANARY), bought("e5", visitor_id=BROWSER)], SHOP)
    stores.customers.put([Customer(customer_id=CANARY, email="again@example.com")])
    assert stores.log.of_person(Person(customer_id=CANARY, visitor_id=BROWSER)) == []
    assert stores.customers.get([CANARY]) == {}


def test_erasing_twice_and_erasing_a_stranger_are_no_errors(stores: Stores, tmp_path: Path) -> None:
    privacy.erase(stores, CANARY, home=tmp_path)
    assert privacy.erase(stores, CANARY, home=tmp_path).deleted == {
        "events": 0,
        "customers": 0,
        "consent": 0,
        "dead_letters": 0,
    }
    assert privacy.erase(stores, "nobody-ever", home=tmp_path).deleted["events"] == 0


def test_the_privacy_log_tells_what_was_done_without_naming_anybody(stores: Stores, tmp_path: Path) -> None:
    privacy.export(stores, CANARY, tmp_path / "out.zip", var=tmp_path / "var", clock=ShopClock())
    privacy.erase(stores, CANARY, home=tmp_path)
    entries = privacy.log(tmp_path / "var")
    assert [entry["action"] for entry in entries] == ["export", "erase"]
    assert CANARY not in json.dumps(entries)
    assert entries[0]["subject"] == entries[1]["subject"]


def test_a_file_of_the_shops_own_that_names_the_person_is_listed_and_not_touched(
    stores: Stores, tmp_path: Path
) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(f"customer_id\n{CANARY}\n")
    assert privacy.erase(stores, CANARY, home=tmp_path).still_named_in == ("orders.csv",)
    assert CANARY in orders.read_text()


def test_a_damaged_register_of_lists_stops_no_erasure_and_is_named(stores: Stores, tmp_path: Path) -> None:
    picks = tmp_path / "picks.csv"
    picks.write_text(f"person_id,item_id\n{CANARY},mug\n")
    (tmp_path / "var" / "exports.json").write_text('["picks.csv"]"')
    receipt = privacy.erase(stores, CANARY, home=tmp_path)
    assert receipt.rewritten == ("picks.csv",)
    (aside,) = receipt.not_rewritten
    assert aside.startswith("var/exports.json.unreadable-")
    assert privacy.erase(stores, CANARY, home=tmp_path).not_rewritten == (aside,)
    (tmp_path / aside).unlink()
    assert privacy.erase(stores, CANARY, home=tmp_path).not_rewritten == ()


def test_a_list_that_cannot_be_rewritten_stops_no_erasure_and_is_named(stores: Stores, tmp_path: Path) -> None:
    for name in ("cut.jsonl", "cut.parquet"):
        (tmp_path / name).write_text(f'{{"person_id": "{CANARY}"')
        exports.remember(tmp_path, tmp_path / name)
    assert privacy.erase(stores, CANARY, home=tmp_path).not_rewritten == ("cut.jsonl", "cut.parquet")
    for name in ("cut.jsonl", "cut.parquet"):
        (tmp_path / name).unlink()
    assert CANARY.encode() not in bytes_of(tmp_path)
    assert [entry["action"] for entry in privacy.log(tmp_path / "var")] == ["erase"]


def test_where_the_register_of_lists_cannot_be_held_the_rows_are_gone_all_the_same(
    stores: Stores, tmp_path: Path
) -> None:
    (tmp_path / "var" / "exports.lock").mkdir()
    with pytest.raises(StoreUnavailableError, match="cannot be opened"):
        privacy.erase(stores, CANARY, home=tmp_path)
    assert CANARY.encode() not in bytes_of(tmp_path)
    assert [entry["action"] for entry in privacy.log(tmp_path / "var")] == ["erase"]


def test_an_item_of_the_same_id_in_our_own_files_is_not_the_person(stores: Stores, tmp_path: Path) -> None:
    stores.catalogue.put([Item(item_id="10101")])
    stores.log.append([replace(bought("e9", customer_id="10101"), items=(EventItem(item_id="10101"),))], SHOP)
    run = tmp_path / "models" / "20260101T000000Z"
    run.mkdir(parents=True)
    (run / "items.ids.utf8.npy").write_bytes(b"\x93NUMPY 10101 10102")
    assert privacy.erase(stores, "10101", home=tmp_path).still_named_in == ()
    assert not stores.log.of_person(Person(customer_id="10101"))


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("10101", True),
        ("a,10101,b", True),
        ('{"id":"10101"}', True),
        ("110101,101010,x10101,10101_b,ł10101", False),
        ("110101,10101", True),
        ("x" * ((1 << 20) - 6) + ",10101", True),
        ("x" * ((1 << 20) - 5) + "10101", False),
        ("x" * ((1 << 20) - 6) + ",101011", False),
        ("x" * ((1 << 20) - 3) + ",10101,", True),
    ],
)
def test_only_the_whole_id_in_a_file_of_the_shops_own_counts(tmp_path: Path, content: str, *, named: bool) -> None:
    (tmp_path / "own.csv").write_text(content)
    assert named_in(tmp_path, "10101") == (("own.csv",) if named else (), True)


def test_a_search_that_runs_out_of_time_says_so(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("10101")
    assert named_in(tmp_path, "10101", seconds=0) == ((), False)
    assert named_in(tmp_path, "10101", seconds=60) == (("own.csv",), True)


def seen(event_id: str, seconds: int, item_id: str, customer_id: str | None = None) -> Event:
    """A look in the family's browser, some seconds after noon."""
    return happened(event_id, item_id, visitor_id="family", customer_id=customer_id, seconds=seconds)


def shared(corner: Corner) -> None:
    """Anna's browser, which Ben took over; a letter of each that names only the browser."""
    corner.tell(seen("e1", 0, "a1"), seen("e2", 1, "a2", "anna"), seen("e3", 2, "a3"))
    corner.tell(seen("e4", 4, "b1", "ben"), seen("e5", 5, "b2"))
    letters = [
        DeadLetter(
            code="unknown_type",
            message="Unknown.",
            received_us=int((NOON + timedelta(seconds=second)).timestamp() * 1e6),
            source="k",
            visitor_id="family",
            body="{}",
        )
        for second in (3, 6)
    ]
    intake = corner.stores.intake()
    intake.store([Delivery(source=SHOP, events=(), received_us=1, letters=tuple(letters))])
    intake.close()


def test_what_a_browser_sent_while_it_was_the_persons_is_erased_though_it_is_anothers_now(home: Path) -> None:
    with corner_at(home) as corner:
        shared(corner)
        ben, family = Person(customer_id="ben"), Person(visitor_id="family")
        assert len(corner.profiles.read(ben).record or ()) == 4
        cache = privacy.Cache(profiles=corner.store, board=corner.board)
        receipt = privacy.erase(corner.stores, "anna", home=home, cache=cache)
        assert {name: receipt.deleted[name] for name in ("events", "dead_letters")} == {"events": 3, "dead_letters": 1}
        for person in (ben, family):
            assert [line.item_id for line in corner.stores.log.of_person(person)] == ["b1", "b2"]
            assert len(corner.profiles.read(person).record or ()) == 2
        corner.tell(seen("e6", 7, "b3"))
        assert len(corner.profiles.read(ben).record or ()) == 3


def test_of_a_shared_browser_each_is_handed_what_counted_or_counts_as_theirs(home: Path) -> None:
    with corner_at(home) as corner:
        shared(corner)
        handed = {}
        for one in ("anna", "ben"):
            privacy.export(corner.stores, one, home / "out.zip", var=home / "var", clock=ShopClock())
            handed[one] = [row["item_id"] for row in opened(home / "out.zip")["events.json"]]
        assert handed == {"anna": ["a1", "a2", "a3"], "ben": ["a1", "a3", "b1", "b2"]}


@pytest.mark.parametrize("person_id", ["", "x" * 129, "a\nb"])
def test_an_id_that_cannot_be_one_is_refused(stores: Stores, tmp_path: Path, person_id: str) -> None:
    with pytest.raises(BadInputError, match="1 to 128 bytes"):
        privacy.erase(stores, person_id, home=tmp_path)
