"""A shop of no, one, fifty or five hundred orders trains in seconds, is served the best there is, and told where it is from."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from recommender.demo.shop import DATA
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Item
from recommender.domain.people import Person
from recommender.domain.ports import Source
from recommender.domain.requests import Request
from recommender.domain.slates import SlateItem
from recommender.settings import Settings, checked
from recommender.train import Outcome, train_home
from recommender.wiring import Shop, connect

SOURCE = Source(kind="import", legal_basis="contract")
NOW = datetime(2012, 1, 1, tzinfo=UTC)
CATALOGUE = [f"shelf-{n}" for n in range(12)]
SECONDS = 45.0
"""Of processors: ten times what 500 orders took when this was written, for slow machines."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A home with a small catalogue and no events."""
    with connect(checked(replace(Settings(), home=tmp_path))) as opened:
        opened.stores.catalogue.put([Item(item_id=item, title=f"Thing {item}") for item in CATALOGUE])
        yield opened


def orders(n: int) -> list[Event]:
    """The orders of some customers of the bundled shop, one of them after the other until there are ``n``."""
    lines = pl.read_parquet(DATA / "events.parquet").filter(
        pl.col("type") == "purchase", pl.col("order_id").is_not_null()
    )
    order = lines.select("customer_id", "order_id").unique().sort("customer_id", "order_id")["order_id"][:n]
    chosen = lines.filter(pl.col("order_id").is_in(order.to_list())).group_by("order_id", maintain_order=True)
    return [_event(str(name[0]), told) for name, told in chosen]


def _event(name: str, told: pl.DataFrame) -> Event:
    first = told.row(0, named=True)
    items = told.unique("item_id", maintain_order=True)["item_id"].to_list()
    return Event(
        event_id=name,
        type=EventType.PURCHASE,
        time=first["timestamp"],
        customer_id=first["customer_id"],
        order_id=name,
        items=tuple(EventItem(item_id=item) for item in items),
    )


def train(shop: Shop) -> Outcome:
    """Without tuning; the model is served afterwards."""
    outcome = train_home(shop, budget=0.0)
    shop.models.poll()
    return outcome


def shown(shop: Shop, who: str | None, scenario: str = "home", item: str | None = None) -> Sequence[SlateItem]:
    """A list of ten, asked live."""
    asked = Request(
        scenario=scenario,
        now=NOW,
        person=Person(customer_id=who),
        item_ids=() if item is None else (item,),
        size=10,
    )
    return shop.recommender.slate(asked).items


@pytest.mark.parametrize("n", [0, 1, 50, 500])
def test_a_shop_of_so_many_orders_trains_in_seconds_and_every_answer_says_where_it_is_from(shop: Shop, n: int) -> None:
    shop.stores.log.append(orders(n), SOURCE)
    began = time.process_time()
    assert train(shop).published
    assert time.process_time() - began < SECONDS
    known = next((event.customer_id for event in orders(n)), None)
    for who in (None, "nobody", known):
        items = shown(shop, who)
        assert len({item.item_id for item in items}) == 10
        assert all(item.source for item in items)


def test_what_a_regular_of_a_shop_of_fifty_orders_gets_is_not_only_what_is_popular(shop: Shop) -> None:
    shop.stores.log.append(orders(50), SOURCE)
    train(shop)
    regular = max((event.customer_id for event in orders(50)), key=[e.customer_id for e in orders(50)].count)
    strangers = {item.item_id for item in shown(shop, "nobody")}
    assert {item.item_id for item in shown(shop, regular)} != strangers


def test_one_bad_row_never_loses_a_training_and_the_report_counts_it(shop: Shop) -> None:
    good = orders(50)
    bad = [
        replace(good[0], event_id="b1", order_id="b1", time=datetime.now(UTC) + timedelta(days=3000)),
        replace(good[1], event_id="b2", order_id="b2", time=datetime(1995, 1, 1, tzinfo=UTC)),
        replace(good[2], event_id="b3", order_id="test-1"),
        replace(
            good[3],
            event_id="b4",
            order_id="b4",
            items=(EventItem(item_id=CATALOGUE[0], quantity=10**9, price=Decimal("9e10")),),
        ),
    ]
    shop.stores.log.append([*good, *bad], SOURCE)
    outcome = train(shop)
    written = json.loads(outcome.report_file.read_text(encoding="utf-8"))
    assert outcome.published
    assert written["data_window"]["last"] < "2012"
    assert set(written["left_out"]) >= {"in the future", "years away from all others", "test person or test order"}
    assert written["noticed"] == {"quantity above 10,000, taken as that": 1}
