"""The words of the pages: all there in every language, plural forms, money, dates."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from recommender.demo.shop import DATA
from recommender.demo_shop import shelves, texts
from recommender.demo_shop.page_texts import PAGE_TEXTS
from recommender.demo_shop.texts import LANGUAGES, Words
from recommender.domain.requests import Language

ROOM = Path(texts.__file__).parent
EN, PL, RU = (Words(language) for language in (Language.EN, Language.PL, Language.RU))
FORMS = {"one", "few", "many", "other"}


def gaps(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_every_text_stands_in_every_language_with_the_same_gaps() -> None:
    for key, said in PAGE_TEXTS.items():
        assert len(said) == len(LANGUAGES), key
        assert all(text.strip() for text in said), key
        assert len({frozenset(gaps(text)) for text in said}) == 1, key


def test_no_text_was_left_in_english() -> None:
    same = {key for key, (en, pl, ru) in PAGE_TEXTS.items() if en in (pl, ru)}
    assert same <= {"newsletter"}


def test_a_counted_text_has_the_forms_every_language_needs() -> None:
    counted: dict[str, set[str]] = {}
    for key in PAGE_TEXTS:
        stem, dot, form = key.partition(".")
        if dot:
            counted.setdefault(stem, set()).add(form)
    assert counted
    assert all(forms == FORMS for forms in counted.values()), counted


def test_every_text_the_pages_ask_for_is_there_and_every_text_is_asked_for() -> None:
    pages = "".join(path.read_text() for path in sorted(ROOM.glob("templates/*.html")))
    code = "".join(path.read_text() for path in sorted(ROOM.glob("*.py")) if path.name != "page_texts.py")
    asked = set(re.findall(r"""\bt(?:\.count|\.html)?\(\s*["'](\w+)["']""", pages))
    asked |= set(re.findall(r"""words(?:\.count)?\(\s*["'](\w+)["']""", code))
    stems = {key.partition(".")[0] for key in PAGE_TEXTS}
    assert asked <= stems, asked - stems
    unused = {stem for stem in stems if f'"{stem}"' not in pages + code and f"'{stem}'" not in pages + code}
    assert unused <= {"add_1", "add_2", "add_3"}


@pytest.mark.parametrize(
    ("n", "en", "pl", "ru"),
    [
        (1, "1 thing", "1 rzecz", "1 вещь"),
        (2, "2 things", "2 rzeczy", "2 вещи"),
        (5, "5 things", "5 rzeczy", "5 вещей"),
        (12, "12 things", "12 rzeczy", "12 вещей"),
        (22, "22 things", "22 rzeczy", "22 вещи"),
        (25, "25 things", "25 rzeczy", "25 вещей"),
    ],
)
def test_plural_forms(n: int, en: str, pl: str, ru: str) -> None:
    assert [words.count("things", n) for words in (EN, PL, RU)] == [en, pl, ru]


def test_money_is_written_as_the_language_writes_it() -> None:
    amount = Decimal("1234.5")
    assert EN.money(amount) == "£1,234.50"
    assert PL.money(amount) == "1234,50\u00a0£"
    assert RU.money(amount) == "1\u00a0234,50\u00a0£"
    assert PL.money(Decimal(12345)) == "12\u00a0345,00\u00a0£"
    assert EN.money(Decimal("2.95"), "PLN") == "zł\u00a02.95"


def test_dates_are_written_out() -> None:
    day = datetime(2026, 11, 21, tzinfo=UTC)
    assert [words.date(day) for words in (EN, PL, RU)] == ["21 November 2026", "21 listopada 2026", "21 ноября 2026 г."]


def test_emphasis_is_ours_and_everything_else_is_escaped() -> None:
    assert str(EN.html("mark_sold_out")).startswith("<strong>Mark as sold out</strong>")
    assert "&amp;" in str(EN.html("footer"))


def test_every_category_of_the_bundled_shop_has_a_name_in_every_language_and_an_address_of_its_own() -> None:
    paths = {
        step for path in pl.read_parquet(DATA / "items.parquet")["category"].unique() for step in shelves.steps_of(path)
    }
    assert len({shelves.slug(path) for path in paths}) == len(paths)
    for path in paths:
        names = {shelves.name_of(path, language) for language in LANGUAGES}
        assert len(names) == len(LANGUAGES), path
