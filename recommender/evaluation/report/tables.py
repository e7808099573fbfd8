"""The tables of a report as cells of text and charts, ready for the page."""

from collections.abc import Iterable, Sequence
from typing import Any

from recommender.evaluation.intervals import Mean
from recommender.evaluation.report.data import JUDGED, Study
from recommender.evaluation.report.svg import interval, nice_end
from recommender.evaluation.report.wording import (
    FEW,
    GROUPS,
    METRICS,
    SHORT,
    TOO_FEW,
    TRACKS,
    Metric,
    between,
    counted,
    metrics_of,
    model_name,
    signed,
    written,
)
from recommender.evaluation.scoring import Cell

MAIN = "ndcg_at_10"
WHOLE = ("coverage_at_10", "novelty", "gini_at_10")
"""Figures over whole sets of lists, which have no interval."""

_SHORT = ("found_at_10", "hit_at_10")


def tracks(study: Study, run_id: str | None) -> list[dict[str, Any]]:
    """Each track: models with their main figures and interval charts, the same by group, and every figure."""
    return [
        {
            "name": track,
            "title": TRACKS.get(track, (track, ""))[0],
            "meaning": TRACKS.get(track, ("", ""))[1],
            "heads": SHORT.get(track, SHORT[""]),
            "lists": counted(len(verdict.lists), "list", "lists"),
            "models": _models(study, str(track), run_id),
            "groups": _groups(study, str(track), run_id),
            "all_figures": _all_figures(study, str(track), run_id),
        }
        for track, verdict in study.verdicts[JUDGED].items()
    ]


def _models(study: Study, track: str, run_id: str | None) -> dict[str, Any]:
    """One line per model, all groups together."""
    name = f"{track}.all.{MAIN}"
    shown = {model: cell for model in study.models if (cell := study.cell(name, model)) is not None}
    end = nice_end(max(max(ends(cell.mean)) for cell in shown.values()))
    mark = shown[JUDGED].mean.value
    rows = []
    for model, cell in shown.items():
        style = "ours" if model == JUDGED else "theirs"
        label = f"{model_name(model, run_id)}: NDCG@10 {cell.mean.value:.4f}, {spoken(cell.mean)}"
        rows.append(
            {
                "model": model_name(model, run_id),
                "kind": _kind(model),
                "judged": model == JUDGED,
                "short": [_value(study.cell(f"{track}.all.{metric}", model), metric) for metric in _SHORT],
                "value": written(cell.mean.value),
                "between": between(cell.mean),
                "few": cell.mean.n < FEW,
                "chart": interval(
                    cell.mean.value,
                    *ends(cell.mean),
                    end=end,
                    mark=None if model == JUDGED else mark,
                    style=style,
                    label=label,
                ),
                "lead": None if cell.lead is None else lead_words(cell.lead),
                "coverage": _value(study.cell(f"{track}.all.coverage_at_10", model), "coverage_at_10"),
            }
        )
    return {"rows": rows, "end": f"{end:g}"}


def _kind(model: str) -> str | None:
    if model == JUDGED:
        return None
    return "other run" if model.startswith("run.") else "baseline"


def lead_words(lead: Mean, form: str = "share") -> dict[str, str]:
    """A difference with its interval, or that none can be told."""
    interval_ = f"{signed(lead.low, form)} to {signed(lead.high, form)}"
    if lead.n < FEW:
        return {"value": TOO_FEW, "between": f"{lead.n} of at least {FEW} lists", "sign": "none"}
    if lead.low <= 0 <= lead.high:
        return {"value": "no clear difference", "between": interval_, "sign": "none"}
    return {
        "value": ("▴ " if lead.value > 0 else "▾ ") + signed(lead.value, form),
        "between": interval_,
        "sign": "up" if lead.value > 0 else "down",
    }


