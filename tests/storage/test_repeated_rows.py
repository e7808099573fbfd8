"""Rows of one chunk that say the same: stored as often as they stand there, not at all of someone who was erased."""

import polars as pl

from recommender.domain.people import Person
from recommender.domain.ports import ImportCounts, Source, Stores

SOURCE = Source(kind="import", legal_basis="contract", name="orders.parquet")
AN_HOUR = 3_600_000_000


def brought(stores: Stores, people: list[str]) -> ImportCounts:
    """Import one view of the same item at the same moment per name."""
    rows = {"type": "view_item", "time_us": AN_HOUR, "customer_id": people, "item_id": "i1"}
    with stores.log.importing(SOURCE) as session:
        return session.write(session.ready(pl.DataFrame(rows)))


def whose(stores: Stores) -> list[str]:
    return sorted(name for frame in stores.log.frames(columns=["customer_id"]) for name in frame["customer_id"])


def test_equal_rows_among_others_are_each_stored_once_a_file(sqlite_stores: Stores) -> None:
    people = ["c1", "c2", "c1", "c3", "c2", "c1"]
    assert brought(sqlite_stores, people).new == 6
    assert brought(sqlite_stores, people) == ImportCounts(new=0, duplicates=6, conflicts=0, erased=0)
    assert whose(sqlite_stores) == ["c1", "c1", "c1", "c2", "c2", "c3"]


def test_equal_rows_of_an_erased_customer_do_not_hide_those_of_others(sqlite_stores: Stores) -> None:
    sqlite_stores.tombstones.add(Person(customer_id="c1"))
    counts = brought(sqlite_stores, ["c1", "c2", "c1", "c2"])
    assert counts == ImportCounts(new=2, duplicates=0, conflicts=0, erased=2)
    assert whose(sqlite_stores) == ["c2", "c2"]
