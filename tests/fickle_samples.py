"""A shop where people come back for what they bought twice, and where what is new sells: a forest can learn it, a blend cannot."""

import numpy as np
from interaction_samples import Row, interactions

from recommender.interactions import Interactions, Kind

N_PEOPLE, N_ITEMS, DAYS = 160, 90, 200


def fickle_shop(seed: int = 0) -> Interactions:
    """Each item sells for forty days after it came; people buy three of what is young, and what they bought on two days again."""
    rng = np.random.default_rng(seed)
    born = np.linspace(-40, DAYS - 5, N_ITEMS)
    rows: list[Row] = []
    for person in range(N_PEOPLE):
        taste = person % 3
        for day in np.sort(rng.uniform(0, DAYS, int(rng.integers(4, 9)))).tolist():
            young = np.flatnonzero((born <= day) & (born > day - 40) & (np.arange(N_ITEMS) % 3 == taste))
            old = np.flatnonzero((born <= day - 40) & (np.arange(N_ITEMS) % 3 == taste))
            chosen = rng.choice(young, min(3, len(young)), replace=False).tolist()
            chosen += rng.choice(old, 1).tolist() if len(old) and rng.random() < 0.4 else []
            rows += [(person, item, Kind.PURCHASE, day) for item in chosen]
    return interactions(rows, n_people=N_PEOPLE, n_items=N_ITEMS, category=[n % 3 % 2 for n in range(N_ITEMS)])
