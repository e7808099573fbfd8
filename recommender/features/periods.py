"""Tables over time: decayed sums by key, and sessions."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from recommender.domain.events import Line
from recommender.features.columns import SLOT_S, ItemFacts, number_of, text_of
from recommender.features.primitives import Packing, Reducer, Table
from recommender.features.tables import paired, zigzag

ONE = 1 << 32
"""A weight of one: decayed sums are integers of ``round(weight * 2**32)``."""

WeekOfKey = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecayedSum(Table):
    """Sums by key that fade with age: whole sums of each (week, key), which :meth:`faded` weighs when they are looked at.

    Nothing is ever rescaled, so nothing is rounded twice. Of a person with more than ``cap`` cells the newest weeks
    stay (within a week, the keys that sort last). Packed: the keys, sorted; and for each cell (by key, then week) the
    step from the last cell's week, zigzag and doubled, plus one where a new key begins, followed by the sum.

    Attributes
    ----------
    column : str
        What is summed; 0 counts for nothing.
    half_life_weeks : float
    """

    column: str
    half_life_weeks: float

    @property
    def measures(self) -> Sequence[tuple[str, str, Reducer]]:
        """What a cell holds."""
        return (("value", self.column, "sum"),)

    @property
    def newest(self) -> Sequence[str]:
        """What the newest cells have the most of."""
        return ("num", "text")

    @property
    def packed_order(self) -> Sequence[str]:
        """The order in the blob."""
        return ("text", "num")

    def zero(self) -> dict[WeekOfKey, int]:
        """Nothing yet."""
        return {}

    def copy(self, cell: dict[WeekOfKey, int]) -> dict[WeekOfKey, int]:
        """One that may be changed."""
        return dict(cell)

    def add(self, cell: dict[WeekOfKey, int], line: Line, facts: ItemFacts) -> dict[WeekOfKey, int]:
        """With one more line."""
        key, week = text_of(self.text or "", line, facts), number_of(self.num or "", line, facts)
        value = number_of(self.column, line, facts)
        if key is not None and week is not None and value is not None:
            cell[week, key] = cell.get((week, key), 0) + value
        return cell

    def merge(self, left: dict[WeekOfKey, int], right: dict[WeekOfKey, int]) -> dict[WeekOfKey, int]:
        """Both as one."""
        both = dict(left)
        for key, value in right.items():
            both[key] = both.get(key, 0) + value
        return self.trim(both)

    def trim(self, cell: dict[WeekOfKey, int]) -> dict[WeekOfKey, int]:
        """Within the cap."""
        return cell if len(cell) <= self.cap else {key: cell[key] for key in sorted(cell)[-self.cap :]}

    def pack(self, cell: dict[WeekOfKey, int]) -> tuple[list[str], list[int]]:
        """As the blob holds it."""
        keys: list[str] = []
        flat: list[int] = []
        before = 0
        for key, week in sorted((key, week) for week, key in cell):
            new = not keys or keys[-1] != key
            if new:
                keys.append(key)
            step = week - before
            flat += [((step << 1) ^ (step >> 63)) * 2 + new, cell[week, key]]
            before = week
        return keys, flat

    def unpack(self, packed: tuple[list[str], list[int]]) -> dict[WeekOfKey, int]:
        """Back again."""
        keys, flat = packed
        cell: dict[WeekOfKey, int] = {}
        place, week = -1, 0
        for code, value in zip(flat[::2], flat[1::2], strict=True):
            place += code & 1
            folded = code >> 1
            week += (folded >> 1) ^ -(folded & 1)
            cell[week, keys[place]] = value
        return cell

    @property
    def packed_type(self) -> Any:
        """What the blob is checked against."""
        return tuple[list[str], list[int]]

    def pack_columns(self, cells: Packing) -> list[Any]:
        """Everybody's, packed."""
        new = cells.starts()
        text = cells.columns["text"]
        new[1:] |= text[1:] != text[:-1]
        codes = zigzag(cells.steps(cells.columns["num"])) * 2 + new
        return paired(cells.words(new), cells.lists(codes, cells.columns["value"]))

    def faded(self, cell: Mapping[WeekOfKey, int], now_week: int) -> dict[str, int]:
        """The decayed sum of each key as an integer of 2**-32; keys whose sum is not positive are left out.

        Weeks after ``now_week`` count as this week.
        """
        sums: dict[str, int] = {}
        weights = _weights(self.half_life_weeks)
        for (week, key), value in cell.items():
            age = now_week - week
            if age < len(weights):
                sums[key] = sums.get(key, 0) + weights[max(age, 0)] * value
        return {key: total for key, total in sorted(sums.items()) if total > 0}


