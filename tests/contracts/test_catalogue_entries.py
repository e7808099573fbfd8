from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from recommender.domain.entries import entry_of
from recommender.domain.items import Availability, Item
from recommender.domain.ports import Catalogue, Stores
from recommender.storage.catalogue import SqlCatalogue
from recommender.storage.migrate import bring_up_to_date
from recommender.storage.sqlite import SqliteDatabase

DAY = datetime(2026, 3, 1, tzinfo=UTC)
SHOP = (
    Item(item_id="Z"),
    Item(item_id="a"),
    Item(item_id="b", title="Świeca", url="/b", image="/b.png", price=Decimal("9.90"), currency="EUR"),
    Item(item_id="c", price=Decimal("9.90"), sale_price=Decimal("7.1234"), stock=0),
    Item(item_id="d", stock=0, availability=Availability.BACKORDER, visible=True),
    Item(item_id="e", visible=False, brand="Nord", category="Tea > Green", item_group_id="g"),
    Item(item_id="f", availability=Availability.OUT_OF_STOCK, available_from=DAY, available_until=DAY, added_at=DAY),
    Item(item_id="g", removed=True, color="red", size="M", attributes={"wax": "soy", "hours": 40, "lit": True}),
)


@pytest.fixture
def catalogue(stores: Stores) -> Catalogue:
    stores.catalogue.put(SHOP)
    return stores.catalogue


def test_an_entry_read_off_the_table_is_the_entry_of_the_item(catalogue: Catalogue) -> None:
    assert list(catalogue.entries()) == [entry_of(item) for item in catalogue.all()] == [entry_of(i) for i in SHOP]


def test_only_what_changed_after_a_version_is_read(catalogue: Catalogue) -> None:
    before = catalogue.version()
    catalogue.put([Item(item_id="c", stock=3), Item(item_id="a")])
    assert [(entry.item_id, entry.offered) for entry in catalogue.entries(before)] == [("c", True)]
    assert list(catalogue.entries(catalogue.version())) == []


def test_an_entry_is_offered_when_the_item_is_sellable_but_for_its_dates() -> None:
    assert [entry_of(item).offered for item in SHOP] == [True, True, True, False, True, False, False, False]
    assert [entry_of(item).shown for item in SHOP] == [True, True, True, True, True, False, True, False]


def test_a_few_changes_are_found_without_reading_the_whole_table(home: Path) -> None:
    with closing(SqliteDatabase(home / "shop.db", lock=home / "lock", create=True)) as database:
        bring_up_to_date(database, create=True)
        asked: list[tuple[str, Any]] = []
        sa.event.listen(database.engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        assert list(SqlCatalogue(database).entries(1)) == []
        with database.raw() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1])
            assert "items_by_version" in str(cursor.fetchall())
