"""Blend weights by coordinate search on past questions whose answers are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.ragged import Floats, Ints, found

STEPS = (0.0, 0.03, 0.1, 0.2, 0.35, 0.6, 1.0, 1.7)
"""Weights that are tried, in parts of the largest."""

ROUNDS = 3

LEAST_GAIN = 2e-4
"""A weight is changed only for at least this much NDCG@10: less is noise."""

FEW = 1_500
"""Of fewer past lists than this, in all windows together, the luck of single ones decides too much: they are halved."""

PAIRS = 3
"""How often the lists are dealt into two halves. Each half has its own search, and their mean has less of the luck of single lists."""

STEADY = 0.5
"""Share of the halves' blends a generator must stand in to stand in the mean."""

HARDLY = 5e-4
"""NDCG@10 all generators dropped for their cost may have brought together."""

_TEN = 10
_TIE = np.float32(2e-7)
_DISCOUNT: Floats = 1.0 / np.log2(np.arange(2, _TEN + 2))
_IDEAL: Floats = np.asarray(np.cumsum(_DISCOUNT), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Candidates of many questions and what each generator says of them.

    Attributes
    ----------
    key : int64 array of length n
        ``question * n_items + item``; a question's items in the standing order.
    indptr : int64 array of length n_questions + 1
    score : float32 array of shape (n_generators, n)
        As in :class:`recommender.model.blend.Candidates`.
    """

    key: Ints
    indptr: Ints
    score: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """One window's candidates, padded to a grid, and which of them are wanted.

    Attributes
    ----------
    score : float32 array of shape (n_generators, n_lists, width)
        -1 past a list's end.
    hit : int64 array of shape (2, n_hits)
        List and place of every candidate that is wanted.
    wanted : int64 array of length n_lists
    """

    score: NDArray[np.float32]
    hit: Ints
    wanted: Ints

    def some(self, lists: Ints) -> "Exam":
        """The exam of some of the lists (each once), in this order."""
        place = np.full(len(self.wanted), -1, np.int64)
        place[lists] = np.arange(len(lists))
        kept = place[self.hit[0]] >= 0
        hit = np.stack([place[self.hit[0, kept]], self.hit[1, kept]])
        return Exam(score=self.score.take(lists, axis=1), hit=hit, wanted=self.wanted[lists])


def exam_of(table: Table, n_items: int, indptr: Ints, item: Ints) -> Exam:
    """Lay a table of candidates out beside the truth (``item[indptr[i]:indptr[i + 1]]`` of list i)."""
    lengths = np.diff(table.indptr)
    n_lists = len(lengths)
    width = max(int(lengths.max(initial=0)), _TEN)
    inside = np.arange(width) < lengths[:, None]
    truth = np.sort(np.repeat(np.arange(n_lists), np.diff(indptr)) * n_items + item)
    hit = np.zeros((n_lists, width), bool)
    hit[inside] = found(table.key, truth)
    score = np.full((len(table.score), n_lists, width), -1.0, np.float32)
    score[:, inside] = table.score
    return Exam(score=score, hit=np.stack(np.nonzero(hit)).astype(np.int64), wanted=np.diff(indptr))


def grade(exam: Exam, total: NDArray[np.float32]) -> Floats:
    """NDCG@10 of each list when ordered by ``total`` (float32 of shape (n_lists, width)), equal totals in the order they stand."""
    return _graded(exam, total - _ties(exam))


def _ties(exam: Exam) -> NDArray[np.float32]:
    """What is taken off each place's total, so that of equal totals the earlier is above."""
    return np.arange(exam.score.shape[2], dtype=np.float32) * _TIE


def _graded(exam: Exam, total: NDArray[np.float32]) -> Floats:
    """NDCG@10 of each list from totals without ties."""
    hit = np.zeros(total.shape, bool)
    hit[exam.hit[0], exam.hit[1]] = True
    gained = kernels.gained(np.asarray(total, np.float32), hit, _DISCOUNT)
    return np.asarray(gained / _IDEAL[np.minimum(exam.wanted, _TEN) - 1], np.float64)


def total(exam: Exam, weights: Floats) -> NDArray[np.float32]:
    """Weighted sums of a window's candidates, float32 of shape (n_lists, width)."""
    return np.asarray(np.tensordot(weights.astype(np.float32), exam.score, 1), np.float32)


def mean_grade(exams: Sequence[Exam], weights: Floats) -> float:
    """Mean over windows of the mean NDCG@10 of their lists."""
    return float(np.mean([grade(exam, total(exam, weights)).mean() for exam in exams]))


class Grades:
    """Grades of blends on the same exams, each worked out once.

    Parameters
    ----------
    exams : sequence of Exam
        One per window.
    """

    def __init__(self, exams: Sequence[Exam]) -> None:
        self._exams = exams
        self._known: dict[bytes, float] = {}

    def of(self, weights: Floats) -> float:
        """:func:`mean_grade` of the weights."""
        key = weights.tobytes()
        if key not in self._known:
            self._known[key] = mean_grade(self._exams, weights)
        return self._known[key]

    def along(self, weights: Floats, row: int, values: Sequence[float]) -> list[float]:
        """The grades with the weight of one generator set to each of the values, the others held still."""
        blends = [np.where(np.arange(len(weights)) == row, value, weights) for value in values]
        new = [place for place, blend in enumerate(blends) if blend.tobytes() not in self._known]
        if new:
            graded = np.zeros(len(new))
            rest = np.where(np.arange(len(weights)) == row, 0.0, weights).astype(np.float32)
            for exam in self._exams:
                base = np.tensordot(rest, exam.score, 1) - _ties(exam)
                graded += [_graded(exam, base + np.float32(values[place]) * exam.score[row]).mean() for place in new]
            for place, value in zip(new, graded, strict=True):
                self._known[blends[place].tobytes()] = float(value) / len(self._exams)
        return [self._known[blend.tobytes()] for blend in blends]


class Found(NamedTuple):
    """What a search came to: weights, the mean NDCG@10 they reach, and what each generator reaches alone (float64, one per row)."""

    weights: Floats
    grade: float
    alone: Floats


def search(exams: Sequence[Exam], start: Floats, *, costly: Sequence[int] = (), seed: int = 0) -> Found:
    """The best blend found; of few lists the mean of the best blends of their halves.

    A search over few lists follows their noise. Fewer than :data:`FEW` are dealt into two halves :data:`PAIRS` times, each half is searched
    on its own, and the blends, each summing up to 1, are averaged (subagging: Bühlmann and Yu 2002, "Analyzing Bagging"; halves that
    complement each other, and only what most of them choose, as in Shah and Samworth 2013, "Variable Selection with Error Control").
    Each search has two starts: ``start`` and the best generator alone. What comes out is no worse than that generator on all the
    lists, but for :data:`HARDLY`; where nothing finds anything ``start`` stands.
    ``costly`` names rows that are dropped where the blend hardly misses them: they cost time in every answer. The largest
    weight of the result is 1.
    """
    n, grades = len(start), Grades(exams)
    alone = np.array([grades.of(np.eye(n)[row]) for row in range(n)])
    best = np.eye(n)[int(alone.argmax())]
    starts = [start, best] if start.any() else [best]
    if not alone.any():
        return Found(starts[0] / starts[0].max(), 0.0, alone)
    if sum(len(exam.wanted) for exam in exams) < FEW:
        weights = _mean_of_halves(exams, starts, np.random.default_rng(seed))
        reached = grades.of(weights)
        if reached < alone.max():
            weights, reached = _climb(grades, best)
    else:
        weights, reached = _climbed(grades, starts)
    weights, reached = _pruned(grades, weights, reached, costly)
    return Found(weights / weights.max(), reached, alone)


def _mean_of_halves(exams: Sequence[Exam], starts: Sequence[Floats], rng: np.random.Generator) -> Floats:
    """The mean of the blends found on halves, the largest weight 1; of halves in which nothing finds anything too.

    What fewer than half of them want is left out, unless nothing else is left: luck, and it would cost time in every answer.
    """
    blends = np.array([_climbed(Grades(half), starts)[0] for half in _halves(exams, rng)])
    mean = (blends / blends.sum(axis=1, keepdims=True)).mean(axis=0)
    steady = np.where((blends > 0).mean(axis=0) >= STEADY, mean, 0.0)
    weights = steady if steady.any() else mean
    return np.asarray(weights / weights.max(), np.float64)


def _halves(exams: Sequence[Exam], rng: np.random.Generator) -> Iterator[list[Exam]]:
    """Each half of the lists of every window, :data:`PAIRS` times two; a window of one list is in both."""
    for _ in range(PAIRS):
        dealt = [np.array_split(rng.permutation(len(exam.wanted)), 2) for exam in exams]
        for side in (0, 1):
            yield [
                exam.some(halves[side if len(exam.wanted) > 1 else 0])
                for exam, halves in zip(exams, dealt, strict=True)
            ]


def _pruned(grades: Grades, weights: Floats, reached: float, costly: Sequence[int]) -> tuple[Floats, float]:
    """Without the costly generators the blend hardly misses, the lightest first."""
    now = reached
    if reached <= HARDLY:  # whatever was dropped would not be missed
        return weights, reached
    for row in sorted(costly, key=lambda row: (weights[row], row)):
        less = weights.copy()
        less[row] = 0.0
        if weights[row] > 0 and less.any() and (value := grades.of(less)) > reached - HARDLY:
            weights, now = less, value
    return weights, now


def _climbed(grades: Grades, starts: Sequence[Floats]) -> tuple[Floats, float]:
    """The best blend found from any of the starts, and its grade."""
    return max((_climb(grades, start) for start in starts), key=lambda pair: pair[1])


def _climb(grades: Grades, weights: Floats) -> tuple[Floats, float]:
    """Try :data:`STEPS` for one generator after the other, in a few rounds."""
    weights = weights / weights.max()
    best = grades.of(weights)
    for _ in range(ROUNDS):
        before = best
        for row in range(len(weights)):
            step, value = _best_step(grades, weights, row)
            if value > best + LEAST_GAIN:
                weights = weights.copy()
                weights[row], best = step, value
        if best - before < LEAST_GAIN:
            break
    return weights, best


def _best_step(grades: Grades, weights: Floats, row: int) -> tuple[float, float]:
    """The best weight for one generator, the others held still."""
    alone = not np.delete(weights, row).any()
    values = [step * max(float(weights.max()), 1e-9) for step in STEPS if step > 0 or not alone]
    return max(zip(values, grades.along(weights, row, values), strict=True), key=lambda pair: pair[1])
