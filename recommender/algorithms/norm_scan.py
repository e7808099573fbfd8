"""The best items of a factor model, exactly, without looking at most of them.

Items stand by falling length of their factors. No item further down can score more than its length times the person's
(Cauchy-Schwarz), so the scan ends where that falls below the k-th best score so far. Lengths of factors of real shops fall
steeply: a few per cent of a large catalogue are read. With lengths all alike it reads everything, as :func:`full` does.

Of the rows that are read most are only looked at in a sketch, a quarter as long: every factor rounded to 255 steps, and how far the
row may lie from that. Only rows that could be among the best by their sketch are worked out, so nothing is lost: the vector
approximations of Weber, Schek, Blott (1998), "A Quantitative Analysis and Performance Study for Similarity-Search Methods in
High-Dimensional Spaces".
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.contract import Arrays
from recommender.algorithms.ragged import NOTHING, Ints
from recommender.kernels.plain import best_of

Factors = NDArray[np.float32]

STEPS = 63
"""Steps of a sketch to either side of 0."""

_SLACK = 1.0 + 1e-5


def by_length(factors: Factors) -> Ints:
    """The order of rows by falling length; equal lengths keep their order."""
    return np.argsort(-np.einsum("if,if->i", factors, factors, dtype=np.float64), kind="stable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of factors to be scanned. Make them with :meth:`of`.

    Attributes
    ----------
    factors : float32 array of shape (n, f)
        In the order of :func:`by_length`.
    short : float32 array of length n
        Minus the length of each row, ascending.
    sketch : int8 array of shape (n, f)
        Each row in whole steps.
    step : float32 array of length n
        What a step of the row is worth; 0 for a row of zeros.
    stray : float32 array of length n
        How far the row lies from its sketch at most.
    """

    factors: Factors
    short: Factors
    sketch: NDArray[np.int8]
    step: Factors
    stray: Factors

    @classmethod
    def of(cls, factors: Factors) -> Self:
        """Work out what the scan needs of rows that stand in the order of :func:`by_length`."""
        short = np.maximum.accumulate(-np.sqrt(np.einsum("if,if->i", factors, factors)))
        step = np.abs(factors).max(axis=1, initial=0.0) / np.float32(STEPS)
        told = np.rint(factors / np.where(step > 0, step, 1.0)[:, None])
        stray = np.sqrt(((factors - told * step[:, None]) ** 2).sum(axis=1, dtype=np.float64)) * _SLACK
        return cls(
            factors=factors,
            short=np.asarray(short, np.float32),
            sketch=(told + (STEPS + 1)).astype(np.uint8),
            step=np.asarray(step, np.float32),
            stray=np.nextafter(stray.astype(np.float32), np.float32(np.inf)),
        )

    def top(self, person: Factors, k: int, skip: Ints = NOTHING) -> tuple[Ints, Factors]:
        """Rows of the ``k`` highest scores above 0 and these scores, by row; of equal scores the earlier rows.

        Parameters
        ----------
        person : float32 array of length f
        k : int
            At least 1.
        skip : int64 array
            Sorted rows to leave out.
        """
        return kernels.scanned(self.factors, self.short, (self.sketch, self.step, self.stray), person, k, skip)

    def to_arrays(self) -> Arrays:
        """All of it."""
        return {
            "factors": self.factors,
            "short": self.short,
            "sketch": self.sketch,
            "step": self.step,
            "stray": self.stray,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Rebuild; what an older bundle lacks is worked out."""
        if "sketch" not in arrays:
            return cls.of(arrays["factors"])
        return cls(**{part: arrays[part] for part in ("factors", "short", "sketch", "step", "stray")})


def full(factors: Factors, person: Factors, k: int) -> tuple[Ints, Factors]:
    """What :meth:`Rows.top` gives, by scoring every row: the yardstick."""
    scores = factors @ person
    rows = (scores > 0).nonzero()[0] if len(scores) <= k else best_of(scores, k)
    rows = rows[scores.take(rows) > 0]
    return rows, scores.take(rows)
