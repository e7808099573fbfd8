"""How the order of a place is decided: enough to learn it anew from other data."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.model.ranker import Order
from recommender.training.growing import LARGE, SMALL, Size

SIZES: Mapping[str, Size] = {"small": SMALL, "large": LARGE}
"""Forests by the name a plan calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whether a forest decides alone, how large it is grown (a name in :data:`SIZES`), and whether it is told attributes."""

    order: Order
    size: str = "small"
    attributes: bool = False
