"""The generators, each behind one contract. To add one: write its file and its line in :data:`GENERATORS`."""

from functools import partial

from recommender.algorithms.als import fit_als
from recommender.algorithms.anchored import TableGenerator
from recommender.algorithms.content import Content, fit_content
from recommender.algorithms.covisitation import fit_covisitation
from recommender.algorithms.factors import FactorGenerator
from recommender.algorithms.first_orders import fit_first_orders
from recommender.algorithms.graph_filter import fit_graph_filter
from recommender.algorithms.item_knn import fit_item_knn
from recommender.algorithms.item_linear import fit_item_linear
from recommender.algorithms.own import Own, fit_own
from recommender.algorithms.popularity import CategoryPopularity, CountryPopularity, Popularity
from recommender.algorithms.registry import Family, Spec
from recommender.algorithms.sequence import NextGenerator, fit_sequence
from recommender.algorithms.session_knn import SessionKnn, fit_session_knn
from recommender.algorithms.sides import Side

__all__ = ["GENERATORS", "Family", "Spec", "spec_of"]

_TOGETHER = {
    "half_life_days": 15.0,
    "history_half_life_days": 60.0,
    "lead_damp": 0.6,
    "follow_damp": 0.4,
    "length_damp": 0.5,
}
_ALS = {
    "half_life_days": 30.0,
    "history_half_life_days": 30.0,
    "alpha": 10.0,
    "regularization": 1.0,
    "factors": 32.0,  # on three past windows of one shop 3 % better than 64 for what is new, the same elsewhere; half the work
    "iterations": 12.0,
}
_NEXT = {
    "half_life_days": 365.0,
    "history_half_life_steps": 1.0,
    "history_half_life_days": 365.0,
    "reach": 16.0,
    "detour": 0.0,
    "distance_damp": 0.75,
    "lead_damp": 0.4,
    "follow_damp": 0.1,
    "length_damp": 0.5,
}
_VISITS = {
    "half_life_days": 80.0,
    "history_half_life_steps": 1.3,
    "history_half_life_days": 0.5,
    "neighbours": 500.0,
    "after_decay": 0.9,
    "before": 0.8,
    "same": 4.0,
    "length_damp": 0.1,
    "rarity_power": 2.5,
    "worth_power": 1.0,
}
_GRAPH = {
    "half_life_days": 60.0,
    "history_half_life_days": 60.0,
    "lead_damp": 0.5,
    "follow_damp": 0.4,
    "length_damp": 0.85,
}
_PLAIN = {"demand_half_life_days": 14.0, "demand_floor": 0.1, "demand_power": 0.0, "overdue_power": 0.0}


def _popular(name: str, half_life_days: float) -> Spec:
    return Spec(
        name=name,
        family=Family.TRENDING,
        fit=Popularity.fit,
        restore=Popularity.from_arrays,
        defaults={"half_life_days": half_life_days},
    )


def _own(name: str, family: Family, side: Side, **changed: float) -> Spec:
    return Spec(
        name=name,
        family=family,
        fit=partial(fit_own, side=side),
        restore=Own.from_arrays,
        defaults=_PLAIN | changed,
    )


def _table(name: str, family: Family, pair: tuple[Side, Side], **changed: float) -> Spec:
    fit = partial(fit_covisitation, pair=pair)
    return Spec(name=name, family=family, fit=fit, restore=TableGenerator.from_arrays, defaults=_TOGETHER | changed)


def _next(name: str, family: Family, side: Side, **changed: float) -> Spec:
    fit = partial(fit_sequence, side=side)
    return Spec(name=name, family=family, fit=fit, restore=NextGenerator.from_arrays, defaults=_NEXT | changed)


