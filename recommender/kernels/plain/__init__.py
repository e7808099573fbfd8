"""The kernels in numpy: what they give is described here, and given where there is no compiled one.

Arrays are of the types named here: ``Ints`` is int64, ``Floats`` float64. Compiled kernels add up in the order of the
entries; numpy may add in pairs, so that sums agree to the last bits but one, and everything else exactly.
"""

from recommender.kernels.plain.forests import closed, habits, paired, walked
from recommender.kernels.plain.lists import (
    best,
    best_of,
    gained,
    loudest,
    scaled,
    scores_at,
    stood,
    summed,
    union,
    votes,
    weighed,
)
from recommender.kernels.plain.people import again, purchases, spans, spread, those_of, trail
from recommender.kernels.plain.rows import starts
from recommender.kernels.plain.tables import nearest, rows_of, scanned, shared

__all__ = [
    "again",
    "best",
    "best_of",
    "closed",
    "gained",
    "habits",
    "loudest",
    "nearest",
    "paired",
    "purchases",
    "rows_of",
    "scaled",
    "scanned",
    "scores_at",
    "shared",
    "spans",
    "spread",
    "starts",
    "stood",
    "summed",
    "those_of",
    "trail",
    "union",
    "votes",
    "walked",
    "weighed",
]
