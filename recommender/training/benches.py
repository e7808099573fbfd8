"""What every trial is measured on: the windows' questions, and the blends that answer them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms import spec_of
from recommender.algorithms.contract import Generator
from recommender.algorithms.digest import Digest
from recommender.algorithms.ragged import Floats
from recommender.training.blends import Blend, exams_of
from recommender.training.fitting import FitSettings, fit_one, view_of
from recommender.training.weighing import Exam, grade
from recommender.training.windows import Window, rescored

Grid = NDArray[np.float32]
"""One generator's scores of a place's candidates, of shape (n_lists, width); -1 past a list's end."""

ENTRY = 0.35
"""Weight at which a generator that has none is tried, in parts of the blend's largest: tuned, it may be worth hearing."""

HOME = "home."
"""Lists of people: what a model is judged by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One place in one window: the exam, the blend's weights for its rows, the total they give and its NDCG@10 list by list."""

    names: Sequence[str]
    exam: Exam
    weights: NDArray[np.float32]
    total: Grid
    grade: Floats

    @classmethod
    def of(cls, names: Sequence[str], exam: Exam, blend: Blend) -> Self:
        """Add the blend up."""
        weights = np.array([blend.weights.get(name, 0.0) for name in names], np.float32)
        total = np.tensordot(weights, exam.score, 1)
        return cls(names=names, exam=exam, weights=weights, total=total, grade=grade(exam, total))

    def with_row(self, name: str, row: Grid) -> Grid:
        """The total when one generator says something else, or speaks up for the first time."""
        place = self.names.index(name)
        weight = self.weights[place]
        if weight > 0:
            return np.asarray(self.total + weight * (row - self.exam.score[place]), np.float32)
        return np.asarray(self.total + np.float32(ENTRY) * self.weights.max() * row, np.float32)

    def moved(self, name: str, row: Grid) -> "Paper":
        """The paper with that generator's new scores as its own."""
        place, score, weights = self.names.index(name), self.exam.score.copy(), self.weights.copy()
        score[place] = row
        weights[place] = weights[place] or ENTRY * weights.max()
        exam, total = replace(self.exam, score=score), self.with_row(name, row)
        return replace(self, exam=exam, weights=weights, total=total, grade=grade(exam, total))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What one generator's other fit brought in one window.

    Attributes
    ----------
    rows : mapping of place to Grid
    gains : mapping of place to float64 array
        By how much the blend's NDCG@10 of each list changes.
    alone : float
        By how much the generator's own NDCG@10 changes, nobody beside it, the mean of the places.
    """

    rows: Mapping[str, Grid]
    gains: Mapping[str, Floats]
    alone: float

    @property
    def gain(self) -> float:
        """The mean of the places' mean changes."""
        return float(np.mean([gains.mean() for gains in self.gains.values()]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The windows, everybody's events in each, and the papers of the places in each."""

    windows: Sequence[Window]
    views: Sequence[Digest]
    papers: Sequence[Mapping[str, Paper]]
    seed: int

    @classmethod
    def of(cls, windows: Sequence[Window], weights: Mapping[str, Blend], seed: int) -> Self:
        """Prepare once."""
        papers: list[dict[str, Paper]] = [{} for _ in windows]
        for place, blend in weights.items():
            names, exams = exams_of(windows, place)
            asking = [number for number, window in enumerate(windows) if place in window.tables]
            for number, exam in zip(asking, exams, strict=True):
                papers[number][place] = Paper.of(names, exam, blend)
        return cls(windows=windows, views=[view_of(window.past) for window in windows], papers=papers, seed=seed)

    def places(self, name: str) -> tuple[str, ...]:
        """Where a generator is judged: where it has a weight, among the lists of people before those about items.

        One without any weight is judged wherever it may speak.
        """
        may = [
            place for place in self._all_places() if any(name in papers[place].names for papers in self._with(place))
        ]
        speaks = [place for place in may if self.share(name, place) > 0] or may
        return tuple(place for place in speaks if place.startswith(HOME)) or tuple(speaks)

    def _with(self, place: str) -> list[Mapping[str, Paper]]:
        return [papers for papers in self.papers if place in papers]

    def share(self, name: str, place: str) -> float:
        """A generator's part of all weights of a place."""
        for papers in self.papers:
            if place in papers and name in papers[place].names:
                weights = papers[place].weights
                return float(weights[papers[place].names.index(name)] / max(float(weights.sum()), 1e-9))
        return 0.0

    def _all_places(self) -> list[str]:
        return list(dict.fromkeys(place for papers in self.papers for place in papers))

    def asking(self, name: str) -> list[int]:
        """Windows that ask anything a generator answers."""
        places = self.places(name)
        return [number for number, papers in enumerate(self.papers) if any(place in papers for place in places)]

    def present(self, name: str) -> float:
        """What a generator gains as it is: 0 where it has a weight, else what speaking up would bring."""
        found = []
        for number, papers in enumerate(self.papers):
            rows = {
                place: papers[place].exam.score[papers[place].names.index(name)]
                for place in self.places(name)
                if place in papers
            }
            found += [self._graded(name, number, rows).gain] if rows else []
        return float(np.mean(found)) if found else 0.0

    def sit(self, name: str, params: Mapping[str, float], number: int) -> Sitting | None:
        """Fit a generator with other hyper-parameters in one window and grade the blends it speaks in.

        Candidates stay as they are. None if the generator cannot be fitted so.
        """
        window = self.windows[number]
        settings = FitSettings(params={name: params}, blends={})
        generator = _fitted(name, window, self.views[number], settings, self.seed)
        if generator is None:
            return None
        rows = {
            place: _laid_out(paper.exam, rescored(window, generator, place))
            for place, paper in self.papers[number].items()
            if place in self.places(name)
        }
        return self._graded(name, number, rows)

    def _graded(self, name: str, number: int, rows: Mapping[str, Grid]) -> Sitting:
        papers, gains, alone = self.papers[number], {}, []
        for place, row in rows.items():
            paper = papers[place]
            gains[place] = grade(paper.exam, paper.with_row(name, row)) - paper.grade
            own = paper.exam.score[paper.names.index(name)]
            alone.append(float((grade(paper.exam, row) - grade(paper.exam, own)).mean()))
        return Sitting(rows=rows, gains=gains, alone=float(np.mean(alone)))

    def regraded(self, name: str, sittings: Mapping[int, Sitting]) -> dict[int, Sitting]:
        """The same sittings, graded beside what the bench's other generators say by now."""
        return {number: self._graded(name, number, sitting.rows) for number, sitting in sittings.items()}

    def moved(self, name: str, sittings: Mapping[int, Sitting]) -> "Bench":
        """The bench with that generator's new scores as its own."""
        papers = [
            {place: paper.moved(name, rows[place]) if place in rows else paper for place, paper in papers.items()}
            for papers, rows in zip(
                self.papers,
                (sittings[number].rows if number in sittings else {} for number in range(len(self.papers))),
                strict=True,
            )
        ]
        return replace(self, papers=papers)


def _fitted(name: str, window: Window, view: Digest, settings: FitSettings, seed: int) -> Generator | None:
    """The generator, or None where these hyper-parameters do not carry: its numbers overflow or its equations have no solution."""
    from implicit.recommender_base import ModelFitError  # only here: a process that serves never fits

    try:
        return fit_one(spec_of(name), window.past, view, settings, seed).generator
    except (ArithmeticError, np.linalg.LinAlgError, ModelFitError):
        return None


def _laid_out(exam: Exam, scores: Floats) -> Grid:
    """Scores that stand list after list, on the exam's grid."""
    inside = exam.score[0] >= 0
    row = np.full(inside.shape, -1.0, np.float32)
    row[inside] = scores
    return row
