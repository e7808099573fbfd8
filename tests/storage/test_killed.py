"""``kill -9``: nothing acknowledged is lost, nothing is half-done."""

import sqlite3
from pathlib import Path

import pytest
from processes import kill_after, start

from recommender.domain.people import Person
from recommender.storage import default_url, open_stores


def sound(home: Path) -> bool:
    with sqlite3.connect(home / "var" / "shop.db") as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    return bool(verdict == "ok")


def test_what_was_acknowledged_survives_kills_in_the_middle_of_appends(home: Path) -> None:
    for turn, lines in enumerate((1, 9, 60)):
        acknowledged = kill_after(start("append", default_url(home), home, f"c{turn}", 100_000), lines)
        assert len(acknowledged) >= lines
        stores = open_stores(default_url(home), home=home)
        lines_of = stores.log.of_person(Person(customer_id=f"c{turn}"), limit=1_000_000)
        stores.close()
        stored = [line.event_id for line in lines_of]
        assert set(acknowledged) <= set(stored)
        assert len(stored) - 2 * len(acknowledged) in (0, 2), "at most the one event whose answer was cut off"
        assert all(stored.count(one) == 2 for one in stored[-4:]), "an event has both its lines or none"
        assert sound(home)


@pytest.mark.parametrize("chunks", [1, 9])
def test_an_import_that_was_killed_has_left_nothing_and_can_be_repeated(home: Path, chunks: int) -> None:
    said = kill_after(start("import", default_url(home), home, 10_000), chunks)
    stores = open_stores(default_url(home), home=home)
    kept = sum(len(frame) for frame in stores.log.frames())
    assert kept == (10_000 if "committed" in said else 0)
    stores.close()
    assert sound(home)
    again = start("import", default_url(home), home, 10_000)
    assert "committed" in again.communicate(timeout=60)[0]
    stores = open_stores(default_url(home), home=home)
    assert sum(len(frame) for frame in stores.log.frames()) == 10_000
    stores.close()


@pytest.mark.postgresql
def test_postgresql_keeps_what_was_acknowledged_and_nothing_of_a_killed_import(postgres_url: str, home: Path) -> None:
    acknowledged = kill_after(start("append", postgres_url, home, "anna", 100_000), 40)
    kill_after(start("import", postgres_url, home, 20_000), 2)
    stores = open_stores(postgres_url, home=home)
    stored = {line.event_id for line in stores.log.of_person(Person(customer_id="anna"), limit=1_000_000)}
    assert set(acknowledged) <= stored
    assert sum(len(frame) for frame in stores.log.frames(columns=["seq"])) in (
        2 * len(stored),
        2 * len(stored) + 20_000,
    )
    assert list(stores.log.people()) == [Person(customer_id="anna")]
    stores.close()
