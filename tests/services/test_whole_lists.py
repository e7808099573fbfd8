"""Customers of the bundled shop get the same lists from their profiles as from the log."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import recommender
from recommender.bundle import write_bundle
from recommender.cli import run
from recommender.domain.people import Person
from recommender.domain.requests import Repeat, Request
from recommender.domain.slates import SlateItem
from recommender.ranking.settings import AnswerSettings
from recommender.services.item_lookup import CatalogueLookup
from recommender.services.rebuilding import rebuild_profiles
from recommender.services.recommend import Recommender
from recommender.settings import Settings
from recommender.train import read_shop
from recommender.training.fitting import fit
from recommender.wiring import MODEL, Shop, connect

DATA = Path(recommender.__file__).parent / "demo" / "data"
EVERY = 30
"""One customer in so many is taken, and those with the longest histories, which no record holds whole."""

LONGEST = 6
NOW = datetime(2011, 12, 10, tzinfo=UTC)
EARLIER = NOW - timedelta(days=60)


def chosen() -> pl.DataFrame:
    """The events of about 150 customers."""
    events = pl.read_parquet(DATA / "events.parquet")
    lines = events.group_by("customer_id").len().sort("len", "customer_id", descending=True)["customer_id"]
    taken = pl.concat([lines.head(LONGEST), lines.slice(LONGEST).gather_every(EVERY)])
    return events.filter(pl.col("customer_id").is_in(taken.implode()))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    home = tmp_path_factory.mktemp("shop")
    chosen().write_parquet(home / "events.parquet")
    for words in (["items", str(DATA / "items.parquet")], ["events", str(home / "events.parquet")]):
        assert run(["--home", str(home), "--quiet", "import", *words]) == 0
    with connect(Settings(home=home)) as opened:
        arrays, described = fit(read_shop(opened).interactions).model.to_arrays()
        write_bundle(opened.settings.models_dir, "r1", arrays, {MODEL: described}, created=NOW)
        opened.shelf.publish("r1")
        yield opened


@pytest.fixture(scope="module")
def people(shop: Shop) -> list[str]:
    return [person.customer_id for person in shop.stores.log.people() if person.customer_id is not None]


def lists(asked: Recommender, who: str) -> list[tuple[SlateItem, ...]]:
    """Two lists now, one of an earlier moment."""
    person = Person(customer_id=who)
    requests = (
        Request(scenario="home", now=NOW, person=person, size=12),
        Request(scenario="newsletter", now=NOW, person=person, size=12, repeat=Repeat.FORBID),
        Request(scenario="home", now=EARLIER, person=person, size=12),
    )
    return [tuple(asked.slate(request).items) for request in requests]


def from_profiles(shop: Shop) -> Recommender:
    """As a worker that has just started answers: people from the cache, nothing in its memory."""
    worker = Shop(settings=shop.settings, stores=shop.stores)
    worker.recommender.records = replace(worker.recommender.records, profiles=worker.profiles)
    return worker.recommender


@pytest.mark.parametrize("made", ["on reading", "by a rebuild"])
def test_lists_from_profiles_are_the_lists_from_the_log(shop: Shop, people: list[str], made: str) -> None:
    shop.follower.poll()
    shop.profile_store.clear()
    if made == "by a rebuild":
        lookup = CatalogueLookup(shop.stores.catalogue)
        rebuild_profiles(shop.stores, shop.profile_store, lookup, limit=AnswerSettings().history_lines)
        people = people[::3]
    live = from_profiles(shop)
    differing = [who for who in people if lists(live, who) != lists(shop.recommender, who)]
    assert differing == []


def test_lists_of_different_people_differ(shop: Shop, people: list[str]) -> None:
    assert len(people) >= 150 - LONGEST
    assert len({tuple(item.item_id for item in lists(shop.recommender, who)[0]) for who in people[:20]}) > 15
