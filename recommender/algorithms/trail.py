"""The order in which one person touched things: how many steps ago an item was last touched, and how long before the newest.

Where clocks say little (imports that only know the order of events), the steps still tell what is fresh.
"""

import msgspec
import numpy as np

from recommender import kernels
from recommender.algorithms.decay import decayed
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import NOTHING, Floats, Ints
from recommender.algorithms.sides import Side

MOST_EVENTS = 100
"""A person's newest events that are read."""


class Trail(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A person's newest items, the latest first, each once.

    Attributes
    ----------
    item : int64 array
    steps : float64 array
        0 for the newest moment (or order), 1 for the one before; what happened at one moment is one step.
    age_days : float64 array
        Days between the item's last event and the person's newest one.
    """

    item: Ints
    steps: Floats
    age_days: Floats

    def weights(self, half_life_steps: float, half_life_days: float) -> Floats:
        """1 for the newest, less with every step and every day."""
        return decayed(self.steps, half_life_steps) * decayed(self.age_days, half_life_days)


_STRANGER = Trail(item=NOTHING, steps=np.zeros(0), age_days=np.zeros(0))


def trail_of(person: Person, side: Side | None) -> Trail:
    """The person's trail of looks or of purchases (None: both), worked out once.

    Where the question is about items, these are all one fresh step.
    """
    if person.focused:
        nothing = np.zeros(len(person.context))
        return Trail(item=person.context, steps=nothing, age_days=nothing)
    if side is Side.BOUGHT and person.looks_speak:
        side = None
    known: Trail | None = person.opinions.get(("trail", side))
    if known is None:
        known = person.opinions["trail", side] = _trail(person, side)
    return known


def _trail(person: Person, side: Side | None) -> Trail:
    rows, time_us, order = person.newest(MOST_EVENTS, bought=side is not Side.LOOKED, looked=side is not Side.BOUGHT)
    if not len(rows):
        return _STRANGER
    item, steps, age_days = kernels.trail(rows, time_us, order if side is Side.BOUGHT else None)
    return Trail(item=item, steps=steps, age_days=age_days)
