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
from recommender.training.windows import Window, rescored, speakers

Grid = NDArray[np.float32]
"""One generator's scores of a place's candidates, of shape (n_lists, width); -1 past a list's end."""

ENTRY = 0.35
"""Weight at which a generator that has none is tried, in parts of the blend's largest: tuned, it may be worth hearing."""

HOME = "home."
"""Lists of people: what a model is judged by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One place in one window, and its blend.

    Attributes
    ----------
    exam : Exam
        Without scores: these stay in the window's table, and only one generator's at a time is laid out.
    inside : bool array of shape (n_lists, width)
        Where a candidate stands.
    rows : mapping of generator to float32 array
        What each says, list after list.
    weights : mapping of generator to float
        Of all generators that may speak, 0 for most.
    total : Grid
        The blend's sums.
    grade : float64 array of length n_lists
        NDCG@10 of each list by the blend.
    """

    exam: Exam
    inside: NDArray[np.bool_]
    rows: Mapping[str, NDArray[np.float32]]
    weights: Mapping[str, float]
    total: Grid
    grade: Floats

    @classmethod
    def of(cls, names: Sequence[str], exam: Exam, rows: Mapping[str, NDArray[np.float32]], blend: Blend) -> Self:
        """Add the blend up; ``names`` are those of the exam's rows."""
        weights = {name: float(blend.weights.get(name, 0.0)) for name in names}
        total = np.tensordot(np.array([weights[name] for name in names], np.float32), exam.score, 1)
        bare = replace(exam, score=np.zeros((0, *total.shape), np.float32))
        inside = exam.score[0] >= 0
        return cls(
            exam=bare,
            inside=inside,
            rows={name: rows[name] for name in names},
            weights=weights,
            total=total,
            grade=grade(bare, total),
        )

    def row(self, name: str) -> Grid:
        """What a generator says now."""
        return self.laid_out(self.rows[name])

    def laid_out(self, scores: NDArray[np.floating]) -> Grid:
        """Scores that stand list after list, on the grid."""
        row = np.full(self.inside.shape, -1.0, np.float32)
        row[self.inside] = scores
        return row

    def with_row(self, name: str, row: Grid) -> Grid:
        """The total when one generator says something else, or speaks up for the first time."""
        weight = np.float32(self.weights[name])
        if weight > 0:
            return np.asarray(self.total + weight * (row - self.row(name)), np.float32)
        return np.asarray(self.total + np.float32(self._entry) * row, np.float32)

    @property
    def _entry(self) -> float:
        return ENTRY * max(self.weights.values())

    def moved(self, name: str, row: Grid) -> "Paper":
        """The paper with that generator's new scores as its own."""
        total = self.with_row(name, row)
        return replace(
            self,
            rows={**self.rows, name: row[self.inside]},
            weights={**self.weights, name: self.weights[name] or self._entry},
            total=total,
            grade=grade(self.exam, total),
        )


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
                papers[number][place] = Paper.of(names, exam, _rows(windows[number], place), blend)
        return cls(windows=windows, views=[view_of(window.past) for window in windows], papers=papers, seed=seed)

    def places(self, name: str) -> tuple[str, ...]:
        """Where a generator is judged: where it has a weight, among the lists of people before those about items.

        One without any weight is judged wherever it may speak.
        """
        may = [place for place in self._all_places() if any(name in papers[place].rows for papers in self._with(place))]
        speaks = [place for place in may if self.share(name, place) > 0] or may
        return tuple(place for place in speaks if place.startswith(HOME)) or tuple(speaks)

    def _with(self, place: str) -> list[Mapping[str, Paper]]:
        return [papers for papers in self.papers if place in papers]

    def share(self, name: str, place: str) -> float:
        """A generator's part of all weights of a place."""
        for papers in self._with(place):
            weights = papers[place].weights
            return weights.get(name, 0.0) / max(sum(weights.values()), 1e-9)
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
            rows = {place: papers[place].row(name) for place in self.places(name) if place in papers}
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
            place: paper.laid_out(rescored(window, generator, place))
            for place, paper in self.papers[number].items()
            if place in self.places(name)
        }
        return self._graded(name, number, rows)

    def _graded(self, name: str, number: int, rows: Mapping[str, Grid]) -> Sitting:
        papers, gains, alone = self.papers[number], {}, []
        for place, row in rows.items():
            paper = papers[place]
            gains[place] = grade(paper.exam, paper.with_row(name, row)) - paper.grade
            alone.append(float((grade(paper.exam, row) - grade(paper.exam, paper.row(name))).mean()))
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


def _rows(window: Window, place: str) -> dict[str, NDArray[np.float32]]:
    """What each generator says in a place, list after list."""
    names = [generator.name for generator in speakers(window.model, place)]
    return dict(zip(names, window.tables[place].score, strict=True))
