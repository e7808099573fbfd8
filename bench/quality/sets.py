"""The data sets that are judged, and by what."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench import academic_graph, academic_sequences, complete_journey, online_retail, retailrocket
from bench.figures import Figure
from bench.quality.bars import held
from bench.quality.log import note
from bench.quality.shops import Outcome, Run, ShopSet


class Judged(Protocol):
    """Trains and judges a published split; figures by their full names."""

    def __call__(self, data: Path, name: str, *, seed: int, budget: float) -> dict[str, Figure]:
        """Judge the data set of this name in the folder ``data``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AcademicSet:
    """A published split whose task and figures are its own."""

    name: str
    judged: Judged

    def judge(self, run: Run) -> Outcome:
        """Judge once, by the first seed."""
        figures = held(self.judged(run.data, self.name, seed=0, budget=run.budget))
        note(
            run.log,
            now=datetime.now(UTC),
            data_set=self.name,
            recipe={},
            asked={"seed": 0, "budget": run.budget},
            figures={name.removeprefix(f"{self.name}."): one.value for name, one in figures.items()},
        )
        return Outcome(figures=figures)


SETS: tuple[ShopSet | AcademicSet, ...] = (
    ShopSet(name=online_retail.NAME, shop=online_retail.shop),
    ShopSet(name=complete_journey.NAME, shop=complete_journey.shop, stale=False),  # 14,000 baskets; no views
    ShopSet(name=retailrocket.NAME, shop=retailrocket.shop, holdout=retailrocket.HOLDOUT),
    AcademicSet(name="academic_diginetica_sessions", judged=academic_sequences.judge_academic),
    AcademicSet(name="academic_amazon_beauty_seq", judged=academic_sequences.judge_academic),
    AcademicSet(name="academic_amazon_toys_seq", judged=academic_sequences.judge_academic),
    AcademicSet(name="academic_gowalla", judged=academic_graph.judge_academic),
)
"""Every data set we know; those that lie in the folder are judged."""


def judge(name: str, run: Run) -> Outcome:
    """Judge one data set by its name."""
    return next(one for one in SETS if one.name == name).judge(run)
