from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ranking_samples import NOW, WrittenModel, asked, catalogue, ladder

from recommender.domain.clock import ShopClock
from recommender.domain.errors import BadInputError
from recommender.domain.items import Item
from recommender.domain.requests import Filter
from recommender.ranking.filters import Sieves
from recommender.ranking.rules import NO_RULES, Rules, rules_of
from recommender.ranking.ruling import Rulebook
from recommender.ranking.rungs import Wishes
from recommender.ranking.slate import Pick, fill

SHOP = tuple(
    Item(item_id=letter, brand="Clay" if letter in "abc" else "Zinc", category="Tea" if letter in "aceg" else "Cups")
    for letter in "abcdefgh"
)
MODEL = WrittenModel(item_ids=tuple("abcdefgh"), proposed=tuple("abcdefgh"))


def rules(text: str) -> Rules:
    return rules_of(text, where="rules.toml", timezone=ZoneInfo("Europe/Warsaw"))


def picked(
    text: str, *items: Item, scenario: str = "similar", model: WrittenModel = MODEL, **wishes: Any
) -> list[Pick]:
    rungs = ladder(catalogue(*(items or SHOP)), model)
    question = asked(scenario, rungs.assortment, model, **{"size": 4, **wishes})
    only = question.request.only
    sieve = None if only is None else Sieves(rungs.assortment).of(only)
    ruling = Rulebook(rules(text), rungs.assortment).of(scenario, question.now_us)
    proposal = model.proposal(question.query)
    return fill(rungs.assortment, rungs.rungs(question, proposal), question, Wishes(sieve=sieve, ruling=ruling))


def listed(text: str, *items: Item, **wishes: Any) -> str:
    return "".join("abcdefgh"[pick.row] for pick in picked(text, *items, **wishes))


def test_without_rules_nothing_is_touched() -> None:
    assert listed("") == "abcd"
    assert Rulebook(NO_RULES, ladder(catalogue(*SHOP)).assortment).of("home", 0) is None


@pytest.mark.parametrize(
    ("selector", "left"),
    [
        ('item = "a"', "bcde"),
        ('item = ["a", "c", "not sold"]', "bdef"),
        ('brand = "Clay"', "defg"),
        ('category = "Tea"', "bdfh"),
        ('category = "Tea"\nbrand = "Clay"', "bdef"),
    ],
)
def test_what_is_excluded_is_never_shown(selector: str, left: str) -> None:
    assert listed(f"[[all.exclude]]\n{selector}") == left
    assert listed(f"[[home.exclude]]\n{selector}") == "abcd"


def test_prices_and_attributes_select_too() -> None:
    dear = Item(item_id="a", price=Decimal(100), attributes={"fragile": True})
    cheap = Item(item_id="b", price=Decimal(1), size="XL")
    assert listed("[[all.exclude]]\nprice_min = 50", dear, cheap) == "bcde"
    assert listed("[[all.exclude]]\nprice_max = 1", dear, cheap) == "acde"
    assert listed("[[all.exclude]]\nattribute = { fragile = true }", dear, cheap) == "bcde"
    assert listed('[[all.exclude]]\nattribute = { size = ["L", "XL"] }', dear, cheap) == "acde"


def test_a_price_band_leaves_out_what_is_outside_or_unknown() -> None:
    items = [Item(item_id=letter, price=Decimal(price)) for letter, price in zip("abc", (1, 5, 10), strict=True)]
    assert listed("[all.price]\nmin = 2\nmax = 10", *items) == "bc"


def test_a_boost_lifts_and_a_bury_lowers() -> None:
    assert listed('[[all.boost]]\nitem = "d"\nfactor = 3.9') == "adbc"
    assert listed('[[all.boost]]\nitem = "d"\nfactor = 100') == "dabc"
    assert listed('[[all.bury]]\nitem = "a"\nfactor = 0.4') == "bacd"


def test_factors_of_several_rules_multiply() -> None:
    assert listed('[[all.boost]]\nitem = "d"\nfactor = 10\n[[all.bury]]\nbrand = "Zinc"\nfactor = 0.1') == "abcd"


def test_a_boost_reaches_the_popular_items_of_a_lower_rung() -> None:
    model = WrittenModel(item_ids=tuple("abcdefgh"), standing=tuple("abcdefgh"))
    assert listed('[[all.boost]]\nitem = "h"\nfactor = 10', model=model) == "habc"


def test_scores_still_never_rise() -> None:
    scores = [pick.score for pick in picked('[[all.boost]]\nitem = "d"\nfactor = 9\n[[all.pin]]\nitem = "h"\nat = 2')]
    assert scores == sorted(scores, reverse=True)


def test_what_the_shop_has_put_there_is_marked() -> None:
    marked = {pick.row: pick.picked for pick in picked('[[all.boost]]\nitem = ["b", "h"]\nfactor = 50')}
    assert marked == {7: True, 1: False, 0: False, 2: False}


