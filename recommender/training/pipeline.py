"""The whole training of one model: choose, judge beside the live recipe, decide, learn from everything.

If the new recipe is worse than the live one, this is what learns from everything: a shop's model never gets worse, nor old.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from joblib import Parallel, delayed

from recommender.evaluation.gate import Gate, gate, unjudged
from recommender.evaluation.intervals import Mean
from recommender.evaluation.report.data import Span
from recommender.evaluation.split import Track, before, clock_cut
from recommender.interactions import Interactions
from recommender.model.fitted import FittedModel
from recommender.training.fitting import Fit, FitSettings, fit, lean
from recommender.training.guarding import led, led_settings, said
from recommender.training.judging import ONLY_LOOKS, Evaluation, Later, judge, judged_part
from recommender.training.metering import Meter
from recommender.training.progress import Progress, quiet
from recommender.training.recipe import recipe_of, settings_of
from recommender.training.tuning import Choice, grown, tune
from recommender.training.windows import span_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResult:
    """What came of a training.

    ``evaluation`` is of the new recipe, ``live_evaluation`` of the live one; where this is kept (``gate.kept``) the model and
    ``recipe`` are its, and ``refused`` is the new recipe. ``evaluation`` is None where nothing was bought after the cut, or
    nothing was looked at in a log of looks alone; ``span``, the moments of the split, where nothing was read.
    """

    model: FittedModel
    recipe: Mapping[str, Any]
    evaluation: Evaluation | None
    live_evaluation: Evaluation | None
    gate: Gate
    choice: Choice
    notes: tuple[str, ...]
    span: Span | None = None
    refused: Mapping[str, Any] | None = None

    def figures(self) -> dict[str, float]:
        """``<track>.<group>.<metric>`` of the model's recipe; empty without an evaluation."""
        judged = self.live_evaluation if self.gate.kept else self.evaluation
        return {} if judged is None else {name: round(mean.value, 6) for name, mean in judged.figures.items()}

    def report(self) -> dict[str, Any]:
        """Everything worth keeping, JSON-able: figures in rows with intervals, baselines and the distance to the live recipe."""
        return {
            "rows": self._rows(),
            "recipe": self.recipe,
            **({} if self.refused is None else {"refused": self.refused}),
            "choice": {
                "grades": dict(self.choice.grades),
                "lists": dict(self.choice.lists),
                "alone": {place: _rounded(grades) for place, grades in self.choice.alone.items()},
                "trials": self.choice.trials,
            },
            "ranking": {
                "table": {place: dict(grades) for place, grades in self.choice.ranking.table.items()},
                "importance": {place: dict(shares) for place, shares in self.choice.ranking.importance.items()},
                "distilled": {place: loss.report() for place, loss in self.choice.ranking.losses.items()},
            },
            "tuning": self.choice.tuned.report(),
            "gate": {
                "publish": self.gate.publish,
                "reasons": list(self.gate.reasons),
                "warnings": list(self.gate.warnings),
                "kept": list(self.gate.kept),
            },
            "notes": list(self.notes),
        }

    def _rows(self) -> list[dict[str, Any]]:
        if self.evaluation is None:
            return []
        live = self.live_evaluation.figures if self.live_evaluation else {}
        return [self._row(name, mean, live.get(name)) for name, mean in self.evaluation.figures.items()]

    def _row(self, name: str, mean: Mean, live: Mean | None) -> dict[str, Any]:
        baselines = self.evaluation.baselines if self.evaluation else {}
        row: dict[str, Any] = {
            "name": name,
            "value": round(mean.value, 6),
            "low": round(mean.low, 6),
            "high": round(mean.high, 6),
            "lists": mean.n,
            "live": None if live is None else round(live.value, 6),
            "delta_to_live": None if live is None else round(mean.value - live.value, 6),
        }
        return row | {f"baseline.{other}": round(f[name].value, 6) for other, f in baselines.items() if name in f}


def _rounded(grades: Mapping[str, float]) -> dict[str, float]:
    return {name: round(grade, 6) for name, grade in grades.items()}


