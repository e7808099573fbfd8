"""A catalogue brought into a model's row numbers: once per model and catalogue, by one process, for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.domain.entries import EVER_US, NEVER_US, UNKNOWN_E4
from recommender.ranking.listing import KINDS, NUMBERS, Listing
from recommender.ranking.orders import PARTED, newest_first, order_arrays, places_in

Find = Callable[[str], int | None]
SPARE = 256
"""Rows kept free for new items, at least; or a fiftieth of the catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What rules look at, one entry per row of the assortment.

    Attributes
    ----------
    listed : bool array
        Whether the catalogue has the item; False for one seen only in events.
    shown : bool array
        Neither removed nor hidden.
    offered : bool array
        Sellable but for the dates: not removed, hidden or out of stock.
    starts_us, ends_us : int64 arrays
        First moment on sale, first moment no more on sale; ``EVER_US`` and ``NEVER_US`` where the shop says nothing.
    added_us : int64 array
        ``added_at``; ``EVER_US`` where unknown.
    price_e4 : int64 array
        What a customer pays now, in 1/10,000 of the currency unit; -1 unknown.
    group : int32 array
        Code of ``item_group_id``; -1 none.
    shelf, category : int32 arrays
        Code of the whole category path and of its first part; -1 unknown.
    brand : int32 array
        Code of the brand; -1 unknown.
    """

    listed: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    offered: NDArray[np.bool_]
    starts_us: NDArray[np.int64]
    ends_us: NDArray[np.int64]
    added_us: NDArray[np.int64]
    price_e4: NDArray[np.int64]
    group: NDArray[np.int32]
    shelf: NDArray[np.int32]
    category: NDArray[np.int32]
    brand: NDArray[np.int32]


COLUMNS = tuple(column.name for column in fields(Columns))
UNSAID: Mapping[str, Any] = {
    "listed": False,
    "shown": True,
    "offered": True,
    "starts_us": EVER_US,
    "ends_us": NEVER_US,
    "added_us": EVER_US,
    "price_e4": UNKNOWN_E4,
    **dict.fromkeys(KINDS, -1),
}
"""What the columns hold for a row nobody has said anything about: sellable, and nothing known."""
DTYPES: Mapping[str, type[np.generic]] = {"listed": np.bool_, **NUMBERS, **dict.fromkeys(KINDS, np.int32)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """A listing in a model's rows. Arrays are shared and never written to.

    Attributes
    ----------
    listing : Listing
    arrays : mapping of str to array
        What :func:`align` gave.
    private : function of a name
        A copy of an array to write to; where the array is a mapped file, only the pages written to are copied.
    countries : dict of str to array
        Orders of countries already asked for; they outlive a change of price.
    """

    listing: Listing
    arrays: Mapping[str, NDArray[Any]]
    private: Callable[[str], NDArray[Any]]
    countries: dict[str, NDArray[np.int32]] = field(default_factory=dict)

    @property
    def n_model(self) -> int:
        """Rows of the model."""
        return int(self.arrays["about"][0])

    @property
    def n_rows(self) -> int:
        """Rows in use; the columns have some to spare."""
        return int(self.arrays["about"][1])

    def row(self, place: int) -> int:
        """The row of an item of the listing, given by its place there."""
        return int(self.arrays["row_of"][place])


def align(
    listing: Listing,
    model_ids: Sequence[str] = (),
    find: Find = lambda _: None,
    popular: NDArray[np.int32] | None = None,
) -> Aligned:
    """Bring a listing into the rows of a model: the model's items first, then those only the catalogue knows.

    Parameters
    ----------
    model_ids, find
        ``Model.item_ids`` and ``Model.index_of``.
    popular : int32 array, optional
        ``Model.popular()``; with it the popularity orders are made, too.

    Returns
    -------
    Aligned
        With the arrays ``about`` (model rows, rows in use), ``row_of`` (row per place in the listing), ``place`` (place in
        the listing per row, -1), those of :class:`Columns` and the orders ``newest`` and ``popular``.
    """
    row_of = np.fromiter((-1 if (row := find(i)) is None else row for i in listing.ids), np.int32, len(listing))
    fresh = np.flatnonzero(row_of < 0)
    row_of[fresh] = len(model_ids) + np.arange(len(fresh), dtype=np.int32)
    n_rows = len(model_ids) + len(fresh)
    capacity = n_rows + max(SPARE, n_rows // 50)
    arrays: dict[str, NDArray[Any]] = {
        "about": np.array([len(model_ids), n_rows], np.int64),
        "row_of": row_of,
        "place": np.full(capacity, -1, np.int32),
    }
    arrays["place"][row_of] = np.arange(len(listing), dtype=np.int32)
    for name in COLUMNS:
        arrays[name] = blank(name, capacity)
        arrays[name][row_of] = True if name == "listed" else listing.columns[name]
    arrays |= _orders(listing, arrays, popular)
    return Aligned(listing=listing, arrays=arrays, private=lambda name: arrays[name].copy())


def blank(name: str, n: int) -> NDArray[Any]:
    """``n`` rows of a column nobody has said anything about."""
    return np.full(n, UNSAID[name], dtype=DTYPES[name])


def _orders(
    listing: Listing, arrays: Mapping[str, NDArray[Any]], popular: NDArray[np.int32] | None
) -> dict[str, NDArray[Any]]:
    n_codes = {kind: len(listing.names[kind]) for kind in PARTED}
    made = order_arrays("newest", newest_first(arrays["added_us"], arrays["row_of"]), arrays, n_codes)
    return made if popular is None else made | popular_arrays(popular, arrays, n_codes)


def popular_arrays(
    popular: NDArray[np.int32], columns: Mapping[str, NDArray[Any]], n_codes: Mapping[str, int]
) -> dict[str, NDArray[Any]]:
    """The popularity order as arrays, and ``standing``: each row's place in it."""
    standing = places_in(popular, len(columns["listed"]))
    return {**order_arrays("popular", popular, columns, n_codes), "standing": standing}
