"""What facets are built from: mergeable summaries of integers, each with a one-line and a columnar form.

Every primitive is a table of cells under a commutative, associative reducer (sum, smallest, largest), so that any order
and any partition of the lines gives the same state. Where a table could grow without end, it keeps the newest ``cap``
cells **by the identity of the cell** (its period and key), never by its value: a cell that was dropped could only come
back by being among the newest, and whatever pushed it out is still there. That is why cutting early, late or in
another order ends in the same state, which a table cut by value (the usual top-k) does not.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.domain.events import EventType, Line
from recommender.features.columns import ItemFacts, number_of

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")
Reducer = Literal["sum", "min", "max"]
Cell = Any
"""A primitive's state: an int or None (:class:`Scalar`), a dict or a set of ints (tables)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive(ABC):
    """One mergeable summary.

    Attributes
    ----------
    name : str
        Unique in its facet.
    types : frozenset of EventType, optional
        The lines it looks at; default: all.
    """

    name: str
    types: frozenset[EventType] | None = None

    @abstractmethod
    def zero(self) -> Cell:
        """The summary of nothing."""

    @abstractmethod
    def copy(self, cell: Cell) -> Cell:
        """A cell that :meth:`add` may change."""

    @abstractmethod
    def add(self, cell: Cell, line: Line, facts: ItemFacts) -> Cell:
        """The cell with one more line (of one of ``types``)."""

    @abstractmethod
    def merge(self, left: Cell, right: Cell) -> Cell:
        """The summary of both; changes neither."""

    def trim(self, cell: Cell) -> Cell:
        """The cell within its cap."""
        return cell

    @abstractmethod
    def pack(self, cell: Cell) -> Any:
        """The cell as what the blob holds."""

    @abstractmethod
    def unpack(self, packed: Any) -> Cell:
        """Back again."""

    @property
    @abstractmethod
    def packed_type(self) -> Any:
        """The type of :meth:`pack`, which the blob is checked against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar(Primitive):
    """One number: the sum, the smallest or the largest of a column (lines where it is None are skipped).

    The sum of nothing is 0, the smallest and the largest of nothing are None.
    """

    column: str
    reducer: Reducer

    def zero(self) -> int | None:
        """Nothing yet."""
        return 0 if self.reducer == "sum" else None

    def copy(self, cell: Cell) -> Cell:
        """One that may be changed."""
        return cell

    def add(self, cell: int | None, line: Line, facts: ItemFacts) -> int | None:
        """With one more line."""
        value = number_of(self.column, line, facts)
        return cell if value is None else self.merge(cell, value)

    def merge(self, left: int | None, right: int | None) -> int | None:
        """Both as one."""
        if left is None or right is None:
            return right if left is None else left
        return reduced(self.reducer, left, right)

    def pack(self, cell: int | None) -> int | None:
        """As the blob holds it."""
        return cell

    def unpack(self, packed: int | None) -> int | None:
        """Back again."""
        return packed

    @property
    def packed_type(self) -> Any:
        """What the blob is checked against."""
        return int | None

    def partial(self, of_type: "pl.Expr | None") -> "pl.Expr":
        """The aggregate over the lines of one person."""
        import polars as pl

        column = pl.col(self.column) if of_type is None else pl.col(self.column).filter(of_type)
        return aggregate(column, self.reducer)

    def total(self, name: str) -> "pl.Expr":
        """The aggregate over partial aggregates, which stand in column ``name``."""
        import polars as pl

        return aggregate(pl.col(name), self.reducer)


def counted(name: str, column: str, *types: EventType) -> Scalar:
    """How many lines have the column (one that is 1 or None), or the sum of it."""
    return Scalar(name=name, types=frozenset(types) or None, column=column, reducer="sum")


def first(name: str, *types: EventType) -> Scalar:
    """The time of the first line, in seconds."""
    return Scalar(name=name, types=frozenset(types) or None, column="second", reducer="min")


def last(name: str, *types: EventType) -> Scalar:
    """The time of the last line, in seconds."""
    return Scalar(name=name, types=frozenset(types) or None, column="second", reducer="max")


def reduced(reducer: Reducer, left: int, right: int) -> int:
    """Two values as one."""
    if reducer == "sum":
        return left + right
    return min(left, right) if reducer == "min" else max(left, right)


def aggregate(column: "pl.Expr", reducer: Reducer) -> "pl.Expr":
    """The same over a column."""
    if reducer == "sum":
        return column.sum()
    return column.min() if reducer == "min" else column.max()


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """The final cells of some people in columns, sorted as :attr:`Table.packed_order` says.

    Attributes
    ----------
    who : int64 array
        The person of each cell, ascending; person p owns cells ``bounds[p]:bounds[p + 1]``.
    bounds : int64 array of length people + 1
    columns : mapping
        ``num`` and the measures as int64 arrays; ``text`` as places in ``texts``.
    texts : object array of str
    """

    who: NDArray[np.int64]
    bounds: NDArray[np.int64]
    columns: Mapping[str, NDArray[np.int64]]
    texts: NDArray[np.object_]

    def starts(self) -> NDArray[np.bool_]:
        """Whether a cell is its person's first."""
        new = np.ones(len(self.who), np.bool_)
        new[1:] = self.who[1:] != self.who[:-1]
        return new

    def steps(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """The differences of neighbours; a person's first value stands as it is."""
        steps = values.copy()
        steps[1:] -= values[:-1]
        return np.where(self.starts(), values, steps)

    def lists(self, *values: NDArray[np.int64]) -> list[list[int]]:
        """One flat list a person: the columns' values, cell by cell."""
        flat = np.stack(values, axis=1).ravel().tolist() if len(values) > 1 else values[0].tolist()
        return sliced(flat, self.bounds * len(values))

    def words(self, rows: NDArray[np.bool_] | None = None) -> list[list[str]]:
        """One list a person: the texts, of the marked cells only if told."""
        text = self.columns["text"]
        if rows is None:
            return sliced(self.texts[text].tolist(), self.bounds)
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(rows)])
        return sliced(self.texts[text[rows]].tolist(), before[self.bounds])


def sliced(flat: list[T], bounds: NDArray[np.int64]) -> list[list[T]]:
    """The list cut at the bounds; those with nothing share one empty list."""
    nothing: list[T] = []
    cut = [nothing] * (len(bounds) - 1)
    some = np.flatnonzero(np.diff(bounds))
    for place, start, end in zip(some.tolist(), bounds[some].tolist(), bounds[some + 1].tolist(), strict=True):
        cut[place] = flat[start:end]
    return cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Primitive):
    """Cells under keys: a number (``num``, a column), a text (``text``, a column), or both.

    Its columnar form is in :mod:`recommender.features.cells`.

    Attributes
    ----------
    num, text : str or None
        Columns the key is read from; a line where one is None is skipped.
    cap : int
        The most cells that are kept, the newest by ``newest``.
    """

    num: str | None = None
    text: str | None = None
    cap: int = 1_000

    @property
    def measures(self) -> Sequence[tuple[str, str, Reducer]]:
        """(name, column, reducer) of what a cell holds beside its key."""
        return ()

    @property
    def newest(self) -> Sequence[str]:
        """What the newest cells have the most of: ``num``, ``text`` or a measure that only grows."""
        return ("num",)

    @property
    def packed_order(self) -> Sequence[str]:
        """The order of a person's cells in the blob."""
        return ("num",)

    @abstractmethod
    def pack_columns(self, cells: Packing) -> list[Any]:
        """:meth:`pack` of every person at once."""