def train_model(
    interactions: Interactions,
    live_recipe: Mapping[str, Any] | None = None,
    *,
    live_figures: Mapping[str, float] | None = None,
    live_counts: Mapping[str, int] | None = None,
    seed: int = 0,
    budget_seconds: float = 0.0,
    trials: int | None = None,
    progress: Progress = quiet,
    clock: Callable[[], float] = monotonic,
    n_jobs: int = 2,
    trials_in: Path | None = None,
    meter: Meter | None = None,
) -> TrainingResult:
    """Train, judge and decide; touches no store.

    Parameters
    ----------
    live_recipe : mapping, optional
        The published model's recipe (:func:`~recommender.training.recipe.recipe_of`), to be beaten on equal terms.
    live_figures : mapping, optional
        What :meth:`TrainingResult.figures` said when it was published, to notice data that have gone wrong.
    live_counts : mapping, optional
        How many ``interactions`` and ``items`` the live model was learned from; asked where there is nothing to judge on.
    budget_seconds, trials, trials_in
        See :func:`~recommender.training.tuning.tune`.
    meter : Meter, optional
        Measures the stages.
    """
    meter = Meter() if meter is None else meter
    empty = not len(interactions.time_us)
    cut = 0 if empty else clock_cut(interactions)
    past = before(interactions, cut)
    choice = tune(
        past,
        budget_seconds=budget_seconds,
        trials=trials,
        seed=seed,
        progress=progress,
        clock=clock,
        n_jobs=n_jobs,
        trials_in=trials_in,
        meter=meter,
    )
    with meter.stage("judging, and fitting on everything"):
        tried = _tried(interactions, past, choice, live_recipe, seed=seed, progress=progress, n_jobs=n_jobs)
    verdict = _verdict(tried, interactions, None if live_recipe is None else live_counts or {}, live_figures)
    with meter.stage("fitting the live recipe on everything") if verdict.kept else nullcontext():
        learned = _learned(tried, verdict, interactions, seed=seed, progress=progress)
    trials = int(live_recipe.get("trials", 0)) if verdict.kept and live_recipe is not None else choice.trials
    return TrainingResult(
        model=learned.model,
        recipe=recipe_of(learned.settings, seed=seed, trials=trials),
        evaluation=tried.new,
        live_evaluation=learned.live,
        gate=verdict,
        choice=choice,
        notes=(
            *learned.notes,
            *(one for one in choice.notes if not (verdict.kept and one in choice.ranking.notes)),
            *_notes(tried, uncompared=live_recipe is not None and tried.live is None),
        ),
        span=None if empty else span_of(interactions, past, cut),
        refused=recipe_of(choice.settings, seed=seed, trials=choice.trials) if verdict.kept else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """The new and the live recipe, fitted on the past and judged on the same later lists, and the new one fitted on everything."""

    later: Later | None
    settings: FitSettings
    new: Evaluation | None
    live_settings: FitSettings | None
    live: Evaluation | None
    final: Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learned:
    """What learned from everything, and how the live recipe was judged."""

    model: FittedModel
    settings: FitSettings
    notes: Sequence[str]
    live: Evaluation | None


def _tried(
    interactions: Interactions,
    past: Interactions,
    choice: Choice,
    live_recipe: Mapping[str, Any] | None,
    *,
    seed: int,
    progress: Progress,
    n_jobs: int,
) -> _Tried:
    later = Later.of(interactions, past, seed=seed)
    live = settings_of(live_recipe) if live_recipe is not None and later is not None else None
    if live is not None:
        live = grown(past, live, seed=seed, progress=progress, n_jobs=n_jobs)
    jobs = [delayed(fit)(interactions, lean(choice.settings), seed=seed)]
    if later is not None:
        jobs.append(delayed(_trial)(later, choice.settings, seed=seed, baselines=True))
    if later is not None and live is not None:
        jobs.append(delayed(_trial)(later, live, seed=seed, baselines=False))
    progress("judging and fitting", 0, len(jobs), "models")
    done: list[Any] = []
    for result in Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(jobs):
        done.append(result)
        progress("judging and fitting", len(done), len(jobs), "models")
    return _Tried(
        later=later,
        settings=choice.settings,
        new=done[1] if later is not None else None,
        live_settings=live,
        live=done[2] if live is not None else None,
        final=done[0],
    )


def _verdict(
    tried: _Tried,
    interactions: Interactions,
    live_counts: Mapping[str, int] | None,
    figures: Mapping[str, float] | None,
) -> Gate:
    if tried.new is not None:
        return gate(tried.new.judged, tried.live.judged if tried.live else None, figures)
    return unjudged({"interactions": len(interactions.time_us), "items": len(interactions.item_ids)}, live_counts)


def _learned(tried: _Tried, verdict: Gate, interactions: Interactions, *, seed: int, progress: Progress) -> _Learned:
    """The new recipe, or the live one where it is kept; bestsellers lead where they are better than it."""
    judged, settings, fitted, live = tried.new, tried.settings, tried.final, tried.live
    if verdict.kept and tried.live_settings is not None and tried.later is not None:
        settings = tried.live_settings
        judged = live = _trial(tried.later, settings, seed=seed, baselines=True)
        fitted = fit(interactions, lean(settings), seed=seed, progress=progress)
    places = judged.led if judged is not None else {}
    return _Learned(
        model=led(fitted.model, places) if places else fitted.model,
        settings=led_settings(settings, places),
        notes=(*fitted.notes, *said(places)),
        live=live,
    )


def _notes(tried: _Tried, *, uncompared: bool) -> Iterator[str]:
    """How it was judged. ``uncompared``: there is a live recipe, and it was not judged."""
    if tried.new is None:
        return
    if Track.NEXT_LOOK in tried.new.judged.verdicts:
        yield ONLY_LOOKS
    if uncompared:
        yield "The live model's recipe cannot be fitted by this version; it was not compared with."


def _trial(later: Later, settings: FitSettings, *, seed: int, baselines: bool) -> Evaluation:
    part = judged_part(settings, baselines=baselines)
    return judge(fit(later.past, part, seed=seed).model, later, baselines=baselines)
