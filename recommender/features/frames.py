"""Whole logs as profiles, in columns: chunk by chunk into partial cells, these put together, and packed person by person.

Memory is bounded by the states of the people, not by the log: partial cells are merged and cut to their caps whenever
:data:`ROWS_HELD` of them have gathered. The same functions serve one partition of a log as well as a whole one.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recommender.ahead import ahead
from recommender.domain.events import EventType
from recommender.features.columns import COLUMNS, ItemLookup
from recommender.features.primitives import Packing, Primitive, Scalar, Table
from recommender.features.record import MOST_LINES
from recommender.features.record_frames import Recording
from recommender.features.registry import PRIMITIVES
from recommender.features.state import encode_packed
from recommender.features.words import Words, hashed

ROWS_AT_ONCE = 500_000
"""Lines that are gathered from the chunks before they are looked at together."""

ROWS_HELD = 6_000_000
"""Partial cells that are held before they are put together."""

PEOPLE_AT_ONCE = 4_000
"""People whose cells are packed together."""

OF_ITEM = ("category", "path", "brand")
OF_LINE = ("customer_id", "visitor_id", "type", "time_us", "quantity", "order_hash")
States = tuple[NDArray[np.int64], list[bytes]]
"""Codes of people, and their blobs."""

NOBODY: States = (np.empty(0, np.int64), [])
_TYPES = pl.Enum([str(name) for name in EventType])
_SCALARS = [(place, one) for place, one in enumerate(PRIMITIVES) if isinstance(one, Scalar)]
_TABLES = [(place, one) for place, one in enumerate(PRIMITIVES) if isinstance(one, Table)]


def fold_frames(
    frames: Iterable[pl.DataFrame], lookup: ItemLookup, who: Mapping[str, str]
) -> Iterator[tuple[str, bytes]]:
    """Everybody's state: the first two of what :func:`rebuild` gives."""
    for key, state, _ in _folded(frames, lookup, who, None):
        yield key, state


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
    return _folded(frames, lookup, who, limit)


def _folded(
    frames: Iterable[pl.DataFrame], lookup: ItemLookup, who: Mapping[str, str], limit: int | None
) -> Iterator[tuple[str, bytes, bytes]]:
    words = Words()
    folding = Folding(lookup, words)
    recording = None if limit is None else Recording(limit, of_lines=True, words=words)
    owners = Owners(who)
    for lines in gathered(frames):
        for part in owners.parts(folding.derived(lines)):
            folding.add(part)
            if recording is not None:
                recording.add(part)
    for codes, states in _meanwhile(folding.states(), recording):
        records = [b""] * len(codes) if recording is None else recording.blobs(codes)
        yield from zip(owners.keys(codes), states, records, strict=True)


def _meanwhile(states: Iterator[States], recording: Recording | None) -> Iterator[States]:
    """The states, made in a thread of their own; while the first are, the records are put in order."""
    begun = ahead(chain([NOBODY], states), held=2)
    next(begun)
    if recording is not None:
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
        return lines.with_columns(who=who).filter(pl.col("who").is_not_null())


