import string

import pytest

from recommender.domain.plurals import plural
from recommender.domain.requests import Language
from recommender.ranking.texts import MONTHS, SENTENCES, times

EN, PL, RU = Language


@pytest.mark.parametrize(
    ("n", "form"),
    [(0, "many"), (1, "one"), (2, "few"), (5, "many"), (12, "many"), (22, "few"), (25, "many"), (112, "many")],
)
def test_polish_plurals_are_those_of_the_language(n: int, form: str) -> None:
    assert plural(PL, n) == form


@pytest.mark.parametrize(
    ("n", "form"),
    [
        (0, "many"),
        (1, "one"),
        (2, "few"),
        (5, "many"),
        (11, "many"),
        (12, "many"),
        (21, "one"),
        (22, "few"),
        (25, "many"),
    ],
)
def test_russian_plurals_are_those_of_the_language(n: int, form: str) -> None:
    assert plural(RU, n) == form


def test_russian_says_how_often() -> None:
    assert [times(RU, n) for n in (1, 2, 5, 12, 22, 25)] == ["1 раз", "2 раза", "5 раз", "12 раз", "22 раза", "25 раз"]


def test_english_says_once_and_twice() -> None:
    assert [times(EN, n) for n in (1, 2, 3, 21)] == ["once", "twice", "3 times", "21 times"]


def test_polish_says_how_often() -> None:
    assert [times(PL, n) for n in (1, 2, 5, 22)] == ["raz", "2 razy", "5 razy", "22 razy"]


@pytest.mark.parametrize("code", SENTENCES)
def test_every_sentence_stands_in_every_language_with_the_same_gaps(code: str) -> None:
    gaps = {
        tuple(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in SENTENCES[code].values()
    }
    assert set(SENTENCES[code]) == set(Language)
    assert len(gaps) == 1


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_has_one_gap_at_most_and_at_its_end(code: str, language: Language) -> None:
    text = SENTENCES[code][language]
    assert text.count("{") <= 1
    assert "{" not in text or text.endswith("}")


@pytest.mark.parametrize("code", SENTENCES)
def test_names_are_never_inflected(code: str) -> None:
    for text in (SENTENCES[code][PL], SENTENCES[code][RU]):
        for gap in ("{item}", "{shelf}", "{month}"):
            assert gap not in text or text.endswith(f": {gap}")


def test_there_are_twelve_months_in_each_language() -> None:
    assert {language: len(set(names)) for language, names in MONTHS.items()} == {EN: 12, PL: 12, RU: 12}
