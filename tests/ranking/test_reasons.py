from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ranking_samples import NOW, WrittenModel, asked, catalogue, ladder

from recommender.domain.clock import ShopClock
from recommender.domain.items import Item
from recommender.domain.requests import Language
from recommender.model.contract import Evidence
from recommender.ranking.assortment import micros
from recommender.ranking.delicate import WORDS_OF
from recommender.ranking.reasons import Reasons, is_sensitive, shortened
from recommender.ranking.settings import AnswerSettings
from recommender.ranking.slate import Pick

IDS = tuple(f"i{n:02}" for n in range(40))
CAKE = Item(item_id="i00", title="Cake stand", category="Kitchen > Baking")
SHOP = catalogue(
    CAKE, Item(item_id="i01", title="Tea pot"), Item(item_id="i39", title="Cake knife", category="Kitchen > Baking")
)


def said(
    evidence: Evidence,
    item: str = "i05",
    *,
    shop: dict[str, Item] = SHOP,
    settings: AnswerSettings | None = None,
    **wishes: Any,
) -> tuple[str, str]:
    model = WrittenModel(item_ids=IDS, standing=IDS)
    rungs = ladder(shop, model)
    question = asked("home", rungs.assortment, model, **wishes)
    row = rungs.assortment.row(item)
    assert row is not None
    reason = Reasons(rungs, settings or AnswerSettings()).of_evidence(row, evidence, question, Counter())
    return reason.code, reason.text


def fallback(
    item: str, source: str, *, shop: dict[str, Item] = SHOP, buyers: Mapping[str, int] | None = None, **wishes: Any
) -> tuple[str, str]:
    model = WrittenModel(item_ids=IDS, standing=IDS, buyers=buyers or {})
    rungs = ladder(shop, model)
    row = rungs.assortment.row(item)
    assert row is not None
    reason = Reasons(rungs, AnswerSettings()).of_fallback(row, source, asked("home", rungs.assortment, model, **wishes))
    return reason.code, reason.text


def test_a_bought_item_says_its_month() -> None:
    january = Evidence(code="again", count=2, when_us=micros(datetime(2026, 1, 20, tzinfo=UTC)))
    assert said(january) == ("again", "You bought it in January")
    assert said(january, language=Language.PL) == ("again", "Z Twoich zakupów: styczeń")


def test_a_month_of_another_year_says_the_year() -> None:
    last = Evidence(code="again", when_us=micros(datetime(2025, 12, 20, tzinfo=UTC)))
    assert said(last)[1] == "You bought it in December 2025"


def test_months_are_those_of_the_shops_clock_and_zone() -> None:
    midnight = Evidence(code="again", when_us=micros(datetime(2026, 1, 31, 23, 30, tzinfo=UTC)))
    warsaw = AnswerSettings(timezone=ZoneInfo("Europe/Warsaw"))
    shifted = AnswerSettings(clock=ShopClock(shift=timedelta(days=59)))
    assert said(midnight)[1] == "You bought it in January"
    assert said(midnight, settings=warsaw)[1] == "You bought it in February"
    assert said(midnight, settings=shifted)[1] == "You bought it in March"


def test_a_viewed_item_says_how_often() -> None:
    assert said(Evidence(code="viewed", count=2)) == ("viewed_times", "You looked at it twice")
    assert said(Evidence(code="viewed", count=5), language=Language.PL) == ("viewed_times", "Oglądane 5 razy")


def test_what_goes_together_is_named() -> None:
    assert said(Evidence(code="bought_with", related=0)) == ("bought_with", "Goes with Cake stand")
    assert said(Evidence(code="close_to", related=0), language=Language.PL) == (
        "close_to_viewed",
        "W stylu: Cake stand",
    )


