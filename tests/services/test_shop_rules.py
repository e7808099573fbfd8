"""Rules as they are followed by a process, and as they reach its lists."""

import logging
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from answer_samples import CUSTOMERS, END, Spring, make_spring
from msgspec import structs

from recommender.domain.clock import ShopClock
from recommender.domain.errors import BadInputError
from recommender.domain.items import Item
from recommender.domain.people import Person
from recommender.domain.ports import Stores
from recommender.domain.requests import Filter, Request
from recommender.ranking.rules import rules_of
from recommender.ranking.scenarios import SCENARIOS
from recommender.services.catalogue_view import CatalogueView
from recommender.services.recommend import Recommender
from recommender.services.rules_check import check_rules
from recommender.services.rules_compare import compare_rules
from recommender.services.shop_rules import ShopRules


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Spring:
    return make_spring(tmp_path_factory.mktemp("spring"))


@pytest.fixture
def stores(spring: Spring, tmp_path: Path) -> Iterator[Stores]:
    opened = spring.copy(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rules.toml"


@pytest.fixture
def rules(file: Path) -> ShopRules:
    return ShopRules(file, timezone=UTC, clock=ShopClock())


@pytest.fixture
def shop(stores: Stores, spring: Spring, rules: ShopRules) -> Recommender:
    return Recommender(
        models=lambda: ("spring", spring.model),
        log=stores.log,
        catalogue=CatalogueView(stores.catalogue, refresh_seconds=0.0),
        customers=stores.customers,
        consent=stores.consent,
        rules=rules,
    )


def asked(scenario: str = "home", person: Person | None = None, **wishes: object) -> Request:
    request = Request(
        scenario=scenario, now=END, person=person or Person(customer_id="c1"), item_ids=("i10",), cart=("i11",)
    )
    return structs.replace(request, **wishes)


def ids(shop: Recommender, request: Request) -> list[str]:
    return [place.item_id for place in shop.slate(request).items]


def test_a_change_of_the_file_is_in_the_next_list(shop: Recommender, rules: ShopRules, file: Path) -> None:
    rules.poll()
    first = ids(shop, asked())
    file.write_text(f'[[all.exclude]]\nitem = "{first[0]}"\n')
    rules.poll()
    second = ids(shop, asked())
    assert first[0] not in second
    assert len(second) == 12
    file.unlink()
    rules.poll()
    assert ids(shop, asked()) == first


def test_a_broken_change_leaves_the_last_good_rules(
    rules: ShopRules, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text('[[all.exclude]]\nitem = "i1"\n')
    good = rules.load()
    file.write_text("[[all.exclude]]\n")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            with pytest.raises(BadInputError, match="would hit every item"):
                rules.poll()
    assert rules() is good
    assert len(caplog.records) == 1
    file.write_text('[[all.exclude]]\nitem = "i2"\n')
    rules.poll()
    assert rules() is not good


def test_a_broken_file_at_the_start_is_an_error(rules: ShopRules, file: Path) -> None:
    file.write_bytes(b"\xff")
    with pytest.raises(BadInputError, match="not UTF-8"):
        rules.load()


def test_no_file_means_no_rules(rules: ShopRules) -> None:
    assert rules.load().of("home") == ()


def test_an_unchanged_file_is_not_read_again(rules: ShopRules, file: Path) -> None:
    file.write_text('static = ["a"]')
    rules.poll()
    first = rules()
    rules.poll()
    assert rules() is first


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_rule_holds_in_every_scenario(shop: Recommender, rules: ShopRules, file: Path, scenario: str) -> None:
    file.write_text('[[all.exclude]]\ncategory = "Tea"\n[[all.pin]]\nitem = "i34"\nat = 3\n')
    rules.poll()
    for person in (Person(), Person(customer_id="c3"), Person(visitor_id="v5"), Person(customer_id="never-seen")):
        slate = shop.slate(asked(scenario, person))
        shelves = {item.item_id: item.category or "" for item in shop.catalogue.items().values()}
        assert not [place for place in slate.items if shelves.get(place.item_id, "").startswith("Tea")]
        assert (slate.items[2].item_id, slate.items[2].source) == ("i34", "pinned")
        assert slate.items[2].reason.code == "picked"
        assert [place.rank for place in slate.items] == list(range(1, 13))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_filter_holds_on_every_rung(shop: Recommender, scenario: str) -> None:
    slate = shop.slate(asked(scenario, only=Filter(category="Kitchen"), size=20))
    kitchen = [item for item in shop.catalogue.items().values() if (item.category or "").startswith("Kitchen")]
    sold = {item.item_id for item in kitchen if item.sellable(END)}
    assert {place.item_id for place in slate.items} <= sold
    assert len(slate.items) >= 5


def test_nothing_fits_the_filter_gives_an_empty_list_with_its_reason(shop: Recommender) -> None:
    slate = shop.slate(asked(only=Filter(category="Nowhere")))
    assert (slate.items, slate.fallback) == ((), "nothing_sellable")


def test_the_static_list_answers_when_nothing_else_can(
    shop: Recommender, rules: ShopRules, file: Path, stores: Stores
) -> None:
    file.write_text('static = ["i9", "i09", "gift", "i11"]')
    rules.poll()
    stores.catalogue.put([Item(item_id=f"i{n:02}", visible=False) for n in range(40)])
    stores.catalogue.put([Item(item_id="fresh", visible=False)])
    slate = shop.slate(asked())
    assert [place.item_id for place in slate.items] == ["i9", "gift"]
    assert slate.fallback == "static_list"
    assert {place.source for place in slate.items} == {"static"}
    last = shop.without_anything(asked(exclude=("gift",)), "internal_error")
    assert ([place.item_id for place in last.items], last.fallback) == (["i9", "i09"], "internal_error")


def test_explaining_changes_nothing_but_the_explanation(shop: Recommender, rules: ShopRules, file: Path) -> None:
    file.write_text('[[all.boost]]\ncategory = "Garden"\nfactor = 3.0\n[[home.at_most]]\nper = "category"\ncount = 2\n')
    rules.poll()
    for customer in CUSTOMERS:
        person = Person(customer_id=customer)
        plain, told = shop.slate(asked(person=person)), shop.slate(asked(person=person, explain=True))
        assert plain.explanation is None
        assert told.explanation is not None
        assert [one.item_id for one in told.explanation.items] == [place.item_id for place in plain.items]
        assert told.items == plain.items
        assert not {one.item_id for one in told.explanation.dropped} & {place.item_id for place in plain.items}


def test_the_check_says_what_each_rule_matches(shop: Recommender) -> None:
    text = 'static = ["i01", "gift"]\n[[home.boost]]\ncategory = "Garden"\nuntil = 2020-01-01\n[[all.at_most]]\nper = "brand"\ncount = 2'
    found = rules_of(text, where="r", timezone=UTC)
    told = {rule.name: rule for rule in check_rules(found, shop.catalogue.assortment(None), now=END)}
    assert (told["home.boost[0]"].items, told["home.boost[0]"].now) == (9, False)
    assert told["all.at_most[0]"].counts is False
    assert told["static"].items == 1


def test_a_comparison_says_how_much_lists_differ(shop: Recommender) -> None:
    people = [Person(customer_id=customer) for customer in CUSTOMERS]
    boost = rules_of('[[home.boost]]\ncategory = "Garden"\nfactor = 9.0', where="r", timezone=UTC)
    same = compare_rules(shop.responder(), rules_of("", where="r", timezone=UTC), people, scenario="home", now=END)
    moved = compare_rules(shop.responder(), boost, people, scenario="home", now=END)
    assert (same.people, same.changed, same.kept) == (len(people), 0, 1.0)
    assert moved.changed > 0


def test_batches_and_live_lists_follow_the_same_rules(shop: Recommender, rules: ShopRules, file: Path) -> None:
    file.write_text('[[home.boost]]\ncategory = "Garden"\nfactor = 9.0\n[[home.pin]]\nitem = "i34"\nat = 2\n')
    rules.poll()
    requests = [asked(person=Person(customer_id=customer)) for customer in CUSTOMERS]
    batch = shop.pinned("home").slates(requests)
    assert [slate.items for slate in batch] == [shop.slate(one).items for one in requests]
