"""Tables of cells: sums by key, sets of the newest numbers, the last of each key."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.domain.events import Line
from recommender.features.columns import ItemFacts, number_of, text_of
from recommender.features.primitives import Packing, Reducer, Table


def newest_numbers(numbers: set[int], cap: int) -> set[int]:
    """The largest ``cap`` of them."""
    return numbers if len(numbers) <= cap else set(sorted(numbers)[-cap:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest(Table):
    """The set of the largest ``cap`` different values of a column (days, orders). Packed: the first, then the steps."""

    def zero(self) -> set[int]:
        """Nothing yet."""
        return set()

    def copy(self, cell: set[int]) -> set[int]:
        """One that may be changed."""
        return set(cell)

    def add(self, cell: set[int], line: Line, facts: ItemFacts) -> set[int]:
        """With one more line."""
        value = number_of(self.num or "", line, facts)
        if value is not None:
            cell.add(value)
        return cell

    def merge(self, left: set[int], right: set[int]) -> set[int]:
        """Both as one."""
        return self.trim(left | right)

    def trim(self, cell: set[int]) -> set[int]:
        """Within the cap."""
        return newest_numbers(cell, self.cap)

    def pack(self, cell: set[int]) -> list[int]:
        """As the blob holds it."""
        values = sorted(cell)
        return [*values[:1], *(after - before for before, after in itertools.pairwise(values))]

    def unpack(self, packed: list[int]) -> set[int]:
        """Back again."""
        values, value = set(), 0
        for step in packed:
            value += step
            values.add(value)
        return values

    @property
    def packed_type(self) -> Any:
        """What the blob is checked against."""
        return list[int]

    def pack_columns(self, cells: Packing) -> list[Any]:
        """Everybody's, packed."""
        return cells.lists(cells.steps(cells.columns["num"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram(Table):
    """How much falls on each of a few numbers. Packed: number, sum, number, sum … by number. Has no cap: few are meant."""

    column: str

    @property
    def measures(self) -> Sequence[tuple[str, str, Reducer]]:
        """What a cell holds."""
        return (("value", self.column, "sum"),)

    def zero(self) -> dict[int, int]:
        """Nothing yet."""
        return {}

    def copy(self, cell: dict[int, int]) -> dict[int, int]:
        """One that may be changed."""
        return dict(cell)

    def add(self, cell: dict[int, int], line: Line, facts: ItemFacts) -> dict[int, int]:
        """With one more line."""
        number, value = number_of(self.num or "", line, facts), number_of(self.column, line, facts)
        if number is not None and value is not None:
            cell[number] = cell.get(number, 0) + value
        return cell

    def merge(self, left: dict[int, int], right: dict[int, int]) -> dict[int, int]:
        """Both as one."""
        return {number: left.get(number, 0) + right.get(number, 0) for number in left.keys() | right.keys()}

    def pack(self, cell: dict[int, int]) -> list[int]:
        """As the blob holds it."""
        return [part for pair in sorted(cell.items()) for part in pair]

    def unpack(self, packed: list[int]) -> dict[int, int]:
        """Back again."""
        return dict(zip(packed[::2], packed[1::2], strict=True))

    @property
    def packed_type(self) -> Any:
        """What the blob is checked against."""
        return list[int]

    def pack_columns(self, cells: Packing) -> list[Any]:
        """Everybody's, packed."""
        return cells.lists(cells.columns["num"], cells.columns["value"])


@dataclass(frozen=True, slots=True, kw_only=True)
class LastOf(Table):
    """For each key its largest value (a time), for the ``cap`` keys whose values are the largest.

    Exact although it is cut by value: the value is the time itself and only grows, so a key that fell out comes back
    with a value that is its own largest. Packed: the keys, sorted, and their values.
    """

    column: str

    @property
    def measures(self) -> Sequence[tuple[str, str, Reducer]]:
        """What a cell holds."""
        return (("value", self.column, "max"),)

    @property
    def newest(self) -> Sequence[str]:
        """What the newest cells have the most of."""
        return ("value", "text")

    @property
    def packed_order(self) -> Sequence[str]:
        """The order in the blob."""
        return ("text",)

    def zero(self) -> dict[str, int]:
        """Nothing yet."""
        return {}

    def copy(self, cell: dict[str, int]) -> dict[str, int]:
        """One that may be changed."""
        return dict(cell)

    def add(self, cell: dict[str, int], line: Line, facts: ItemFacts) -> dict[str, int]:
        """With one more line."""
        key, value = text_of(self.text or "", line, facts), number_of(self.column, line, facts)
        if key is not None and value is not None:
            cell[key] = max(cell.get(key, value), value)
        return cell

    def merge(self, left: dict[str, int], right: dict[str, int]) -> dict[str, int]:
        """Both as one."""
        both = dict(left)
        for key, value in right.items():
            both[key] = max(both.get(key, value), value)
        return self.trim(both)

    def trim(self, cell: dict[str, int]) -> dict[str, int]:
        """Within the cap."""
        if len(cell) <= self.cap:
            return cell
        return dict(sorted(cell.items(), key=lambda pair: (pair[1], pair[0]))[-self.cap :])

    def pack(self, cell: dict[str, int]) -> tuple[list[str], list[int]]:
        """As the blob holds it."""
        keys = sorted(cell)
        return keys, [cell[key] for key in keys]

    def unpack(self, packed: tuple[list[str], list[int]]) -> dict[str, int]:
        """Back again."""
        return dict(zip(*packed, strict=True))

    @property
    def packed_type(self) -> Any:
        """What the blob is checked against."""
        return tuple[list[str], list[int]]

    def pack_columns(self, cells: Packing) -> list[Any]:
        """Everybody's, packed."""
        return paired(cells.words(), cells.lists(cells.columns["value"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class SumBy(LastOf):
    """The sum for each of a few texts (currencies). Packed as :class:`LastOf`; keeps the ``cap`` keys that sort last."""

    @property
    def measures(self) -> Sequence[tuple[str, str, Reducer]]:
        """What a cell holds."""
        return (("value", self.column, "sum"),)

    @property
    def newest(self) -> Sequence[str]:
        """What the newest cells have the most of."""
        return ("text",)

    def add(self, cell: dict[str, int], line: Line, facts: ItemFacts) -> dict[str, int]:
        """With one more line."""
        key, value = text_of(self.text or "", line, facts), number_of(self.column, line, facts)
        if key is not None and value is not None:
            cell[key] = cell.get(key, 0) + value
        return cell

    def merge(self, left: dict[str, int], right: dict[str, int]) -> dict[str, int]:
        """Both as one."""
        both = dict(left)
        for key, value in right.items():
            both[key] = both.get(key, 0) + value
        return self.trim(both)

    def trim(self, cell: dict[str, int]) -> dict[str, int]:
        """Within the cap."""
        return cell if len(cell) <= self.cap else {key: cell[key] for key in sorted(cell)[-self.cap :]}


Pairs = list[tuple[list[str], list[int]]]


def paired(words: list[list[str]], numbers: list[list[int]]) -> Pairs:
    """One pair a person; those with nothing share one."""
    nothing: tuple[list[str], list[int]] = ([], [])
    return [(keys, values) if keys else nothing for keys, values in zip(words, numbers, strict=True)]


def zigzag(steps: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Signed numbers as small unsigned ones: 0, -1, 1, -2 … become 0, 1, 2, 3 and so on."""
    return (steps << 1) ^ (steps >> 63)
