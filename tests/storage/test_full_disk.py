"""A full disk: one clear sentence, nothing acknowledged that is not there, and work goes on once there is room."""

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from recommender.domain.errors import StoreUnavailableError
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.people import Person
from recommender.domain.ports import Source
from recommender.storage import default_url, open_stores

SOURCE = Source(kind="import", legal_basis="contract")


@pytest.fixture
def small_disk(tmp_path: Path, say_missing: Callable[[str], None]) -> Iterator[Path]:
    """A home on a disk of 3 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        say_missing("mounting a small disk needs root")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if made.returncode:
        say_missing(f"a small disk cannot be mounted here: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def many_rows(count: int) -> pl.DataFrame:
    numbers = pl.Series(range(count))
    return pl.DataFrame({"type": ["purchase"] * count, "time_us": numbers, "customer_id": numbers.cast(pl.String)})


def test_an_import_that_fills_the_disk_stores_nothing_and_says_why(small_disk: Path) -> None:
    stores = open_stores(default_url(small_disk), home=small_disk)

    def too_much() -> None:
        with stores.log.importing(SOURCE) as session:
            session.write(many_rows(60_000))

    with pytest.raises(StoreUnavailableError, match=r"^The disk that holds .*shop\.db is full; nothing was stored\.$"):
        too_much()
    assert list(stores.log.frames()) == []
    with stores.log.importing(SOURCE) as session:
        assert session.write(many_rows(100)).new == 100
    assert stores.log.position() == 100
    stores.close()


def test_every_event_acknowledged_before_the_disk_was_full_is_there(small_disk: Path) -> None:
    stores = open_stores(default_url(small_disk), home=small_disk)
    acknowledged = 0

    def fill() -> None:
        nonlocal acknowledged
        for number in range(100_000):
            items = tuple(EventItem(item_id=f"item-{n:050}") for n in range(100))
            noon = datetime(2024, 5, 1, tzinfo=UTC)
            event = Event(event_id=f"e{number}", type=EventType.PURCHASE, time=noon, customer_id="anna", items=items)
            stores.log.append([event], SOURCE)
            acknowledged += 1

    with pytest.raises(StoreUnavailableError, match="is full; nothing was stored"):
        fill()
    assert acknowledged > 3
    assert len(stores.log.of_person(Person(customer_id="anna"), limit=10**9)) == 100 * acknowledged
    stores.close()
