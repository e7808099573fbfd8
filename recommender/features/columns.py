"""What facets read of a line of the log, each declared once in its two forms: of one line, and as a Polars expression.

Money is int64 of 1/10,000, times are whole seconds since 1970 UTC, days and weeks are counted from 1970 UTC as well.
A column that has no value for a line is None (null), and primitives skip the line.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from zlib import crc32

from recommender.domain.events import EventType, Line
from recommender.domain.items import CATEGORY_SEPARATOR

if TYPE_CHECKING:
    import polars as pl

DAY_S = 86_400
WEEK_S = 7 * DAY_S
SLOT_S = 1_800
"""A session ends where nothing happens for so long; no two sessions can share a slot of this length."""

ORDER_CODES = 4_096
"""Orders of one day are told apart by so many codes."""

MOST_UNITS = 1 << 20
MOST_PRICE = 1 << 40
MOST_MONEY = 1 << 50
"""What one line counts for at most, so that no sum leaves int64."""

BANDS = tuple(round(100 * 2 ** (step / 2)) for step in range(68))
"""Lower ends of the price bands, half an octave each, from 0.01 units of currency upwards."""

INTEREST: Mapping[str, int] = {
    EventType.VIEW_ITEM: 1,
    EventType.SELECT_ITEM: 1,
    EventType.EMAIL_CLICK: 1,
    EventType.ADD_TO_WISHLIST: 3,
    EventType.ADD_TO_CART: 3,
    EventType.PURCHASE: 8,
    EventType.REFUND: -8,
}
"""How much a line says about what a person likes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """What the catalogue says of an item at the moment a line is folded. None: not said. ``price_e4`` is per unit."""

    category: str | None = None
    brand: str | None = None
    price_e4: int | None = None


UNKNOWN = ItemFacts()


class ItemLookup(Protocol):
    """The catalogue as facets see it."""

    def facts(self, item_id: str) -> ItemFacts | None:
        """What is known of the item; None for a stranger."""
        ...

    def frame(self) -> "pl.DataFrame":
        """The same for all items: ``item_id``, ``category``, ``brand`` (str), ``price_e4`` (int64), one row an item."""
        ...


