"""What people buy first: the demand a newcomer belongs to, where regulars refill what nobody begins with.

A shop of printers sells more ink than printers, yet who comes for the first time comes for a printer.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.contract import Fitted, Params
from recommender.algorithms.decay import DAY_US, ages, decayed
from recommender.algorithms.digest import Digest
from recommender.algorithms.popularity import Popularity, demand
from recommender.algorithms.ragged import Floats, Ints, firsts
from recommender.interactions import Interactions, Kind


def first_demand(interactions: Interactions, digest: Digest, half_life_days: float) -> Floats:
    """Decayed number of people whose first order in the log held the item; returned units are taken off.

    Where no order is told, it is the first day. float64 of length n_items.
    """
    rows = first_rows(interactions)
    key, line = np.unique(
        interactions.person[rows].astype(np.int64) * digest.n_items + interactions.item[rows], return_index=True
    )
    share_kept = digest.bought.weight[firsts(digest.bought.key)]
    weight = share_kept[digest.bought.pair.searchsorted(key)]
    age = ages(interactions.time_us[rows[line]], interactions.now_us)
    weights = decayed(age, half_life_days) * weight
    return np.asarray(np.bincount(key % digest.n_items, weights=weights, minlength=digest.n_items), np.float64)


def first_rows(interactions: Interactions) -> Ints:
    """Lines of the log that belong to the first order of their person, or to the first day where no order is told."""
    rows = np.flatnonzero((interactions.kind == Kind.PURCHASE) & (interactions.time_us < interactions.now_us))
    person, order = interactions.person[rows], interactions.order[rows]
    code = np.where(order < 0, -2 - interactions.time_us[rows] // DAY_US, order)
    first: NDArray[np.int64] = np.zeros(interactions.n_people, np.int64)
    first[person[::-1]] = code[::-1]  # of a person's lines the oldest is written last and stays
    return np.asarray(rows[code == first[person]])


def fit_first_orders(name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
    """Needs one purchase that was kept.

    Smoothed towards everybody's demand, as if ``prior`` of the first orders had been drawn from it: where hardly anybody
    comes for the first time, and where hardly anybody comes back, it says what everybody's demand says.
    """
    del seed
    if not len(digest.bought.key):
        return Fitted(generator=None, note=f"{name}: nobody has bought anything yet.")
    everybody = demand(digest, params["half_life_days"])
    if not everybody.any():
        return Fitted(generator=None, note=f"{name}: nobody has kept anything.")
    score = first_demand(interactions, digest, params["half_life_days"])
    return Fitted(generator=Popularity.of(name, score + params["prior"] * everybody / everybody.sum()))
