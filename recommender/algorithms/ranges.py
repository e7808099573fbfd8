"""Where the hyper-parameters of generators may lie: what tuning searches, beside the defaults of the register.

A hyper-parameter without a line here keeps its default. To let tuning search one, add its line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

from recommender.algorithms.registry import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Values a hyper-parameter may take, both ends included.

    ``log``: equal ratios are equal steps. ``whole``: only whole numbers.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def at(self, share: float) -> float:
        """The value so far between the ends; 0 is ``low``, 1 is ``high``, and what lies outside is pulled in."""
        share = min(max(share, 0.0), 1.0)
        if self.log:
            return self.fitting(exp(log(self.low) + share * log(self.high / self.low)))
        return self.fitting(self.low + share * (self.high - self.low))

    def share(self, value: float) -> float:
        """How far between the ends a value lies: the inverse of :meth:`at`."""
        value = min(max(value, self.low), self.high)
        if self.log:
            return log(value / self.low) / log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def fitting(self, value: float) -> float:
        """The nearest value that may be taken, of four digits, so that it reads well in a recipe."""
        value = min(max(value, self.low), self.high)
        return float(round(value)) if self.whole else float(f"{value:.4g}")


_DAYS = Range(low=0.5, high=365.0, log=True)
_POWER = Range(low=0.0, high=1.2)

RANGES: Mapping[str, Range] = {
    "half_life_days": _DAYS,
    "history_half_life_days": _DAYS,
    "demand_half_life_days": Range(low=1.0, high=90.0, log=True),
    "demand_floor": Range(low=0.01, high=3.0, log=True),
    "demand_power": _POWER,
    "overdue_power": Range(low=0.0, high=1.0),
    "prior": Range(low=1.0, high=1000.0, log=True),
    "lead_damp": _POWER,
    "follow_damp": _POWER,
    "length_damp": _POWER,
    "ridge": Range(low=1.0, high=3000.0, log=True),
    "k1": Range(low=0.1, high=10.0, log=True),
    "b": Range(low=0.0, high=1.0),
    "alpha": Range(low=0.3, high=100.0, log=True),
    "regularization": Range(low=0.01, high=100.0, log=True),
    "factors": Range(low=16, high=160, log=True, whole=True),
    "history_half_life_steps": Range(low=0.3, high=30.0, log=True),
    "reach": Range(low=2, high=32, log=True, whole=True),
    "distance_damp": Range(low=0.0, high=2.0),
    "detour": Range(low=0.0, high=1.0),
    "after_decay": Range(low=0.5, high=1.0),
    "before": Range(low=0.1, high=1.5),
    "same": Range(low=0.2, high=10.0, log=True),
    "rarity_power": Range(low=0.0, high=4.0),
    "worth_power": Range(low=0.0, high=2.0),
}
"""By hyper-parameter, for every generator that has one of the name."""

OWN: Mapping[tuple[str, str], Range | None] = {
    ("popular", "half_life_days"): Range(low=0.5, high=90.0, log=True),
    ("popular_now", "half_life_days"): Range(low=0.5, high=60.0, log=True),
    ("popular_first", "half_life_days"): Range(low=2.0, high=365.0, log=True),
    ("popular_country", "half_life_days"): Range(low=0.5, high=60.0, log=True),
    ("popular_category", "half_life_days"): Range(low=0.5, high=90.0, log=True),
    ("own", "half_life_days"): Range(low=5.0, high=1000.0, log=True),
    ("own", "demand_half_life_days"): None,
    ("own", "demand_floor"): None,
    ("own", "demand_power"): None,
    ("own_wanted", "half_life_days"): Range(low=5.0, high=1000.0, log=True),
    ("looked", "half_life_days"): Range(low=0.02, high=60.0, log=True),
    ("looked", "demand_half_life_days"): None,
    ("looked", "demand_floor"): None,
    ("looked", "demand_power"): None,
    ("looked", "overdue_power"): None,
    ("carted", "half_life_days"): Range(low=0.02, high=60.0, log=True),
    ("carted", "demand_half_life_days"): None,
    ("carted", "demand_floor"): None,
    ("carted", "demand_power"): None,
    ("carted", "overdue_power"): None,
    ("viewed_next", "history_half_life_days"): Range(low=0.02, high=60.0, log=True),
    ("session_knn", "history_half_life_days"): Range(low=0.02, high=60.0, log=True),
}
"""What is different for one generator's hyper-parameter; None: it keeps its default."""


def space_of(spec: Spec) -> dict[str, Range]:
    """The hyper-parameters of a generator that tuning may change, in the order of its defaults."""
    found = {param: OWN.get((spec.name, param), RANGES.get(param)) for param in spec.defaults}
    return {param: one for param, one in found.items() if one is not None}