Value = int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One value of a line: ``of(line, facts)``, and ``expr()`` over the log's columns and ``item_category``,
    ``item_brand``, ``item_price_e4``, ``order_hash`` (:func:`order_hash`). ``text`` columns are strings, the others int64.
    """

    of: Callable[[Line, ItemFacts], Value]
    expr: "Callable[[], pl.Expr]"
    text: bool = False


def order_hash(line: Line) -> int | None:
    """A number for the order (else the visit) a line belongs to; None where the shop tells neither."""
    name = line.order_id or line.session_id
    return crc32(name.encode()) if name else None


def band_of(price_e4: int) -> int:
    """The price band (an index into :data:`BANDS`, 0 below the first)."""
    return max(bisect_right(BANDS, price_e4) - 1, 0)


def _col(name: str) -> "pl.Expr":
    import polars as pl

    return pl.col(name)


def _second(line: Line, _facts: ItemFacts) -> int:
    return line.time_us // 1_000_000


def _second_expr() -> "pl.Expr":
    return _col("time_us") // 1_000_000


def _units(line: Line, _facts: ItemFacts) -> int:
    return min(max(line.quantity or 1, 1), MOST_UNITS)


def _units_expr() -> "pl.Expr":
    return _col("quantity").fill_null(1).clip(1, MOST_UNITS)


def _money(line: Line, facts: ItemFacts) -> int:
    if line.price_e4 is None:
        return min(max(line.value_e4 or 0, -MOST_MONEY), MOST_MONEY)
    price = min(max(line.price_e4, -MOST_PRICE), MOST_PRICE)
    return min(max(price * _units(line, facts), -MOST_MONEY), MOST_MONEY)


def _money_expr() -> "pl.Expr":
    import polars as pl

    lines = _col("price_e4").clip(-MOST_PRICE, MOST_PRICE) * _units_expr()
    return pl.coalesce(lines, _col("value_e4"), pl.lit(0, pl.Int64)).clip(-MOST_MONEY, MOST_MONEY)


def _order(line: Line, facts: ItemFacts) -> int:
    second = _second(line, facts)
    code = order_hash(line)
    return second // DAY_S * ORDER_CODES + (second % DAY_S if code is None else code) % ORDER_CODES


def _order_expr() -> "pl.Expr":
    import polars as pl

    code = pl.coalesce(_col("order_hash"), _second_expr() % DAY_S) % ORDER_CODES
    return _second_expr() // DAY_S * ORDER_CODES + code


def _top(_line: Line, facts: ItemFacts) -> str | None:
    return facts.category.split(CATEGORY_SEPARATOR)[0] or None if facts.category else None


def _top_expr() -> "pl.Expr":
    import polars as pl

    top = _col("item_category").str.split(CATEGORY_SEPARATOR).list.first()
    return pl.when(top != "").then(top)


def _named(name: str) -> "pl.Expr":
    import polars as pl

    return pl.when(_col(name) != "").then(_col(name))


def _band(line: Line, facts: ItemFacts) -> str | None:
    price = facts.price_e4 if line.price_e4 is None else line.price_e4
    return f"{band_of(price):02}" if price is not None and price > 0 else None


def _band_expr() -> "pl.Expr":
    import polars as pl

    price = pl.coalesce("price_e4", "item_price_e4")
    names = pl.lit(pl.Series([f"{max(step - 1, 0):02}" for step in range(len(BANDS) + 1)]))
    place = pl.lit(pl.Series(BANDS, dtype=pl.Int64)).search_sorted(price, side="right")
    return pl.when(price > 0).then(names.gather(place))


def _interest_expr() -> "pl.Expr":
    import polars as pl

    names = [str(name) for name in INTEREST]
    return _col("type").replace_strict(names, list(INTEREST.values()), default=0, return_dtype=pl.Int64)


def _cart_expr() -> "pl.Expr":
    import polars as pl

    return _second_expr() * 2 + (_col("type") != EventType.ADD_TO_CART).cast(pl.Int64)


def _flag_expr(condition: "Callable[[], pl.Expr]") -> "Callable[[], pl.Expr]":
    def expr() -> "pl.Expr":
        import polars as pl

        return pl.when(condition()).then(pl.lit(1, pl.Int64))

    return expr


COLUMNS: Mapping[str, Column] = {
    "second": Column(of=_second, expr=_second_expr),
    "day": Column(of=lambda line, facts: _second(line, facts) // DAY_S, expr=lambda: _second_expr() // DAY_S),
    "week": Column(of=lambda line, facts: _second(line, facts) // WEEK_S, expr=lambda: _second_expr() // WEEK_S),
    "weekday": Column(
        of=lambda line, facts: (_second(line, facts) // DAY_S + 3) % 7, expr=lambda: (_second_expr() // DAY_S + 3) % 7
    ),
    "slot": Column(of=lambda line, facts: _second(line, facts) // SLOT_S, expr=lambda: _second_expr() // SLOT_S),
    "in_slot": Column(of=lambda line, facts: _second(line, facts) % SLOT_S, expr=lambda: _second_expr() % SLOT_S),
    "units": Column(of=_units, expr=_units_expr),
    "money": Column(of=_money, expr=_money_expr),
    "currency": Column(
        of=lambda line, _facts: line.currency or "", expr=lambda: _col("currency").fill_null(""), text=True
    ),
    "order": Column(of=_order, expr=_order_expr),
    "interest": Column(of=lambda line, _facts: INTEREST.get(line.type, 0), expr=_interest_expr),
    "category": Column(of=_top, expr=_top_expr, text=True),
    "path": Column(of=lambda _line, facts: facts.category or None, expr=lambda: _named("item_category"), text=True),
    "brand": Column(of=lambda _line, facts: facts.brand or None, expr=lambda: _named("item_brand"), text=True),
    "band": Column(of=_band, expr=_band_expr, text=True),
    "item": Column(of=lambda line, _facts: line.item_id or None, expr=lambda: _named("item_id"), text=True),
    "cart": Column(
        of=lambda line, facts: _second(line, facts) * 2 + (line.type != EventType.ADD_TO_CART), expr=_cart_expr
    ),
    "viewed": Column(
        of=lambda line, _facts: int(line.type == EventType.VIEW_ITEM),
        expr=lambda: (_col("type") == EventType.VIEW_ITEM).cast(int),
    ),
    "visitor": Column(
        of=lambda line, _facts: crc32(line.visitor_id.encode()) if line.visitor_id else None,
        expr=lambda: _col("visitor_hash"),
    ),
    "event": Column(
        of=lambda line, _facts: 1 if line.line == 0 else None,
        expr=_flag_expr(lambda: _col("line") == 0),
    ),
    "slate": Column(
        of=lambda line, _facts: 1 if line.line == 0 and line.slate_id else None,
        expr=_flag_expr(lambda: (_col("line") == 0) & (_col("slate_id").fill_null("") != "")),
    ),
    "named": Column(
        of=lambda line, _facts: 1 if line.customer_id else None,
        expr=_flag_expr(lambda: _col("customer_id").fill_null("") != ""),
    ),
}
"""Every column a primitive may name."""


def number_of(name: str, line: Line, facts: ItemFacts) -> int | None:
    """The value of a column of numbers for one line."""
    value = COLUMNS[name].of(line, facts)
    if isinstance(value, str):
        raise TypeError(f"column {name!r} holds text, not numbers; a primitive sums or compares it")
    return value


def text_of(name: str, line: Line, facts: ItemFacts) -> str | None:
    """The same for a column of text."""
    value = COLUMNS[name].of(line, facts)
    if isinstance(value, int):
        raise TypeError(f"column {name!r} holds numbers, not text; a primitive takes its keys from it")
    return value
