"""Why an item is there, in one true sentence: evidence in, reason out. When in doubt it says less."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from recommender.domain.folding import folded
from recommender.domain.items import CATEGORY_SEPARATOR
from recommender.domain.requests import Language
from recommender.domain.slates import Reason
from recommender.model.contract import Evidence
from recommender.ranking.assortment import EPOCH, TICK, micros
from recommender.ranking.keeping import remember
from recommender.ranking.ladder import MAX_PARTS, NEWEST, NEWEST_CATEGORY, POPULAR_CATEGORY, Ladder
from recommender.ranking.question import Question
from recommender.ranking.settings import AnswerSettings
from recommender.ranking.slate import Pick
from recommender.ranking.texts import MONTHS, sentence, times

FRESH_US = 3 * 86_400_000_000
"""How old the model's count of a week may be to speak of this week."""
QUARTER = timedelta(minutes=15)
QUARTER_US = QUARTER // TICK
MAX_MONTHS = 50_000
MAX_YEARS = 4
"""Pairs of a year that lists are for and a language whose sentences are kept: a shop speaks two, and asks about now."""
MAX_NAMES = 4_096
MANY_BUYERS = 5
"""From how many distinct people on "many people" or "popular" is said."""
POPULAR_SHARE = 0.1
"""The part of the popularity order that may be called popular."""
MIN_ORDER = 20
"""Shortest popularity order that says anything."""
MAX_NAME = 60
"""Longest item name in a sentence, in characters."""

OWN = frozenset({"again", "viewed", "carted"})
WANTED = frozenset({"trending", "trending_country", "trending_category"})
RELATED: Mapping[str, tuple[str, str, str]] = {
    "bought_with": ("bought_with", "bought_by_same", "bought_by_same"),
    "close_to": ("close_to_viewed", "chosen", "similar_style"),
}
"""Evidence that has a related item, to the sentence that names it, the one that does not, and that for a page's or cart's item."""
MOST_NAMED = 2
"""How many items of one list may name the same item."""


