"""Teaching a small forest what a large one knows, so that a request pays for the small one."""

from dataclasses import asdict, dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats, Ints
from recommender.model.forest import Forest
from recommender.training.growing import Features, Size, check, teach
from recommender.training.ordering import graded, ranks
from recommender.training.progress import Progress, quiet

DISTILLED = Size(leaves=8, rounds=140, learning_rate=0.25, l2=1.0, fewest=20)
"""As dear to ask as a small forest. Scores teach more than what was wanted, so it may learn faster and closer."""

HELD = 10
"""Every tenth list is kept from the pupil, to tell what the lesson lost."""

_NEAR = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What teaching lost, on lists the pupil has not learned from.

    Attributes
    ----------
    lists : int
        How many lists were looked at; with none all figures are NaN.
    rank_correlation : float
        Spearman's between both orders of a list, mean over lists.
    top_10_kept : float
        Share of the teacher's first ten among the pupil's first ten.
    teacher_ndcg_at_10, pupil_ndcg_at_10 : float
        Over lists with something wanted; NaN if nobody said what was. If the teacher has learned from these lists it looks
        better than it is; the pupil has not.
    """

    lists: int
    rank_correlation: float
    top_10_kept: float
    teacher_ndcg_at_10: float
    pupil_ndcg_at_10: float

    def report(self) -> dict[str, float | None]:
        """JSON-able; null where there is no figure."""
        return {name: None if isnan(value) else value for name, value in asdict(self).items()}

    @property
    def sentence(self) -> str:
        """The loss in words."""
        if not self.lists:
            return (
                "a small forest serves what a large one has learned; there were too few lists to tell what that loses."
            )
        return (
            f"a small forest serves what a large one has learned. On {self.lists:,} lists kept from it {10 * self.top_10_kept:.1f} of"
            f" the large one's first ten are among its own (rank correlation {self.rank_correlation:.3f})."
        )


def distil(
    teacher: Forest,
    features: Features,
    lengths: Ints,
    size: Size = DISTILLED,
    *,
    seed: int,
    n_jobs: int,
    wanted: NDArray[np.bool_] | NDArray[np.integer] | None = None,
    progress: Progress = quiet,
) -> tuple[Forest, Loss]:
    """Grow a forest that scores as the teacher does.

    Each list's scores are taken relative to its mean, because only the order within a list matters, and candidates count the more
    the higher the teacher puts them. Those of every :data:`HELD`-th list count nothing: by them the loss is told.

    Parameters
    ----------
    features : float32 array of shape (n, n_features)
        Candidates of lists, one list after another; no labels needed, so any lists will do.
    lengths : int array of length n_lists
    wanted : bool or int array of length n, optional
        To tell both forests' NDCG on the lists kept back.
    """
    check(features, lengths, wanted)
    number = np.repeat(np.arange(len(lengths)), lengths)
    held = number % HELD == HELD - 1
    score = teacher.score(features)
    mean = np.bincount(number, score, len(lengths)) / np.maximum(lengths, 1)
    rank = ranks(score, number)
    pupil = teach(  # what is held back weighs nothing: a copy of the rest would cost its memory once more
        features,
        score - mean[number],
        size,
        seed=seed,
        n_jobs=n_jobs,
        weight=np.where(held, 0.0, 1.0 / (1.0 + rank / _NEAR)),
        progress=progress,
    )
    judged = Judged.of(number[held], None if wanted is None else wanted[held])
    return pupil, judged.loss(score[held], pupil.score(features[held]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Lists on which two forests are compared: the list of each candidate from 0 up, and what was wanted."""

    number: Ints
    wanted: NDArray[np.bool_] | None

    @classmethod
    def of(cls, number: Ints, wanted: NDArray[np.bool_] | NDArray[np.integer] | None) -> "Judged":
        """Lists numbered anew without gaps."""
        return cls(
            number=np.unique(number, return_inverse=True)[1].astype(np.int64),
            wanted=None if wanted is None else wanted > 0,
        )

    def loss(self, teacher: Floats, pupil: Floats) -> Loss:
        """Compare two scores of the same candidates."""
        n_lists = int(self.number.max(initial=-1)) + 1
        if not n_lists:
            return Loss(lists=0, **dict.fromkeys(_FIGURES, float("nan")))
        first, second = ranks(teacher, self.number), ranks(pupil, self.number)
        length = np.bincount(self.number).astype(np.float64)
        apart = np.bincount(self.number, (first - second) ** 2.0)
        both = np.bincount(self.number, (first < 10) & (second < 10))
        return Loss(
            lists=n_lists,
            rank_correlation=float((1.0 - 6.0 * apart / np.maximum(length * (length**2 - 1.0), 1.0)).mean()),
            top_10_kept=float((both / np.minimum(length, 10)).mean()),
            teacher_ndcg_at_10=self._ndcg(first),
            pupil_ndcg_at_10=self._ndcg(second),
        )

    def _ndcg(self, rank: Ints) -> float:
        if self.wanted is None or not self.wanted.any():
            return float("nan")
        sought = np.bincount(self.number, self.wanted).astype(np.int64)
        some = sought > 0
        return float(graded(rank, self.number, self.wanted, np.maximum(sought, 1))[some].mean())


_FIGURES = ("rank_correlation", "top_10_kept", "teacher_ndcg_at_10", "pupil_ndcg_at_10")
