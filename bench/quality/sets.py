"""The data sets that are judged, and by what."""

import importlib
from dataclasses import dataclass
from datetime import UTC, datetime

from bench import complete_journey, online_retail, retailrocket
from bench.quality.bars import held
from bench.quality.log import note
from bench.quality.shops import Outcome, Run, ShopSet


@dataclass(frozen=True, slots=True, kw_only=True)
class AcademicSet:
    """A published split whose task and figures are its own: ``judge_academic`` of the module judges it."""

    name: str
    module: str

    def judge(self, run: Run) -> Outcome:
        """Judge once by each seed; the first one's figures count."""
        judge = importlib.import_module(self.module).judge_academic
        figures = held(judge(run.data, self.name, seed=0, budget=run.budget))
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
    AcademicSet(name="academic_diginetica_sessions", module="bench.academic_sequences"),
    AcademicSet(name="academic_amazon_beauty_seq", module="bench.academic_sequences"),
    AcademicSet(name="academic_amazon_toys_seq", module="bench.academic_sequences"),
    AcademicSet(name="academic_gowalla", module="bench.academic_graph"),
)
"""Every data set we know; those that lie in the folder are judged."""


def judge(name: str, run: Run) -> Outcome:
    """Judge one data set by its name."""
    return next(one for one in SETS if one.name == name).judge(run)
