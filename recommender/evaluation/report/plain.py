"""A judgement as an object for ``--json`` and files, and every list's figures as a table; nobody is named in either."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from recommender.evaluation.intervals import Mean
from recommender.evaluation.judging import Verdicts
from recommender.evaluation.report.data import JUDGED, Stage, Study
from recommender.evaluation.scoring import Cell
from recommender.evaluation.split import GROUPS

PLACES = 6
PERSON = "person_id"
SHOWN = 10


def as_object(study: Study) -> dict[str, Any]:
    """Rows as in a training's report, the judged model's lead over each other model, checks, ablation, curves, stages, notes."""
    return {
        "rows": [_row(study, cell) for cell in study.cells if cell.model == JUDGED],
        "leads": [
            {"name": cell.name, "over": cell.model, **_mean(cell.lead)} for cell in study.cells if cell.lead is not None
        ],
        "checks": [
            {"name": one.name, "passed": one.passed, "sentence": one.sentence, **_rounded(one.values)}
            for one in study.checks
        ],
        "ablation": [
            {
                "track": str(one.track),
                "generator": one.generator,
                "alone": _mean(one.alone),
                "loss_without": _mean(one.loss),
            }
            for one in study.ablation
        ],
        "curves": {
            name: [{"of": point.label, **{m: _mean(v) for m, v in point.means.items()}} for point in points]
            for name, points in study.curves.items()
        },
        "learned": {
            "lines": dict(study.learned.lines),
            "people": study.learned.people,
            "items": study.learned.items,
            "judged_lines": study.learned.judged_lines,
        },
        "stages": [stage_told(one) for one in study.stages],
        "notes": list(study.notes),
    }


def stage_told(one: Stage) -> dict[str, Any]:
    """A stage as an object."""
    return {
        "name": one.name,
        "seconds": round(one.seconds, 2),
        "cpu_seconds": round(one.cpu_seconds, 2),
        "peak_mb": round(one.peak_mb),
    }


def _row(study: Study, cell: Cell) -> dict[str, Any]:
    others = {model: study.cell(cell.name, model) for model in study.models[1:]}
    beside = {_beside(model): round(one.mean.value, PLACES) for model, one in others.items() if one is not None}
    mean = _mean(cell.mean)
    return {"name": cell.name, **mean, **beside}


def _beside(model: str) -> str:
    """Baselines and other runs are told apart by the name of the column."""
    return model if model.startswith("run.") else f"baseline.{model}"


def _mean(mean: Mean | None) -> dict[str, Any]:
    if mean is None:
        return {}
    value, low, high = (round(one, PLACES) for one in (mean.value, mean.low, mean.high))
    return {"value": value, "low": low, "high": high, "lists": mean.n}


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, PLACES) for name, value in values.items()}


def lists_table(study: Study, names: Mapping[int, str], item_ids: tuple[str, ...]) -> pl.DataFrame:
    """Every list of every model: whose (by pseudonym), its figures, and the first ten items shown.

    Parameters
    ----------
    names : mapping of int to str
        Pseudonym of each person by row number; people without one are left out.
    """
    frames = [
        _lists(verdict, names, item_ids).with_columns(model=pl.lit(model), track=pl.lit(str(track)))
        for model, by_track in study.verdicts.items()
        for track, verdict in by_track.items()
    ]
    return pl.concat(frames, how="diagonal")


def _lists(verdict: Verdicts, names: Mapping[int, str], item_ids: tuple[str, ...]) -> pl.DataFrame:
    people = [names.get(person) for person in verdict.truth.person.tolist()]
    figures = {name: pl.Series(values).fill_nan(None) for name, values in verdict.by_metric.items()}
    shown = [[item_ids[item] for item in row if item >= 0] for row in verdict.lists[:, :SHOWN].tolist()]
    table = pl.DataFrame(
        {
            PERSON: pl.Series(people, dtype=pl.String),
            "group": [str(GROUPS[code]) for code in verdict.truth.group.tolist()],
            "wanted": np.diff(verdict.truth.indptr),
            **figures,
            "shown": pl.Series(shown, dtype=pl.List(pl.String)),
        }
    )
    return table.filter(pl.col(PERSON).is_not_null())
