"""Which of people's events a generator is made of.

Each sort of event has a matrix of its own; where several stand in one, each counts one, so that nobody says what a cart is
worth in views: how loud carts are is learned with the weights of the blends.
"""

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.interactions import Kind


class Side(IntEnum):
    """A sort of events. The numbers stand in bundles: they stay as they are."""

    LOOKED = 0
    """Views and carts as they came, each counting one: what somebody's attention was on."""
    BOUGHT = 1
    VIEWED = 2
    CARTED = 3
    """Put into the cart or on the wish list."""
    TOUCHED = 4
    """All of it: views, carts and purchases as they came, each counting one."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds of lines that belong to it."""
        return _KINDS[self]

    @property
    def done(self) -> str:
        """What people did to the items, in words: nobody has … anything yet."""
        return _DONE[self]


_KINDS = {
    Side.LOOKED: (Kind.VIEW, Kind.CART),
    Side.BOUGHT: (Kind.PURCHASE,),
    Side.VIEWED: (Kind.VIEW,),
    Side.CARTED: (Kind.CART,),
    Side.TOUCHED: (Kind.VIEW, Kind.CART, Kind.PURCHASE),
}
_DONE = {
    Side.LOOKED: "looked at",
    Side.BOUGHT: "bought",
    Side.VIEWED: "looked at",
    Side.CARTED: "put into a cart",
    Side.TOUCHED: "looked at or bought",
}


def lines_of(kind: NDArray[Any], side: Side) -> NDArray[np.bool_]:
    """Which of some lines belong to a side, bool of the same length."""
    return np.asarray(np.isin(kind, side.kinds))
