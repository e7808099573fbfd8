"""Attributes as numbers, as a ranker is told them: the registry's list, and what stands where nothing is known."""

from collections.abc import Mapping, Sequence
from math import isnan

import numpy as np
from numpy.typing import NDArray

from recommender.features.facet import AttributeValue
from recommender.features.registry import ATTRIBUTES
from recommender.interactions import MISSING

NUMBERS: tuple[str, ...] = tuple(name for name, one in ATTRIBUTES.items() if one.type in ("int", "float", "bool"))
"""Attributes that are numbers, in the registry's order. Texts, lists and shares are none: a tree compares one number.

An attribute that compares a person with everybody (``recency_score`` and the like) is always missing here, because no
population is given: the attribute it is made of stands beside it, in the same order of people.
"""

_LARGEST = 1e30
"""Beyond it a number is held back, so that it stays finite as float32."""


def facets_of(names: Sequence[str]) -> frozenset[str]:
    """The facets these attributes belong to; names the registry does not know are left out."""
    return frozenset(ATTRIBUTES[name].facet for name in names if name in ATTRIBUTES)


def numbers_of(values: Mapping[str, AttributeValue], names: Sequence[str] = NUMBERS) -> NDArray[np.float32]:
    """These attributes, float32 in the order of ``names``: booleans are 0 and 1, what is None, NaN or not there :data:`MISSING`."""
    return np.array([_number(values.get(name)) for name in names], np.float32)


def _number(value: AttributeValue) -> float:
    if not isinstance(value, int | float) or isnan(value):
        return MISSING
    return float(min(max(value, -_LARGEST), _LARGEST))
