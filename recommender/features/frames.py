"""Whole logs as profiles, in columns: chunk by chunk into partial cells, these put together, and packed person by person.

Memory is bounded by the states of the people, not by the log: partial cells are merged and cut to their caps whenever
:data:`ROWS_HELD` of them have gathered. The same functions serve one partition of a log as well as a whole one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recommender.ahead import ahead
from recommender.domain.events import EventType
from recommender.features.cells import Columns, newest, ordered, put_together, rows_of
from recommender.features.columns import COLUMNS, ItemLookup
from recommender.features.primitives import Packing, Primitive, Scalar, Table
from recommender.features.record import MOST_LINES
from recommender.features.record_frames import Recording
from recommender.features.registry import PRIMITIVES
from recommender.features.state import encode_packed
from recommender.features.words import Words, hashed

ROWS_AT_ONCE = 200_000
"""Lines that are gathered from the chunks before they are looked at together."""

ROWS_TOGETHER = 2_000_000
"""Lines that are held before they become partial cells: those of one key that meet here are sorted once."""

ROWS_HELD = 6_000_000
"""Partial cells that are held before they are put together."""

PEOPLE_AT_ONCE = 4_000
"""People whose cells are packed together."""

OF_ITEM = ("category", "path", "brand")
OF_LINE = ("customer_id", "visitor_id", "time_us", "quantity", "order_hash")
TEXTS = (*OF_ITEM, "item", "currency", "band")
NUMBERS: Mapping[str, pl.DataType] = {
    "units": pl.Int32(),
    "money": pl.Int64(),
    "interest": pl.Int8(),
    "visitor": pl.Int64(),
    "event": pl.Int8(),
    "slate": pl.Int8(),
    "named": pl.Int8(),
}
"""Columns that are worked out when a line is read; the others follow from its time and type when they are needed."""

LATER = tuple(name for name in COLUMNS if name not in TEXTS and name not in NUMBERS)
KEPT = ("who", "type", "time_us", "order_hash", *TEXTS, *NUMBERS)
WORKERS = 2
"""Tables that are put together at a time."""

States = tuple[NDArray[np.int64], list[bytes]]
"""Codes of people, and their blobs."""

NOBODY: States = (np.empty(0, np.int64), [])
_TYPES = pl.Enum([str(name) for name in EventType])
_SCALARS = [(place, one) for place, one in enumerate(PRIMITIVES) if isinstance(one, Scalar)]
_TABLES = [(place, one) for place, one in enumerate(PRIMITIVES) if isinstance(one, Table)]

T = TypeVar("T")
R = TypeVar("R")


def rebuild(
    frames: Iterable[pl.DataFrame], lookup: ItemLookup, who: Mapping[str, str], limit: int = MOST_LINES
) -> Iterator[tuple[str, bytes, bytes]]:
    """Everybody's state and record of items, as folding each one's lines would give them.

    Parameters
    ----------
    frames : iterable of DataFrame
        The log in chunks, in its order, with the columns of :data:`~recommender.domain.events.LINE_COLUMNS`.
    lookup : ItemLookup
    who : mapping
        visitor_id to the customer the browser belongs to (``dict(log.links())``).
    limit : int
        A record is of the interactions among a person's newest lines, so many of them at most.

    Yields
    ------
    (key, state, record)
        ``c:<customer_id>`` with every line that names the customer and those that name none of the customer's
        browsers; ``v:<visitor_id>`` with every line of the browser, whomever it names.
    """
    words = Words()
    folding = Folding(lookup, words)
    recording = Recording(limit, of_lines=True, words=words)
    owners = Owners(who)
    for lines in gathered(frames):
        for part in owners.parts(folding.derived(lines)):
            folding.add(part)
            recording.add(part)
    for codes, states in _meanwhile(folding.states(), recording):
        yield from zip(owners.keys(codes), states, recording.blobs(codes), strict=True)


def _meanwhile(states: Iterator[States], recording: Recording) -> Iterator[States]:
    """The states, made in a thread of their own; while the first are, the records are put in order."""
    begun = ahead(chain([NOBODY], states), held=2)
    next(begun)
    recording.finish()
    return begun


def gathered(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The chunks, small ones put together."""
    held: list[pl.DataFrame] = []
    rows = 0
    for frame in frames:
        held.append(frame)
        rows += frame.height
        if rows >= ROWS_AT_ONCE:
            yield pl.concat(held)
            held, rows = [], 0
    if rows:
        yield pl.concat(held)


