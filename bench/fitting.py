"""``python -m bench.fitting HOME --like OTHER``: learn from a home's log by another home's recipe, without choosing or judging.

Choosing and judging fit every candidate in several windows; on a grown shop that says nothing, because its habits are
those of the real one. So the recipe is what ``recommender train`` chose on the real shop.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import recommender.threads  # noqa: F401 - sets BLAS threads before anything loads numpy
from recommender.bundle import write_bundle
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
        live = shop.shelf.current()
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
        arrays, described = found.model.to_arrays()
        run_id = shop.shelf.new_run_id(now)
        meta = {MODEL: described, "recipe": recipe_of(settings, seed=0, trials=0), "notes": list(found.notes)}
        write_bundle(shop.settings.models_dir, run_id, arrays, meta, created=now)
        shop.shelf.publish(run_id)
    return run_id


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
