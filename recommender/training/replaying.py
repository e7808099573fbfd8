"""A recipe judged on its own, without training a model to keep (``recommender evaluate``)."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from recommender.evaluation.split import Track, before, truth_after
from recommender.interactions import Interactions
from recommender.training.fitting import fit
from recommender.training.judging import judge, judged_part
from recommender.training.progress import Progress, quiet
from recommender.training.recipe import settings_of
from recommender.training.tuning import tune


def evaluate_recipe(
    interactions: Interactions,
    recipe: Mapping[str, Any] | None,
    *,
    cut_us: int,
    seed: int = 0,
    progress: Progress = quiet,
) -> dict[str, Any] | None:
    """Fit a recipe on what was known at ``cut_us`` and judge it on what came later, beside the baselines.

    Parameters
    ----------
    recipe : mapping or None
        As :func:`~recommender.training.recipe.recipe_of` describes it; None, or one this version cannot read, takes
        the defaults with weights chosen before the cut.

    Returns
    -------
    dict or None
        ``rows`` as in a training's report and ``notes``; None if nothing is known before or bought after the cut.
    """
    past = before(interactions, cut_us)
    truths = truth_after(interactions, cut_us)
    if not len(past.time_us) or not len(truths[Track.WINDOW].person):
        return None
    settings = settings_of(recipe) if recipe is not None else None
    notes = [] if settings else ["No live recipe to judge: the defaults, with weights chosen before the cut."]
    if settings is None:
        settings = tune(past, seed=seed, progress=progress, clock=monotonic).settings
    progress("judging", 0, 1, "recipes")
    judged = judge(fit(past, judged_part(settings, baselines=True), seed=seed).model, past, truths)
    progress("judging", 1, 1, "recipes")
    rows = [
        {
            "name": name,
            "value": round(mean.value, 6),
            "low": round(mean.low, 6),
            "high": round(mean.high, 6),
            "lists": mean.n,
            **{f"baseline.{other}": round(f[name].value, 6) for other, f in judged.baselines.items() if name in f},
        }
        for name, mean in judged.figures.items()
    ]
    return {"rows": rows, "notes": notes}
