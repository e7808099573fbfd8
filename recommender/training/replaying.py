"""A recipe judged on its own, without training a model to keep (``recommender evaluate``)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from recommender.evaluation.ablation import METRIC, Worth, ablate
from recommender.evaluation.asking import baseline
from recommender.evaluation.curves import LINE_STEPS, ORDER_STEPS, Point, curve, lines_of, orders_of
from recommender.evaluation.examples import Example, choose, examples
from recommender.evaluation.judging import Known, Verdicts
from recommender.evaluation.leaks import Check, asked_moment, cut_moment, later_lines, shuffle_people, shuffled
from recommender.evaluation.report.data import JUDGED, Learned, Study
from recommender.evaluation.scoring import cells, verdicts_of
from recommender.evaluation.split import Track
from recommender.evaluation.tasks import Tasks
from recommender.evaluation.variants import possible_baselines
from recommender.interactions import Interactions, Kind
from recommender.model.fitted import FittedModel
from recommender.training.fitting import FitSettings, fit
from recommender.training.judging import ONLY_LOOKS, judged_part
from recommender.training.metering import Meter
from recommender.training.progress import Progress, quiet
from recommender.training.recipe import settings_of
from recommender.training.tuning import grown, tune
from recommender.training.windows import span_of

Judged = Mapping[str, Mapping[Track, Verdicts]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fits:
    """The models of a judgement: the recipe's own, those it is compared with, and one that learned from shuffled people."""

    model: FittedModel
    others: Mapping[str, FittedModel]
    blind: FittedModel
    shuffled: Interactions


def evaluate_recipe(
    interactions: Interactions,
    recipe: Mapping[str, Any] | None,
    *,
    cut_us: int,
    others: Mapping[str, Mapping[str, Any]] | None = None,
    seen: str | None = None,
    seed: int = 0,
    progress: Progress = quiet,
    meter: Meter | None = None,
    n_jobs: int = 2,
) -> Study | None:
    """Fit a recipe on what was known at ``cut_us`` and judge it on what came later, beside the baselines.

    Parameters
    ----------
    recipe : mapping or None
        As :func:`~recommender.training.recipe.recipe_of` describes it; None, or one this version cannot read, takes
        the defaults with weights chosen before the cut.
    seen : str, optional
        Why the recipe may look better than it is; the report says it, and draws no windows it was not chosen on.
    others : mapping, optional
        Recipes to compare with, by run; one that cannot be read is left out with a note.

    Returns
    -------
    Study or None
        None if nothing is known before the cut, or nothing was bought after it; in a log without any purchase, nothing
        looked at next in a visit.
    """
    meter = Meter() if meter is None else meter
    tasks = Tasks.at(interactions, cut_us, seed=seed)
    if not len(tasks.past.time_us) or tasks.main is None:
        return None
    settings, notes = _settings(tasks.past, recipe, seed, progress, meter)
    notes += [ONLY_LOOKS] if tasks.main is Track.NEXT_LOOK else []
    notes += [] if seen is None else [seen]
    rivals, unread = _rivals(others or {})
    notes += unread
    span = span_of(interactions, tasks.past, cut_us)
    with meter.stage("fitting"):
        read = {run: grown(tasks.past, one, seed=seed, progress=progress) for run, one in rivals.items()}
        fits = _fits(tasks.past, settings, read, seed=seed, progress=progress, n_jobs=n_jobs)
    with meter.stage("asking for lists"):
        judged = _verdicts(tasks, fits, progress)
    with meter.stage("figures and intervals"):
        table = tuple(cells(judged, Known.of(tasks.past)))
    with meter.stage("checks"):
        checks = _checks(tasks, fits, progress, seed)
    with meter.stage("generators one by one"):
        worth = _ablation(tasks, fits, progress, seed)
    return Study(
        span=span if seen is None else replace(span, windows=()),
        learned=_learned(interactions, tasks.past),
        verdicts=judged,
        cells=table,
        ablation=worth,
        curves=_curves(tasks.past, judged, tasks.main),
        checks=checks,
        examples=_examples(tasks, judged, seed),
        stages=tuple(meter.stages),
        notes=tuple(notes),
        seen=seen,
    )


def _settings(
    past: Interactions, recipe: Mapping[str, Any] | None, seed: int, progress: Progress, meter: Meter
) -> tuple[FitSettings, list[str]]:
    settings = settings_of(recipe) if recipe is not None else None
    if settings is not None:
        with meter.stage("growing forests"):
            return grown(past, settings, seed=seed, progress=progress), []
    with meter.stage("choosing weights"):
        settings = tune(past, seed=seed, progress=progress, clock=monotonic).settings
    return settings, ["No live recipe to judge: the defaults, with weights chosen before the cut."]


