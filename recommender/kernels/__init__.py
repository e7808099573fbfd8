"""The innermost loops of a list, compiled where a C compiler was at hand when the product was installed.

Whoever needs a kernel calls it here. Without the compiled ones numpy gives the same answers in about twice the time
(:mod:`recommender.kernels.plain`, where each of them is described); ``recommender doctor`` says which are in use.
"""

try:
    from recommender.kernels._compiled import (
        again,
        best,
        closed,
        gained,
        habits,
        loudest,
        nearest,
        paired,
        purchases,
        rows_of,
        scanned,
        scores_at,
        shared,
        spans,
        spread,
        starts,
        stood,
        summed,
        those_of,
        trail,
        union,
        votes,
        walked,
        weighed,
    )

    COMPILED = True
except ImportError:  # no compiler, or no headers of Python, at install
    from recommender.kernels.plain import (
        again,
        best,
        closed,
        gained,
        habits,
        loudest,
        nearest,
        paired,
        purchases,
        rows_of,
        scanned,
        scores_at,
        shared,
        spans,
        spread,
        starts,
        stood,
        summed,
        those_of,
        trail,
        union,
        votes,
        walked,
        weighed,
    )

    COMPILED = False

__all__ = [
    "COMPILED",
    "again",
    "best",
    "closed",
    "gained",
    "habits",
    "loudest",
    "nearest",
    "paired",
    "purchases",
    "rows_of",
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
