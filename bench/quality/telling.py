"""A data set's figures as a table: ours, the baselines, the bar."""

from collections.abc import Mapping

from bench.figures import Figure
from recommender.evaluation.asking import BASELINES

METRICS = ("ndcg_at_10", "recall_at_10", "coverage_at_10")
"""Of the figures of lists these are printed; all are written."""

_BESIDE = ".baseline."


def table_of(name: str, figures: Mapping[str, Figure]) -> str:
    """Lines of text; a figure that is held against a bar is always there."""
    head = (name, "ours", "bar", "", *BASELINES)
    rows = [head, *(_row(name, figures, own) for own in sorted(figures) if _is_shown(own, figures[own]))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, 3) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _is_shown(name: str, one: Figure) -> bool:
    metric = name.rsplit(".", 1)[-1]
    return _BESIDE not in name and (
        one.bar is not None or metric in METRICS or not metric.endswith(("_at_20", "_at_10", "novelty"))
    )


def _row(name: str, figures: Mapping[str, Figure], own: str) -> tuple[str, ...]:
    one = figures[own]
    mark = {True: "ok", False: "SHORT", None: ""}[one.ok]
    beside = [figures.get(f"{own}{_BESIDE}{other}") for other in BASELINES]
    return (
        own.removeprefix(f"{name}."),
        _number(one.value),
        "" if one.bar is None else _number(one.bar),
        mark,
        *("" if other is None else _number(other.value) for other in beside),
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.4f}"
