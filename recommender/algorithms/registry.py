"""What a place in the register of generators says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from recommender.algorithms.contract import Arrays, Fitted, Generator, Params
from recommender.algorithms.digest import Digest
from recommender.interactions import Interactions

Fit = Callable[[str, Interactions, Digest, Params, int], Fitted]
Restore = Callable[[str, Arrays], Generator]


class Family(StrEnum):
    """What a generator's proposals rest on; decides which sentence may be said of them."""

    AGAIN = "again"
    LOOKED = "looked"
    BOUGHT_WITH = "bought_with"
    VIEWED_NEXT = "viewed_next"
    CLOSE = "close_to"
    TRENDING = "trending"
    COUNTRY = "trending_country"
    CATEGORY = "trending_category"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One generator of the register: its name, how it is fitted and restored, its documented defaults."""

    name: str
    family: Family
    fit: Fit
    restore: Restore
    defaults: Mapping[str, float] = field(default_factory=dict)