def _groups(study: Study, track: str, run_id: str | None) -> dict[str, Any]:
    """NDCG@10 of each group by model."""
    rows = []
    for group, words in GROUPS.items():
        cells = [study.cell(f"{track}.{group}.{MAIN}", model) for model in study.models]
        told = [cell for cell in cells if cell is not None]
        if group != "all" and told:
            rows.append(
                {
                    "group": words,
                    "lists": told[0].mean.n,
                    "few": told[0].mean.n < FEW,
                    "cells": [
                        ("no data", "") if cell is None else (written(cell.mean.value), between(cell.mean))
                        for cell in cells
                    ],
                }
            )
    return {"models": [model_name(model, run_id) for model in study.models], "rows": rows}


def _all_figures(study: Study, track: str, run_id: str | None) -> dict[str, Any]:
    """Every figure of every model, all groups together."""
    rows = [
        {
            "plain": metric.plain,
            "exact": metric.exact,
            "lower": metric.lower_is_better,
            "cells": [_with_interval(study.cell(f"{track}.all.{name}", model), name) for model in study.models],
        }
        for name, metric in metrics_of(track).items()
        if any(study.cell(f"{track}.all.{name}", model) for model in study.models)
    ]
    return {"models": [model_name(model, run_id) for model in study.models], "rows": rows}


def _value(cell: Cell | None, metric: str) -> str:
    return "no data" if cell is None else written(cell.mean.value, METRICS[metric].form)


def _with_interval(cell: Cell | None, metric: str) -> tuple[str, str]:
    if cell is None:
        return "does not apply", ""
    form = METRICS[metric].form
    whole = metric in WHOLE or (cell.mean.n >= FEW and cell.mean.low == cell.mean.high)
    return written(cell.mean.value, form), "" if whole else between(cell.mean, form)


def ends(mean: Mean) -> tuple[float, float]:
    """Where the band of a chart begins and ends; of few lists there is none."""
    return (mean.value, mean.value) if mean.n < FEW else (mean.low, mean.high)


def spoken(mean: Mean) -> str:
    """An interval as read out."""
    return TOO_FEW if mean.n < FEW else f"between {mean.low:.4f} and {mean.high:.4f}"


def other_runs(study: Study, run_id: str | None) -> list[dict[str, Any]]:
    """The judged model's lead over each other run, by track, group and main figures."""
    out = []
    for model in study.models:
        if not model.startswith("run."):
            continue
        rows = [
            {"what": _place(cell.name), "lists": cell.lead.n, **lead_words(cell.lead)}
            for cell in study.cells
            if cell.model == model and cell.lead is not None and cell.name.endswith(f".{MAIN}")
        ]
        out.append({"model": model_name(model, run_id), "rows": rows})
    return out


def _place(name: str) -> str:
    track, group, _ = name.split(".")
    return f"{TRACKS.get(track, (track, ''))[0]}, {GROUPS.get(group, group)}"


def words(figures: Iterable[str]) -> list[Metric]:
    """What the figures of a report mean, each once, in the order they are shown; those it has none of are left out.

    Parameters
    ----------
    figures : iterable of str
        Full names, ``<track>.<group>.<metric>``.
    """
    names = [(track, metric) for track, _, metric in (name.split(".") for name in figures)]
    by_track = {track: {metric for of, metric in names if of == track} for track, _ in names}
    return list(
        dict.fromkeys(
            metric for track, found in by_track.items() for name, metric in metrics_of(track).items() if name in found
        )
    )


def as_published(training: dict[str, Any]) -> Sequence[dict[str, str]]:
    """What the training of the live model said of it beside the model before: rows of the main figure."""
    return [
        {
            "what": _place(row["name"]),
            "lists": f"{row['lists']:,}",
            "value": written(row["value"]),
            "live": written(row["live"]),
            "change": signed(row["delta_to_live"]),
        }
        for row in training.get("rows", ())
        if row["name"].endswith(f".{MAIN}") and row.get("live") is not None
    ]