@pytest.mark.parametrize(
    "related",
    [
        Item(item_id="i00", title="Cake stand", removed=True),
        Item(item_id="i00", title="Cake stand", visible=False),
        Item(item_id="i00"),
        Item(item_id="i00", title="Cake stand", category="Health > Tests"),
    ],
)
def test_an_item_that_is_gone_nameless_or_delicate_is_not_named(related: Item) -> None:
    shop = catalogue(related)
    assert said(Evidence(code="bought_with", related=0), shop=shop) == ("bought_by_same", "Bought by the same people")
    assert said(Evidence(code="close_to", related=0), shop=shop) == ("chosen", "Chosen for you")


def test_an_item_the_catalogue_lacks_is_not_named() -> None:
    assert said(Evidence(code="bought_with", related=7))[0] == "bought_by_same"


def test_the_page_itself_is_not_called_chosen_for_somebody() -> None:
    model = WrittenModel(item_ids=IDS)
    rungs = ladder({}, model)
    question = asked("similar", rungs.assortment, model, item_ids=("i00",))
    reason = Reasons(rungs, AnswerSettings()).of_evidence(5, Evidence(code="close_to", related=0), question, Counter())
    assert (reason.code, reason.text) == ("similar_style", "In a similar style")


def test_one_item_is_named_twice_at_most() -> None:
    model = WrittenModel(item_ids=IDS)
    rungs = ladder(SHOP, model)
    picks = [Pick(row, 1.0, "written", proposed=True) for row in (5, 6, 7, 8)]
    evidence = [Evidence(code="bought_with", related=1 if row == 8 else 0) for row in (5, 6, 7, 8)]
    reasons = Reasons(rungs, AnswerSettings()).of_list(picks, evidence, asked("home", rungs.assortment, model))
    assert [reason.text for reason in reasons] == [
        "Goes with Cake stand",
        "Goes with Cake stand",
        "Bought by the same people",
        "Goes with Tea pot",
    ]


def test_a_sold_out_item_that_was_bought_is_still_named() -> None:
    shop = catalogue(Item(item_id="i00", title="Cake stand", stock=0))
    assert said(Evidence(code="bought_with", related=0), shop=shop)[1] == "Goes with Cake stand"


@pytest.mark.parametrize("code", ["again", "viewed", "carted", "bought_with", "close_to", "trending", "viewed_next"])
def test_a_delicate_item_says_nothing_of_why(code: str) -> None:
    shop = catalogue(CAKE, Item(item_id="i05", title="Test", category="Beauty > Intimate care"))
    evidence = Evidence(code=code, related=0, count=3, when_us=micros(NOW))
    assert said(evidence, shop=shop) == ("neutral", "From our range")


@pytest.mark.parametrize(
    ("category", "delicate"),
    [
        ("Health & beauty", True),
        ("Dom > Zdrowie", True),
        ("Bielizna > Bielizna ciążowa", True),
        ("Dom > ZDROWIE", True),
        ("Książki > Religia", True),
        ("Drogeria > Prezerwatywy", True),
        ("Ciaza i macierzynstwo", True),
        ("Książki > Płodność", True),
        ("Ksiazki > Plodnosc", True),
        ("Zdrowie > Leki", True),
        ("Seks", True),
        ("Gadżety > Sex shop", True),
        ("Здоровье > Аптека", True),
        ("Религия", True),
        ("Эротика", True),
        ("БЕРЕМЕННОСТЬ", True),
        ("Книги > Библия", True),
        ("Books > Bibles", True),
        ("Drugstore > Condoms", True),
        ("Garden > Tools", False),
        ("Wealth > Books", False),
        ("Garden > Fertilisers", False),
        ("Instruments > Sextants", False),
        ("Żeglarstwo > Sekstanty", False),
        ("Навигация > Секстанты", False),
        ("Książki > Biblioteka", False),
        ("Lekkie kurtki", False),
        ("Kosmetyki > Różany krem", False),
        ("Telefony > Komunikacja", False),
        ("Kości do gry", False),
        ("Веранда > Мебель", False),
        ("Игры > Интерьер", False),
        ("Иконки > Наклейки", False),
        ("Aromatherapy", False),
        ("Books > Churchill", False),
        ("Essex > Gifts", False),
        ("", False),
    ],
)
def test_delicate_categories_are_known_by_how_their_words_begin(category: str, *, delicate: bool) -> None:
    assert is_sensitive(category, AnswerSettings()) is delicate