GENERATORS: tuple[Spec, ...] = (
    _popular("popular", 14.0),
    _popular("popular_now", 3.0),
    Spec(
        name="popular_first",
        family=Family.TRENDING,
        fit=fit_first_orders,
        restore=Popularity.from_arrays,
        defaults={"half_life_days": 30.0, "prior": 10.0},
    ),
    Spec(
        name="popular_country",
        family=Family.COUNTRY,
        fit=CountryPopularity.fit,
        restore=CountryPopularity.from_arrays,
        defaults={"half_life_days": 5.0, "prior": 50.0},
    ),
    Spec(
        name="popular_category",
        family=Family.CATEGORY,
        fit=CategoryPopularity.fit,
        restore=CategoryPopularity.from_arrays,
        defaults={"half_life_days": 14.0},
    ),
    _own("own", Family.AGAIN, Side.BOUGHT, half_life_days=240.0, overdue_power=0.2),
    _own("own_wanted", Family.AGAIN, Side.BOUGHT, half_life_days=240.0, demand_power=0.25, overdue_power=0.2),
    _own("looked", Family.LOOKED, Side.LOOKED, half_life_days=3.0),
    _own("carted", Family.LOOKED, Side.CARTED, half_life_days=3.0),
    _table("bought_together", Family.BOUGHT_WITH, (Side.BOUGHT, Side.BOUGHT)),
    _table("viewed_together", Family.VIEWED_NEXT, (Side.VIEWED, Side.VIEWED), history_half_life_days=3.0),
    _table("viewed_then_carted", Family.CLOSE, (Side.VIEWED, Side.CARTED), history_half_life_days=3.0),
    _table("viewed_then_bought", Family.CLOSE, (Side.VIEWED, Side.BOUGHT), history_half_life_days=3.0),
    _table("carted_together", Family.CLOSE, (Side.CARTED, Side.CARTED), history_half_life_days=3.0),
    _table("carted_then_bought", Family.CLOSE, (Side.CARTED, Side.BOUGHT), history_half_life_days=3.0),
    Spec(
        name="item_linear",
        family=Family.CLOSE,
        fit=fit_item_linear,
        restore=TableGenerator.from_arrays,
        defaults={"half_life_days": 30.0, "history_half_life_days": 30.0, "ridge": 100.0},
    ),
    Spec(
        name="item_knn",
        family=Family.CLOSE,
        fit=partial(fit_item_knn, side=Side.BOUGHT),
        restore=TableGenerator.from_arrays,
        defaults={"half_life_days": 60.0, "history_half_life_days": 60.0, "k1": 1.2, "b": 0.5},
    ),
    Spec(
        name="item_knn_looked",
        family=Family.CLOSE,
        fit=partial(fit_item_knn, side=Side.VIEWED),
        restore=TableGenerator.from_arrays,
        defaults={"half_life_days": 60.0, "history_half_life_days": 60.0, "k1": 1.2, "b": 0.5},
    ),
    Spec(
        name="graph_filter",
        family=Family.CLOSE,
        fit=fit_graph_filter,
        restore=TableGenerator.from_arrays,
        defaults=_GRAPH,
    ),
    Spec(
        name="content",
        family=Family.CLOSE,
        fit=fit_content,
        restore=Content.from_arrays,
        defaults={"history_half_life_days": 60.0, "looks_half_life_days": 7.0, "thin_below": 10.0},
    ),
    Spec(
        name="als",
        family=Family.CLOSE,
        fit=partial(fit_als, side=Side.BOUGHT),
        restore=FactorGenerator.from_arrays,
        defaults=_ALS,
    ),
    Spec(
        name="als_all",
        family=Family.CLOSE,
        fit=partial(fit_als, side=Side.TOUCHED),
        restore=FactorGenerator.from_arrays,
        defaults=_ALS | {"alpha": 3.0, "history_half_life_days": 7.0, "factors": 64.0},
    ),
    _next("bought_next", Family.CLOSE, Side.BOUGHT, half_life_days=45.0, detour=0.5),
    _next("viewed_next", Family.VIEWED_NEXT, Side.LOOKED, half_life_days=80.0, history_half_life_days=0.5),
    Spec(
        name="session_knn",
        family=Family.VIEWED_NEXT,
        fit=fit_session_knn,
        restore=SessionKnn.from_arrays,
        defaults=_VISITS,
    ),
)
"""Every generator, in the order ties between them are broken."""


def spec_of(name: str) -> Spec:
    """The register's line for a name.

    Raises
    ------
    ValueError
        If there is none.
    """
    for spec in GENERATORS:
        if spec.name == name:
            return spec
    known = ", ".join(spec.name for spec in GENERATORS)
    raise ValueError(f"There is no generator {name!r}; known are {known}.")
