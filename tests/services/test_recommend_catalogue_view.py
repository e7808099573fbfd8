import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from answer_samples import END, broken, open_spring

from recommender.domain.items import Item
from recommender.domain.ports import Stores
from recommender.ranking.assortment import micros
from recommender.services.catalogue_view import BLANK_CARD, CatalogueView


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_spring(tmp_path, events=[])
    yield opened
    opened.close()


class Watch:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def sellable(view: CatalogueView, item_id: str) -> bool:
    stock = view.assortment(None)
    row = stock.row(item_id)
    assert row is not None
    return bool(stock.sellable(np.array([row], np.int32), micros(END))[0])


def test_a_change_shows_once_the_store_is_asked_again(stores: Stores) -> None:
    watch = Watch()
    view = CatalogueView(stores.catalogue, refresh_seconds=0.5, monotonic=watch)
    assert sellable(view, "i10")
    stores.catalogue.put([Item(item_id="i10", stock=0)])
    assert sellable(view, "i10")
    watch.seconds += 0.5
    assert not sellable(view, "i10")


def test_what_was_handed_out_before_a_change_stays_as_it_was(stores: Stores) -> None:
    view = CatalogueView(stores.catalogue, refresh_seconds=0)
    before = view.assortment(None)
    stores.catalogue.put([Item(item_id="i10", stock=0), Item(item_id="brand-new")])
    after = view.assortment(None)
    assert before.row("brand-new") is None
    assert after.row("brand-new") is not None
    assert before.columns.offered[list(before.ids).index("i10")]
    assert view.assortment(None) is after


def test_an_item_missing_from_the_whole_catalogue_is_taken_out(stores: Stores) -> None:
    view = CatalogueView(stores.catalogue, refresh_seconds=0)
    assert sellable(view, "i10")
    stores.catalogue.put([Item(item_id="i11")], replace=True)
    assert not sellable(view, "i10")


def test_cards_carry_what_pages_show(stores: Stores) -> None:
    stores.catalogue.put([Item(item_id="i10", url="/things/10", image="/things/10.svg", sale_price=Decimal("7.50"))])
    card, unknown = CatalogueView(stores.catalogue).cards(["i10", "nowhere"])
    assert (card.title, card.url, card.image) == ("Thing i10", "/things/10", "/things/10.svg")
    assert (card.price, card.currency) == (Decimal("7.50"), "EUR")
    assert unknown == BLANK_CARD


def test_a_store_that_fails_leaves_the_last_version_and_is_asked_again_later(stores: Stores, tmp_path: Path) -> None:
    watch = Watch()
    view = CatalogueView(stores.catalogue, refresh_seconds=0, monotonic=watch)
    version = view.version
    with broken(tmp_path, "items"):
        stores.meta.set("anything", "else")
        assert sellable(view, "i10")
    stores.catalogue.put([Item(item_id="i10", stock=0)])
    watch.seconds += 1
    assert not sellable(view, "i10")
    assert view.version > version


def test_a_store_that_never_answered_is_an_empty_catalogue(stores: Stores, tmp_path: Path) -> None:
    watch = Watch()
    view = CatalogueView(stores.catalogue, monotonic=watch)
    with broken(tmp_path, "items"):
        assert view.items() == {}
    watch.seconds += 1
    assert "i10" in view.items()


def test_readers_and_a_changing_catalogue_do_not_disturb_each_other(stores: Stores) -> None:
    view = CatalogueView(stores.catalogue, refresh_seconds=0)
    problems: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            stock = view.assortment(None)
            if len(stock.ids) != len(stock.columns.offered) or stock.row("i10") is None:
                problems.append("an assortment was seen half-made")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(15):
        stores.catalogue.put([Item(item_id=f"new-{n}"), Item(item_id="i10", stock=n)])
    done.set()
    for reader in readers:
        reader.join()
    assert problems == []
    assert view.assortment(None).row("new-14") is not None
