"""What letters say: plurals, purposes, honest sentences, the line beside the subject, prices, the plain twin."""

import json
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal

import pytest
from letter_samples import LINK, letter, places

from recommender.domain.plurals import plural
from recommender.domain.requests import Language
from recommender.mail import Place, Standing, headline, opening, plain, preheader, price_text
from recommender.mail.wording import CHOSEN, OPENINGS, POPULAR, PURPOSES, THINGS, WORDS

KITCHEN, GARDEN = "Kitchen > Mugs", "Garden"
COUNTS = (1, 2, 5, 12, 22, 25)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["One thing", "Two things", "Five things", "Twelve things", "22 things", "25 things"]),
        ("pl", ["1 rzecz", "2 rzeczy", "5 rzeczy", "12 rzeczy", "22 rzeczy", "25 rzeczy"]),
        ("ru", ["1 вещь", "2 вещи", "5 вещей", "12 вещей", "22 вещи", "25 вещей"]),
    ],
)
def test_the_subject_counts_in_the_plurals_of_its_language(language: str, expected: list[str]) -> None:
    said = [headline(language, [GARDEN] * n, personal=True) for n in COUNTS]
    garden = {"en": "for the garden", "pl": "do ogrodu", "ru": "для сада"}[language]
    assert said == [f"{number} {garden}" for number in expected]


def test_plural_forms_are_those_of_cldr() -> None:
    assert [plural(Language("pl"), n) for n in (0, 1, 2, 5, 12, 22, 25)] == [
        "many",
        "one",
        "few",
        "many",
        "many",
        "few",
        "many",
    ]
    assert [plural(Language("ru"), n) for n in (0, 1, 2, 5, 12, 21, 22)] == [
        "many",
        "one",
        "few",
        "many",
        "many",
        "one",
        "few",
    ]
    assert [plural(Language("en"), n) for n in (0, 1, 2)] == ["other", "one", "other"]


def test_a_purpose_is_named_only_if_half_of_the_items_share_it() -> None:
    assert headline("en", [KITCHEN, GARDEN, KITCHEN, "Hats"], personal=True) == "Four things for your kitchen"
    assert headline("en", [KITCHEN, GARDEN, "Hats", None], personal=True) == "Four things chosen for you"


def test_who_gets_everybodys_list_is_not_told_it_was_chosen_for_them() -> None:
    for language, chosen in CHOSEN.items():
        assert chosen not in headline(language, [KITCHEN] * 6, personal=False)
        assert headline(language, [KITCHEN], personal=False)


def test_no_subject_shouts_or_hurries() -> None:
    for language in ("en", "pl", "ru"):
        for words, _ in PURPOSES:
            assert "!" not in headline(language, [words[0]] * 6, personal=True)


def test_the_sentence_claims_a_history_only_where_a_reason_rests_on_one() -> None:
    assert "bought" in opening("en", Standing.CURRENT, ["trending", "again"])
    assert "many people" in opening("en", Standing.CURRENT, ["trending", "popular"])
    assert "many people" in opening("en", Standing.GENERAL, ["again"])
    assert opening("en", Standing.OLD, ["again"]) == "This list has grown old. Here is today’s."
    assert opening("pl", Standing.OLD, []) == "Ta lista już nieaktualna. Oto dzisiejsza."


def test_every_text_is_there_in_every_language() -> None:
    for table in (WORDS, THINGS, CHOSEN, POPULAR):
        assert set(table) == {"en", "pl", "ru"}
    assert set(WORDS["en"]) == set(WORDS["pl"]) == set(WORDS["ru"])
    for _, phrase in PURPOSES:
        assert set(phrase) == {"en", "pl", "ru"}
    for sentence in OPENINGS.values():
        assert set(sentence) == {"en", "pl", "ru"}


@pytest.mark.parametrize("length", [3, 15, 29, 44, 61, 88, 130])
def test_the_line_beside_the_subject_has_60_to_90_letters(length: int) -> None:
    said = preheader([Place(title=("word " * 40)[:length].strip() or "x")] * 40)
    assert 60 <= len(said) <= 90


