"""Everything one judgement found, before it is written down anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.algorithms.ragged import Ints
from recommender.evaluation.ablation import Worth
from recommender.evaluation.curves import Point
from recommender.evaluation.examples import Example
from recommender.evaluation.judging import Verdicts
from recommender.evaluation.leaks import Check
from recommender.evaluation.scoring import Cell
from recommender.evaluation.split import MAIN, Track

JUDGED = "model"
"""Name of the model that is judged, in :attr:`Study.verdicts` and every cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How long one stage took: by the clock, in processor time, and the most memory the process ever had by its end."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Moments (µs) of the split: the log's first and last line, the cut, and earlier windows as (cut, end), newest first.

    ``busy`` counts lines in equal steps from ``first_us`` to ``last_us``.
    """

    first_us: int
    cut_us: int
    last_us: int
    windows: tuple[tuple[int, int], ...]
    busy: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What was learned from: lines before the cut by kind, people and items among them, and lines of later to judge by."""

    lines: Mapping[str, int]
    people: int
    items: int
    judged_lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One judgement.

    Attributes
    ----------
    verdicts : mapping
        By model, the judged one first, then by track. Holds row numbers of people: nothing of it is written down as it is.
    cells : tuple of Cell
        The whole table.
    curves : mapping
        ``orders`` and ``lines``: NDCG@10 of the main track by how much is known.
    seen : str or None
        Why the recipe may look better than it is: it was chosen with some of the judged days in sight. None: it was not.
    """

    span: Span
    learned: Learned
    verdicts: Mapping[str, Mapping[Track, Verdicts]]
    cells: tuple[Cell, ...]
    ablation: tuple[Worth, ...]
    curves: Mapping[str, tuple[Point, ...]]
    checks: tuple[Check, ...]
    examples: tuple[Example, ...]
    stages: tuple[Stage, ...]
    notes: tuple[str, ...]
    seen: str | None = None

    @property
    def main(self) -> Track:
        """The track that is spoken of first."""
        return next(track for track in MAIN if track in self.verdicts[JUDGED])

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models, the judged one first."""
        return tuple(self.verdicts)

    def cell(self, name: str, model: str = JUDGED) -> Cell | None:
        """One cell of the table; None where there is no such figure."""
        return next((cell for cell in self.cells if cell.model == model and cell.name == name), None)
