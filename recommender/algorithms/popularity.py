"""What many people buy now: everywhere, in one country, in one category. Each purchase counts less the older it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.contract import NOTHING, Arrays, Fitted, Opinion, Params
from recommender.algorithms.decay import decayed
from recommender.algorithms.digest import Digest, Touches
from recommender.algorithms.ragged import Floats, Ints, bounds, found, place_in_row
from recommender.interactions import Interactions


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
        return Fitted(generator=cls(name=name, score=score, ranked=_ranked(score)))

    def look(self, digest: Digest) -> Opinion:
        """The same list for each person."""
        return _Same(digest, self.score, self.ranked)

    def to_arrays(self) -> Arrays:
        """Scores by item."""
        return {"score": self.score}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(name=name, score=arrays["score"], ranked=_ranked(arrays["score"]))


def _ranked(score: Floats) -> NDArray[np.int32]:
    order = np.argsort(-score, kind="stable")
    return order[: np.count_nonzero(score > 0)].astype(np.int32)


@dataclass(frozen=True, slots=True)
class _Same:
    digest: Digest
    score: Floats
    ranked: NDArray[np.int32]

    def top(self, k: int, banned: Ints) -> Ints:
        people = np.arange(self.digest.n_people, dtype=np.int64) * self.digest.n_items
        reach = k + (int(self.digest.counts(banned).max()) if len(banned) else 0)
        keys = (people[:, None] + self.ranked[None, :reach]).ravel()
        if not len(banned):
            return keys
        keys = keys[~found(keys, banned)]
        row = bounds(self.digest.person_of(keys), self.digest.n_people)
        return np.asarray(keys[place_in_row(row) < k])

    def at(self, keys: Ints) -> Floats:
        return np.asarray(self.score[keys % self.digest.n_items])


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryPopularity:
    """Decayed demand within the person's country, as a share of the country's.

    Country c owns ``indptr[c]:indptr[c + 1]`` of ``item`` (ascending) and ``score``. Smoothed towards the demand
    everywhere, as if ``prior`` purchases from everywhere stood in each country's books, so that a small country is not noise.
    """

    name: str
    indptr: Ints
    item: NDArray[np.int32]
    score: Floats
    best: NDArray[np.int32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        country = np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))
        object.__setattr__(self, "best", self.item[np.lexsort((-self.score, country))])

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
        n_countries = len(interactions.countries)
        cells = np.bincount(keys, weights=weight, minlength=n_countries * digest.n_items)
        table = cells.reshape(n_countries, digest.n_items)
        everywhere = demand(digest, params["half_life_days"])
        share = everywhere / max(float(everywhere.sum()), 1e-300)
        total = table.sum(axis=1, keepdims=True)
        smooth = (table + params["prior"] * share) / (total + params["prior"]) * (total > 0)
        stored = np.flatnonzero((table > 0).ravel())
        return Fitted(
            generator=cls(
                name=name,
                indptr=bounds(stored // digest.n_items, n_countries),
                item=(stored % digest.n_items).astype(np.int32),
                score=smooth.ravel()[stored],
            )
        )

    def look(self, digest: Digest) -> Opinion:
        """Each person sees their own country's list."""
        return _PerCountry(digest, self)

    def to_arrays(self) -> Arrays:
        """The table, country by country."""
        return {"indptr": self.indptr, "item": self.item, "score": self.score}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(name=name, indptr=arrays["indptr"], item=arrays["item"], score=arrays["score"])

    def rows(self, country: int) -> tuple[NDArray[np.int32], Floats]:
        """Items (ascending) and scores of one country; empty for an unknown one."""
        part = self.span(country)
        return self.item[part], self.score[part]

    def span(self, country: int) -> slice:
        """Where a country's rows stand; nowhere for an unknown one."""
        if not 0 <= country < len(self.indptr) - 1:
            return slice(0, 0)
        return slice(int(self.indptr[country]), int(self.indptr[country + 1]))


