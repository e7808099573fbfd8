"""One HTML file that needs nothing else: no script, no network, light and dark, and it prints."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from recommender.evaluation.ablation import RANKER
from recommender.evaluation.report import chosen, sections, tables
from recommender.evaluation.report.data import Study
from recommender.evaluation.report.sections import Names
from recommender.evaluation.report.wording import TRACKS

__all__ = ["Names", "page", "template", "written_on"]


def page(
    study: Study,
    names: Names,
    *,
    run_id: str | None,
    made: datetime,
    training: Mapping[str, Any] | None = None,
    left_out: Mapping[str, int] | None = None,
) -> str:
    """Write a judgement down.

    Parameters
    ----------
    run_id : str, optional
        The run whose recipe is judged; None is the default recipe.
    made : aware datetime
        When the report is written.
    training : mapping, optional
        What the training of the run wrote down (``var/reports/<run>.json``).
    left_out : mapping of str to int, optional
        Lines of the log nothing was learned from, by reason.
    """
    told = dict(training or {})
    return template("report.html").render(
        own=False,
        run_id=run_id,
        made=written_on(made),
        finding=sections.finding(study),
        split=sections.split(study),
        left_out=[(why, f"{lines:,}") for why, lines in (left_out or {}).items() if lines],
        checks=sections.checks(study),
        tracks=tables.tracks(study, run_id),
        curves=sections.curves(study, run_id),
        beside_bestsellers="popularity" in study.models,
        ablation=sections.ablation(study),
        ranked=any(one.generator == RANKER for one in study.ablation),
        other_runs=tables.other_runs(study, run_id),
        as_published=tables.as_published(told),
        parent=told.get("parent"),
        weights=chosen.weights(told),
        deciders=chosen.deciders(told),
        importance=chosen.importance(told),
        trials=chosen.trials(told),
        people=sections.people(study, names),
        stages=sections.stages(study),
        notes=study.notes,
        metrics=tables.words(cell.name for cell in study.cells),
        compared=len(study.models) > 1,
        untuned=sections.untuned(study),
        main=TRACKS[study.main][0].lower(),
    )


def written_on(made: datetime) -> str:
    """When a page was written, for its foot."""
    return f"{made.day} {made:%B %Y, %H:%M} {made.tzname()}"


@cache
def template(name: str) -> Template:
    """One of the pages of this folder; its parts are shared."""
    loader = PackageLoader("recommender.evaluation.report")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    css, _, _ = loader.get_source(environment, "report.css")
    environment.globals["css"] = Markup(css)  # noqa: S704 - a file of this package
    return environment.get_template(name)
