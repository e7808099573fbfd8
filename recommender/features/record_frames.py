"""Whole logs as records of people's items, in columns; the bytes are those of :mod:`recommender.features.record`."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recommender.features.record import (
    KIND_CODE,
    MANY,
    MOST_LINES,
    MOST_QUANTITY,
    SECOND_US,
    VERSION,
    Ints,
    Packed,
    encode_packed,
    encode_record,
    record_of_lines,
    run_begins,
)
from recommender.features.words import Words, hashed

EMPTY = 0
"""The code of the empty text in every dictionary."""

ROWS_HELD = 6_000_000
"""Interactions that are held before each person's are cut to the newest."""

Columns = dict[str, Ints]


class Recording:
    """The interactions of many people, growing chunk by chunk (in the order of the log).

    Parameters
    ----------
    limit : int
        The most interactions of a person to keep, the newest.
    of_lines : bool
        Whether all lines count, as where a log is asked for a person's newest ``limit`` lines: a record is then of the
        interactions among those, and complete only if there were fewer lines.
    words : Words, optional
        The dictionary of ``item``, if the lines have that column.
    """

    def __init__(self, limit: int = MOST_LINES, *, of_lines: bool = False, words: Words | None = None) -> None:
        self._limit = limit
        self._of_lines = of_lines
        self._words = words or Words()
        self._held: list[Columns] = []
        self._rows = 0
        self._incomplete = np.empty(0, np.int64)
        self._sorted: Columns | None = None
        self._texts: NDArray[np.object_] = np.empty(0, object)

    def add(self, lines: pl.DataFrame) -> None:
        """Keep the interactions among lines, which have ``who`` (uint32) beside the columns of the log."""
        kinds = list(KIND_CODE)
        item = pl.col("item") if "item" in lines.columns else pl.col("item_id").cast(self._words.type)
        kept = pl.col("type").is_in(kinds) & (pl.col("item").to_physical().fill_null(EMPTY) != EMPTY)
        rows = hashed(lines).with_columns(item=item)
        rows = rows.with_columns(type=pl.when(kept).then("type")) if self._of_lines else rows.filter(kept)
        if not rows.height:
            return
        columns = rows.select(
            "who",
            order_hash=pl.col("order_hash").fill_null(-1),
            time=pl.col("time_us"),
            item=pl.when(pl.col("type").is_not_null()).then("item").to_physical().fill_null(0),
            kind=pl.col("type").replace_strict(kinds, list(KIND_CODE.values()), default=-1, return_dtype=pl.Int64),
            quantity=pl.col("quantity").fill_null(1).clip(1, MOST_QUANTITY),
        )
        self._held.append({name: columns[name].to_numpy().astype(np.int64) for name in columns.columns})
        self._rows += rows.height
        if self._rows > ROWS_HELD:
            self._settle()

    def _settle(self) -> None:
        """Sort by person and time (then arrival), and keep each person's newest."""
        columns = {name: np.concatenate([part[name] for part in self._held]) for name in self._held[0]}
        order = by_person_and_time(columns["who"], columns["time"])
        who = columns["who"][order]
        begins = run_begins(who)
        length = np.diff(np.append(begins, len(who)))
        after = np.repeat(begins + length, length) - np.arange(len(who))
        most = self._limit - 1 if self._of_lines else self._limit
        self._incomplete = np.union1d(self._incomplete, who[after > most])
        order = order[after <= self._limit]
        self._held = [{name: column[order] for name, column in columns.items()}]
        self._rows = len(order)

    def finish(self) -> None:
        """Put in order what was kept, after the last chunk; :meth:`blobs` does it if need be."""
        if self._sorted is not None or not self._held:
            return
        self._settle()
        kept = self._held[0]["kind"] >= 0
        self._sorted = {name: column[kept] for name, column in self._held[0].items()}
        ranks, self._texts = self._words.ranks(int(self._sorted["item"].max(initial=0)) + 1)
        self._sorted["item"] = ranks[self._sorted["item"]]

    def blobs(self, people: Ints) -> list[bytes]:
        """The records of these people (ascending codes; each as good as any), after the last chunk."""
        self.finish()
        if self._sorted is None:
            return [encode_record(record_of_lines(()))] * len(people)
        who = self._sorted["who"]
        start, end = np.searchsorted(who, people[0]), np.searchsorted(who, people[-1], side="right")
        part = {name: column[start:end] for name, column in self._sorted.items()}
        return _packed(part, people, np.isin(people, self._incomplete, invert=True).tolist(), self._texts)


def by_person_and_time(who: Ints, time: Ints) -> NDArray[np.intp]:
    """Rows by person, then time, then place."""
    by_time = np.argsort(time, kind="stable")
    size = len(who)
    return by_time[np.argsort(who[by_time] * size + np.arange(size))]


