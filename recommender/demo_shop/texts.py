"""Every word of the shop's pages, in three languages, and how numbers, months and money are written in them.

Item names are never inflected: they stand after a colon or in a place of their own. Polish has no gendered past tense.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from markupsafe import Markup, escape

from recommender.demo_shop.page_texts import PAGE_TEXTS
from recommender.domain.plurals import plural
from recommender.domain.requests import Language
from recommender.mail.prices import price_text

LANGUAGES: Final = (Language.EN, Language.PL, Language.RU)
NAMES: Mapping[Language, str] = {Language.EN: "English", Language.PL: "Polski", Language.RU: "Русский"}
"""Each language in its own words."""
NO_BREAK: Final = "\u00a0"

MONTHS: Mapping[Language, str] = {
    Language.EN: "January February March April May June July August September October November December",
    Language.PL: "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    Language.RU: "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}
"""Months as they stand in a date."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; templates call it ``t``."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """A text with its gaps filled.

        Raises
        ------
        KeyError
            There is no such text.
        """
        return self._raw(key).format(**values)

    def html(self, key: str, **values: object) -> Markup:
        """A text in which ``[`` and ``]`` stand for the start and end of emphasis; everything else is escaped."""
        text = Markup(str(escape(self._raw(key))).replace("[", "<strong>").replace("]", "</strong>"))  # noqa: S704 - our own text, escaped
        return text.format(**values)

    def count(self, key: str, n: int, **values: object) -> str:
        """A text for a number, in its plural form."""
        return self._raw(f"{key}.{plural(self.language, n)}").format(n=self.number(n), **values)

    def number(self, n: int) -> str:
        """A whole number, its thousands apart."""
        mark = {Language.EN: ","}.get(self.language, NO_BREAK)
        apart = self.language is not Language.PL or n >= 10_000
        return f"{n:,}".replace(",", mark) if apart else str(n)

    def money(self, amount: Decimal, currency: str = "GBP") -> str:
        """An amount as letters and browsers write it: ``£1,234.50``, ``1234,50 £``, ``1 234,50 £``."""
        return price_text(amount, currency, str(self.language)) or ""

    def date(self, moment: datetime) -> str:
        """The day of a moment."""
        month = MONTHS[self.language].split()[moment.month - 1]
        end = " г." if self.language is Language.RU else ""
        return f"{moment.day} {month} {moment.year}{end}"

    def _raw(self, key: str) -> str:
        return PAGE_TEXTS[key][LANGUAGES.index(self.language)]
