"""The page a training writes beside its report: what it learned from, what it chose and why, and what that is worth."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from recommender.evaluation.intervals import Mean
from recommender.evaluation.report import chosen
from recommender.evaluation.report.data import Span, Stage
from recommender.evaluation.report.page import template, written_on
from recommender.evaluation.report.sections import day, spanned, staged
from recommender.evaluation.report.svg import interval, nice_end
from recommender.evaluation.report.tables import MAIN, WHOLE, ends, spoken, words
from recommender.evaluation.report.wording import (
    BASELINES,
    FEW,
    GROUPS,
    METRICS,
    TRACKS,
    between,
    counted,
    metrics_of,
    signed,
    written,
)

Row = Mapping[str, Any]


def training_page(report: Mapping[str, Any], *, span: Span | None, stages: Sequence[Stage], made: datetime) -> str:
    """Write a training down as one HTML file.

    Parameters
    ----------
    report : mapping
        What the training wrote as ``var/reports/<run>.json``.
    span : Span, optional
        Moments of the split; None where nothing was read.
    made : aware datetime
        When the page is written.
    """
    rows: Sequence[Row] = report["rows"]
    counts, gate = report["counts"], report["gate"]
    weights = chosen.weights(report)
    explained = [row["name"] for row in rows] or ([f"window.all.{MAIN}"] if weights else [])  # blends are told in it
    days = {} if span is None else {"first": day(span.first_us), "last": day(span.last_us)}
    return template("training.html").render(
        own=True,
        run_id=report["run"],
        parent=report["parent"] if any(row.get("live") is not None for row in rows) else None,
        made=written_on(made),
        facts={**{f"n_{name}": f"{counts[name]:,}" for name in ("interactions", "people", "items")}, **days},
        chart=None if span is None else spanned(span),
        left_out=[(why, f"{lines:,}") for why, lines in report["left_out"].items() if lines],
        noticed=[(what, f"{lines:,}") for what, lines in report["noticed"].items()],
        publish=gate["publish"],
        reasons=gate["reasons"],
        kept=gate.get("kept", ()),  # reports of earlier versions have none
        warnings=gate["warnings"],
        notes=report["notes"],
        figures=_figures(rows),
        weights=weights,
        deciders=chosen.deciders(report),
        importance=chosen.importance(report),
        trials=chosen.trials(report),
        stages=staged(stages),
        metrics=words(explained),
    )


def _figures(rows: Sequence[Row]) -> dict[str, Any] | None:
    """The main figure of every track, and each track's tables; None without any row."""
    names = {row["name"]: row for row in rows}
    tracks = [track for track in TRACKS if f"{track}.all.{MAIN}" in names]
    if not tracks:
        return None
    baselines = [name for name in BASELINES if any(f"baseline.{name}" in row for row in rows)]
    return {
        "first": [{"title": TRACKS[track][0], **_cells(names[f"{track}.all.{MAIN}"], MAIN, ())} for track in tracks],
        "baselines": [BASELINES[name] for name in baselines],
        "tracks": [_track(track, names, baselines) for track in tracks],
    }


def _track(track: str, names: Mapping[str, Row], baselines: Sequence[str]) -> dict[str, Any]:
    groups = [group for group in GROUPS if f"{track}.{group}.{MAIN}" in names]
    end = nice_end(max(max(ends(_mean(names[f"{track}.{group}.{MAIN}"]))) for group in groups))
    title, meaning = TRACKS[track]
    return {
        "name": track,
        "title": title,
        "meaning": meaning,
        "end": f"{end:g}",
        "rows": [
            {
                "who": GROUPS[group],
                "all": group == "all",
                "chart": _chart(names[f"{track}.{group}.{MAIN}"], end, GROUPS[group]),
                **_cells(names[f"{track}.{group}.{MAIN}"], MAIN, baselines),
            }
            for group in groups
        ],
        "every": [
            {
                "plain": metric.plain,
                "exact": metric.exact,
                "lower": metric.lower_is_better,
                **_cells(names[f"{track}.all.{name}"], name, baselines),
            }
            for name, metric in metrics_of(track).items()
            if f"{track}.all.{name}" in names
        ],
    }


def _chart(row: Row, end: float, who: str) -> str:
    mean = _mean(row)
    label = f"{who}: NDCG@10 {mean.value:.4f}, {spoken(mean)}"
    return interval(mean.value, *ends(mean), end=end, mark=row.get("live"), style="ours", label=label)


def _cells(row: Row, metric: str, baselines: Sequence[str]) -> dict[str, Any]:
    """A row of the report as texts; what is not there says so."""
    form = METRICS[metric].form

    def told(value: float | None) -> str:
        return "no data" if value is None else written(value, form)

    mean = _mean(row)
    whole = metric in WHOLE or (mean.n >= FEW and mean.low == mean.high)
    return {
        "lists": f"{mean.n:,}",
        "few": mean.n < FEW,
        "counted": counted(mean.n, "list", "lists"),
        "value": written(row["value"], form),
        "between": "" if whole else between(mean, form),
        "live": told(row.get("live")),
        "change": "" if row.get("live") is None else signed(row["delta_to_live"], form),
        "baselines": [told(row.get(f"baseline.{name}")) for name in baselines],
    }


def _mean(row: Row) -> Mean:
    return Mean(value=row["value"], low=row["low"], high=row["high"], n=row["lists"])
