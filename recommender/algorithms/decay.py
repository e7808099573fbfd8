"""Time counts less the longer it is ago: by half for every half-life."""

import numpy as np

from recommender.algorithms.ragged import Floats, Ints

DAY_US = 86_400_000_000


def decayed(age_days: Floats, half_life_days: float) -> Floats:
    """1 now, ½ after one half-life, ¼ after two; ages are days, never negative."""
    return np.exp2(age_days * (-1.0 / half_life_days))


def ages(time_us: Ints, now_us: int) -> Floats:
    """Days before ``now_us``, never negative."""
    return np.maximum(now_us - time_us, 0) / DAY_US
