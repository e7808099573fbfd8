"""A recipe: everything that was chosen, as JSON, so that it can be fitted again on other data."""

from collections.abc import Mapping
from typing import Any

from recommender.algorithms import GENERATORS
from recommender.model.ranker import Order
from recommender.training.fitting import FitSettings
from recommender.training.places import PLACES
from recommender.training.plans import Plan, readable

FORMAT = 1


def recipe_of(settings: FitSettings, *, seed: int, trials: int) -> dict[str, Any]:
    """Describe settings completely: defaults are written out, so that a later change of them changes no old recipe."""
    return {
        "format": FORMAT,
        "seed": seed,
        "trials": trials,
        "params": {spec.name: {**spec.defaults, **settings.params.get(spec.name, {})} for spec in GENERATORS},
        "blends": {place: dict(weights) for place, weights in settings.blends.items()},
        "rankers": {
            place: {
                "order": str(plan.order),
                "size": plan.size,
                "attributes": plan.attributes,
                "params": dict(plan.params),
            }
            for place, plan in settings.plans.items()
        },
    }


def settings_of(recipe: Mapping[str, Any]) -> FitSettings | None:
    """Settings of a recipe; None if it cannot be read any more (another format, a generator or a blend that is gone)."""
    names = {spec.name for spec in GENERATORS}
    params, blends = recipe.get("params"), recipe.get("blends")
    if recipe.get("format") != FORMAT or not isinstance(params, Mapping) or not isinstance(blends, Mapping):
        return None
    used = {name for weights in blends.values() for name in weights}
    if not (used <= names and set(PLACES) <= set(blends)):
        return None
    known = {name: dict(values) for name, values in params.items() if name in names}
    plans = _plans(recipe.get("rankers", {}))
    if plans is None:
        return None
    return FitSettings(params=known, blends={place: dict(weights) for place, weights in blends.items()}, plans=plans)


def _plans(told: Any) -> dict[str, Plan] | None:
    """Plans by place; None if they cannot be read. A recipe from before there were rankers has none."""
    if not isinstance(told, Mapping):
        return None
    try:
        plans = {
            place: Plan(
                order=Order(one["order"]),
                size=one["size"],
                attributes=bool(one.get("attributes", False)),
                params={str(name): float(value) for name, value in one.get("params", {}).items()},
            )
            for place, one in told.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return plans if all(readable(plan) for plan in plans.values()) else None