class Owners:
    """Whose each line is: of a customer, and of a browser."""

    def __init__(self, who: Mapping[str, str]) -> None:
        pairs = {"visitor_id": list(who), "owner": list(who.values())}
        self._links = pl.DataFrame(pairs, schema={"visitor_id": pl.String, "owner": pl.String})
        self._people = Words()

    def keys(self, codes: NDArray[np.int64]) -> list[str]:
        """The people of codes."""
        kinds = np.where(codes & 1, "v:", "c:").tolist()
        return [kind + one for kind, one in zip(kinds, self._people.texts(codes >> 1).tolist(), strict=True)]

    def parts(self, lines: pl.DataFrame) -> list[pl.DataFrame]:
        """The customers' lines and the browsers' lines, each with ``who``, the person's code (uint32)."""
        customer = pl.col("customer_id")
        if len(self._links):
            lines = lines.join(self._links, on="visitor_id", how="left", maintain_order="left")
            customer = pl.coalesce("customer_id", "owner")
        return [self._part(lines, 0, customer), self._part(lines, 1, pl.col("visitor_id"))]

    def _part(self, lines: pl.DataFrame, kind: int, owner: pl.Expr) -> pl.DataFrame:
        who = owner.cast(self._people.type).to_physical() * 2 + kind
        return lines.with_columns(who=who).drop("customer_id", "visitor_id").filter(pl.col("who").is_not_null())


class Folding:
    """Partial cells of many people, growing chunk by chunk. ``words`` is the dictionary of all texts."""

    def __init__(self, lookup: ItemLookup, words: Words) -> None:
        self._words = words
        self._lookup = lookup
        self._lines: list[pl.DataFrame] = []
        self._waiting = 0
        self._scalars: list[pl.DataFrame] = []
        self._tables: dict[int, list[Columns]] = {place: [] for place, _ in _TABLES}
        self._held = 0

    @cached_property
    def _items(self) -> pl.DataFrame:
        return _facts(self._lookup, self._words)

    def add(self, lines: pl.DataFrame) -> None:
        """Fold lines of :meth:`derived`, which have ``who`` (uint32)."""
        if not lines.height:
            return
        self._lines.append(lines.select(KEPT))
        self._waiting += lines.height
        if self._waiting >= ROWS_TOGETHER:
            self._fold()

    def derived(self, lines: pl.DataFrame) -> pl.DataFrame:
        """The lines with all that primitives read of them, whomever they are of."""
        kind = pl.col("type").cast(_TYPES, strict=False)
        coded = hashed(lines).with_columns(self._text("item"), kind)
        rows = coded.with_columns(code=pl.col("item").to_physical())
        rows = rows.join(self._items, on="code", how="left", maintain_order="left")
        numbers = [COLUMNS[name].expr().cast(kind).alias(name) for name, kind in NUMBERS.items()]
        return rows.select(*OF_LINE, "type", *OF_ITEM, "item", self._text("currency"), self._text("band"), *numbers)

    def _text(self, name: str) -> pl.Expr:
        return COLUMNS[name].expr().cast(self._words.type).alias(name)

    def _fold(self) -> None:
        """Make partial cells of the lines that wait."""
        if not self._lines:
            return
        rows = pl.concat(self._lines).lazy().with_columns(COLUMNS[name].expr().alias(name) for name in LATER)
        self._lines, self._waiting = [], 0
        sums = [one.partial(_of_type(one)).alias(str(place)) for place, one in _SCALARS]
        self._scalars.append(rows.group_by("who").agg(sums).collect())
        made = _by_two(lambda one: put_together(one[1], rows_of(one[1], rows, _of_type(one[1]))), _TABLES)
        for (place, _), cells in zip(_TABLES, made, strict=True):
            self._tables[place].append(cells)
        self._held += self._scalars[-1].height + sum(len(cells["who"]) for cells in made)
        if self._held > ROWS_HELD:
            self._settle()

    def _settle(self) -> None:
        """Put partial cells together, and cut them to their caps."""
        ranks, _ = self._ranked()
        codes = np.argsort(ranks)
        for (place, _), cells in zip(_TABLES, self._ordered(ranks), strict=True):
            self._tables[place] = [_with_texts(cells, codes)]
        self._scalars = [self._summed()]
        self._held = len(self._scalars[0]) + sum(len(cells[0]["who"]) for cells in self._tables.values())

    def _summed(self) -> pl.DataFrame:
        sums = [one.total(str(place)).alias(str(place)) for place, one in _SCALARS]
        return pl.concat(self._scalars).group_by("who").agg(sums)

    def _ordered(self, ranks: NDArray[np.int64]) -> list[Columns]:
        """The final cells of each table, in the order of the blob, texts as places in alphabetical order."""

        def final(one: tuple[int, Table]) -> Columns:
            place, table = one
            parts = [_with_texts(cells, ranks) for cells in self._tables[place]]
            self._tables[place] = []
            if len(parts) > 1:
                parts = [put_together(table, {name: np.concatenate([p[name] for p in parts]) for name in parts[0]})]
            return ordered(newest(table, parts[0]), ("who", *table.packed_order))

        return _by_two(final, _TABLES)

    def _ranked(self) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
        codes = [
            int(cells["text"].max(initial=-1)) for kept in self._tables.values() for cells in kept if "text" in cells
        ]
        return self._words.ranks(max(codes, default=-1) + 1)

    def states(self) -> Iterator[States]:
        """(codes of people, their blobs), some people at a time; to be called once, after the last chunk."""
        self._fold()
        if not self._scalars:
            return
        ranks, texts = self._ranked()
        tables = dict(zip((place for place, _ in _TABLES), self._ordered(ranks), strict=True))
        scalars = self._summed().sort("who")
        people = scalars["who"].to_numpy().astype(np.int64)
        for start in range(0, len(people), PEOPLE_AT_ONCE):
            codes = people[start : start + PEOPLE_AT_ONCE]
            packed: dict[int, list[Any]] = {
                place: scalars[str(place)].slice(start, len(codes)).to_list() for place, _ in _SCALARS
            }
            for place, table in _TABLES:
                packed[place] = table.pack_columns(_packing(tables[place], codes, texts))
            rows = zip(*(packed[place] for place in range(len(PRIMITIVES))), strict=True)
            yield codes, [encode_packed(row) for row in rows]


