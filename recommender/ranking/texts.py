"""The sentences of reasons and how numbers and months are written in them: one table, three languages.

Item and shelf names are never inflected: they stand after a colon or at the end. Polish and Russian have no gendered
past tense.
"""

from collections.abc import Mapping
from typing import Final

from recommender.domain.plurals import plural
from recommender.domain.requests import Language

EN: Final = Language.EN
PL: Final = Language.PL
RU: Final = Language.RU

SENTENCES: Mapping[str, Mapping[Language, str]] = {
    "again": {EN: "You bought it in {month}", PL: "Z Twoich zakupów: {month}", RU: "Из ваших покупок: {month}"},
    "viewed_times": {EN: "You looked at it {times}", PL: "Oglądane {times}", RU: "Просмотрено {times}"},
    "set_aside": {EN: "You set it aside", PL: "Odłożone przez Ciebie", RU: "Отложено вами"},
    "bought_with": {EN: "Goes with {item}", PL: "Pasuje do: {item}", RU: "Подходит к: {item}"},
    "bought_by_same": {EN: "Bought by the same people", PL: "Kupują to te same osoby", RU: "Покупают те же люди"},
    "viewed_next": {EN: "Looked at next by many", PL: "Wielu ogląda to jako następne", RU: "Многие смотрят это следом"},
    "close_to_viewed": {EN: "Close to {item}", PL: "W stylu: {item}", RU: "Похоже на: {item}"},
    "similar_style": {EN: "In a similar style", PL: "W podobnym stylu", RU: "В похожем стиле"},
    "chosen": {EN: "Chosen for you", PL: "Wybrane dla Ciebie", RU: "Подобрано для вас"},
    "trending": {
        EN: "Many people buy it this week",
        PL: "W tym tygodniu kupuje to wiele osób",
        RU: "На этой неделе это часто покупают",
    },
    "popular": {EN: "Popular in this shop", PL: "Popularne w tym sklepie", RU: "Популярно в этом магазине"},
    "popular_on_shelf": {
        EN: "Popular on this shelf: {shelf}",
        PL: "Popularne w dziale: {shelf}",
        RU: "Популярно в разделе: {shelf}",
    },
    "new": {EN: "New in the shop", PL: "Nowość w sklepie", RU: "Новинка в магазине"},
    "picked": {EN: "Picked by the shop", PL: "Wybór sklepu", RU: "Выбор магазина"},
    "neutral": {EN: "From our range", PL: "Z naszej oferty", RU: "Из нашего ассортимента"},
}
"""Code of a reason to its sentence. A sentence has one gap at most, at its end, filled from the evidence."""

TIMES: Mapping[Language, Mapping[str, str]] = {
    EN: {"one": "once", "two": "twice", "other": "{n} times"},
    PL: {"one": "raz", "few": "{n} razy", "many": "{n} razy"},
    RU: {"one": "{n} раз", "few": "{n} раза", "many": "{n} раз"},
}
"""How often, by the plural form of the number (English has a word of its own for two)."""

MONTHS: Mapping[Language, tuple[str, ...]] = {
    EN: (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    PL: (
        "styczeń",
        "luty",
        "marzec",
        "kwiecień",
        "maj",
        "czerwiec",
        "lipiec",
        "sierpień",
        "wrzesień",
        "październik",
        "listopad",
        "grudzień",
    ),
    RU: (
        "январь",
        "февраль",
        "март",
        "апрель",
        "май",
        "июнь",
        "июль",
        "август",
        "сентябрь",
        "октябрь",
        "ноябрь",
        "декабрь",
    ),
}


def times(language: Language, n: int) -> str:
    """How often, in words: ``once``, ``twice``, ``5 times``; ``raz``, ``2 razy``; ``2 раза``."""
    forms = TIMES[language]
    return forms["two" if n == 2 and "two" in forms else plural(language, n)].format(n=n)


def sentence(code: str, language: Language, value: str = "") -> str:
    """The sentence of a code, its one gap filled in."""
    text = SENTENCES[code][language]
    start, gap, _ = text.partition("{")
    return f"{start}{value}" if gap else text
