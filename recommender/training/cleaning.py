"""What a line of the log must be to teach anything; all that is dropped or put right is counted."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from recommender.domain.events import ILLEGAL_IDS, ILLEGAL_ITEM_IDS
from recommender.interactions import KIND_OF, Kind

NUMBERS = ("seq", "line", "time_us", "quantity", "price_e4")
WORDS = ("type", "visitor_id", "customer_id", "session_id", "item_id", "order_id")
COLUMNS = (
    "seq",
    "line",
    "type",
    "time_us",
    "visitor_id",
    "customer_id",
    "session_id",
    "item_id",
    "quantity",
    "price_e4",
    "order_id",
)
"""Columns of the log that training reads."""

EARLIEST_US = 631_152_000_000_000
"""1990: what is older is a clock that was never set."""

MOST_UNITS = 10_000
"""Units of one line that are believed."""

TEST = r"(?i)^(test|e2e)([-_ .:#@+/]|\d|$)"
"""Ids of people and orders somebody made to see whether the shop works."""

MOST_TESTS = 0.05
"""If more of all lines than this look like a test, it is how the shop writes its ids."""

ABSURD = 100.0
"""A price so many times above or below what the item usually costs is a slip of the keyboard."""

TOLD_PRICES = 3
"""With fewer told prices of an item nobody can say what it usually costs."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Lines by reason: those nothing is learned from, and those that were put right or deserve a word."""

    left_out: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)

    def without(self, lines: pl.DataFrame, reason: str, bad: pl.Expr) -> pl.DataFrame:
        """The lines that are not bad, the others counted; unknown is not bad."""
        kept = lines.filter(~bad.fill_null(value=False))
        self.left_out[reason] += len(lines) - len(kept)
        return kept

    def notice(self, lines: pl.DataFrame, what: str, such: pl.Expr) -> None:
        """Count what stays."""
        self.noticed[what] += int(lines.select(such.fill_null(value=False).sum()).item())


def typed(frame: pl.DataFrame) -> pl.DataFrame:
    """:data:`COLUMNS` in the log's types; what is no number (text, NaN, infinite, beyond 64 bits) is missing."""
    numbers = [pl.col(name).cast(pl.Int64, strict=False) for name in NUMBERS]
    words = [pl.col(name).cast(pl.String, strict=False) for name in WORDS]
    return frame.select(COLUMNS).with_columns(*numbers, *words)


def nothing() -> pl.DataFrame:
    """A log without lines."""
    schema: dict[str, Any] = {name: pl.Int64 if name in NUMBERS else pl.String for name in COLUMNS}
    return pl.DataFrame(schema=schema)


def timely(frame: pl.DataFrame, latest_us: int | None, tally: Tally) -> pl.DataFrame:
    """Lines of any type whose time can be true."""
    time = pl.col("time_us")
    frame = tally.without(frame, "no time or before 1990", time.is_null() | (time < EARLIEST_US))
    return frame if latest_us is None else tally.without(frame, "in the future", time > latest_us)


def cleaned(frame: pl.DataFrame, tally: Tally) -> pl.DataFrame:
    """Lines of the kinds we learn from that name a person and an item, with ``kind`` (a :class:`Kind`) and ``test``."""
    lines = frame.join(_kinds(), on="type", how="inner").drop("type")
    lines = tally.without(lines, "no item", pl.col("item_id").is_null())
    lines = tally.without(lines, "illegal item", _illegal("item_id", ILLEGAL_ITEM_IDS))
    named = pl.col("customer_id").is_not_null() | pl.col("visitor_id").is_not_null()
    lines = tally.without(lines, "no person", ~named)
    legal = [pl.when(~_illegal(name, ILLEGAL_IDS)).then(name).alias(name) for name in ("customer_id", "visitor_id")]
    lines = tally.without(lines.with_columns(*legal), "illegal person", ~named)
    return _units(lines, tally).with_columns(test=_test())


def _kinds() -> pl.DataFrame:
    return pl.DataFrame({"type": [str(t) for t in KIND_OF], "kind": np.array(list(KIND_OF.values()), np.int8)})


def _illegal(column: str, words: Collection[str]) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase().is_in(list(words)).fill_null(value=False)


def _test() -> pl.Expr:
    ids = ("customer_id", "visitor_id", "order_id")
    return pl.any_horizontal(pl.col(name).str.contains(TEST).fill_null(value=False) for name in ids)


def _units(lines: pl.DataFrame, tally: Tally) -> pl.DataFrame:
    """Units between 1 and :data:`MOST_UNITS`; one where none are told, and a refund's without its sign."""
    refund = pl.col("kind") == int(Kind.REFUND)
    told = pl.col("quantity").clip(lower_bound=-(2**62)).fill_null(1)
    lines = lines.with_columns(quantity=pl.when(refund).then(told.abs()).otherwise(told))
    lines = tally.without(lines, "quantity not above 0", pl.col("quantity") <= 0)
    tally.notice(lines, f"quantity above {MOST_UNITS:,}, taken as that", pl.col("quantity") > MOST_UNITS)
    return lines.with_columns(pl.col("quantity").clip(upper_bound=MOST_UNITS))


def without_tests(lines: pl.DataFrame, tally: Tally) -> pl.DataFrame:
    """Without test people and test orders, unless they are too many to be tests."""
    if int(lines["test"].sum()) > MOST_TESTS * len(lines):
        tally.notice(lines, "ids like those of tests, taken for real: too many", pl.col("test"))
        return lines.drop("test")
    return tally.without(lines, "test person or test order", pl.col("test")).drop("test")


def priced(lines: pl.DataFrame, tally: Tally) -> pl.DataFrame:
    """Prices that can be true; the others are taken for not told, the line stays."""
    price = pl.col("price_e4")
    real = pl.when(price >= 0).then(price)
    usual = real.median().over("item_id")
    far = (price > ABSURD * usual) | (ABSURD * price < usual)
    odd = (price < 0) | (far & (real.count().over("item_id") >= TOLD_PRICES))
    lines = lines.with_columns(odd=odd.fill_null(value=False))
    tally.notice(lines, "price not believed", pl.col("odd"))
    return lines.with_columns(price_e4=pl.when(~pl.col("odd")).then(price)).drop("odd")
