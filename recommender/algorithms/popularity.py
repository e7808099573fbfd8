"""What many people buy now: everywhere, in one country, in one category. Each purchase counts less the older it is.

The lists are ranked at the fit and kept with the scores, so that a question only reads their beginnings.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.contract import SILENT, Arrays, Fitted, Listed, Opinion, Params
from recommender.algorithms.decay import decayed
from recommender.algorithms.digest import Digest, Touches
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import NOTHING, Floats, Ints, bounds, without
from recommender.interactions import Interactions
from recommender.kernels.plain import Line


def demand(digest: Digest, half_life_days: float) -> Floats:
    """Decayed number of purchases per item; of views and carts where nobody ever bought. float64 of length n_items."""
    touches = digest.bought if len(digest.bought.key) else digest.looked
    return _per_item(touches, digest.n_items, half_life_days)


def _per_item(touches: Touches, n_items: int, half_life_days: float) -> Floats:
    weights = decayed(touches.age_days, half_life_days) * touches.weight
    return np.asarray(np.bincount(touches.key % n_items, weights=weights, minlength=n_items), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Popularity:
    """The same order for everybody. ``ranked`` lists the items with demand, most wanted first."""

    name: str
    score: Floats
    ranked: NDArray[np.int32]

    @classmethod
    def fit(cls, name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
        """Needs one purchase, or one view."""
        del interactions, seed
        score = demand(digest, params["half_life_days"])
        if not score.any():
            return Fitted(generator=None, note=f"{name}: nobody has bought or looked at anything yet.")
        return Fitted(generator=cls.of(name, score))

    @classmethod
    def of(cls, name: str, score: Floats) -> Self:
        """From how wanted each item is, never negative."""
        ranked = np.argsort(-score, kind="stable")[: np.count_nonzero(score > 0)].astype(np.int32)
        return cls(name=name, score=score, ranked=ranked)

    def look(self, person: Person) -> Opinion:
        """The same list for each person."""
        del person
        return Ranked(self.score, self.ranked)

    def to_arrays(self) -> Arrays:
        """Scores by item, and their order."""
        return {"score": self.score, "ranked": self.ranked}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(name=name, score=arrays["score"], ranked=arrays["ranked"])


class Ranked:
    """Scores by item and the order they give."""

    __slots__ = ("_ranked", "_score")

    def __init__(self, score: Floats, ranked: NDArray[np.int32]) -> None:
        self._score, self._ranked = score, ranked

    def top(self, k: int, banned: Ints) -> Ints:
        """The beginning of the list."""
        return kernels.leading(self._ranked, k, banned)

    def at(self, items: Ints) -> Floats:
        """Scores of the items."""
        return self._score.take(items)

    def told(self, _: Ints, /) -> Line:
        """Scores by item."""
        return None, self._score


LONG, SPARSE = 4_096, 8
"""A country's list of so many items, and of at least one in so many of the catalogue, is spread out: eight bytes an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryPopularity:
    """Decayed demand within the person's country, as a share of the country's.

    Country c owns ``indptr[c]:indptr[c + 1]`` of ``item`` (ascending), ``score`` and ``best`` (most wanted first). Smoothed
    towards the demand everywhere, as if ``prior`` purchases from everywhere stood in each country's books, so that a small
    country is not noise.
    """

    name: str
    indptr: Ints
    item: Ints
    score: Floats
    best: NDArray[np.int32]
    _spread: dict[int, Floats] = field(default_factory=dict, compare=False, repr=False)
    """Scores item by item of the countries in which much of the catalogue sells, made when somebody from there first asks."""

    @classmethod
    def fit(cls, name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
        """Needs customers whose country is known."""
        del seed
        touches = digest.bought if len(digest.bought.key) else digest.looked
        country = interactions.country[touches.key // digest.n_items]
        known = country >= 0
        if not known.any():
            return Fitted(generator=None, note=f"{name}: no country of any customer with orders is known.")
        weight = (decayed(touches.age_days, params["half_life_days"]) * touches.weight)[known]
        keys = country[known].astype(np.int64) * digest.n_items + touches.key[known] % digest.n_items
        stored, cell = np.unique(keys, return_inverse=True)
        sums = np.bincount(cell, weights=weight, minlength=len(stored))
        stored, sums = stored[sums > 0], sums[sums > 0]
        item, n_countries = stored % digest.n_items, len(interactions.countries)
        everywhere = demand(digest, params["half_life_days"])
        share = everywhere / max(float(everywhere.sum()), 1e-300)
        code = stored // digest.n_items
        total = np.bincount(code, weights=sums, minlength=n_countries)[code]
        score = (sums + params["prior"] * share[item]) / (total + params["prior"])
        generator = cls(
            name=name,
            indptr=bounds(code, n_countries),
            item=item,
            score=score,
            best=item[np.lexsort((-score, code))].astype(np.int32),
        )
        return Fitted(generator=generator)

    def look(self, person: Person) -> Opinion:
        """Each person sees their own country's list."""
        part = self.span(person.country)
        if part.start == part.stop:
            return SILENT
        return Local(Listed(self.item[part], self.score[part]), self.best[part], self._spread_of(person.country, part))

    def _spread_of(self, country: int, part: slice) -> Floats | None:
        """The country's scores by item, 0 behind the last one; None where looking them up in its list is as good."""
        spread = self._spread.get(country)
        if spread is None:
            item = self.item[part]
            if len(item) < LONG or len(item) * SPARSE < int(item[-1]):
                return None
            spread = np.zeros(int(item[-1]) + 2)
            spread[item] = self.score[part]
            self._spread[country] = spread
        return spread

    def to_arrays(self) -> Arrays:
        """The table, country by country."""
        return {"indptr": self.indptr, "item": self.item, "score": self.score, "best": self.best}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        item = np.asarray(arrays["item"], np.int64)  # older bundles hold shorter numbers
        return cls(name=name, indptr=arrays["indptr"], item=item, score=arrays["score"], best=arrays["best"])

    def span(self, country: int) -> slice:
        """Where a country's rows stand; nowhere for an unknown one."""
        if not 0 <= country < len(self.indptr) - 1:
            return slice(0, 0)
        return slice(int(self.indptr[country]), int(self.indptr[country + 1]))


class Local:
    """Scores of the items sold in one country, and their order."""

    __slots__ = ("_best", "_listed", "_spread")

    def __init__(self, listed: Listed, best: NDArray[np.int32], spread: Floats | None) -> None:
        self._listed, self._best, self._spread = listed, best, spread

    def top(self, k: int, banned: Ints) -> Ints:
        """The beginning of the country's list."""
        return kernels.leading(self._best, k, banned)

    def at(self, items: Ints) -> Floats:
        """Scores of the items."""
        return self._listed.at(items) if self._spread is None else self._spread.take(items, mode="clip")

    def told(self, known: Ints, /) -> Line:
        """Scores by item where they are spread out, else the list."""
        return self._listed.told(known) if self._spread is None else (None, self._spread)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPopularity:
    """Decayed demand within the categories of the items on the page or in the cart.

    Category c owns ``indptr[c]:indptr[c + 1]`` of ``ranked``, its items with demand, most wanted first.
    """

    name: str
    category: NDArray[np.int32]
    score: Floats
    ranked: NDArray[np.int32]
    indptr: Ints

    @classmethod
    def fit(cls, name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
        """Needs items with a category and some demand."""
        del seed
        score, category = demand(digest, params["half_life_days"]), interactions.category
        wanted = np.flatnonzero((category >= 0) & (score > 0))
        if not len(wanted):
            return Fitted(generator=None, note=f"{name}: no item that was bought or viewed has a category.")
        ranked = wanted[np.lexsort((-score[wanted], category[wanted]))]
        indptr = bounds(category[ranked].astype(np.int64), int(category.max()) + 1)
        generator = cls(name=name, category=category, score=score, ranked=ranked.astype(np.int32), indptr=indptr)
        return Fitted(generator=generator)

    def look(self, person: Person) -> Opinion:
        """Only who asks about items is answered."""
        codes = set(self.category.take(person.context).tolist()) - {-1} if person.focused else set()
        return Shelves(self, sorted(codes)) if codes else SILENT

    def to_arrays(self) -> Arrays:
        """Scores and categories by item, and each category's order."""
        return {"category": self.category, "score": self.score, "ranked": self.ranked, "indptr": self.indptr}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(
            name=name,
            category=arrays["category"],
            score=arrays["score"],
            ranked=arrays["ranked"],
            indptr=arrays["indptr"],
        )

    def best(self, category: int, k: int) -> Ints:
        """The ``k`` most wanted items of a category."""
        start, end = int(self.indptr[category]), int(self.indptr[category + 1])
        return self.ranked[start : min(end, start + k)].astype(np.int64)


class Shelves:
    """Scores of the items of a few categories."""

    __slots__ = ("_categories", "_model")

    def __init__(self, model: CategoryPopularity, categories: list[int]) -> None:
        self._model, self._categories = model, categories

    def top(self, k: int, banned: Ints) -> Ints:
        """The most wanted of each category."""
        parts = [self._model.best(category, k + len(banned)) for category in self._categories]
        return without(np.concatenate([NOTHING, *parts]), banned)

    def at(self, items: Ints) -> Floats:
        """Scores of the items that stand in one of the categories."""
        wanted = np.array(self._categories, np.int32)
        code = self._model.category.take(items)
        within = wanted.take(wanted.searchsorted(code), mode="clip") == code
        return np.asarray(self._model.score.take(items) * within)

    def told(self, known: Ints, /) -> Line:
        """A score each."""
        return self.at(known)
