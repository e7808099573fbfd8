"""What a letter says beside its items, in three languages. Shelf names are never inflected: each has its own phrase."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from recommender.domain.plurals import plural
from recommender.domain.requests import Language
from recommender.mail.letter import Place, Standing

LANGUAGES: Final = ("en", "pl", "ru")
PREHEADER_LEAST, PREHEADER_MOST = 60, 90
"""Letters of the line beside the subject."""

THINGS: Mapping[str, Mapping[str, str]] = {
    "en": {"one": "thing", "other": "things"},
    "pl": {"one": "rzecz", "few": "rzeczy", "many": "rzeczy"},
    "ru": {"one": "вещь", "few": "вещи", "many": "вещей"},
}
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "No",
        "One",
        "Two",
        "Three",
        "Four",
        "Five",
        "Six",
        "Seven",
        "Eight",
        "Nine",
        "Ten",
        "Eleven",
        "Twelve",
    )
}
"""Numbers that are written out; others, and other languages, take digits."""

PURPOSES: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = (
    (
        ("baking", "cake", "party"),
        {"en": "you might bake with", "pl": "do pieczenia i na przyjęcia", "ru": "для выпечки и праздника"},
    ),
    (("kitchen",), {"en": "for your kitchen", "pl": "do kuchni", "ru": "для кухни"}),
    (("candle", "lighting"), {"en": "for long evenings", "pl": "na długie wieczory", "ru": "для долгих вечеров"}),
    (("home",), {"en": "for the house", "pl": "do domu", "ru": "для дома"}),
    (("bag",), {"en": "to carry things in", "pl": "do noszenia ze sobą", "ru": "чтобы брать с собой"}),
    (
        ("stationery", "card", "paper"),
        {"en": "to write and wrap", "pl": "do pisania i pakowania", "ru": "чтобы писать и упаковывать"},
    ),
    (("christmas",), {"en": "for December", "pl": "na grudzień", "ru": "для декабря"}),
    (("bath",), {"en": "for slow mornings", "pl": "na spokojne poranki", "ru": "для неспешного утра"}),
    (("toy",), {"en": "for small hands", "pl": "dla małych rąk", "ru": "для маленьких рук"}),
    (("garden",), {"en": "for the garden", "pl": "do ogrodu", "ru": "для сада"}),
)
"""Words of a shelf's name, and what its things are for; the first that fits counts."""

CHOSEN = {"en": "chosen for you", "pl": "wybrane dla Ciebie", "ru": "для вас"}
POPULAR = {"en": "many people buy now", "pl": "które teraz kupuje wiele osób", "ru": ", которые сейчас покупают"}

OPENINGS: Mapping[str, Mapping[str, str]] = {
    "history": {
        "en": "Picked today from what you have bought or looked at. Prices are today’s.",
        "pl": "Wybrane dziś na podstawie Twoich zakupów i oglądanych rzeczy. Ceny są dzisiejsze.",
        "ru": "Подобрано сегодня по вашим покупкам и просмотрам. Цены сегодняшние.",
    },
    "general": {
        "en": "Picked today from what many people buy. Prices are today’s.",
        "pl": "Wybrane dziś spośród tego, co kupuje wiele osób. Ceny są dzisiejsze.",
        "ru": "Выбрано сегодня из того, что часто покупают. Цены сегодняшние.",
    },
    "old": {
        "en": "This list has grown old. Here is today’s.",
        "pl": "Ta lista już nieaktualna. Oto dzisiejsza.",
        "ru": "Эта подборка устарела. Вот сегодняшняя.",
    },
    "empty": {
        "en": "There is nothing to show today.",
        "pl": "Dziś nie ma czego pokazać.",
        "ru": "Сегодня показать нечего.",
    },
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "see": "See it in the shop",
        "goes_to": "You get this because you get mail from {shop}.",
        "this_shop": "this shop",
        "why": "Why these items",
        "general": "Only general news",
        "stop": "Stop all mail",
    },
    "pl": {
        "see": "Zobacz w sklepie",
        "goes_to": "Ta wiadomość jest częścią poczty, którą wysyła {shop}.",
        "this_shop": "ten sklep",
        "why": "Skąd te rzeczy",
        "general": "Tylko ogólne nowości",
        "stop": "Wypisz z całej poczty",
    },
    "ru": {
        "see": "Посмотреть в магазине",
        "goes_to": "Вы получили это письмо, потому что подписаны на почту: {shop}.",
        "this_shop": "этот магазин",
        "why": "Почему эти вещи",
        "general": "Только общие новости",
        "stop": "Отказаться от писем",
    },
}
FROM_HISTORY = frozenset(
    {
        "again",
        "viewed_times",
        "set_aside",
        "bought_with",
        "bought_by_same",
        "viewed_next",
        "close_to_viewed",
        "similar_style",
        "chosen",
    }
)
"""Reasons that rest on what the reader did."""


def headline(language: str, shelves: Sequence[str | None], *, personal: bool) -> str:
    """Subject and heading: how many things, and what for.

    Parameters
    ----------
    shelves : sequence of str or None
        Category of each item, in order. A purpose is named only if at least half of the items share it.
    """
    n = len(shelves)
    written = NUMBERS.get(language, ())
    number = written[n] if n < len(written) else str(n)
    what = (_shared(shelves, language) or CHOSEN[language]) if personal else POPULAR[language]
    things = THINGS[language][plural(Language(language), n)]
    if not personal and language == "en" and n == 1:
        return f"{number} thing many people buy now"
    return f"{number} {things}{'' if what.startswith(',') else ' '}{what}"


def stands_for(one: str, all_of: Sequence[str | None]) -> bool:
    """Whether a heading may name something of a list: at least half of its items share it."""
    return bool(all_of) and 2 * all_of.count(one) >= len(all_of)


def _shared(shelves: Sequence[str | None], language: str) -> str | None:
    """What at least half of the items are for; the earlier wins a tie."""
    found = [purpose_of(shelf, language) for shelf in shelves]
    named = [purpose for purpose in found if purpose is not None]
    best = max(dict.fromkeys(named), key=named.count, default=None)
    return best if best is not None and stands_for(best, found) else None


@lru_cache(maxsize=4_096)
def purpose_of(shelf: str | None, language: str) -> str | None:
    """What the things of a shelf are for; None where no phrase fits."""
    path = (shelf or "").lower()
    for words, phrase in PURPOSES:
        if any(word in path for word in words):
            return phrase[language]
    return None


def opening(language: str, standing: Standing, codes: Sequence[str]) -> str:
    """The sentence below the heading; ``codes`` are those of the reasons."""
    if standing is Standing.OLD:
        return OPENINGS["old"][language]
    if not codes:
        return OPENINGS["empty"][language]
    known = standing is Standing.CURRENT and not FROM_HISTORY.isdisjoint(codes)
    return OPENINGS["history" if known else "general"][language]


def preheader(places: Sequence[Place]) -> str:
    """The names of the first items, as many as fit into 60 to 90 letters; a long one is cut between words."""
    said = ""
    for place in places:
        more = f"{said}, {place.title}" if said else place.title
        if len(more) > PREHEADER_MOST:
            return said if len(said) >= PREHEADER_LEAST else _cut(more)
        said = more
    return said


def _cut(text: str) -> str:
    """The text up to the last word that fits, and an ellipsis."""
    head = text[: PREHEADER_MOST - 1]
    if text[len(head)].isspace():
        return f"{head.rstrip(' ,')}…"
    shorter = head.rpartition(" ")[0].rstrip(" ,")
    return f"{shorter if len(shorter) >= PREHEADER_LEAST - 1 else head}…"
