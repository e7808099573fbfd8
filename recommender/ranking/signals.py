"""What a person's attributes say of an item: the one list through which attributes reach the order of a list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.domain.events import PRICE_SCALE
from recommender.ranking.assortment import Assortment

Matches = NDArray[np.float32]
Attributes = Mapping[str, Any]
"""Attributes of one person by name, as ``recommender.features`` names them; None or absent is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal: an attribute of the person beside a column of the items.

    Attributes
    ----------
    attribute : str
        The person's attribute it reads.
    title : str
        What it says, for documents.
    match : function of (assortment, rows, value)
        How well each row matches, float32 between 0 and 1.
    """

    attribute: str
    title: str
    match: Callable[[Assortment, NDArray[np.int32], Any], Matches]


def by_code(kind: str) -> Callable[[Assortment, NDArray[np.int32], Any], Matches]:
    """Match by a column of codes: the person's share of the item's code, over the person's largest share."""

    def match(assortment: Assortment, rows: NDArray[np.int32], value: Any) -> Matches:
        shares = {assortment.code(kind, name): share for name, share in value.items()}
        shares.pop(-1, None)
        best = max(shares.values(), default=0.0)
        if best <= 0:
            return np.zeros(len(rows), dtype=np.float32)
        codes = getattr(assortment.columns, kind)[rows].tolist()
        return np.array([shares.get(code, 0.0) / best for code in codes], dtype=np.float32)

    return match


def by_price(assortment: Assortment, rows: NDArray[np.int32], value: Any) -> Matches:
    """Match by price: the smaller over the larger of the item's price and the person's usual one; 0 if unknown."""
    usual = float(value) * PRICE_SCALE
    price = np.asarray(assortment.columns.price_e4[rows], dtype=np.float64)
    if usual <= 0:
        return np.zeros(len(rows), dtype=np.float32)
    match = np.minimum(price, usual) / np.maximum(price, usual)
    return np.where(price > 0, match, 0.0).astype(np.float32)


SIGNALS: Mapping[str, Signal] = {
    "category": Signal(
        attribute="category_shares", title="top-level categories of the person's interest", match=by_code("category")
    ),
    "path": Signal(
        attribute="path_shares", title="full category paths of the person's interest", match=by_code("shelf")
    ),
    "brand": Signal(attribute="brand_shares", title="brands of the person's interest", match=by_code("brand")),
    "price": Signal(attribute="typical_price", title="the unit price the person is used to", match=by_price),
}
"""Every signal by the name it has in ``rules.toml``. A weight is 0 unless the shop sets it."""


def matches_of(
    weights: Mapping[str, float], attributes: Attributes, assortment: Assortment, rows: NDArray[np.int32]
) -> dict[str, Matches]:
    """What each signal with a weight adds to the score of each row, as a share of it: weight times match."""
    added: dict[str, Matches] = {}
    for name, weight in weights.items():
        value = attributes.get(SIGNALS[name].attribute)
        if value is not None:
            added[name] = np.asarray(weight * SIGNALS[name].match(assortment, rows, value), dtype=np.float32)
    return added


def factor_of(added: Mapping[str, Matches], n: int) -> Matches:
    """All signals as one factor per row: the product of 1 + what each adds."""
    factor = np.ones(n, dtype=np.float32)
    for share in added.values():
        factor *= 1 + share
    return factor
