"""The kernels in numpy: what they give is described here, and given where there is no compiled one.

Arrays are of the types named here: ``Ints`` is int64, ``Floats`` float64. Compiled kernels add up in the order of the
entries; numpy may add in pairs, so that sums agree to the last bits but one, and everything else exactly.
"""

from recommender.kernels.plain.factors import folded_in, inner_products
from recommender.kernels.plain.forests import closed, habits, paired, walked
from recommender.kernels.plain.lists import (
    Line,
    below,
    best,
    best_of,
    gained,
    leading,
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
from recommender.kernels.plain.slates import chosen, interleaved, pieces, shown
from recommender.kernels.plain.tables import nearest, scanned, shared
from recommender.kernels.plain.texts import rows_of, rows_of_packed, texts_in
from recommender.kernels.plain.touched import faded, occurrences, totals, weightiest

__all__ = [
    "Line",
    "again",
    "below",
    "best",
    "best_of",
    "chosen",
    "closed",
    "faded",
    "folded_in",
    "gained",
    "habits",
    "inner_products",
    "interleaved",
    "leading",
    "loudest",
    "nearest",
    "occurrences",
    "paired",
    "pieces",
    "purchases",
    "rows_of",
    "rows_of_packed",
    "scaled",
    "scanned",
    "scores_at",
    "shared",
    "shown",
    "spans",
    "spread",
    "stood",
    "summed",
    "texts_in",
    "those_of",
    "totals",
    "trail",
    "union",
    "votes",
    "walked",
    "weighed",
    "weightiest",
]
