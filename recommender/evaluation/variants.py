"""A model without one of its generators (alone: :func:`recommender.evaluation.asking.alone`), and which have a say."""

from collections.abc import Mapping
from dataclasses import replace

from recommender.evaluation.asking import BASELINES, NEEDED
from recommender.model.fitted import FittedModel

_TIES = "popular"
_LITTLE = 1e-6


def blend_only(model: FittedModel) -> FittedModel:
    """The model without its rankers: the blend's own order everywhere."""
    return replace(model, rankers={})


def without(model: FittedModel, name: str) -> FittedModel:
    """The blend of every place without one generator, and no ranker; where nothing is left, popularity."""
    blends = {place: _rest(weights, name) for place, weights in model.blends.items()}
    return replace(model, blends=blends, rankers={})


def speaking(model: FittedModel, prefix: str = "home.") -> tuple[str, ...]:
    """Generators with a weight in a place whose name begins so, in the register's order."""
    used = {
        name
        for place, weights in model.blends.items()
        if place.startswith(prefix)
        for name, weight in weights.items()
        if weight > 0
    }
    return tuple(name for name in model.names if name in used)


def _rest(weights: Mapping[str, float], name: str) -> dict[str, float]:
    return {other: weight for other, weight in weights.items() if other != name} or {_TIES: _LITTLE}


def possible_baselines(model: FittedModel) -> tuple[str, ...]:
    """Those of :data:`~recommender.evaluation.asking.BASELINES` whose generator the model has."""
    return tuple(name for name in BASELINES if NEEDED[name] in model.names)