def test_a_pin_stands_at_its_place() -> None:
    assert listed('[[all.pin]]\nitem = "h"\nat = 1') == "habc"
    assert listed('[[all.pin]]\nitem = "h"\nat = 3') == "abhc"
    assert listed('[[all.pin]]\nitem = "b"\nat = 1') == "bacd"
    assert listed('[[all.pin]]\nitem = "h"\nat = 1\n[[all.pin]]\nitem = "g"\nat = 2') == "hgab"


def test_a_pin_beyond_the_end_is_the_last() -> None:
    assert listed('[[all.pin]]\nitem = "h"\nat = 90') == "abch"


@pytest.mark.parametrize(
    ("item", "wishes"),
    [
        (Item(item_id="h", stock=0), {}),
        (Item(item_id="h"), {"exclude": ("h",)}),
        (Item(item_id="h"), {"item_ids": ("h",)}),
        (Item(item_id="h"), {"only": Filter(brand="Clay")}),
    ],
    ids=["sold out", "excluded", "on the page", "filtered"],
)
def test_a_pin_obeys_stock_exclusion_and_filter(item: Item, wishes: dict[str, Any]) -> None:
    assert "h" not in listed('[[all.pin]]\nitem = "h"\nat = 1', *SHOP[:7], item, **wishes)


def test_an_item_pinned_and_excluded_is_not_shown() -> None:
    assert listed('[[all.pin]]\nitem = "h"\nat = 1\n[[all.exclude]]\nitem = "h"') == "abcd"


def test_at_most_so_many_of_a_brand_even_if_the_list_gets_short() -> None:
    assert listed('[[all.at_most]]\nper = "brand"\ncount = 1', size=8) == "ad"
    assert listed('[[all.at_most]]\nper = "category"\ncount = 2', size=8) == "abcd"


def test_pins_count_towards_a_cap() -> None:
    assert listed('[[all.pin]]\nitem = "c"\nat = 1\n[[all.at_most]]\nper = "brand"\ncount = 1', size=8) == "cd"


def test_a_cap_is_void_on_what_the_request_narrows_the_list_to() -> None:
    assert listed('[[all.at_most]]\nper = "brand"\ncount = 1', only=Filter(brand="Clay")) == "abc"


def test_rules_are_in_force_on_their_days_only() -> None:
    text = '[[all.exclude]]\nitem = "a"\nfrom = 2026-03-10\nuntil = 2026-03-10'
    warsaw = ZoneInfo("Europe/Warsaw")
    moments = (
        datetime(2026, 3, 9, 23, 59),
        datetime(2026, 3, 10),
        datetime(2026, 3, 10, 23, 59),
        datetime(2026, 3, 11),
    )
    lists = [listed(text, now=moment.replace(tzinfo=warsaw).astimezone(UTC)) for moment in moments]
    assert lists == ["abcd", "bcde", "bcde", "abcd"]


def test_days_are_those_people_see_where_the_shops_clock_is_set_back() -> None:
    clock = ShopClock(timedelta(days=100))
    text = f"[[all.exclude]]\nitem = 'a'\nuntil = {clock.shown(NOW).date()}"
    found = rules_of(text, where="rules.toml", timezone=UTC, clock=clock)
    book = Rulebook(found, ladder(catalogue(*SHOP)).assortment)
    now = int(NOW.timestamp()) * 1_000_000
    assert book.of("home", now) is not None
    assert book.of("home", now + 86_400_000_000) is None


def test_signals_of_a_scenario_beat_those_for_all() -> None:
    found = rules("[all.signals]\nbrand = 0.2\nprice = 0.1\n[home.signals]\nprice = 0.0")
    assert found.weights("home") == {"brand": 0.2}
    assert found.weights("cart") == {"brand": 0.2, "price": 0.1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[all.pin]\n", "not TOML"),
        ('[[hom.pin]]\nitem = "a"', "Did you mean home?"),
        ('[[all.pin]]\nitem = "a"\nat = 0', "all.pin[0].at"),
        ("[[all.pin]]\nat = 1", "all.pin[0]"),
        ('[[all.pins]]\nitem = "a"', "pins"),
        ('[[all.boost]]\nitem = "a"\nfactor = 0.5', "all.boost[0].factor"),
        ('[[all.bury]]\nitem = "a"\nfactor = 2', "all.bury[0].factor"),
        ("[[all.exclude]]", "would hit every item"),
        ("[[all.exclude]]\nitem = 5", "all.exclude[0].item"),
        ('[[all.at_most]]\nper = "colour"\ncount = 1', "all.at_most[0].per"),
        ("[all.price]", "no bound"),
        ("[all.signals]\nmoon = 1.0", "category, path, brand, price"),
        ('[[all.exclude]]\nitem = "a"\nfrom = "2026-01-01"', "unquoted"),
        ('[[all.exclude]]\nitem = "a"\nfrom = 2026-02-01\nuntil = 2026-01-01', "ends before it begins"),
        ("static = [1]", "static"),
    ],
)
def test_a_wrong_rule_is_named_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BadInputError, match=r"rules\.toml") as caught:
        rules(text)
    assert said in str(caught.value)
