"""What a person likes: categories, brands and prices, fading with time.

A view counts 1, a wish or a cart 3, a purchase 8, a refund -8. Interest halves in 13 weeks; after 33 times as long,
429 weeks, nothing is left of it.
"""

import math
from collections.abc import Mapping

from recommender.domain.events import PRICE_SCALE, EventType
from recommender.features.columns import BANDS, INTEREST, WEEK_S
from recommender.features.facet import Facet, Moment, Values, described
from recommender.features.periods import DecayedSum
from recommender.features.primitives import Cell

NAME = "affinity"
TYPES = frozenset(map(EventType, INTEREST))
HALF_LIFE_WEEKS = 13.0
NONE_KNOWN = "nothing looked at or bought in the last 8 years whose {} is known"


def _faded(name: str, column: str, cap: int) -> DecayedSum:
    return DecayedSum(
        name=name, types=TYPES, num="week", text=column, column="interest", cap=cap, half_life_weeks=HALF_LIFE_WEEKS
    )


CATEGORIES, PATHS = _faded("categories", "category", 64), _faded("paths", "path", 40)
BRANDS, PRICES = _faded("brands", "brand", 48), _faded("prices", "band", 48)
PRIMITIVES = (CATEGORIES, PATHS, BRANDS, PRICES)

ATTRIBUTES = described(
    NAME,
    ("favourite_category", "str", "", "The top-level category of the most interest", NONE_KNOWN.format("category")),
    ("favourite_category_share", "float", "share", "Its part of the interest", NONE_KNOWN.format("category")),
    ("category_shares", "shares", "share", "Interest by top-level category", NONE_KNOWN.format("category")),
    ("favourite_path", "str", "", "The full category path of the most interest", NONE_KNOWN.format("category")),
    ("path_shares", "shares", "share", "Interest by full category path", NONE_KNOWN.format("category")),
    ("favourite_brand", "str", "", "The brand of the most interest", NONE_KNOWN.format("brand")),
    ("favourite_brand_share", "float", "share", "Its part of the interest", NONE_KNOWN.format("brand")),
    ("brand_shares", "shares", "share", "Interest by brand", NONE_KNOWN.format("brand")),
    ("typical_price", "float", "currency", "Half of the interest lies below this unit price (of a band)", NONE_KNOWN.format("price")),
    ("price_low", "float", "currency", "A tenth of the interest lies below this price", NONE_KNOWN.format("price")),
    ("price_high", "float", "currency", "A tenth of the interest lies above this price", NONE_KNOWN.format("price")),
)  # fmt: skip


def values(cells: Mapping[str, Cell], moment: Moment) -> Values:
    """The attributes of this facet."""
    week = moment.now_s // WEEK_S
    categories, paths, brands = (_shares(one, cells, week) for one in (CATEGORIES, PATHS, BRANDS))
    prices = PRICES.faded(cells[PRICES.name], week)
    category, path, brand = _top(categories), _top(paths), _top(brands)
    return {
        "favourite_category": category,
        "favourite_category_share": categories[category] if category is not None else None,
        "category_shares": dict(categories) or None,
        "favourite_path": path,
        "path_shares": dict(paths) or None,
        "favourite_brand": brand,
        "favourite_brand_share": brands[brand] if brand is not None else None,
        "brand_shares": dict(brands) or None,
        "typical_price": _quantile(prices, 0.5),
        "price_low": _quantile(prices, 0.1),
        "price_high": _quantile(prices, 0.9),
    }


def _shares(table: DecayedSum, cells: Mapping[str, Cell], week: int) -> dict[str, float]:
    sums = table.faded(cells[table.name], week)
    whole = sum(sums.values())
    return {key: total / whole for key, total in sums.items()}


def _top(shares: Mapping[str, float]) -> str | None:
    return min(shares, key=lambda key: (-shares[key], key)) if shares else None


def _quantile(prices: Mapping[str, int], part: float) -> float | None:
    """The middle of the band in which this part of the interest is reached, in units of currency."""
    wanted, seen = sum(prices.values()) * part, 0
    for band, total in sorted(prices.items()):
        seen += total
        if seen >= wanted:
            return round(BANDS[int(band)] * math.sqrt(math.sqrt(2)) / PRICE_SCALE, 2)
    return None


FACET = Facet(name=NAME, primitives=PRIMITIVES, attributes=ATTRIBUTES, values=values)
