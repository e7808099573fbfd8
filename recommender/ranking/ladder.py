"""The fallback ladder: what fills a list when the model's proposal leaves places empty."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.model.contract import Model, Proposal
from recommender.ranking.aligning import popular_arrays
from recommender.ranking.assortment import Assortment
from recommender.ranking.keeping import remember
from recommender.ranking.orders import PARTED, after, replaced
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
MAX_COUNTRIES = 256
"""Countries whose favourites are kept; those of a further one take the place of the first."""
COUNTRY_ROWS = 2_000
"""How far a country's own order goes; from there on the shop's order is good enough."""
MAX_PARTS = 512
"""Orders of single shelves that are kept, where the catalogue has changed."""


class Ladder:
    """The rungs of one model (or none) over one version of the catalogue.

    The orders lie beside the written columns where a process made them for all; else they are made when first needed.
    What a request takes is a slice, or an order with the few rows moved that have changed since; the last ones are kept.
    """

    def __init__(self, assortment: Assortment, model: Model | None = None) -> None:
        self.assortment = assortment
        self.model = model
        self._countries = assortment.aligned.countries
        self._parts: dict[tuple[str, str, int], NDArray[np.int32]] = {}
        self._turned: dict[tuple[str, int], tuple[int, NDArray[np.int32]]] = {}
        self._moved: dict[str, NDArray[np.int32]] = {}

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
        """Rows of everything ever bought, most wanted now first; empty without a model. A country's order is cut short."""
        if self.model is None:
            return NOWHERE
        if country is None:
            popular: NDArray[np.int32] = self._arrays["popular"]
            return popular
        order = self._countries.get(country)
        if order is None:
            made = self.model.popular(country)[:COUNTRY_ROWS].copy()
            order = remember(self._countries, country, made, most=MAX_COUNTRIES)
        return order

    def standing(self, row: int) -> int:
        """A row's place in the popularity order; its length for a row that is not in it."""
        places = self._arrays["standing"]
        return int(places[row]) if row < len(places) else len(self.popular())

    def newest(self, now_us: int) -> NDArray[np.int32]:
        """Rows of the catalogue, newest first as of that moment; what is added only later comes last."""
        return self._as_of(now_us, ("newest", -1), self.assortment.newest())

    def shelf_order(self, code: int) -> NDArray[np.int32]:
        """Rows of one shelf, most wanted now first."""
        return self._part("popular", "shelf", code)

    def _nearby(self, question: Question, source: str) -> Iterator[Rung]:
        for kind, code in (("shelf", question.shelf), ("category", question.category)):
            if code >= 0 and source == NEWEST_CATEGORY:
                rows = self._as_of(question.now_us, (kind, code), self._part("newest", kind, code))
                yield Rung(rows=rows, sources=source)
            elif code >= 0:
                yield Rung(rows=self._part("popular", kind, code), sources=source)

    @cached_property
    def _arrays(self) -> Mapping[str, NDArray[Any]]:
        """The written orders; the popular ones made here if nobody has written them."""
        aligned = self.assortment.aligned
        if self.model is None or "popular" in aligned.arrays:
            return aligned.arrays
        n_codes = {kind: len(aligned.listing.names[kind]) for kind in PARTED}
        return {**aligned.arrays, **popular_arrays(self.model.popular(), aligned.arrays, n_codes)}

    def _part(self, order: str, kind: str, code: int) -> NDArray[np.int32]:
        """The rows of one shelf or category, in the order of the whole."""
        if order == "popular" and self.model is None:
            return NOWHERE
        moved = self._moves(order, kind)
        if not len(moved):
            return self._written(order, kind, code)
        part = self._parts.get((order, kind, code))
        if part is None:
            here = getattr(self.assortment.columns, kind)[moved] == code
            rows = [
                row for row in moved[here].tolist() if order == "newest" or self.standing(row) < len(self.popular())
            ]
            key = self.assortment.age_key if order == "newest" else self.standing
            made = replaced(self._written(order, kind, code), moved, rows, key)
            part = remember(self._parts, (order, kind, code), made, most=MAX_PARTS)
        return part

    def _written(self, order: str, kind: str, code: int) -> NDArray[np.int32]:
        starts = self._arrays[f"{order}.{kind}.starts"]
        if code >= len(starts) - 1:
            return NOWHERE
        part: NDArray[np.int32] = self._arrays[f"{order}.{kind}"][starts[code] : starts[code + 1]]
        return part

    def _moves(self, order: str, kind: str) -> NDArray[np.int32]:
        """Rows whose place in the parted order is not the written one."""
        moved = self._moved.get(order + kind)
        if moved is None:
            names = (kind, "listed", "added_us") if order == "newest" else (kind,)
            moved = self._moved[order + kind] = self.assortment.moved(*names)
        return moved

    def _as_of(self, now_us: int, name: tuple[str, int], order: NDArray[np.int32]) -> NDArray[np.int32]:
        """A newest-first order with what is added only after that moment at its end."""
        future = after(order, self.assortment.columns.added_us, now_us)
        if future == 0:
            return order
        kept = self._turned.get(name)
        if kept is None or kept[0] != future:
            kept = remember(self._turned, name, (future, np.roll(order, -future)), most=MAX_PARTS)
        return kept[1]
