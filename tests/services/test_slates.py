"""Names of lists, and what became of the lists they name."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from answer_samples import SOURCE, START

from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.ports import Stores
from recommender.ranking.assortment import micros
from recommender.ranking.scenarios import SCENARIOS
from recommender.services.slate_report import SlateReport, slate_report
from recommender.services.slates import LETTERS, SlateNames, print_of_run

NAMES = SlateNames(b"s" * 32)
NOW_US = micros(START)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_name_tells_the_second_the_scenario_and_the_run(scenario: str) -> None:
    name = NAMES(scenario, "run-1", NOW_US + 999)
    facts = NAMES.read(name)
    assert len(name) == LETTERS == 24
    assert name.replace("-", "a").replace("_", "a").isalnum()
    assert facts is not None
    assert (facts.time_us, facts.scenario, facts.run) == (NOW_US, scenario, print_of_run("run-1"))


def test_no_two_scenarios_have_the_same_number() -> None:
    assert len({scenario.number for scenario in SCENARIOS.values()}) == len(SCENARIOS)
    assert all(0 < scenario.number < 256 for scenario in SCENARIOS.values())


def test_names_differ_even_in_one_second() -> None:
    assert len({NAMES("home", None, NOW_US) for _ in range(1_000)}) == 1_000


def test_a_name_changed_in_any_letter_is_not_read() -> None:
    name = NAMES("home", "run-1", NOW_US)
    changed = [name[:i] + ("A" if name[i] != "A" else "B") + name[i + 1 :] for i in range(len(name))]
    assert [one for one in changed if NAMES.read(one) is not None] == []


@pytest.mark.parametrize("name", ["", "x" * 23, "x" * 24, "ż" * 24, "!" * 24, "A" * 25])
def test_what_is_no_name_is_not_read(name: str) -> None:
    assert NAMES.read(name) is None


def test_another_shops_name_is_not_read() -> None:
    assert SlateNames(b"t" * 32).read(NAMES("home", None, NOW_US)) is None


def happened(
    kind: EventType,
    *items: str,
    minute: int,
    slate: str | None = None,
    customer: str | None = None,
    visitor: str = "v1",
) -> Event:
    return Event(
        event_id=f"{kind}-{minute}-{'-'.join(items)}-{slate}",
        type=kind,
        time=START + timedelta(minutes=minute),
        visitor_id=visitor,
        customer_id=customer,
        items=tuple(EventItem(item_id=item, quantity=2, price=Decimal("2.50")) for item in items),
        order_id=f"o{minute}" if kind is EventType.PURCHASE else None,
        slate_id=slate,
    )


def report(stores: Stores, events: Sequence[Event]) -> SlateReport:
    stores.log.append(events, SOURCE)
    return slate_report(stores.log, NAMES, since=START, run_ids=["run-1"])


def test_lists_are_followed_from_being_seen_to_being_paid(sqlite_stores: Stores) -> None:
    one, two, other = (NAMES(scenario, "run-1", NOW_US) for scenario in ("home", "home", "cart"))
    found = report(
        sqlite_stores,
        [
            happened(EventType.VIEW_ITEM_LIST, "a", "b", minute=0, slate=one),
            happened(EventType.VIEW_ITEM_LIST, "a", "b", minute=1, slate=one),
            happened(EventType.VIEW_ITEM_LIST, "a", "c", minute=2, slate=two),
            happened(EventType.VIEW_ITEM_LIST, "d", minute=2, slate=other),
            happened(EventType.SELECT_ITEM, "a", minute=3, slate=one),
            happened(EventType.VIEW_ITEM, "a", minute=4, slate=one),
            happened(EventType.ADD_TO_CART, "a", minute=5),
            happened(EventType.ADD_TO_CART, "b", minute=5),
            happened(EventType.PURCHASE, "a", "b", minute=6, customer="c1"),
        ],
    )
    cart, home = found.rows
    assert (home.scenario, home.model, home.seen, home.clicked, home.clicks) == ("home", "run-1", 2, 1, 1)
    assert (home.carts, home.purchases, home.value, home.click_rate) == (1, 1, 5.0, 0.5)
    assert (cart.scenario, cart.seen, cart.clicked, cart.click_rate) == ("cart", 1, 0, 0.0)
    assert found.forged == 0


def test_a_day_later_a_purchase_is_no_more_the_lists(sqlite_stores: Stores) -> None:
    name = NAMES("home", "run-1", NOW_US)
    click = happened(EventType.SELECT_ITEM, "a", minute=0, slate=name)
    late = happened(EventType.PURCHASE, "a", minute=24 * 60 + 1)
    assert report(sqlite_stores, [click, late]).rows[0].purchases == 0


def test_what_somebody_else_buys_is_not_the_lists(sqlite_stores: Stores) -> None:
    name = NAMES("home", None, NOW_US)
    click = happened(EventType.EMAIL_CLICK, "a", minute=0, slate=name)
    found = report(sqlite_stores, [click, happened(EventType.PURCHASE, "a", minute=1, visitor="v2")])
    assert (found.rows[0].model, found.rows[0].purchases) == ("", 0)


def test_a_visitor_and_a_customer_of_the_same_id_are_two_people(sqlite_stores: Stores) -> None:
    name = NAMES("home", None, NOW_US)
    click = happened(EventType.SELECT_ITEM, "a", minute=0, slate=name, visitor="17")
    bought = happened(EventType.PURCHASE, "a", minute=1, visitor="another", customer="17")
    assert report(sqlite_stores, [click, bought]).rows[0].purchases == 0


def test_names_nobody_here_gave_out_are_counted_apart(sqlite_stores: Stores) -> None:
    forged = [happened(EventType.SELECT_ITEM, "a", minute=n, slate=f"{'x' * 23}{n}") for n in range(3)]
    found = report(sqlite_stores, forged)
    assert (found.rows, found.forged) == ((), 3)


def test_a_run_that_is_gone_is_told_by_its_print(sqlite_stores: Stores) -> None:
    name = NAMES("home", "run-0", NOW_US)
    found = report(sqlite_stores, [happened(EventType.VIEW_ITEM_LIST, "a", minute=0, slate=name)])
    assert found.rows[0].model == print_of_run("run-0").hex()


def test_a_log_without_names_gives_an_empty_report(sqlite_stores: Stores) -> None:
    assert report(sqlite_stores, []).rows == ()
