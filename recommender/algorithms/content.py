"""Items close to what a person bought or looked at by their titles, categories and prices: how new items find their people.

What others did says nothing of an item nobody has bought yet, and little of one a few have. Here such *thin* items are tied
to all others by what the catalogue says of both (:mod:`recommender.algorithms.item_texts`); two items that both sell
well are left to the generators that know how they sell. No event is needed, and no person stands behind a pair.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.anchored import Voting
from recommender.algorithms.contract import Arrays, Fitted, Params
from recommender.algorithms.digest import Digest
from recommender.algorithms.item_texts import vectors
from recommender.algorithms.neighbours import Neighbours, Votes, table
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import Floats, Ints
from recommender.algorithms.sides import Side
from recommender.interactions import Interactions

WIDTH = 50
"""Neighbours kept per item."""

LEAST = 0.2
"""Items less near than this are not called close."""

PRICE_SHARE = 0.3
"""What an item of a quarter or of four times the price loses of its nearness; an equal price loses nothing."""

_STEP = 512
_FAR = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(Voting):
    """Each item's neighbours by what the catalogue says; purchases and looks speak through them, each with its half-life."""

    name: str
    table: Neighbours
    half_life_days: float
    looks_half_life_days: float

    def cast(self, person: Person) -> Votes | None:
        """The person's anchors."""
        item, weight = self._anchors(person)
        return Votes(item, weight, self.table) if len(item) else None

    def _anchors(self, person: Person) -> tuple[Ints, Floats]:
        """Purchases and looks, either together worth the same; where looks are among the purchases' anchors, these alone."""
        item, weight = person.anchors(Side.BOUGHT, self.half_life_days)
        if person.focused or person.looks_speak or not person.has_looked:
            return item, weight
        seen, fresh = person.anchors(Side.LOOKED, self.looks_half_life_days)
        said = np.concatenate([weight / max(float(weight.sum()), 1e-300), fresh / max(float(fresh.sum()), 1e-300)])
        return kernels.summed(np.concatenate([item, seen]), said)[:2]

    def to_arrays(self) -> Arrays:
        """The table and the half-lives."""
        return {
            "item": self.table.item,
            "weight": self.table.weight,
            "constants": np.array([self.half_life_days, self.looks_half_life_days]),
        }

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        half_life, looks_half_life = (float(value) for value in arrays["constants"])
        return cls(
            name=name,
            table=Neighbours(item=arrays["item"], weight=arrays["weight"]),
            half_life_days=half_life,
            looks_half_life_days=looks_half_life,
        )


def thin_items(digest: Digest, below: float) -> NDArray[np.bool_]:
    """Items fewer than ``below`` people have bought (where nobody ever bought: looked at), bool of length n_items."""
    touches = digest.bought if len(digest.bought.key) else digest.looked
    return np.asarray(np.bincount(touches.pair % max(digest.n_items, 1), minlength=digest.n_items) < below)


def fit_content(name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
    """Needs titles or categories that two items, one of them thin, have in common."""
    del seed
    titles = interactions.titles or ("",) * digest.n_items
    names = (*interactions.categories, "")  # an unknown category, -1, is the last
    categories = [names[code] for code in interactions.category.tolist()]
    if not any(titles) and not any(categories):
        return Fitted(generator=None, note=f"{name}: the catalogue tells neither titles nor categories.")
    thin = thin_items(digest, params["thin_below"])
    told = vectors(titles, categories, np.flatnonzero(thin))
    found = table(_near(told, thin, interactions.price), digest.n_items, WIDTH)
    if found is None:
        return Fitted(generator=None, note=f"{name}: no item that few have bought has words or a category in common.")
    generator = Content(
        name=name,
        table=found,
        half_life_days=params["history_half_life_days"],
        looks_half_life_days=params["looks_half_life_days"],
    )
    return Fitted(generator=generator)


def _near(told: Any, thin: NDArray[np.bool_], price: NDArray[np.float32]) -> Iterator[tuple[int, Any]]:
    """Nearness of pairs with a thin item, a slice of items at a time."""
    from scipy import sparse  # only here: a process that serves never fits

    everything = told.T.tocsr()
    of_thin, of_others = ((sparse.diags(mask.astype(np.float32)) @ told).tocsr() for mask in (thin, ~thin))
    thin_only = of_thin.T.tocsr()
    height = np.log2(np.where(price > 0, price, np.nan).astype(np.float64))
    for start in range(0, told.shape[0], _STEP):
        rows = slice(start, min(start + _STEP, told.shape[0]))
        near = (of_thin[rows] @ everything + of_others[rows] @ thin_only).tocsr()
        lead = start + np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
        apart = np.nan_to_num(np.abs(height[lead] - height[near.indices]), nan=0.0)
        near.data = near.data * (1.0 - PRICE_SHARE * np.minimum(apart / _FAR, 1.0)).astype(np.float32)
        near.data[near.data < LEAST] = 0.0
        yield start, near
