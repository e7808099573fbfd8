"""The innermost loops of a list, compiled where a C compiler was at hand when the product was installed.

Whoever needs a kernel calls it here. Without the compiled ones numpy gives the same answers in about twice the time
(:mod:`recommender.kernels.plain`, where each of them is described); ``recommender doctor`` says which are in use.
"""

from recommender.kernels import plain

try:
    from recommender.kernels import _compiled as _chosen
except ImportError:  # no compiler, or no headers of Python, at install
    from recommender.kernels import plain as _chosen  # type: ignore[no-redef]

COMPILED = _chosen is not plain
"""Whether the compiled kernels are in use."""

best = _chosen.best
gained = _chosen.gained
loudest = _chosen.loudest
nearest = _chosen.nearest
occasions = _chosen.occasions
rows_of = _chosen.rows_of
scanned = _chosen.scanned
scores_at = _chosen.scores_at
starts = _chosen.starts
stood = _chosen.stood
summed = _chosen.summed
union = _chosen.union
votes = _chosen.votes
weighed = _chosen.weighed

__all__ = [
    "COMPILED",
    "best",
    "gained",
    "loudest",
    "nearest",
    "occasions",
    "rows_of",
    "scanned",
    "scores_at",
    "starts",
    "stood",
    "summed",
    "union",
    "votes",
    "weighed",
]