class Folding:
    """Partial cells of many people, growing chunk by chunk. ``words`` is the dictionary of all texts."""

    def __init__(self, lookup: ItemLookup, words: Words) -> None:
        self._words = words
        self._items = _facts(lookup, words)
        self._scalars: list[pl.DataFrame] = []
        self._tables: dict[int, list[pl.DataFrame]] = {place: [] for place, _ in _TABLES}
        self._held = 0

    def add(self, lines: pl.DataFrame) -> None:
        """Fold lines of :meth:`derived`, which have ``who`` (uint32)."""
        if not lines.height:
            return
        rows = lines.lazy()
        kinds = {place: _of_type(one) for place, one in enumerate(PRIMITIVES)}
        sums = [one.partial(kinds[place]).alias(str(place)) for place, one in _SCALARS]
        queries = [rows.group_by("who").agg(sums), *(one.partial(rows, kinds[place]) for place, one in _TABLES)]
        scalars, *tables = pl.collect_all(queries)
        self._scalars.append(scalars)
        for (place, _), cells in zip(_TABLES, tables, strict=True):
            self._tables[place].append(cells)
        self._held += sum(cells.height for cells in tables) + scalars.height
        if self._held > ROWS_HELD:
            self._settle()

    def derived(self, lines: pl.DataFrame) -> pl.DataFrame:
        """The lines with all that primitives read of them, whomever they are of."""
        coded = hashed(lines).with_columns(self._column("item"))
        rows = coded.with_columns(code=pl.col("item").to_physical())
        rows = rows.join(self._items, on="code", how="left", maintain_order="left")
        columns = [self._column(name) for name in COLUMNS if name not in (*OF_ITEM, "item")]
        kind = pl.col("type").cast(_TYPES, strict=False).to_physical().alias("kind")
        return rows.select(*OF_LINE, kind, *OF_ITEM, "item", *columns)

    def _column(self, name: str) -> pl.Expr:
        column = COLUMNS[name].expr()
        return (column.cast(self._words.type) if COLUMNS[name].text else column.cast(pl.Int64)).alias(name)

    def _settle(self) -> None:
        """Put partial cells together, and cut them to their caps."""
        sums = [one.total(str(place)).alias(str(place)) for place, one in _SCALARS]
        self._scalars = [pl.concat(self._scalars).group_by("who").agg(sums)]
        ranks, _ = self._ranked()
        for place, table in _TABLES:
            parts = self._tables.pop(place)
            cells = parts[0] if len(parts) == 1 else table.total(pl.concat(parts).lazy()).collect()
            self._tables[place] = [_newest(table, cells, ranks)]
        self._held = len(self._scalars[0]) + sum(len(cells[0]) for cells in self._tables.values())

    def _ranked(self) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
        codes = [
            cells["text"].to_physical().max() for kept in self._tables.values() for cells in kept if "text" in cells
        ]
        size = max((code for code in codes if isinstance(code, int)), default=-1) + 1
        return self._words.ranks(size)

    def states(self) -> Iterator[States]:
        """(codes of people, their blobs), some people at a time; to be called once, after the last chunk."""
        if not self._scalars:
            return
        self._settle()
        ranks, texts = self._ranked()
        scalars = self._scalars[0].sort("who")
        people = scalars["who"].to_numpy().astype(np.int64)
        tables = {place: _sorted(table, self._tables[place][0], ranks) for place, table in _TABLES}
        for start in range(0, len(people), PEOPLE_AT_ONCE):
            codes = people[start : start + PEOPLE_AT_ONCE]
            packed: dict[int, list[Any]] = {
                place: scalars[str(place)].slice(start, len(codes)).to_list() for place, _ in _SCALARS
            }
            for place, table in _TABLES:
                packed[place] = table.pack_columns(_packing(tables[place], codes, texts))
            rows = zip(*(packed[place] for place in range(len(PRIMITIVES))), strict=True)
            yield codes, [encode_packed(row) for row in rows]


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
    codes = [code for code, name in enumerate(EventType) if name in one.types]
    return pl.col("kind") == codes[0] if len(codes) == 1 else pl.col("kind").is_in(codes)


Columns = dict[str, NDArray[np.int64]]


def _columns(cells: pl.DataFrame, ranks: NDArray[np.int64]) -> Columns:
    """The cells as int64 arrays, texts as their places in alphabetical order."""
    columns = {
        name: (cells[name].to_physical() if name == "text" else cells[name]).to_numpy().astype(np.int64)
        for name in cells.columns
    }
    if "text" in columns:
        columns["text"] = ranks[columns["text"]]
    return columns


def _order(columns: Columns, by: Iterable[str]) -> NDArray[np.intp]:
    """Rows by person, then by these columns; as one number a row where it fits, which sorts far faster than several."""
    keys = [columns[name] for name in ("who", *by)]
    if not len(keys[0]):
        return np.empty(0, np.intp)
    lows = [int(key.min()) for key in keys]
    widths = [int(key.max()) - low + 1 for key, low in zip(keys, lows, strict=True)]
    if math.prod(widths) >= 1 << 62:
        return np.lexsort(keys[::-1])
    joined = np.zeros(len(keys[0]), np.int64)
    for key, low, width in zip(keys, lows, widths, strict=True):
        joined = joined * width + (key - low)
    return np.argsort(joined)


def _newest(table: Table, cells: pl.DataFrame, ranks: NDArray[np.int64]) -> pl.DataFrame:
    """Each person's newest cells, at most the table's cap."""
    held = cells["who"].to_numpy()
    above = np.bincount(held)[held] > table.cap if cells.height else np.zeros(0, np.bool_)
    if not above.any():
        return cells
    many = cells.filter(pl.Series(above))
    columns = _columns(many, ranks)
    order = _order(columns, table.newest)
    who = columns["who"][order]
    after = np.searchsorted(who, who, side="right") - np.arange(len(who))
    return pl.concat([cells.filter(pl.Series(~above)), many[order[after <= table.cap]]])


def _sorted(table: Table, cells: pl.DataFrame, ranks: NDArray[np.int64]) -> Columns:
    columns = _columns(cells, ranks)
    order = _order(columns, table.packed_order)
    return {name: column[order] for name, column in columns.items()}


def _packing(columns: Columns, people: NDArray[np.int64], texts: NDArray[np.object_]) -> Packing:
    """The cells of these people (ascending codes) out of everybody's."""
    who = columns["who"]
    start, end = np.searchsorted(who, people[0]), np.searchsorted(who, people[-1], side="right")
    part = {name: column[start:end] for name, column in columns.items()}
    bounds = np.append(np.searchsorted(part["who"], people), end - start)
    return Packing(who=part["who"], bounds=bounds.astype(np.int64), columns=part, texts=texts)
