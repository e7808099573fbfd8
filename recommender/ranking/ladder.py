"""The fallback ladder: what fills a list when the model's proposal leaves places empty."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.model.contract import Model, Proposal
from recommender.ranking.assortment import Assortment
from recommender.ranking.question import Question
from recommender.ranking.scenarios import Context
from recommender.ranking.slate import Rung

RECENT = "recently_viewed"
POPULAR = "popular"
POPULAR_COUNTRY = "popular_country"
POPULAR_CATEGORY = "popular_category"
NEWEST = "newest"
NEWEST_CATEGORY = "newest_category"

NOWHERE = np.zeros(0, dtype=np.int32)
MAX_COUNTRIES = 64
"""Orders kept per country; further countries are answered without being kept."""


class Ladder:
    """The rungs of one model (or none) over one version of the catalogue. Orders are made when first needed and kept."""

    def __init__(self, assortment: Assortment, model: Model | None = None) -> None:
        self.assortment = assortment
        self.model = model
        self._countries: dict[str | None, NDArray[np.int32]] = {}
        self._parts: dict[tuple[str, str, int], NDArray[np.int32]] = {}
        self._newest: NDArray[np.int32] | None = None

    def rungs(
        self, question: Question, proposal: Proposal | None, recent: Sequence[int] = (), *, lean: bool = False
    ) -> Iterator[Rung]:
        """The rungs of one question from the best founded down; each is made only when it is reached.

        What the person looked at last (``recently_viewed`` only); the model's proposal; for a page's item the most wanted
        of its shelf, then of its whole category (before the proposal where the model does not know the item); the most
        wanted in the country; the most wanted anywhere; the catalogue's newest, same category first.

        Parameters
        ----------
        recent : sequence of int
            Rows the person looked at, the last one first.
        lean : bool
            Leave the model out: the catalogue alone answers.
        """
        if recent:
            yield Rung(rows=np.array(recent, dtype=np.int32), sources=RECENT)
        proposed = (
            [] if proposal is None else [Rung(rows=proposal.items, sources=proposal.sources, scores=proposal.scores)]
        )
        near = question.scenario.context is Context.PAGE
        if not (near and question.told and not question.understood):
            yield from proposed
            proposed = []
        if near and not lean:
            yield from self._nearby(question, POPULAR_CATEGORY)
        yield from proposed
        if not lean:
            if question.country is not None:
                yield Rung(rows=self.popular(question.country), sources=POPULAR_COUNTRY)
            yield Rung(rows=self.popular(), sources=POPULAR)
        if near:
            yield from self._nearby(question, NEWEST_CATEGORY)
        yield Rung(rows=self.newest(question.now_us), sources=NEWEST)

    def popular(self, country: str | None = None) -> NDArray[np.int32]:
        """Rows of everything ever bought, most wanted now first; empty without a model."""
        if self.model is None:
            return NOWHERE
        order = self._countries.get(country)
        if order is None:
            order = self.model.popular(country)
            if len(self._countries) < MAX_COUNTRIES:
                self._countries[country] = order
        return order

    def newest(self, now_us: int) -> NDArray[np.int32]:
        """Rows of the catalogue, newest first as of that moment; what is added only later comes last."""
        if self._newest is None:
            self._newest = self.assortment.newest()
        order = self._newest
        future = int(np.count_nonzero(self.assortment.columns.added_us[order] > now_us))
        return order if future == 0 else np.roll(order, -future)

    def shelf_order(self, code: int) -> NDArray[np.int32]:
        """Rows of one shelf, most wanted now first."""
        return self._part(POPULAR_CATEGORY, "shelf", code, 0)

    def _nearby(self, question: Question, source: str) -> Iterator[Rung]:
        for kind, code in (("shelf", question.shelf), ("category", question.category)):
            if code >= 0:
                yield Rung(rows=self._part(source, kind, code, question.now_us), sources=source)

    def _part(self, source: str, kind: str, code: int, now_us: int) -> NDArray[np.int32]:
        """The rows of one shelf or category, in the order of the whole."""
        columns = self.assortment.columns
        codes = columns.shelf if kind == "shelf" else columns.category
        if source == NEWEST_CATEGORY:
            order = self.newest(now_us)
            return np.asarray(order[codes[order] == code])
        part = self._parts.get((source, kind, code))
        if part is None:
            order = self.popular()
            part = np.asarray(order[codes[order] == code])
            self._parts[source, kind, code] = part
        return part