@dataclass(frozen=True, slots=True)
class _PerCountry:
    digest: Digest
    model: CountryPopularity

    def top(self, k: int, banned: Ints) -> Ints:
        parts = [self._top_of(int(c), k, banned) for c in np.unique(self.digest.country)]
        return np.concatenate(parts) if parts else NOTHING

    def _top_of(self, country: int, k: int, banned: Ints) -> Ints:
        best = self.model.best[self.model.span(country)]
        people = (self.digest.country == country).nonzero()[0]
        reach = k + (int(self.digest.counts(banned)[people].max()) if len(banned) else 0)
        keys = (people[:, None] * self.digest.n_items + best[None, :reach]).ravel()
        keys = keys[~found(keys, banned)]
        order = np.searchsorted(people, self.digest.person_of(keys))
        return np.asarray(keys[place_in_row(bounds(order, len(people))) < k])

    def at(self, keys: Ints) -> Floats:
        out = np.zeros(len(keys))
        country = self.digest.country[self.digest.person_of(keys)]
        for code in np.unique(country):
            items, scores = self.model.rows(int(code))
            if len(items):
                here = np.flatnonzero(country == code)
                wanted = keys[here] % self.digest.n_items
                place = np.minimum(np.searchsorted(items, wanted), len(items) - 1)
                out[here] = np.where(items[place] == wanted, scores[place], 0.0)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPopularity:
    """Decayed demand within the categories of the items a person is after (the context's, else their history's)."""

    name: str
    category: NDArray[np.int32]
    score: Floats
    ranked: NDArray[np.int64] = field(init=False, repr=False)
    indptr: Ints = field(init=False, repr=False)

    def __post_init__(self) -> None:
        wanted = np.flatnonzero((self.category >= 0) & (self.score > 0))
        ranked = wanted[np.lexsort((-self.score[wanted], self.category[wanted]))]
        n_categories = int(self.category.max(initial=-1)) + 1
        object.__setattr__(self, "ranked", ranked)
        object.__setattr__(self, "indptr", bounds(self.category[ranked].astype(np.int64), n_categories))

    @classmethod
    def fit(cls, name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
        """Needs items with a category and some demand."""
        del seed
        score = demand(digest, params["half_life_days"])
        if not (score[interactions.category >= 0] > 0).any():
            return Fitted(generator=None, note=f"{name}: no item that was bought or viewed has a category.")
        return Fitted(generator=cls(name=name, category=interactions.category, score=score))

    def look(self, digest: Digest) -> Opinion:
        """Only who asks about items is answered."""
        return _PerCategory(digest, self)

    def to_arrays(self) -> Arrays:
        """Scores and categories by item."""
        return {"category": self.category, "score": self.score}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(name=name, category=arrays["category"], score=arrays["score"])

    def best(self, category: int, k: int) -> NDArray[np.int64]:
        """The ``k`` most wanted items of a category."""
        return self.ranked[self.indptr[category] : self.indptr[category + 1]][:k]


@dataclass(frozen=True, slots=True)
class _PerCategory:
    digest: Digest
    model: CategoryPopularity

    def _after(self) -> Sequence[tuple[int, int]]:
        """(person, category) pairs of the contexts, distinct, sorted."""
        keys = self.digest.context_key
        codes = self.model.category[keys % self.digest.n_items]
        people = self.digest.person_of(keys)
        return sorted({(int(p), int(c)) for p, c in zip(people, codes, strict=True) if c >= 0})

    def top(self, k: int, banned: Ints) -> Ints:
        parts = [p * self.digest.n_items + self.model.best(c, k + len(banned)) for p, c in self._after()]
        keys = np.concatenate(parts) if parts else NOTHING
        return np.asarray(np.sort(keys[~found(keys, banned)]))

    def at(self, keys: Ints) -> Floats:
        wanted = {p * 1_000_003 + c for p, c in self._after()}
        if not wanted:
            return np.zeros(len(keys))
        code = self.digest.person_of(keys) * 1_000_003 + self.model.category[keys % self.digest.n_items]
        hit = np.isin(code, np.fromiter(wanted, np.int64))
        return np.where(hit, self.model.score[keys % self.digest.n_items], 0.0)
