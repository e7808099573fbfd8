"""The person's own items: what they buy again and again, and what they looked at or put into a cart lately."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.algorithms.contract import Arrays, Fitted, Listed, Opinion, Params
from recommender.algorithms.digest import Digest
from recommender.algorithms.person import UNTOUCHED, Person
from recommender.algorithms.popularity import demand
from recommender.algorithms.ragged import Floats
from recommender.algorithms.sides import Side
from recommender.interactions import Interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Decayed number of the person's own orders with the item (or of views, or of carts), times how wanted the item is now.

    An item that was ordered several times is due a usual interval after its last order. Beyond that it fades: at ``n`` intervals by
    ``n`` to the power of ``-overdue_power``; before, and with 0, nothing changes. Returned units are taken off. ``wanted`` (float64
    of length n_items) is 1 for every item where the demand is to play no part; with it, what is out of season or no longer sold
    does not come back only because it was bought often. What was looked at is among them even if it came after the training.
    """

    name: str
    half_life_days: float
    side: Side
    wanted: Floats
    overdue_power: float = 0.0

    def look(self, person: Person) -> Opinion:
        """The person's own items."""
        touched = person.touched(self.side)
        score = touched.totals(self.half_life_days) * self.wanted.take(touched.item)
        if self.overdue_power > 0 and len(score):
            score *= touched.faded(self.overdue_power)
        new = UNTOUCHED if self.side is Side.BOUGHT else person.newly(self.side)
        if not len(new.item):
            return Listed(touched.item, score)
        fresh = new.totals(self.half_life_days) * float(self.wanted.mean())  # nobody knows yet: as wanted as others
        return Listed(np.concatenate([touched.item, new.item]), np.concatenate([score, fresh]))

    def to_arrays(self) -> Arrays:
        """The constants, and the demand by item."""
        constants = np.array([self.half_life_days, float(self.side), self.overdue_power])
        return {"constants": constants, "wanted": self.wanted}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        half_life, side, *overdue = (float(value) for value in arrays["constants"])  # older bundles knew no due date
        return cls(
            name=name,
            half_life_days=half_life,
            side=Side(int(side)),
            wanted=arrays["wanted"],
            overdue_power=overdue[0] if overdue else 0.0,
        )


def fit_own(name: str, interactions: Interactions, digest: Digest, params: Params, seed: int, *, side: Side) -> Fitted:
    """Needs one event of the side."""
    del interactions, seed
    if not len(digest.of(side).key):
        return Fitted(generator=None, note=f"{name}: nobody has {side.done} anything yet.")
    wanted = (demand(digest, params["demand_half_life_days"]) + params["demand_floor"]) ** params["demand_power"]
    generator = Own(
        name=name,
        half_life_days=params["half_life_days"],
        side=side,
        wanted=wanted,
        overdue_power=params["overdue_power"],
    )
    return Fitted(generator=generator)
