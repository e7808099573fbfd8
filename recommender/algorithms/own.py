"""The person's own items: what they buy again and again, and what they looked at or put into a cart lately."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.contract import Arrays, Fitted, Opinion, Params
from recommender.algorithms.decay import decayed
from recommender.algorithms.digest import Digest
from recommender.algorithms.ragged import Floats, Ints, found, heaviest, lookup, summed
from recommender.interactions import Interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBought:
    """Decayed number of the person's own orders with the item; returned units are taken off.

    Needs nothing from training but the half-life.
    """

    name: str
    half_life_days: float

    @classmethod
    def fit(cls, name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
        """Needs one purchase."""
        del interactions, seed
        if not len(digest.bought.key):
            return Fitted(generator=None, note=f"{name}: there are no purchases.")
        return Fitted(generator=cls(name=name, half_life_days=params["half_life_days"]))

    def look(self, digest: Digest) -> Opinion:
        """Each person's own purchases."""
        weight = decayed(digest.bought.age_days, self.half_life_days) * digest.bought.weight
        return _Own(digest, *summed(digest.bought.key, weight))

    def to_arrays(self) -> Arrays:
        """The half-life."""
        return {"half_life_days": np.array([self.half_life_days])}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(name=name, half_life_days=float(arrays["half_life_days"][0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLooked:
    """Decayed number of the person's own views and carts of the item."""

    name: str
    half_life_days: float

    @classmethod
    def fit(cls, name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
        """Needs one view or cart."""
        del interactions, seed
        if not len(digest.looked.key):
            return Fitted(generator=None, note=f"{name}: there are no views or carts.")
        return Fitted(generator=cls(name=name, half_life_days=params["half_life_days"]))

    def look(self, digest: Digest) -> Opinion:
        """Each person's own views and carts."""
        weight = decayed(digest.looked.age_days, self.half_life_days) * digest.looked.weight
        return _Own(digest, *summed(digest.looked.key, weight))

    def to_arrays(self) -> Arrays:
        """The half-life."""
        return {"half_life_days": np.array([self.half_life_days])}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(name=name, half_life_days=float(arrays["half_life_days"][0]))


@dataclass(frozen=True, slots=True)
class _Own:
    digest: Digest
    key: Ints
    score: Floats

    def top(self, k: int, banned: Ints) -> Ints:
        keep: NDArray[np.bool_] = (self.score > 0) & ~found(self.key, banned)
        key, score = self.key[keep], self.score[keep]
        return np.asarray(key[heaviest(self.digest.person_of(key), score, self.digest.n_people, k)])

    def at(self, keys: Ints) -> Floats:
        return lookup(keys, self.key, self.score)
