"""How the order of a place is decided: enough to learn it anew from other data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from recommender.model.forest import MAX_LEAVES, MAX_TREES
from recommender.model.ranker import CANDIDATES, Order
from recommender.training.growing import LARGE, SMALL, Size

CANDIDATES_NAME = "candidates"
"""What a plan calls the number of candidates that are ordered."""

SIZES: Mapping[str, Size] = {"small": SMALL, "large": LARGE}
"""Forests by the name a plan calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whether a forest decides alone, how large it is grown, and whether it is told attributes.

    ``size`` is a name in :data:`SIZES`; ``params``, of a tuned one, what differs from it (the fields of
    :class:`~recommender.training.growing.Size`), and ``candidates``, how many of the blend's best the forest orders.
    """

    order: Order
    size: str = "small"
    attributes: bool = False
    params: Mapping[str, float] = field(default_factory=dict)


def size_of(plan: Plan) -> Size:
    """How large the plan's forest is grown."""
    whole = ("leaves", "rounds", "fewest")
    told = {name: int(value) if name in whole else float(value) for name, value in plan.params.items() if name in _SIZE}
    return replace(SIZES[plan.size], **told)  # type: ignore[arg-type] # names and types are those of the fields


def readable(plan: Plan) -> bool:
    """Whether this version can carry the plan out: a size it knows, and nothing tuned that it does not or beyond its bounds."""
    if plan.size not in SIZES or not set(plan.params) <= _SIZE | {CANDIDATES_NAME}:
        return False
    size, candidates = size_of(plan), plan.params.get(CANDIDATES_NAME, float(CANDIDATES))
    return (
        2 <= size.leaves <= MAX_LEAVES
        and 1 <= size.rounds <= MAX_TREES
        and size.fewest >= 1
        and 0 < size.learning_rate <= 1
        and 0 < size.columns <= 1
        and size.l2 >= 0
        and 1 <= candidates <= CANDIDATES
    )


_SIZE = frozenset(one.name for one in fields(Size))
