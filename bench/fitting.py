"""``python -m bench.fitting HOME --like OTHER``: learn from a home's log by another home's recipe, without choosing or judging.

Choosing and judging fit every candidate in several windows; on a grown shop that says nothing, because its habits are
those of the real one. So the recipe is what ``recommender train`` chose on the real shop; forests are taken over as they are (the
other home has some if it was trained with a budget).
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy
from recommender.bundle import write_bundle
from recommender.model.contract import Model
from recommender.model.fitted import FittedModel
from recommender.settings import Settings
from recommender.train import read_shop
from recommender.training.fitting import fit, lean
from recommender.training.recipe import recipe_of, settings_of
from recommender.wiring import MODEL, connect


def fit_like(home: Path, other: Path) -> str:
    """Fit, write and publish; the run's id.

    Raises
    ------
    RuntimeError
        The other home has no model with a recipe this version can fit.
    """
    with connect(Settings(home=other)) as shop:
        live, known = shop.shelf.current(), shop.models()
        recipe = None if live is None else shop.shelf.manifest(live).meta.get("recipe")
    settings = None if recipe is None else settings_of(recipe)
    if settings is None:
        raise RuntimeError(f"{other} has no model whose recipe could be fitted; train it again")
    with connect(Settings(home=home)) as shop:
        now, began = datetime.now(UTC), time.perf_counter()
        reading = read_shop(shop)
        print(f"read: {time.perf_counter() - began:.0f} s", file=sys.stderr)
        found = fit(reading.interactions, lean(settings))
        print(f"read and fitted: {time.perf_counter() - began:.0f} s", file=sys.stderr)
        model = found.model if known is None else with_rankers(found.model, known[1])
        arrays, described = model.to_arrays()
        run_id = shop.shelf.new_run_id(now)
        meta = {MODEL: described, "recipe": recipe_of(settings, seed=0, trials=0), "notes": list(found.notes)}
        write_bundle(shop.settings.models_dir, run_id, arrays, meta, created=now)
        shop.shelf.publish(run_id)
    return run_id


def with_rankers(model: FittedModel, other: Model) -> FittedModel:
    """The model with the forests of another one, where the same generators speak: they cost what forests of its own would."""
    rankers = other.rankers if isinstance(other, FittedModel) else {}
    same = {place: one for place, one in rankers.items() if model.panel(place).speaking == one.generators}
    return replace(model, rankers={place: one.fitted_to(model.facts.traits) for place, one in same.items()})


def main(words: Sequence[str] | None = None) -> int:
    """Fit one home."""
    parser = argparse.ArgumentParser(prog="python -m bench.fitting", description="Learn by another home's recipe.")
    parser.add_argument("home", type=Path)
    parser.add_argument("--like", type=Path, required=True, help="a trained home")
    options = parser.parse_args(words)
    print(fit_like(options.home.resolve(), options.like.resolve()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
