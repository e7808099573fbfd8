"""Filters of a request as array look-ups: which rows a list may hold."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.domain.events import PRICE_SCALE
from recommender.domain.requests import Filter
from recommender.ranking.assortment import Assortment

Rows = NDArray[np.int32]
Mask = NDArray[np.bool_]
Test = Callable[[Rows], Mask]

LONG: Final = 512
"""Orders longer than this are narrowed once per filter and remembered."""
HEAD: Final = 1_000
"""How many fitting rows of a long order are remembered: a list of 100 with 900 exclusions."""
STEP: Final = 16_384
MAX_ORDERS: Final = 8
MAX_FILTERS: Final = 128


def one_of(column: NDArray[np.int32], codes: Sequence[int] | NDArray[np.int32]) -> Test:
    """Whether a row's code is one of ``codes``; -1 (unknown) never is."""
    wanted = np.unique(np.asarray([code for code in codes if code >= 0], dtype=np.int32))
    if len(wanted) == 0:
        return lambda rows: np.zeros(len(rows), dtype=np.bool_)
    if len(wanted) == 1:
        return lambda rows: np.asarray(column[rows] == wanted[0])

    def test(rows: Rows) -> Mask:
        found = column[rows]
        return np.asarray(wanted[np.searchsorted(wanted, found).clip(max=len(wanted) - 1)] == found)

    return test


def priced(column: NDArray[np.int64], low_e4: int | None, high_e4: int | None) -> Test:
    """Whether a row's price is known and within the bounds, both included."""

    def test(rows: Rows) -> Mask:
        price = column[rows]
        mask = price >= (0 if low_e4 is None else max(low_e4, 0))
        return mask if high_e4 is None else mask & (price <= high_e4)

    return test


def valued(assortment: Assortment, name: str, values: Sequence[str]) -> Test:
    """Whether a row's attribute has one of the values."""
    column, texts = assortment.attribute(name)
    return one_of(column, [code for code, text in enumerate(texts) if text in values])


def in_e4(price: Decimal | None, rounding: str) -> int | None:
    """A price as the columns hold it; None stays None."""
    return None if price is None else int((price * PRICE_SCALE).to_integral_value(rounding))


class Sieve:
    """One filter over one version of the catalogue."""

    def __init__(self, only: Filter, assortment: Assortment) -> None:
        self._tests = tuple(_tests(only, assortment))
        self._heads: OrderedDict[int, tuple[Rows, Rows, int]] = OrderedDict()

    def keep(self, rows: Rows) -> Mask:
        """Which of the rows the filter lets through (bool array as long as ``rows``)."""
        mask = np.ones(len(rows), dtype=np.bool_)
        for test in self._tests:
            mask &= test(rows)
        return mask

    def head(self, order: Rows) -> tuple[Rows, int]:
        """The first fitting rows of a long order and where the rest begins; worked out once per order."""
        known = self._heads.get(id(order))
        if known is None or known[0] is not order:
            known = (order, *self._narrow(order))
            self._heads[id(order)] = known
            while len(self._heads) > MAX_ORDERS:
                self._heads.popitem(last=False)
        return known[1], known[2]

    def _narrow(self, order: Rows) -> tuple[Rows, int]:
        parts: list[Rows] = []
        found = at = 0
        while at < len(order) and found < HEAD:
            rows = order[at : at + STEP]
            parts.append(rows[self.keep(rows)])
            found, at = found + len(parts[-1]), at + len(rows)
        return (np.concatenate(parts) if parts else order[:0]), at


class Sieves:
    """The filters lately asked for over one version of the catalogue."""

    def __init__(self, assortment: Assortment) -> None:
        self._assortment = assortment
        self._known: OrderedDict[Filter, Sieve] = OrderedDict()

    def of(self, only: Filter) -> Sieve:
        """The filter, ready to use."""
        sieve = self._known.get(only)
        if sieve is None:
            sieve = self._known[only] = Sieve(only, self._assortment)
            while len(self._known) > MAX_FILTERS:
                self._known.popitem(last=False)
        return sieve


def _tests(only: Filter, assortment: Assortment) -> Iterator[Test]:
    columns = assortment.columns
    if only.brand is not None:
        yield one_of(columns.brand, [assortment.brand_code(only.brand)])
    if only.category is not None:
        yield one_of(columns.shelf, assortment.shelf_codes_under(only.category))
    if only.price_min is not None or only.price_max is not None:
        yield priced(columns.price_e4, in_e4(only.price_min, ROUND_CEILING), in_e4(only.price_max, ROUND_FLOOR))
    for name in dict.fromkeys(name for name, _ in only.where):
        yield valued(assortment, name, [value for other, value in only.where if other == name])
