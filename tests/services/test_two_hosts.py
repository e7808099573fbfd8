"""Two hosts on one PostgreSQL and one Redis, and a database that stops answering."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median

import pytest
from redis_server import RedisServer
from two_hosts_samples import BY_API, frozen, host, send

from recommender.bundle import write_bundle
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Item
from recommender.domain.people import Person
from recommender.domain.requests import Request
from recommender.domain.slates import Slate
from recommender.services.bounded import Bounded
from recommender.services.watching import Watch
from recommender.train import read_shop
from recommender.training.fitting import fit
from recommender.wiring import MODEL, Shop

pytestmark = pytest.mark.postgresql

ITEMS = [f"i{n}" for n in range(12)]


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    return redis_server.url


def items_of(shop: Shop, person: Person) -> list[str]:
    record = shop.profiles.read(person).record
    assert record is not None
    return [record.item_ids[item] for item in record.item.tolist()]


def test_each_host_sees_what_the_other_acknowledged_within_a_second(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    with (
        host(tmp_path / "one", postgres_url, redis_url) as one,
        host(tmp_path / "two", postgres_url, redis_url, secret_of=one) as two,
    ):
        watches = [Watch({"people": shop.follower.poll}, seconds=0.25) for shop in (one, two)]
        for watch in watches:
            watch.start()
        try:
            anna, waited = Person(customer_id="anna"), []
            for turn in range(6):
                here, there = (one, two) if turn % 2 else (two, one)
                items_of(there, anna)
                acknowledged = send(here, f"e{turn}", f"i{turn}", customer_id="anna")
                assert items_of(here, anna)[-1] == f"i{turn}"
                while f"i{turn}" not in items_of(there, anna):
                    assert time.monotonic() - acknowledged < 30
                    time.sleep(0.01)
                waited.append(time.monotonic() - acknowledged)
        finally:
            for watch in watches:
                watch.stop()
        assert median(waited) < 1, waited  # a busy machine may hold up any one of them
        assert items_of(one, anna) == items_of(two, anna) == [f"i{turn}" for turn in range(6)]


def stocked(shop: Shop) -> None:
    """A catalogue, twenty customers with a habit each, and a published model."""
    shop.stores.catalogue.put([Item(item_id=one, title=one) for one in ITEMS])
    now = shop.clock.now()
    shop.stores.log.append(
        [
            Event(
                event_id=f"e{customer}-{order}",
                type=EventType.PURCHASE,
                time=now - timedelta(days=2 * order + 1, minutes=customer),
                customer_id=f"c{customer}",
                items=tuple(EventItem(item_id=ITEMS[(customer + step) % 12]) for step in (0, 1, order % 4)),
            )
            for customer in range(20)
            for order in range(8)
        ],
        BY_API,
    )
    shop.follower.poll()
    arrays, described = fit(read_shop(shop).interactions).model.to_arrays()
    write_bundle(shop.settings.models_dir, "r1", arrays, {MODEL: described}, created=now)
    shop.shelf.publish("r1")


def test_a_frozen_database_costs_lists_a_moment_and_leaves_them_personal(tmp_path: Path, postgres_url: str) -> None:
    with host(tmp_path / "one", postgres_url) as shop:
        stocked(shop)
        worker = Shop(settings=shop.settings, stores=shop.stores)
        worker.catalogue_view.follow()
        lists = worker.recommender
        lists.records = replace(lists.records, profiles=worker.profiles)

        def asked(who: str) -> Slate:
            return lists.slate(Request(scenario="home", now=shop.clock.now(), person=Person(customer_id=who), size=5))

        before = [asked(f"c{n}") for n in range(10)]
        assert all(slate.items for slate in before)
        position = shop.stores.log.position() + 1
        with frozen(postgres_url):
            began = time.perf_counter()
            fresh = [asked(f"c{n}") for n in range(10)]
            unhindered = time.perf_counter() - began
            worker.freshness.mark([Person(customer_id=f"c{n}") for n in range(10)], position)
            began = time.perf_counter()
            stale = [asked(f"c{n}") for n in range(10)]
            stranger = asked("c15")
            hindered = time.perf_counter() - began
        asking = worker.profiles._asking
        assert isinstance(asking, Bounded)
        asking._pool.shutdown()  # the questions that hung are answered now; their connections go back
        ids = [[item.item_id for item in slate.items] for slate in before]
        assert [[item.item_id for item in slate.items] for slate in fresh] == ids
        assert [[item.item_id for item in slate.items] for slate in stale] == ids
        assert len(stranger.items) == 5
        assert unhindered < 0.5
        assert hindered < 1.5
