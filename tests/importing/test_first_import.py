"""The first import into an empty log writes the indexes of people at its end; the log is then as any other."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from shop_files import events, log, order, orders

from recommender.domain.people import Person
from recommender.domain.ports import Source, Stores
from recommender.storage.tables import events as table


def indexes(stores: Stores) -> set[str]:
    with stores._database.reading() as connection:  # type: ignore[attr-defined]
        return {str(index["name"]) for index in sa.inspect(connection).get_indexes("events")}


EXPECTED = {str(index.name) for index in table.indexes}


def test_after_the_first_import_and_the_next_the_indexes_of_people_are_there(stores: Stores, tmp_path: Path) -> None:
    for number in range(2):
        events(stores, orders(tmp_path, order(number), name=f"{number}.csv"))
        assert indexes(stores) >= EXPECTED
    assert len(stores.log.of_person(Person(customer_id="c1"))) == 2


def test_a_first_import_that_breaks_off_leaves_the_indexes_as_they_were(stores: Stores) -> None:
    with pytest.raises(KeyboardInterrupt), stores.log.importing(Source(kind="import", legal_basis="contract")):
        raise KeyboardInterrupt
    assert indexes(stores) >= EXPECTED
    assert log(stores, "event_id") == []
