"""Processes that open and write one home at the same time."""

from collections.abc import Callable
from pathlib import Path

import pytest
from processes import finish, start

from recommender.domain.people import Person
from recommender.storage import default_url, open_stores


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, home: Path) -> str:
    if request.param == "sqlite":
        return default_url(home)
    make: Callable[[], str] = request.getfixturevalue("new_postgres_url")
    return make()


def test_processes_that_open_a_fresh_home_at_once_all_succeed(url: str, home: Path) -> None:
    started = [start("open", url, home) for _ in range(3)]
    assert [finish(process) for process in started] == [["done 0"]] * 3


def test_four_writers_at_once_lose_nothing_and_number_without_gaps(url: str, home: Path) -> None:
    started = [start("append", url, home, f"c{n}", 25) for n in range(4)]
    for process in started:
        assert len(finish(process)) == 26
    stores = open_stores(url, home=home)
    assert stores.log.position() == 200
    numbers = [seq for frame in stores.log.frames(columns=["seq"]) for seq in frame["seq"]]
    assert numbers == list(range(1, 201))
    assert list(stores.log.people()) == [Person(customer_id=f"c{n}") for n in range(4)]
    stores.close()


def test_readers_do_not_wait_for_an_import(url: str, home: Path) -> None:
    import time

    import polars as pl

    from recommender.domain.ports import Source

    writer, reader = (open_stores(url, home=home) for _ in range(2))
    with writer.log.importing(Source(kind="import", legal_basis="contract")) as session:
        session.write(pl.DataFrame({"type": ["purchase"], "time_us": [1], "customer_id": ["anna"]}))
        before = time.monotonic()
        assert reader.log.of_person(Person(customer_id="anna")) == []
        assert list(reader.log.frames()) == []
        assert reader.catalogue.version() == 0
        assert time.monotonic() - before < 8  # who waited for the import would wait ten seconds
    assert len(reader.log.of_person(Person(customer_id="anna"))) == 1
    writer.close()
    reader.close()