@pytest.mark.parametrize("language", Language)
def test_every_language_of_reasons_has_words_on_every_topic(language: Language) -> None:
    assert len(WORDS_OF[language]) == len(WORDS_OF[Language.EN])


def test_a_shop_adds_categories_of_its_own_and_may_empty_the_built_in_words() -> None:
    settings = AnswerSettings(sensitive_categories=("Gifts > Farewell",), sensitive_words=())
    assert is_sensitive("gifts > farewell > Cards", settings)
    assert is_sensitive("Pożegnania > Kartki", AnswerSettings(sensitive_categories=("pozegnania",)))
    assert not is_sensitive("Gifts > Farewell cards", settings)
    assert not is_sensitive("Health", settings)


def test_many_people_is_said_only_of_many_and_only_of_this_week() -> None:
    yesterday = micros(NOW - timedelta(days=1))
    assert said(Evidence(code="trending", count=9, when_us=yesterday)) == ("trending", "Many people buy it this week")
    assert said(Evidence(code="trending", count=2, when_us=yesterday), "i39")[0] == "neutral"
    assert said(Evidence(code="trending", count=9, when_us=micros(NOW - timedelta(days=4))), "i39")[0] == "neutral"


def test_popular_is_said_of_the_first_tenth_only() -> None:
    assert [fallback(item, "popular")[0] for item in ("i00", "i03", "i04", "i39")] == [
        "popular",
        "popular",
        "neutral",
        "neutral",
    ]


def test_a_shop_of_ten_items_has_nothing_popular() -> None:
    few = IDS[:10]
    rungs = ladder({}, WrittenModel(item_ids=few, standing=few))
    reason = Reasons(rungs, AnswerSettings()).of_fallback(0, "popular", asked("home", rungs.assortment))
    assert reason.code == "neutral"


def test_popular_on_a_shelf_names_the_shelf() -> None:
    shop = catalogue(*(Item(item_id=item_id, category="Kitchen > Baking") for item_id in IDS))
    assert fallback("i01", "popular_category", shop=shop) == ("popular_on_shelf", "Popular on this shelf: Baking")


@pytest.mark.parametrize("source", ["popular", "popular_category"])
def test_what_few_people_bought_is_not_called_popular(source: str) -> None:
    shop = catalogue(*(Item(item_id=item_id, category="Kitchen > Baking") for item_id in IDS))
    once = dict.fromkeys(IDS, 1)
    assert fallback("i00", source, shop=shop, buyers=once)[0] == "neutral"
    some = once | {"i01": 4, "i02": 5, "i30": 9}
    assert [fallback(item, source, shop=shop, buyers=some)[0] != "neutral" for item in ("i01", "i02", "i30")] == [
        False,
        True,
        False,
    ]


def test_new_is_said_only_of_what_was_added_lately() -> None:
    dates = {
        "i00": NOW - timedelta(days=3),
        "i01": NOW - timedelta(days=300),
        "i02": NOW + timedelta(days=3),
        "i03": None,
    }
    shop = catalogue(*(Item(item_id=item_id, added_at=added) for item_id, added in dates.items()))
    assert [fallback(item_id, "newest", shop=shop)[0] for item_id in dates] == ["new", "neutral", "neutral", "neutral"]


def test_long_or_odd_names_become_one_short_line() -> None:
    assert shortened("  Tea\n\x00pot  ") == "Tea pot"
    long = shortened("word " * 40)
    assert len(long) <= 60
    assert long.endswith("word…")
    assert shortened("x" * 100) == "x" * 59 + "…"


def test_braces_in_a_name_stay_what_they_are() -> None:
    shop = catalogue(Item(item_id="i00", title="Mug {item} {0}"))
    assert said(Evidence(code="bought_with", related=0), shop=shop)[1] == "Goes with Mug {item} {0}"
