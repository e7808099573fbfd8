"""The generators, each behind one contract. To add one: write its file and its line in :data:`GENERATORS`."""

from functools import partial

from recommender.algorithms.covisitation import CoVisitation, fit_covisitation
from recommender.algorithms.own import OwnBought, OwnLooked
from recommender.algorithms.popularity import CategoryPopularity, CountryPopularity, Popularity
from recommender.algorithms.registry import Family, Spec

__all__ = ["GENERATORS", "Family", "Spec", "spec_of"]

_COVISITATION = {"half_life_days": 60.0, "history_half_life_days": 60.0, "popularity_damp": 0.3}

GENERATORS: tuple[Spec, ...] = (
    Spec(
        name="popular",
        family=Family.TRENDING,
        fit=Popularity.fit,
        restore=Popularity.from_arrays,
        defaults={"half_life_days": 14.0},
    ),
    Spec(
        name="popular_now",
        family=Family.TRENDING,
        fit=Popularity.fit,
        restore=Popularity.from_arrays,
        defaults={"half_life_days": 3.0},
    ),
    Spec(
        name="popular_country",
        family=Family.COUNTRY,
        fit=CountryPopularity.fit,
        restore=CountryPopularity.from_arrays,
        defaults={"half_life_days": 14.0, "prior": 50.0},
    ),
    Spec(
        name="popular_category",
        family=Family.CATEGORY,
        fit=CategoryPopularity.fit,
        restore=CategoryPopularity.from_arrays,
        defaults={"half_life_days": 14.0},
    ),
    Spec(
        name="own",
        family=Family.AGAIN,
        fit=OwnBought.fit,
        restore=OwnBought.from_arrays,
        defaults={"half_life_days": 240.0},
    ),
    Spec(
        name="looked",
        family=Family.LOOKED,
        fit=OwnLooked.fit,
        restore=OwnLooked.from_arrays,
        defaults={"half_life_days": 3.0},
    ),
    Spec(
        name="bought_together",
        family=Family.BOUGHT_WITH,
        fit=partial(fit_covisitation, pair=("bought", "bought")),
        restore=CoVisitation.from_arrays,
        defaults=_COVISITATION,
    ),
    Spec(
        name="viewed_together",
        family=Family.VIEWED_NEXT,
        fit=partial(fit_covisitation, pair=("looked", "looked")),
        restore=CoVisitation.from_arrays,
        defaults=_COVISITATION | {"history_half_life_days": 3.0},
    ),
    Spec(
        name="viewed_then_bought",
        family=Family.CLOSE,
        fit=partial(fit_covisitation, pair=("looked", "bought")),
        restore=CoVisitation.from_arrays,
        defaults=_COVISITATION | {"history_half_life_days": 3.0},
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