@cache
def _weights(half_life: float) -> tuple[int, ...]:
    """The weight of each age, as far as it is not 0."""
    return tuple(round(2.0 ** (-age / half_life) * ONE) for age in range(math.ceil(33 * half_life)))


Slot = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One session: first and last moment in seconds since 1970 UTC, and how many items were looked at."""

    start: int
    end: int
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions(Table):
    """Visits that end where nothing happens for more than 30 minutes: of each half hour the first and the last moment
    and the views. Two visits cannot share a half hour, so that :meth:`visits` is exact.

    Packed: for each half hour, oldest first, the step from the one before, the first moment in it, the seconds to the
    last, the views.
    """

    views: str

    @property
    def measures(self) -> Sequence[tuple[str, str, Reducer]]:
        """What a cell holds."""
        return (("first", "in_slot", "min"), ("last", "in_slot", "max"), ("views", self.views, "sum"))

    def zero(self) -> dict[int, Slot]:
        """Nothing yet."""
        return {}

    def copy(self, cell: dict[int, Slot]) -> dict[int, Slot]:
        """One that may be changed."""
        return dict(cell)

    def add(self, cell: dict[int, Slot], line: Line, facts: ItemFacts) -> dict[int, Slot]:
        """With one more line."""
        slot, second = number_of(self.num or "", line, facts), number_of("in_slot", line, facts)
        if slot is not None and second is not None:
            _put(cell, slot, (second, second, number_of(self.views, line, facts) or 0))
        return cell

    def merge(self, left: dict[int, Slot], right: dict[int, Slot]) -> dict[int, Slot]:
        """Both as one."""
        both = dict(left)
        for slot, theirs in right.items():
            _put(both, slot, theirs)
        return self.trim(both)

    def trim(self, cell: dict[int, Slot]) -> dict[int, Slot]:
        """Within the cap."""
        return cell if len(cell) <= self.cap else {slot: cell[slot] for slot in sorted(cell)[-self.cap :]}

    def pack(self, cell: dict[int, Slot]) -> list[int]:
        """As the blob holds it."""
        flat: list[int] = []
        before = 0
        for slot in sorted(cell):
            first, last, views = cell[slot]
            flat += [slot - before, first, last - first, views]
            before = slot
        return flat

    def unpack(self, packed: list[int]) -> dict[int, Slot]:
        """Back again."""
        cell: dict[int, Slot] = {}
        slot = 0
        for at in range(0, len(packed), 4):
            step, first, length, views = packed[at : at + 4]
            slot += step
            cell[slot] = (first, first + length, views)
        return cell

    @property
    def packed_type(self) -> Any:
        """What the blob is checked against."""
        return list[int]

    def pack_columns(self, cells: Packing) -> list[Any]:
        """Everybody's, packed."""
        first = cells.columns["first"]
        steps = cells.steps(cells.columns["num"])
        return cells.lists(steps, first, cells.columns["last"] - first, np.asarray(cells.columns["views"]))

    def visits(self, cell: Mapping[int, Slot]) -> list[Visit]:
        """The sessions, oldest first."""
        found: list[Visit] = []
        for slot in sorted(cell):
            first, last, views = cell[slot]
            start, end = slot * SLOT_S + first, slot * SLOT_S + last
            if found and start - found[-1].end <= SLOT_S:
                found[-1] = Visit(start=found[-1].start, end=end, views=found[-1].views + views)
            else:
                found.append(Visit(start=start, end=end, views=views))
        return found


def _put(cell: dict[int, Slot], slot: int, theirs: Slot) -> None:
    ours = cell.get(slot)
    cell[slot] = theirs if ours is None else (min(ours[0], theirs[0]), max(ours[1], theirs[1]), ours[2] + theirs[2])