def test_few_short_names_are_all_said() -> None:
    assert preheader([Place(title="Cup"), Place(title="Bowl")]) == "Cup, Bowl"
    assert preheader([]) == ""


def test_the_plain_twin_has_one_line_for_each_item() -> None:
    lines = plain(letter(3)).splitlines()
    about = [line for line in lines if "holders" in line and "Set of 6" in line]
    assert (
        about[0]
        == f"Set of 6 regency cakestands with tea light holders 1 – £12.75 – Goes with Set of 3 cake tins pantry design – {LINK}"
    )
    assert len(about) == 3
    assert "-- " in lines


def test_a_name_with_line_breaks_stays_on_its_line() -> None:
    said = plain(letter(places=(Place(title="Cup\r\nSubject: x\n-- ", url=LINK),)))
    assert f"Cup Subject: x -- – {LINK}" in said


def test_polish_and_russian_letters_come_without_html() -> None:
    for language in ("pl", "ru"):
        said = plain(letter(6, language))
        assert "<" not in said
        assert places(1, language)[0].title in said


@pytest.mark.parametrize(
    ("language", "currency", "expected"),
    [
        ("en", "GBP", "£1,299.90"),
        ("en", "EUR", "€1,299.90"),
        ("en", "PLN", "zł\u00a01,299.90"),
        ("en", "RUB", "₽1,299.90"),
        ("pl", "PLN", "1299,90\u00a0zł"),
        ("pl", "GBP", "1299,90\u00a0£"),
        ("pl", "EUR", "1299,90\u00a0€"),
        ("pl", "RUB", "1299,90\u00a0₽"),
        ("ru", "RUB", "1\u00a0299,90\u00a0₽"),
        ("ru", "GBP", "1\u00a0299,90\u00a0£"),
        ("ru", "EUR", "1\u00a0299,90\u00a0€"),
        ("ru", "PLN", "1\u00a0299,90\u00a0zł"),
        ("ru", "JPY", "1\u00a0300\u00a0¥"),
        ("en", "CHF", "CHF\u00a01,299.90"),
    ],
)
def test_a_price_is_written_as_its_language_does(language: str, currency: str, expected: str) -> None:
    assert price_text(Decimal("1299.9"), currency, language) == expected


def test_an_unknown_price_is_no_price() -> None:
    assert price_text(None, "GBP", "en") is None
    assert price_text(Decimal(1), None, "en") is None
    assert price_text(Decimal("NaN"), "GBP", "en") is None


INTL = """const o = {};
for (const l of ["en", "pl", "ru"]) for (const c of CODES) for (const v of [0.5, 12.75, 1234.5, 12345.67, -3])
  o[[l, c, v].join(" ")] = new Intl.NumberFormat(l, {style: "currency", currency: c, currencyDisplay: "narrowSymbol"}).format(v);
console.log(JSON.stringify(o));"""
CODES = """AMD ARS AUD BRL BYN CAD CHF CLP CNY CRC CZK DKK EGP EUR GBP GEL GHS HKD HUF IDR ILS INR ISK JPY KRW KWD KZT LBP MXN
    MYR NOK NZD PHP PKR PLN RON RUB SEK SGD THB TND TRY TWD UAH USD VND XAF XOF ZAR ZMW"""


def test_prices_are_those_of_a_browser(say_missing: Callable[[str], None]) -> None:
    node = shutil.which("node")
    if node is None:
        say_missing("there is no Node on this machine to compare prices with (Debian: apt-get install nodejs)")
    said = subprocess.run(
        [str(node), "-e", f"const CODES = {json.dumps(CODES.split())}; {INTL}"], capture_output=True, check=True
    )
    for asked, expected in json.loads(said.stdout).items():
        language, currency, amount = asked.split()
        assert price_text(Decimal(amount), currency, language) == expected