def _by_two(work: Callable[[T], R], things: Iterable[T]) -> list[R]:
    """The work done for each, some at a time: sorting lets other threads run."""
    with ThreadPoolExecutor(WORKERS) as workers:
        return list(workers.map(work, things))


def _with_texts(cells: Columns, places: NDArray[np.int64]) -> Columns:
    """The cells with other numbers for their texts."""
    return cells | {"text": places[cells["text"]]} if "text" in cells else cells


def _facts(lookup: ItemLookup, words: Words) -> pl.DataFrame:
    """The catalogue with the columns that depend on nothing but the item."""
    named = {name: f"item_{name}" for name in ("category", "brand", "price_e4")}
    items = lookup.frame().unique("item_id", keep="first").rename(named)
    return items.select(
        pl.col("item_id").cast(words.type).to_physical().alias("code"),
        "item_price_e4",
        *(COLUMNS[name].expr().cast(words.type).alias(name) for name in OF_ITEM),
    )


def _of_type(one: Primitive) -> pl.Expr | None:
    if one.types is None:
        return None
    kinds = pl.Series([str(name) for name in sorted(one.types)], dtype=_TYPES)
    return pl.col("type") == kinds[0] if len(kinds) == 1 else pl.col("type").is_in(kinds.implode())


def _packing(columns: Columns, people: NDArray[np.int64], texts: NDArray[np.object_]) -> Packing:
    """The cells of these people (ascending codes) out of everybody's."""
    who = columns["who"]
    start, end = np.searchsorted(who, people[0]), np.searchsorted(who, people[-1], side="right")
    part = {name: column[start:end] for name, column in columns.items()}
    bounds = np.append(np.searchsorted(part["who"], people), end - start)
    return Packing(who=part["who"], bounds=bounds.astype(np.int64), columns=part, texts=texts)
