"""Who one can shop as in the demo, and the browsing that is made up for them."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from recommender.demo_shop import browsing, people
from recommender.domain.consent import Purpose
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Item
from recommender.domain.people import Customer, Person
from recommender.domain.ports import Source, Stores
from recommender.domain.requests import Language
from recommender.storage import default_url, open_stores

END = datetime(2011, 12, 9, 12, 0, tzinfo=UTC)
SHELVES = ("Kitchen > Mugs", "Kitchen > Tins", "Garden", "Bags")


def order(customer: str, days: int, *items: str, pieces: int = 2) -> Event:
    return Event(
        event_id=f"{customer}-{days}",
        type=EventType.PURCHASE,
        time=END - timedelta(days=days),
        customer_id=customer,
        order_id=f"{customer}-{days}",
        items=tuple(EventItem(item_id=item, quantity=pieces, price=Decimal(3)) for item in items),
        currency="GBP",
    )


def frames(stores: Stores) -> Iterator[pl.DataFrame]:
    return stores.log.frames(columns=people.COLUMNS)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with closing(open_stores(default_url(tmp_path), home=tmp_path)) as opened:
        opened.catalogue.put(
            Item(item_id=f"i{n}", title=f"Thing {n}", category=SHELVES[n % 4], price=Decimal(n + 1), currency="GBP")
            for n in range(24)
        )
        opened.customers.put(
            [Customer(customer_id="far", country="Italy"), Customer(customer_id="true", country="France")]
        )
        orders = [order("gift", day, "i0", "i4") for day in range(2, 14, 2)]
        orders += [order("bulk", 3, "i1", pieces=900)]
        orders += [order("new", 1, "i0", "i1", "i2", "i3", "i5")]
        orders += [order("true", day, "i0", "i4", "i1", pieces=6) for day in range(30, 66, 4)]
        orders += [order("still", day, "i2", "i6", pieces=6) for day in range(100, 130, 5)]
        orders += [order("far", day, "i3", "i7", pieces=12) for day in range(4, 24, 4)]
        opened.log.append(orders, Source(kind="import", legal_basis="contract"))
        yield opened


def test_everybody_is_chosen_by_rule_and_nobody_twice(stores: Stores) -> None:
    assert people.chosen(stores, "data", lambda: frames(stores)) == [
        ("gift", "gifts"),
        ("bulk", "wholesale"),
        ("new", "new"),
        ("true", "shelf"),
        ("still", "quiet"),
        ("far", "abroad"),
    ]


def test_who_was_chosen_stays_until_the_data_is_another(stores: Stores) -> None:
    first = people.chosen(stores, "data", lambda: frames(stores))
    stores.log.append([order("newer", 0, "i0", "i1", "i2", "i3", "i5")], Source(kind="api", legal_basis="contract"))
    assert people.chosen(stores, "data", lambda: frames(stores)) == first
    assert ("newer", "new") in people.chosen(stores, "other data", lambda: frames(stores))


def test_a_line_of_fact_has_shelves_orders_and_the_quiet_days_in_three_languages(stores: Stores) -> None:
    people.chosen(stores, "data", lambda: frames(stores))
    still = next(one for one in people.roster(stores) if one.kind == "quiet")
    now = END + timedelta(hours=20)  # the next day by the calendar
    assert still.fact(Language.EN, now) == "Garden. 6 orders, quiet for 101 days."
    assert still.fact(Language.PL, now) == "Ogród. 6 zamówień, ostatnie 101 dni temu."
    assert still.fact(Language.RU, now) == "Сад. 6 заказов, последний 101 день назад."
    assert still.top_shelf == "Garden"
    assert still.picture_item == "i6"


def test_an_order_of_yesterday_evening_was_placed_yesterday(stores: Stores) -> None:
    people.chosen(stores, "data", lambda: frames(stores))
    new = next(one for one in people.roster(stores) if one.kind == "new")
    assert new.fact(Language.EN, END).endswith("1 order, the last one yesterday.")
    assert new.fact(Language.EN, END - timedelta(days=1)).endswith("1 order, the last one today.")


def test_a_home_nobody_was_chosen_for_shows_nobody(stores: Stores) -> None:
    assert people.roster(stores) == []


def test_made_up_browsing_is_the_same_every_time_and_says_what_it_is(stores: Stores) -> None:
    added = browsing.simulate(stores, ["gift", "far"], frames(stores))
    assert added > 10
    assert browsing.simulate(stores, ["gift", "far"], frames(stores)) == 0
    looks = [line for line in stores.log.of_person(Person(customer_id="gift")) if line.type == EventType.VIEW_ITEM]
    assert looks
    assert all(browsing.is_simulated(line.visitor_id) for line in looks)
    assert all(line.event_id.startswith("simulated-gift-") for line in looks)
    assert not browsing.is_simulated("v1")
    assert not browsing.is_simulated(None)


def test_made_up_browsing_stays_before_the_end_of_the_log(stores: Stores) -> None:
    end = stores.log.span()
    browsing.simulate(stores, ["gift", "bulk", "new", "true", "still", "far"], frames(stores))
    assert stores.log.span() == end


def test_nothing_is_learned_from_made_up_browsing(stores: Stores) -> None:
    browsing.simulate(stores, ["gift"], frames(stores))
    visitor = Person(visitor_id=browsing.visitor_of("gift"))
    assert stores.consent.refused(visitor) == {Purpose.MODEL_TRAINING}
    assert stores.consent.refusals(Purpose.MODEL_TRAINING) == (frozenset(), frozenset({"simulated-gift"}))
    assert stores.consent.refused(Person(customer_id="gift")) == frozenset()
