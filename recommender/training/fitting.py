"""Fit every generator on the same interactions and put them together into a model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms import GENERATORS, Spec
from recommender.algorithms.contract import Fitted
from recommender.algorithms.digest import Digest, digest
from recommender.algorithms.popularity import demand
from recommender.algorithms.ragged import Floats
from recommender.interactions import Interactions, as_histories
from recommender.model.blend import DEFAULT_BLENDS
from recommender.model.facts import ItemFacts
from recommender.model.fitted import Blends, FittedModel
from recommender.model.ranker import Ranker, speaking
from recommender.training.plans import Plan
from recommender.training.progress import Progress, quiet
from recommender.training.traits import shelves_of, traits_of

PRIOR_BUYERS = 10.0
"""An item's repeat rate is pulled towards the shop's as if this many more buyers had behaved like the shop's average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """Hyper-parameters by generator (missing: the register's defaults), blend weights and rankers by place.

    ``only`` names the generators to fit; None is all of them. A ranker here was grown on earlier windows and belongs to no
    model yet; ``plans`` says how to grow it anew.
    """

    params: Mapping[str, Mapping[str, float]]
    blends: Blends
    rankers: Mapping[str, Ranker] = field(default_factory=dict, compare=False)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    only: frozenset[str] | None = None


DEFAULTS = FitSettings(params={}, blends=DEFAULT_BLENDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A model and what could not be fitted, in sentences."""

    model: FittedModel
    notes: tuple[str, ...]


def view_of(interactions: Interactions) -> Digest:
    """Everybody's interactions, summed up at the clock of training."""
    histories = as_histories(interactions)
    return digest(histories, [()] * interactions.n_people, len(interactions.item_ids))


def fit(
    interactions: Interactions, settings: FitSettings = DEFAULTS, *, seed: int = 0, progress: Progress = quiet
) -> Fit:
    """Fit every generator of the register.

    One item, one order, no views or no purchases at all: every generator either fits or says in a note what it lacked.
    """
    view = view_of(interactions)
    results: list[Fitted] = []
    wanted = [spec for spec in GENERATORS if settings.only is None or spec.name in settings.only]
    for done, spec in enumerate(wanted):
        progress("fit", done, len(wanted), "generators")
        results.append(fit_one(spec, interactions, view, settings, seed))
    progress("fit", len(wanted), len(wanted), "generators")
    model = FittedModel(
        item_ids=interactions.item_ids,
        facts=facts_of(interactions, view),
        generators=tuple(result.generator for result in results if result.generator is not None),
        blends=settings.blends,
    )
    return Fit(model=with_rankers(model, settings), notes=tuple(result.note for result in results if result.note))


def with_rankers(model: FittedModel, settings: FitSettings) -> FittedModel:
    """The model with those of the rankers that hear the generators they were grown on; without one the blend decides."""
    rankers = {
        place: ranker.fitted_to(model.facts.traits)
        for place, ranker in settings.rankers.items()
        if speaking(settings.blends[place], model.names) == ranker.generators
    }
    return replace(model, rankers=rankers) if rankers else model


ALWAYS = frozenset({"popular", "popular_now", "popular_country"})
"""Generators every model has: the fallback's order rests on them."""


def lean(settings: FitSettings, *, places: str = "", besides: Iterable[str] = ()) -> FitSettings:
    """The same settings, fitting only what has a weight somewhere, :data:`ALWAYS` and ``besides``.

    ``places`` keeps to blends whose name begins so: those that will be asked.
    """
    blends = [weights for place, weights in settings.blends.items() if place.startswith(places)]
    used = {name for weights in blends for name, weight in weights.items() if weight > 0}
    return replace(settings, only=frozenset(used) | ALWAYS | frozenset(besides))


def fit_one(spec: Spec, interactions: Interactions, view: Digest, settings: FitSettings, seed: int) -> Fitted:
    """Fit one generator with its settings."""
    params = {**spec.defaults, **settings.params.get(spec.name, {})}
    return spec.fit(spec.name, interactions, view, params, seed)


def facts_of(interactions: Interactions, view: Digest) -> ItemFacts:
    """Standing order, repeat rates, categories and how many buy each item now."""
    recent, ever = demand(view, 14.0), demand(view, 1e6)
    repeats = repeat_rates(view)
    standing = np.lexsort((np.arange(view.n_items), -ever, -recent)).astype(np.int32)
    rank = np.empty_like(standing)
    rank[standing] = np.arange(len(standing), dtype=np.int32)
    shelves = shelves_of(interactions)
    return ItemFacts(
        standing=standing,
        rank=rank,
        n_standing=int(np.count_nonzero(ever > 0)),
        repeat_rate=repeats,
        category=interactions.category,
        shelves=shelves,
        week_buyers=week_buyers(view),
        traits=traits_of(interactions, view, repeats, shelves),
        clock_us=interactions.now_us,
        categories=interactions.categories,
        countries=interactions.countries,
    )


def week_buyers(view: Digest) -> NDArray[np.int32]:
    """How many distinct people bought each item in the last seven days, int32 of length n_items."""
    lately = np.unique(view.bought.key[view.bought.age_days <= 7.0])
    return np.bincount(lately % view.n_items, minlength=view.n_items).astype(np.int32)


def repeat_rates(view: Digest) -> NDArray[np.float32]:
    """Smoothed share of each item's buyers who bought it in another order again, float32 of length n_items.

    The shop's own rate starts from 5 % of twenty imagined buyers, so that ten orders decide nothing.
    """
    names, orders = np.unique(view.bought.key, return_counts=True)
    item = names % view.n_items
    buyers: Floats = np.bincount(item, minlength=view.n_items).astype(np.float64)
    again: Floats = np.bincount(item[orders > 1], minlength=view.n_items).astype(np.float64)
    shop = (again.sum() + 1.0) / (buyers.sum() + 20.0)
    return np.asarray((again + PRIOR_BUYERS * shop) / (buyers + PRIOR_BUYERS), np.float32)
