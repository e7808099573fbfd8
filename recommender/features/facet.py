"""What a facet is: a topic of the profile, declared from primitives, that gives named attributes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from recommender.features.columns import DAY_S
from recommender.features.primitives import Cell, Primitive

AttributeValue = int | float | str | bool | list[str] | dict[str, float] | None
"""What an attribute can be; None is missing. A ``shares`` attribute maps names to parts of one."""

AttributeType = Literal["int", "float", "str", "bool", "list", "shares"]

Population = Mapping[str, Sequence[float]]
"""By attribute: its four cut points (20, 40, 60, 80 %) over everybody, which relative attributes are read against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One named value of a profile, as segments, ranking and the shop's people see it.

    ``missing`` says what None means.
    """

    name: str
    type: AttributeType
    unit: str
    meaning: str
    missing: str
    facet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a profile is looked at, and among whom."""

    now_s: int
    population: Population | None = None

    def days_since(self, second: int | None) -> float | None:
        """Days between a time in seconds and now, at least 0; None for None."""
        return None if second is None else max(self.now_s - second, 0) / DAY_S


Values = dict[str, AttributeValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One topic.

    Attributes
    ----------
    primitives : tuple of Primitive
        What is kept; the order is that of the blob.
    attributes : tuple of Attribute
        What :attr:`values` returns, all of them each time.
    values : callable
        (cells by primitive's name, moment) to attributes by name. Missing is None.
    """

    name: str
    primitives: tuple[Primitive, ...]
    attributes: tuple[Attribute, ...]
    values: Callable[[Mapping[str, Cell], Moment], Values]


def described(facet: str, *rows: tuple[str, AttributeType, str, str, str]) -> tuple[Attribute, ...]:
    """Attributes from (name, type, unit, meaning, what missing means)."""
    return tuple(
        Attribute(name=name, type=kind, unit=unit, meaning=meaning, missing=missing, facet=facet)
        for name, kind, unit, meaning, missing in rows
    )


def share(part: float, whole: float) -> float | None:
    """Part of whole; None of nothing."""
    return part / whole if whole > 0 else None


def median(values: Sequence[float]) -> float | None:
    """The middle value; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    return float(ordered[middle]) if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