def _rivals(others: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, FitSettings], list[str]]:
    """The recipes to compare with that this version can read, and a note on each of the others."""
    read = {run: settings_of(other) for run, other in others.items()}
    notes = [f"The recipe of {run} cannot be fitted by this version." for run, one in read.items() if one is None]
    return {run: one for run, one in read.items() if one is not None}, notes


def _fits(
    past: Interactions,
    settings: FitSettings,
    rivals: Mapping[str, FitSettings],
    *,
    seed: int,
    progress: Progress,
    n_jobs: int,
) -> _Fits:
    mixed = shuffle_people(past, np.random.default_rng(seed))
    blind = grown(mixed, replace(settings, rankers={}), seed=seed, progress=progress, n_jobs=n_jobs)
    plain = judged_part(blind, baselines=False)
    jobs = [delayed(fit)(past, judged_part(settings, baselines=True), seed=seed), delayed(fit)(mixed, plain, seed=seed)]
    jobs += [delayed(fit)(past, judged_part(one, baselines=False), seed=seed) for one in rivals.values()]
    models: list[FittedModel] = []
    progress("fitting", 0, len(jobs), "models")
    for fitted in Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(jobs):
        models.append(fitted.model)
        progress("fitting", len(models), len(jobs), "models")
    others = {f"run.{run}": model for run, model in zip(rivals, models[2:], strict=True)}
    return _Fits(model=models[0], others=others, blind=models[1], shuffled=mixed)


def _verdicts(tasks: Tasks, fits: _Fits, progress: Progress) -> dict[str, dict[Track, Verdicts]]:
    """What every model is judged by; the judged one first, then other runs, then the baselines."""
    models = {JUDGED: fits.model, **fits.others}
    models |= {name: baseline(fits.model, name) for name in possible_baselines(fits.model)}
    priced = replace(tasks.past, price=tasks.everything.price)
    out = {}
    for done, (name, model) in enumerate(models.items()):
        progress("asking for lists", done, len(models), "models")
        out[name] = verdicts_of(tasks.lists(model), tasks.truths, priced)
    progress("asking for lists", len(models), len(models), "models")
    return out


def _checks(tasks: Tasks, fits: _Fits, progress: Progress, seed: int) -> tuple[Check, ...]:
    """What can be tried: without purchases there are no lists at the cut."""
    tries: list[Callable[[], Check]] = []
    if tasks.main is Track.WINDOW:
        truth, asked, what = tasks.windows[Track.WINDOW], tasks.moments[Track.BASKET], "What baskets hold"
        tries.append(lambda: shuffled(fits.blind, fits.shuffled, tasks.past, truth))
        tries.append(lambda: cut_moment(fits.model, tasks.everything, tasks.past, truth))
    else:
        asked, what = tasks.moments[Track.NEXT_LOOK], "What is looked at next"
    tries.append(lambda: asked_moment(fits.model, tasks.everything, asked, what=what))
    tries.append(lambda: later_lines(tasks.everything, tasks.past, seed=seed))
    out = []
    for done, check in enumerate(tries):
        progress("checks", done, len(tries), "checks")
        out.append(check())
    progress("checks", len(tries), len(tries), "checks")
    return tuple(out)


def _ablation(tasks: Tasks, fits: _Fits, progress: Progress, seed: int) -> tuple[Worth, ...]:
    return ablate(
        fits.model,
        tasks.past,
        tasks.windows,
        said=lambda done, total: progress("generators one by one", done, total, "trials"),
        seed=seed,
    )


def _curves(past: Interactions, judged: Judged, main: Track) -> dict[str, tuple[Point, ...]]:
    values = {model: by_track[main].by_metric[METRIC] for model, by_track in judged.items()}
    people = judged[JUDGED][main].truth.person
    return {
        "orders": curve(values, orders_of(past)[people], ORDER_STEPS),
        "lines": curve(values, lines_of(past)[people], LINE_STEPS),
    }


def _examples(tasks: Tasks, judged: Judged, seed: int) -> tuple[Example, ...]:
    """People at the cut; without purchases nothing is asked there."""
    verdict = judged[JUDGED].get(Track.WINDOW)
    if verdict is None:
        return ()
    rows: Sequence[int] = choose(lines_of(tasks.past)[verdict.truth.person], seed=seed).tolist()
    return examples(tasks.past, verdict.truth, verdict.lists, rows)


def _learned(everything: Interactions, past: Interactions) -> Learned:
    counts = np.bincount(past.kind, minlength=len(Kind))
    return Learned(
        lines={kind.name.lower(): int(counts[kind]) for kind in Kind if counts[kind]},
        people=len(np.unique(past.person)),
        items=len(np.unique(past.item)),
        judged_lines=len(everything.time_us) - len(past.time_us),
    )
