"""The log as it stood at any moment: attributes of many people, each as of a moment of their own, in columns.

What a ranker is grown on must be what it is told when it serves, and nothing later. So training keeps the lines of the log beside
the interactions made of them, sorted by person and time; a person at a moment is the lines before it, folded by the very
primitives that keep the profile.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recommender.domain.events import EventType
from recommender.features.columns import ItemLookup
from recommender.features.frames import Folding
from recommender.features.numbers import NUMBERS, facets_of, numbers_of
from recommender.features.state import values_of_blob, values_of_nobody
from recommender.features.words import Words, hashed

MOST_LINES = 3_000_000
"""Lines that are kept, some 50 bytes each. Of a longer log none are: its forests do without attributes."""

AT_ONCE = 100_000
"""Lines that are folded together."""

MOST_REMEMBERED = 50_000
"""People at a moment whose attributes are remembered, 200 bytes each."""

READ = (
    "type", "time_us", "line", "visitor_id", "customer_id", "session_id", "item_id", "quantity", "price_e4", "currency",
    "order_id", "value_e4", "slate_id",
)  # fmt: skip
"""The columns of the log that are looked at."""

MOST_UNITS = 1 << 30
Ints = NDArray[np.int64]
Numbers = NDArray[np.float32]
_TYPES = pl.Enum([str(name) for name in EventType])


class Chronicle:
    """Lines of the log, gathered chunk by chunk in any order; :meth:`of` gives what is asked.

    Parameters
    ----------
    lookup : ItemLookup
        The catalogue as it stands, as profiles are folded with it.
    who : mapping
        visitor_id to the customer the browser belongs to.
    most : int
        Lines beyond which nothing is kept.
    """

    def __init__(self, lookup: ItemLookup, who: Mapping[str, str], *, most: int = MOST_LINES) -> None:
        self._items = _Kept(lookup.frame())
        pairs = {"visitor_id": list(who), "owner": list(who.values())}
        self._links = pl.DataFrame(pairs, schema={"visitor_id": pl.String, "owner": pl.String})
        self._words = Words()
        self._held: list[pl.DataFrame] = []
        self._most, self.lines = most, 0

    def add(self, lines: pl.DataFrame) -> None:
        """Keep lines, which have the columns of :data:`READ`."""
        self.lines += lines.height
        if self.lines > self._most:
            self._held.clear()
            return
        owned = hashed(lines).join(self._links, on="visitor_id", how="left", maintain_order="left")
        person = pl.coalesce("c:" + pl.col("customer_id"), "c:" + pl.col("owner"), "v:" + pl.col("visitor_id"))
        kept = owned.with_columns(person=person).filter(pl.col("person").is_not_null())
        self._held.append(kept.select(*self._columns()))

    def _columns(self) -> list[pl.Expr]:
        text = self._words.type
        return [
            pl.col("person").cast(text),
            pl.col("type").cast(_TYPES, strict=False),
            pl.col("time_us").cast(pl.Int64),
            pl.col("quantity").clip(-MOST_UNITS, MOST_UNITS).cast(pl.Int32),
            pl.col("price_e4", "value_e4", "order_hash", "visitor_hash").cast(pl.Int64),
            pl.col("item_id", "currency").cast(text),
            (pl.col("line") == 0).alias("first"),
            (pl.col("slate_id").fill_null("") != "").alias("slated"),
            (pl.col("customer_id").fill_null("") != "").alias("named"),
        ]

    def of(self, people: pl.Series) -> "Chronicled | None":
        """The lines by person, for people named ``c:<customer_id>`` or ``v:<visitor_id>``; None if there are too many lines."""
        if self.lines > self._most or not self._held:
            return None
        names = pl.DataFrame({"person": people.cast(self._words.type), "who": np.arange(len(people), dtype=np.int64)})
        lines = pl.concat(self._held).join(names, on="person", how="inner").drop("person")
        self._held.clear()
        lines = lines.sort("time_us")
        who = lines["who"].to_numpy()
        rows = who.argsort(kind="stable")
        return Chronicled(
            lines=lines.drop("who"),
            times=lines["time_us"].to_numpy(),
            rows=rows,
            key=who[rows] * max(len(who), 1) + rows,
            items=self._items,
        )


@dataclass(frozen=True, slots=True)
class _Kept:
    """The catalogue, read once."""

    table: pl.DataFrame

    def facts(self, item_id: str) -> None:
        del item_id

    def frame(self) -> pl.DataFrame:
        return self.table


@dataclass(frozen=True, kw_only=True, eq=False)
class Chronicled:
    """All lines in time order, and their rows by person. An :class:`~recommender.interactions.AttributeSource`.

    Attributes
    ----------
    rows, key : int64 arrays
        Rows by person, each person's in time order, and ``person * n + row``: ascending.
    """

    lines: pl.DataFrame
    times: Ints
    rows: Ints
    key: Ints
    items: ItemLookup
    _remembered: dict[tuple[int, int, int], Numbers] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        """How many lines: what a search for hyper-parameters is named by must not depend on where in memory this lies."""
        return f"Chronicled({len(self.times)})"

    def at(self, person: Ints, since_us: Ints, until_us: Ints) -> "AttributesAt":
        """What each person did in ``[since_us, until_us)``, looked at then; folded when it is first asked for."""
        return AttributesAt(source=self, person=person, since_us=since_us, until_us=until_us)

    def numbers(self, person: Ints, since_us: Ints, until_us: Ints, names: Sequence[str] = NUMBERS) -> Numbers:
        """The attributes, float32 of shape (n, len(names)). Those of all names are remembered for who is asked about again."""
        if tuple(names) != NUMBERS:
            return self._folded(person, since_us, until_us, names)
        memory, keys = self._remembered, list(zip(person.tolist(), since_us.tolist(), until_us.tolist(), strict=True))
        fresh = np.array([place for place, key in enumerate(keys) if key not in memory], np.int64)
        if len(memory) + len(fresh) > MOST_REMEMBERED:
            memory.clear()
            fresh = np.arange(len(keys), dtype=np.int64)
        found = self._folded(person[fresh], since_us[fresh], until_us[fresh], names)
        memory.update(zip((keys[place] for place in fresh.tolist()), found, strict=True))
        return np.array([memory[key] for key in keys], np.float32).reshape(len(keys), len(names))

    def _folded(self, person: Ints, since_us: Ints, until_us: Ints, names: Sequence[str]) -> Numbers:
        n = max(len(self.times), 1)
        first, end = (
            self.key.searchsorted(person * n + self.times.searchsorted(edge)) for edge in (since_us, until_us)
        )
        length = np.maximum(end - first, 0).astype(np.int64)
        parts = [
            numbers_of_lines(*self._lines(first[part], length[part]), self.items, until_us[part], names)
            for part in _parts(length, AT_ONCE)
        ]
        return np.concatenate([np.zeros((0, len(names)), np.float32), *parts])

    def _lines(self, first: Ints, length: Ints) -> tuple[pl.DataFrame, Ints]:
        """The lines of people whose rows begin at ``first`` and are so many, and whose each is."""
        start = np.repeat(first - (np.cumsum(length) - length), length)
        rows = self.rows[start + np.arange(len(start))]
        return _told(self.lines[rows]), np.repeat(np.arange(len(length), dtype=np.int64), length)


def numbers_of_lines(
    lines: pl.DataFrame, who: Ints, items: ItemLookup, until_us: Ints, names: Sequence[str]
) -> Numbers:
    """Attributes of people as of their moments, from their lines before them.

    Parameters
    ----------
    lines : DataFrame
        With the columns of :data:`READ`.
    who : int64 array
        Whose each line is, below the number of people.
    until_us : int64 array of length n_people

    Returns
    -------
    float32 array of shape (n_people, len(names))
        As folding each person's lines one by one would give them.
    """
    out = np.tile(numbers_of(values_of_nobody(), names), (len(until_us), 1))
    if not lines.height:
        return out
    folding, facets = Folding(items, Words()), facets_of(names)
    folding.add(folding.derived(lines).with_columns(who=pl.Series(who.astype(np.uint32))))
    for codes, blobs in folding.states():
        for place, blob in zip(codes.tolist(), blobs, strict=True):
            out[place] = numbers_of(values_of_blob(blob, int(until_us[place]), facets=facets), names)
    return out


@dataclass(kw_only=True)
class AttributesAt:
    """Attributes of some people at their moments; :class:`~recommender.interactions.Attributes`. Folded for all when one is asked for."""

    source: Chronicled
    person: Ints
    since_us: Ints
    until_us: Ints
    _known: dict[tuple[str, ...], Numbers] = field(default_factory=dict, repr=False)

    def of(self, person: int, names: Sequence[str]) -> Numbers:
        """These attributes of one of the people."""
        wanted = tuple(names)
        table = self._known.get(wanted)
        if table is None:
            table = self._known[wanted] = self.source.numbers(self.person, self.since_us, self.until_us, wanted)
        row: Numbers = table[person]
        return row

    def some(self, people: Ints) -> "AttributesAt":
        """Those of some of the people, in this order."""
        return AttributesAt(
            source=self.source,
            person=self.person[people],
            since_us=self.since_us[people],
            until_us=self.until_us[people],
        )


def _parts(length: Ints, most: int) -> Iterator[slice]:
    """People one after the other, so many that they have about ``most`` lines together."""
    number = np.concatenate([np.zeros(1, np.int64), np.cumsum(length)[:-1]]) // most if len(length) else length
    edges = np.flatnonzero(np.diff(number)) + 1
    starts = [0, *edges.tolist()]
    return (slice(a, b) for a, b in zip(starts, [*starts[1:], len(length)], strict=True) if b > a)


def _told(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines as the log has them, as far as attributes look."""
    return lines.select(
        pl.col("type").cast(pl.String),
        "time_us",
        pl.col("quantity").cast(pl.Int64),
        "price_e4",
        "value_e4",
        "order_hash",
        "visitor_hash",
        pl.col("item_id", "currency").cast(pl.String),
        line=pl.when("first").then(0).otherwise(1),
        slate_id=pl.when("slated").then(pl.lit("s")),
        customer_id=pl.when("named").then(pl.lit("c")),
        visitor_id=pl.lit(None, pl.String),
    )
