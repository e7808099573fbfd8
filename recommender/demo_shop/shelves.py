"""The shop's shelves: the catalogue's categories as addresses, short names, and what a page opens with."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from recommender.demo_shop.panel_texts import shelf as long_name
from recommender.domain.items import CATEGORY_SEPARATOR
from recommender.domain.requests import Language
from recommender.mail import stands_for

MASTHEAD = ("Kitchen", "Party", "Home", "Candles & lighting", "Bags", "Cards & gift wrap", "Seasonal")
"""Shelves that stand at the top of every page."""
BAND = ("Kitchen", "Party", "Candles & lighting", "Bags", "Home", "Cards & gift wrap")
"""Shelves with a round picture on the home page."""

SHORT: Mapping[str, tuple[str, str, str]] = {
    "Kitchen": ("Kitchen", "Kuchnia", "Кухня"),
    "Party": ("Party", "Przyjęcia", "Праздник"),
    "Home": ("Home", "Dom", "Дом"),
    "Candles & lighting": ("Candles", "Świece", "Свечи"),
    "Bags": ("Bags", "Torby", "Сумки"),
    "Cards & gift wrap": ("Paper", "Papier", "Бумага"),
    "Seasonal": ("Christmas", "Święta", "Рождество"),
}
"""Names for the masthead."""
PARTS: Mapping[str, tuple[str, str, str]] = {
    "Tableware & glass": ("Tableware & glass", "Zastawa i szkło", "Посуда и стекло"),
    "Tins, jars & utensils": ("Tins, jars & utensils", "Puszki, słoiki i przybory", "Банки и принадлежности"),
    "Baking & cakes": ("Baking & cakes", "Pieczenie i ciasta", "Выпечка и торты"),
    "Mugs & teaware": ("Mugs & teaware", "Kubki i herbata", "Кружки и чай"),
    "Signs & wall decor": ("Signs & wall decor", "Tabliczki i na ścianę", "Таблички и декор стен"),
    "Decorations": ("Decorations", "Dekoracje", "Украшения для дома"),
    "Cushions & textiles": ("Cushions & textiles", "Poduszki i tkaniny", "Подушки и текстиль"),
    "Clocks, frames & mirrors": ("Clocks, frames & mirrors", "Zegary, ramki i lustra", "Часы, рамки и зеркала"),
    "Storage & furniture": ("Storage & furniture", "Przechowywanie i meble", "Хранение и мебель"),
    "Toys & games": ("Toys & games", "Zabawki i gry", "Игрушки и игры"),
    "Christmas": ("Christmas", "Boże Narodzenie", "Рождество"),
    "Easter & Valentine": ("Easter & Valentine", "Wielkanoc i walentynki", "Пасха и День влюблённых"),
    "Shoppers & purses": ("Shoppers & purses", "Torby na zakupy i portfele", "Сумки для покупок и кошельки"),
    "Lunch bags & boxes": ("Lunch bags & boxes", "Torby i pudełka na lunch", "Ланч-сумки и ланч-боксы"),
    "Other": ("Other", "Inne", "Другое"),
}
"""Second steps of category paths."""
HEADINGS: Mapping[str, tuple[str, str, str]] = {
    "Party": ("For the next party", "Na następne przyjęcie", "К следующему празднику"),
    "Kitchen": ("For your kitchen", "Do Twojej kuchni", "Для вашей кухни"),
    "Candles & lighting": ("For long evenings", "Na długie wieczory", "Для долгих вечеров"),
    "Home": ("For the house", "Do domu", "Для дома"),
    "Bags": ("To carry things in", "Żeby coś w nich nosić", "Чтобы всё унести"),
    "Cards & gift wrap": ("To write and wrap", "Do pisania i pakowania", "Писать и заворачивать"),
    "Stationery & craft": ("To write and wrap", "Do pisania i pakowania", "Писать и заворачивать"),
    "Seasonal": ("For December", "Na grudzień", "К декабрю"),
    "Bath & personal care": ("For slow mornings", "Na spokojne poranki", "Для неспешного утра"),
    "Children": ("For small hands", "Dla małych rąk", "Для маленьких рук"),
    "Garden": ("For the garden", "Do ogrodu", "Для сада"),
}
"""What a known customer's home page opens with, by the shelf they buy most from, if that is what it shows."""


def place(language: Language) -> int:
    """Where a language stands in the tables above."""
    return list(Language).index(language)


def slug(category: str) -> str:
    """A category path as the end of an address: ``kitchen/mugs-teaware``."""
    return "/".join(_plain(part) for part in category.split(CATEGORY_SEPARATOR))


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", bare.lower()).strip("-")


def name_of(category: str, language: Language) -> str:
    """The name of the last step of a path; the catalogue's own where there is no other."""
    *above, last = category.split(CATEGORY_SEPARATOR)
    if not above:
        return long_name(last, language)
    return PARTS[last][place(language)] if last in PARTS else last


def short_name(category: str, language: Language) -> str:
    """The name for the masthead."""
    return SHORT[category][place(language)] if category in SHORT else name_of(category, language)


def heading_of(category: str | None, categories: Sequence[str], language: Language) -> str | None:
    """What a home page opens with for somebody who buys most from this shelf; None: nothing of its own.

    ``categories`` are the paths of the items shown: a heading is given only if at least half of them lie on the shelf.
    """
    found = HEADINGS.get(category or "")
    if found is None or category is None or not stands_for(category, [steps_of(path)[0] for path in categories]):
        return None
    return found[place(language)]


def steps_of(category: str) -> list[str]:
    """The path and the paths above it, from the top."""
    parts = category.split(CATEGORY_SEPARATOR)
    return [CATEGORY_SEPARATOR.join(parts[: n + 1]) for n in range(len(parts))]