def _packed(part: Columns, people: Ints, complete: list[bool], texts: NDArray[np.object_]) -> list[bytes]:
    """The records of people out of their rows, which are sorted by person and time."""
    ids, item, id_bounds = _items(part, people, texts)
    names, order, name_bounds = _orders(part, people)
    begins = run_begins(part["who"], part["time"], part["kind"], order)
    second, fraction = part["time"][begins] // SECOND_US, part["time"][begins] % SECOND_US
    rows, runs = _bounds(part["who"], people), _bounds(part["who"][begins], people)
    start = np.where(np.diff(runs) > 0, np.append(second, 0)[runs[:-1]], 0)
    many = part["quantity"] >= MANY
    flat = _Flat(
        item=item.astype("<u2").tobytes(),
        length=np.diff(np.append(begins, len(order))).astype("<u2").tobytes(),
        second=(second - np.repeat(start, np.diff(runs))).astype("<u4").tobytes(),
        fraction=fraction.astype("<u4").tobytes(),
        kind=part["kind"][begins].astype("<u1").tobytes(),
        order=order[begins].astype("<i2").tobytes(),
        quantity=np.minimum(part["quantity"], MANY).astype("<u1").tobytes(),
        many=part["quantity"][many].astype("<u4").tobytes(),
        names=names.astype("<u4").tobytes(),
        ids=ids,
    )
    bounds = (rows, runs, id_bounds, name_bounds, _bounds(part["who"][many], people))
    told = (start.tolist(), _largest(fraction, runs), _largest(part["quantity"], rows), complete)
    people_bounds = zip(*(pairwise(one.tolist()) for one in bounds), strict=True)
    return [
        encode_packed(_one(flat, where, what))
        for where, what in zip(people_bounds, zip(*told, strict=True), strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flat:
    """The columns of :class:`~recommender.features.record.Packed`, those of many people in a row."""

    item: bytes
    length: bytes
    second: bytes
    fraction: bytes
    kind: bytes
    order: bytes
    quantity: bytes
    many: bytes
    names: bytes
    ids: list[str]


Pair = tuple[int, int]


def _one(flat: _Flat, where: tuple[Pair, Pair, Pair, Pair, Pair], what: tuple[int, int, int, bool]) -> Packed:
    """One person's part: ``where`` its rows, runs, items, orders and large quantities begin and end."""
    (i, j), (a, b), (c, d), (e, f), (g, h) = where
    start, fraction, quantity, complete = what
    return Packed(
        VERSION,
        complete,
        flat.ids[c:d],
        flat.item[2 * i : 2 * j],
        b"" if b - a == j - i else flat.length[2 * a : 2 * b],
        start,
        flat.second[4 * a : 4 * b],
        flat.fraction[4 * a : 4 * b] if fraction else b"",
        flat.kind[a:b],
        flat.order[2 * a : 2 * b] if f > e else b"",
        flat.quantity[i:j] if quantity > 1 else b"",
        flat.many[4 * g : 4 * h],
        flat.names[4 * e : 4 * f],
    )


def _bounds(who: Ints, people: Ints) -> Ints:
    return np.append(np.searchsorted(who, people), len(who)).astype(np.int64)


def _largest(values: Ints, bounds: Ints) -> list[int]:
    """The largest value between the bounds; 0 of nothing."""
    if not len(values):
        return [0] * (len(bounds) - 1)
    filled = np.diff(bounds) > 0
    found = np.zeros(len(filled), np.int64)
    found[filled] = np.maximum.reduceat(values, bounds[:-1][filled])
    return found.tolist()


def _items(part: Columns, people: Ints, texts: NDArray[np.object_]) -> tuple[list[str], Ints, Ints]:
    """The different items person by person, each row's place among its person's, and where each person's begin."""
    base = len(texts) + 1
    pairs, places = _different(part["who"] * base + part["item"])
    bounds = _bounds(pairs // base, people)
    first = np.repeat(bounds[:-1], np.diff(_bounds(part["who"], people)))
    return texts[pairs % base].tolist(), places - first, bounds


def _different(values: Ints) -> tuple[Ints, Ints]:
    """The different values, sorted, and which of them each is; sorted together with its place where both fit in one number."""
    size = len(values)
    bits = size.bit_length()
    if not size or int(values.max()) >= 1 << (63 - bits):
        different, places = np.unique(values, return_inverse=True)
        return different, places
    joined = (values << bits) | np.arange(size)
    joined.sort()
    joined, rows = joined >> bits, joined & ((1 << bits) - 1)
    begins = run_begins(joined)
    places = np.empty(size, np.int64)
    places[rows] = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, size)))
    return joined[begins], places


def _orders(part: Columns, people: Ints) -> tuple[Ints, Ints, Ints]:
    """The orders' names person by person as they appear, each row's order (-1: none), and where each person's begin."""
    told = part["order_hash"] >= 0
    who = part["who"][told]
    pairs, first, places = np.unique((who << 32) | part["order_hash"][told], return_index=True, return_inverse=True)
    appear = np.argsort(first)
    rank = np.empty(len(pairs), np.int64)
    rank[appear] = np.arange(len(pairs))
    pairs = pairs[appear]
    bounds = _bounds(pairs >> 32, people)
    codes = np.full(len(told), -1, np.int64)
    codes[told] = rank[places] - bounds[np.searchsorted(people, who)]
    return pairs & 0xFFFF_FFFF, codes, bounds