class Reasons:
    """Speaks for one model over one version of the catalogue."""

    def __init__(self, ladder: Ladder, settings: AnswerSettings) -> None:
        self._ladder = ladder
        self._assortment = ladder.assortment
        self._settings = settings
        self._sensitive: dict[int, bool] = {-1: False}
        self._shelf = ladder.assortment.shelf_cells
        self._months: dict[int, tuple[int, int]] = {}
        self._again: dict[tuple[int, Language], dict[int, Reason]] = {}
        self._now = (-1, 0)  # the quarter of an hour spoken in last, and its year
        self._names: dict[int, str | None] = {}
        self._popular_rows: memoryview | None = None
        self._popular_of: dict[int, frozenset[int]] = {}

    def of_list(self, picks: Sequence[Pick], evidence: Sequence[Evidence | None], question: Question) -> list[Reason]:
        """One reason per item of a list. At most two name the same item; the next say the same without its name.

        Parameters
        ----------
        evidence : sequence of Evidence or None
            Beside the picks, for what the model proposed or the person looked at; a lower rung gave the rest.
        """
        named: dict[int, int] = {}
        reasons: list[Reason] = []
        again = self._bought_when(question).get
        sensitive, shelf = self._sensitive.get, self._shelf
        for (row, _, source, _, picked), seen in zip(picks, evidence, strict=True):
            if picked:
                reason = self.of_wish(row, question)
            elif seen is None:
                reason = self.of_fallback(row, source, question)
            elif (
                seen.code == "again"
                and seen.when_us is not None
                and sensitive(shelf[row]) is False
                and (known := again(seen.when_us // QUARTER_US)) is not None
            ):
                reason = known  # most of a list, as a rule
            else:
                reason = self.of_evidence(row, seen, question, named)
            reasons.append(reason)
        return reasons

    def of_wish(self, row: int, question: Question) -> Reason:
        """The shop itself has put the item there, by a pin or a boost."""
        return self.neutral(question) if self.sensitive(row) else _reason("picked", question)

    def of_fallback(self, row: int, source: str, question: Question) -> Reason:
        """Why a lower rung gave the item: new or popular only if it is, else a neutral sentence."""
        if self.sensitive(row):
            return self.neutral(question)
        if source in (NEWEST, NEWEST_CATEGORY):
            return self._new(row, question)
        return self._popular(row, question, shelf=source == POPULAR_CATEGORY)

    def of_evidence(self, row: int, evidence: Evidence, question: Question, named: dict[int, int]) -> Reason:
        """Why the model proposed the item, or that it was looked at. ``named`` counts the names a list has used."""
        code = "neutral" if self.sensitive(row) else evidence.code
        if code == "again" and evidence.when_us is not None:
            return self._bought(evidence.when_us, question)
        if code in OWN:
            return self._own(evidence, question)
        if code in RELATED:
            return self._related(row, evidence, question, named)
        if code in WANTED and _many_this_week(evidence, question):
            return _reason("trending", question)
        if code in WANTED:
            return self._popular(row, question, shelf=code == "trending_category")
        return _reason("viewed_next" if code == "viewed_next" else "neutral", question)

    def neutral(self, question: Question) -> Reason:
        """The sentence that is true of everything the shop sells."""
        return _reason("neutral", question)

    def sensitive(self, row: int) -> bool:
        """Whether the item's category is one no reason may point at."""
        code = self._shelf[row]
        known = self._sensitive.get(code)
        if known is None:
            item = self._assortment.items[self._assortment.ids[row]]
            known = self._sensitive[code] = is_sensitive(item.category or "", self._settings)
        return known

    def _own(self, evidence: Evidence, question: Question) -> Reason:
        """What the person did with this very item, short of buying it."""
        if evidence.code == "viewed" and evidence.count:
            return _reason("viewed_times", question, value=times(question.request.language, evidence.count))
        return _reason("set_aside", question) if evidence.code == "carted" else self.neutral(question)

    def _related(self, row: int, evidence: Evidence, question: Question, named: dict[int, int]) -> Reason:
        """The item that led here by name if it may be named, else the same without a name."""
        anchor = evidence.related
        if anchor is None or anchor == row:
            return self.neutral(question)
        with_name, without, without_on_page = RELATED[evidence.code]
        name = self._name(anchor) if named.get(anchor, 0) < MOST_NAMED else None
        if name is None:
            return _reason(without_on_page if anchor in question.query.context else without, question)
        named[anchor] = named.get(anchor, 0) + 1
        return _reason(with_name, question, value=name)

    def _name(self, row: int) -> str | None:
        """The name of an item that may be named: in the catalogue, with a title, not taken out or hidden, not sensitive."""
        if row in self._names:
            return self._names[row]
        item = self._assortment.items.get(self._assortment.ids[row])
        shown = item is not None and not item.removed and item.visible is not False and not self.sensitive(row)
        name = shortened(item.title) or None if shown and item is not None and item.title else None
        return remember(self._names, row, name, most=MAX_NAMES)

    def _bought(self, when_us: int, question: Question) -> Reason:
        """Says the month people see (the shop's zone and clock), with its year unless it is this year."""
        said, quarter = self._bought_when(question), when_us // QUARTER_US
        known = said.get(quarter)
        if known is None:
            year, number = self._shown(when_us)
            month = MONTHS[question.request.language][number - 1]
            reason = _reason("again", question, value=month if year == self._year(question) else f"{month} {year}")
            known = remember(said, quarter, reason, most=MAX_MONTHS)
        return known

    def _bought_when(self, question: Question) -> dict[int, Reason]:
        """What is said of a purchase by the quarter of an hour it was made in; the list's year and language decide how."""
        key = self._year(question), question.request.language
        known = self._again.get(key)
        return remember(self._again, key, {}, most=MAX_YEARS) if known is None else known

    def _year(self, question: Question) -> int:
        """The year people see at the moment of a list."""
        quarter = question.now_us // QUARTER_US
        spoken, year = self._now
        if spoken != quarter:
            year = self._shown(question.now_us)[0]
            self._now = (quarter, year)
        return year

    def _shown(self, moment_us: int) -> tuple[int, int]:
        """Year and month of a moment; kept per quarter of an hour, the finest step between the world's zones."""
        quarter = moment_us // QUARTER_US
        known = self._months.get(quarter)
        if known is None:
            moment = self._settings.clock.shown(EPOCH + quarter * QUARTER).astimezone(self._settings.timezone)
            known = remember(self._months, quarter, (moment.year, moment.month), most=MAX_MONTHS)
        return known

    def _new(self, row: int, question: Question) -> Reason:
        since = micros(question.request.now - timedelta(days=self._settings.new_days))
        added = int(self._assortment.columns.added_us[row])
        return _reason("new" if since <= added <= question.now_us else "neutral", question)

    def _popular(self, row: int, question: Question, *, shelf: bool) -> Reason:
        """Popular if the item stands in the first tenth of the popularity order, of its shelf or of the shop, and many want it."""
        if shelf and self._shelf[row] >= 0 and self._leads_shelf(row):
            item = self._assortment.items.get(self._assortment.ids[row])
            if item is not None and item.category:
                name = shortened(item.category.split(CATEGORY_SEPARATOR.strip())[-1])
                return _reason("popular_on_shelf", question, value=name)
        return _reason("popular" if self._leads(row) else "neutral", question)

    def _leads(self, row: int) -> bool:
        """Whether a row may be called popular in the shop; worked out for all rows when first asked."""
        if self._popular_rows is None:
            popular = np.zeros(len(self._assortment.ids), dtype=np.bool_)
            popular[self._first(self._ladder.popular())] = True
            self._popular_rows = popular.data
        return bool(self._popular_rows[row])

    def _leads_shelf(self, row: int) -> bool:
        """The same on its shelf; worked out shelf by shelf."""
        code = int(self._shelf[row])
        known = self._popular_of.get(code)
        if known is None:
            made = frozenset(self._first(self._ladder.shelf_order(code)).tolist())
            known = remember(self._popular_of, code, made, most=MAX_PARTS)
        return row in known

    def _first(self, order: NDArray[np.int32]) -> NDArray[np.int32]:
        """The first tenth of a popularity order, without what too few people wanted; nothing of a short order."""
        model = self._ladder.model
        if model is None or len(order) < MIN_ORDER:
            return order[:0]
        first = order[: int(POPULAR_SHARE * len(order))]
        return first[model.wanted_by(first) >= MANY_BUYERS]


def _reason(code: str, question: Question, *, value: str = "") -> Reason:
    return _said(code, question.request.language, value)


@lru_cache(maxsize=20_000)
def _said(code: str, language: Language, value: str) -> Reason:
    """Reasons are few and said often."""
    return Reason(code, sentence(code, language, value))


def _many_this_week(evidence: Evidence, question: Question) -> bool:
    """Only if the model counted enough people in a week that has only just ended."""
    if evidence.count is None or evidence.when_us is None:
        return False
    return evidence.count >= MANY_BUYERS and question.now_us - evidence.when_us <= FRESH_US


def is_sensitive(category: str, settings: AnswerSettings) -> bool:
    """Whether a category path is on the shop's list, or has a word that begins like one of the sensitive words.

    Neither letter case nor accents count.
    """
    path = folded(category)
    for listed in settings.sensitive_categories:
        start = folded(listed).strip()
        if start and (path == start or path.startswith(f"{start}{CATEGORY_SEPARATOR}")):
            return True
    words = "".join(c if c.isalnum() else " " for c in path)
    spaced = f" {' '.join(words.split())} "
    return any(beginning in spaced for beginning in _beginnings(settings.sensitive_words))


@lru_cache(maxsize=8)
def _beginnings(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f" {folded(word)}" for word in words)


def shortened(name: str) -> str:
    """A name fit for a sentence: one line of printable characters, cut at a word's end when long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(line) <= MAX_NAME:
        return line
    cut = line[: MAX_NAME - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"
