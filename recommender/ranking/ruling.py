"""The shop's rules worked out once over one version of the catalogue: arrays, so that a request only gathers."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
from numpy.typing import NDArray

from recommender.ranking.assortment import Assortment
from recommender.ranking.filters import Mask, Rows, Test, in_e4, one_of, priced, valued
from recommender.ranking.rules import NO_RULES, AtMost, Boost, Bury, Exclude, Pin, Placed, PriceBand, Rules, Selecting

MAX_PERIODS = 32
"""Rulings kept; a period is the time between two dates of the rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most ``count`` rows of one code (-1 is not counted); ``kind`` is what is counted."""

    name: str
    kind: str
    codes: NDArray[np.int32]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What one scenario's rules come to in one period.

    Attributes
    ----------
    out : bool array, optional
        Rows that are never shown; None if there are none.
    factor : float32 array, optional
        What each row's score is multiplied by; None if no rule does.
    caps : tuple of Cap
    pins : tuple of (int, int, str)
        Place from 0, row, and the rule's name, in the order of places.
    weights : mapping of str to float
        Signals that count, with their weights.
    """

    out: Mask | None
    factor: NDArray[np.float32] | None
    caps: tuple[Cap, ...]
    pins: tuple[tuple[int, int, str], ...]
    weights: Mapping[str, float]
    placed: tuple[Placed, ...]
    assortment: Assortment

    def touching(self, row: int) -> list[Placed]:
        """The rules that select a row, for explanations."""
        rows = np.array([row], dtype=np.int32)
        return [placed for placed in self.placed if hits(placed, self.assortment, rows)[0]]

    def excluding(self, row: int) -> str | None:
        """The first rule that keeps a row out."""
        kinds = (Exclude, PriceBand)
        return next((placed.name for placed in self.touching(row) if isinstance(placed.rule, kinds)), None)


class Rulebook:
    """The rules over one version of the catalogue; each scenario and period is worked out when first needed."""

    def __init__(self, rules: Rules, assortment: Assortment) -> None:
        self.rules = rules
        self._assortment = assortment
        self._known: dict[tuple[str, int], Ruling | None] = {}
        self._turns = {
            name: sorted({moment for placed in rules.of(name) for moment in (placed.from_us, placed.until_us)})
            for name in (*rules.placed, "")
        }

    def of(self, scenario: str, now_us: int) -> Ruling | None:
        """What the rules come to at a moment; None if there are none."""
        if self.rules is NO_RULES:
            return None
        turns = self._turns.get(scenario, self._turns[""])
        key = (scenario, bisect_right(turns, now_us))
        if key not in self._known:
            if len(self._known) >= MAX_PERIODS:
                self._known.clear()
            self._known[key] = _ruling(self.rules, scenario, self._assortment, now_us)
        return self._known[key]


def _ruling(rules: Rules, scenario: str, assortment: Assortment, now_us: int) -> Ruling | None:
    placed = tuple(p for p in rules.of(scenario) if p.from_us <= now_us < p.until_us)
    weights = rules.weights(scenario)
    if not placed and not weights:
        return None
    return Ruling(
        out=_out(placed, assortment),
        factor=_factor(placed, assortment),
        caps=tuple(_caps(placed, assortment)),
        pins=tuple(sorted(_pins(placed, assortment), key=lambda pin: pin[0])),
        weights=weights,
        placed=placed,
        assortment=assortment,
    )


def _out(placed: Sequence[Placed], assortment: Assortment) -> Mask | None:
    keeping = [p for p in placed if isinstance(p.rule, (Exclude, PriceBand))]
    if not keeping:
        return None
    rows = np.arange(len(assortment.ids), dtype=np.int32)
    out = np.zeros(len(rows), dtype=np.bool_)
    for p in keeping:
        out |= hits(p, assortment, rows)
    return out


def _factor(placed: Sequence[Placed], assortment: Assortment) -> NDArray[np.float32] | None:
    moving = [(p, p.rule) for p in placed if isinstance(p.rule, (Boost, Bury))]
    if not moving:
        return None
    rows = np.arange(len(assortment.ids), dtype=np.int32)
    factor = np.ones(len(rows), dtype=np.float32)
    for p, rule in moving:
        factor[hits(p, assortment, rows)] *= rule.factor
    return factor


def _caps(placed: Sequence[Placed], assortment: Assortment) -> Iterator[Cap]:
    columns = assortment.columns
    for p in placed:
        if isinstance(p.rule, AtMost):
            codes = {"category": columns.category, "brand": columns.brand, "group": columns.group}[p.rule.per]
            yield Cap(name=p.name, kind=p.rule.per, codes=codes, count=p.rule.count)


def _pins(placed: Sequence[Placed], assortment: Assortment) -> Iterator[tuple[int, int, str]]:
    for p in placed:
        if isinstance(p.rule, Pin) and (row := assortment.row(p.rule.item)) is not None:
            yield p.rule.at - 1, row, p.name


def hits(placed: Placed, assortment: Assortment, rows: Rows) -> Mask:
    """Which of the rows a rule is about (bool array); for a price band: which lie outside; a cap is about none in itself."""
    rule = placed.rule
    if isinstance(rule, PriceBand):
        return np.asarray(~_bounds(assortment, rule.min, rule.max)(rows))
    if isinstance(rule, Pin):
        row = assortment.row(rule.item)
        return np.asarray(rows == (-1 if row is None else row))
    if isinstance(rule, AtMost):
        return np.zeros(len(rows), dtype=np.bool_)
    mask = np.ones(len(rows), dtype=np.bool_)
    for test in _tests(rule, assortment):
        mask &= test(rows)
    return mask


def _tests(rule: Selecting, assortment: Assortment) -> Iterator[Test]:
    columns = assortment.columns
    if rule.item:
        wanted = [row for item_id in _several(rule.item) if (row := assortment.row(item_id)) is not None]
        yield lambda rows: np.isin(rows, wanted)
    if rule.brand:
        yield one_of(columns.brand, [assortment.brand_code(name) for name in _several(rule.brand)])
    if rule.category:
        codes = [assortment.shelf_codes_under(path) for path in _several(rule.category)]
        yield one_of(columns.shelf, np.concatenate(codes))
    if rule.price_min is not None or rule.price_max is not None:
        yield _bounds(assortment, rule.price_min, rule.price_max)
    for name, said in rule.attribute.items():
        values = said if isinstance(said, tuple) else (said,)
        yield valued(assortment, name, [str(v).lower() if isinstance(v, bool) else str(v) for v in values])


def _bounds(assortment: Assortment, low: float | None, high: float | None) -> Test:
    least = None if low is None else in_e4(Decimal(str(low)), ROUND_CEILING)
    most = None if high is None else in_e4(Decimal(str(high)), ROUND_FLOOR)
    return priced(assortment.columns.price_e4, least, most)


def _several(said: str | tuple[str, ...]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else said
