"""The order in which one person touched things: how many steps ago an item was last touched, and how long before the newest.

Where clocks say little (imports that only know the order of events), the steps still tell what is fresh.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.decay import DAY_US, decayed
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import NOTHING, Floats, Ints, firsts

Side = Literal["bought", "looked", "touched"]
"""Purchases; views and carts; all three."""

MOST_EVENTS = 100
"""A person's newest events that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
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


def trail_of(person: Person, side: Side) -> Trail:
    """The person's trail, worked out once; where the question is about items, these are all one fresh step."""
    if person.focused:
        nothing = np.zeros(len(person.context))
        return Trail(item=person.context, steps=nothing, age_days=nothing)
    if side == "bought" and person.looks_speak:
        side = "touched"
    known: Trail | None = person.opinions.get(("trail", side))
    if known is None:
        known = person.opinions["trail", side] = _trail(person, side)
    return known


def _trail(person: Person, side: Side) -> Trail:
    item, time_us, order = person.newest(MOST_EVENTS, bought=side != "looked", looked=side != "bought")
    if not len(item):
        return _STRANGER
    step = steps_of(time_us, order if side == "bought" else None)
    _, last = np.unique(item[::-1], return_index=True)
    place = len(item) - 1 - np.sort(last)
    return Trail(
        item=item[place].astype(np.int64),
        steps=(step[-1] - step[place]).astype(np.float64),
        age_days=(time_us[-1] - time_us[place]) / DAY_US,
    )


def steps_of(time_us: Ints, order: Ints | None) -> NDArray[np.int64]:
    """Number of each event's moment among one person's events, in time order; lines of one order are one moment."""
    new = firsts(time_us)
    if order is not None:
        new[1:] &= (order[1:] != order[:-1]) | (order[1:] < 0)
    return np.asarray(new.cumsum())
