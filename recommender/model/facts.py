"""What a model knows of items beside the generators' arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHELVES: tuple[str, ...] = ("category", "parent", "department", "brand", "price_band")
"""Where an item stands: in its category, in what that lies in (where the path has two steps), in the first of all (three),
beside what is of the same brand, and beside what costs about as much (within half an octave, the bands of the profile)."""


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """What the model knows of items beside the generators' arrays.

    Attributes
    ----------
    standing : int32 array of length n_items
        Every item, most popular first: how ties are broken.
    rank : int32 array of length n_items
        Place of each item in the standing order.
    n_standing : int
        How many of them were ever bought (or, without purchases, viewed).
    repeat_rate : float32 array of length n_items
        Smoothed share of an item's buyers who bought it in a later order again.
    category : int32 array of length n_items
        Index into ``categories``; -1 unknown.
    shelves : int32 array of shape (n_items, len(SHELVES))
        A number for each item's category, for the one that lies in, and so on (:data:`SHELVES`); -1 unknown.
    week_buyers : int32 array of length n_items
        How many distinct people bought the item in the seven days before ``clock_us``.
    traits : float32 array of shape (n_items, len(TRAITS))
        What a ranker is told of each item (:data:`recommender.model.columns.TRAITS`).
    clock_us : int
        The clock of training: just after the last event.
    """

    standing: NDArray[np.int32]
    rank: NDArray[np.int32]
    n_standing: int
    repeat_rate: NDArray[np.float32]
    category: NDArray[np.int32]
    shelves: NDArray[np.int32]
    week_buyers: NDArray[np.int32]
    traits: NDArray[np.float32]
    clock_us: int
    categories: tuple[str, ...]
    countries: tuple[str, ...]
