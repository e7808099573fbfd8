"""The person's own items: what they buy again and again, and what they looked at or put into a cart lately."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.algorithms.contract import Arrays, Fitted, Listed, Opinion, Params
from recommender.algorithms.digest import DONE, Digest
from recommender.algorithms.person import UNTOUCHED, Person
from recommender.algorithms.popularity import demand
from recommender.algorithms.ragged import Floats
from recommender.interactions import Interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Decayed number of the person's own orders with the item (or of views and carts), times how wanted the item is now.

    Returned units are taken off. ``wanted`` (float64 of length n_items) is 1 for every item where the demand is to play no part;
    with it, what is out of season or no longer sold does not come back only because it was bought often. What was looked at is
    among them even if it came after the training.
    """

    name: str
    half_life_days: float
    from_bought: bool
    wanted: Floats

    def look(self, person: Person) -> Opinion:
        """The person's own items."""
        touched = person.bought if self.from_bought else person.looked
        score = touched.totals(self.half_life_days) * self.wanted.take(touched.item)
        new = UNTOUCHED if self.from_bought else person.newly_looked
        if not len(new.item):
            return Listed(touched.item, score)
        fresh = new.totals(self.half_life_days) * float(self.wanted.mean())  # nobody knows yet: as wanted as others
        return Listed(np.concatenate([touched.item, new.item]), np.concatenate([score, fresh]))

    def to_arrays(self) -> Arrays:
        """The half-life, and the demand by item."""
        constants = np.array([self.half_life_days, float(self.from_bought)])
        return {"constants": constants, "wanted": self.wanted}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        half_life, from_bought = (float(value) for value in arrays["constants"])
        return cls(name=name, half_life_days=half_life, from_bought=bool(from_bought), wanted=arrays["wanted"])


def fit_own(name: str, interactions: Interactions, digest: Digest, params: Params, seed: int, *, side: str) -> Fitted:
    """Needs one purchase (or one view or cart)."""
    del interactions, seed
    touches = digest.bought if side == "bought" else digest.looked
    if not len(touches.key):
        return Fitted(generator=None, note=f"{name}: nobody has {DONE[side]} anything yet.")
    wanted = (demand(digest, params["demand_half_life_days"]) + params["demand_floor"]) ** params["demand_power"]
    return Fitted(
        generator=Own(name=name, half_life_days=params["half_life_days"], from_bought=side == "bought", wanted=wanted)
    )
