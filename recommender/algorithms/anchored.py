"""Generators that are a neighbour table: which history speaks through it, and for how long."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.algorithms.contract import Arrays, Opinion, Silent
from recommender.algorithms.digest import Digest
from recommender.algorithms.neighbours import Anchored, Neighbours, Votes, anchors, loudest


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGenerator:
    """A neighbour table through which a person's purchases (or views and carts) speak, weighted with a half-life."""

    name: str
    table: Neighbours
    half_life_days: float
    from_bought: bool

    def look(self, digest: Digest) -> Opinion:
        """Each person's anchors vote."""
        anchored = self._anchors(digest)
        return Votes(anchored, self.table) if len(anchored.key) else Silent()

    def related(self, digest: Digest, item: int) -> int | None:
        """The anchor that adds most to the item's sum."""
        return loudest(self._anchors(digest), self.table, item)

    def _anchors(self, digest: Digest) -> Anchored:
        touches = digest.bought if self.from_bought else digest.looked
        return anchors(digest, touches.pair, touches.totals(self.half_life_days))

    def to_arrays(self) -> Arrays:
        """The table and the half-life."""
        return {
            "item": self.table.item,
            "weight": self.table.weight,
            "half_life_days": np.array([self.half_life_days]),
            "from_bought": np.array([self.from_bought]),
        }

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(
            name=name,
            table=Neighbours(item=arrays["item"], weight=arrays["weight"]),
            half_life_days=float(arrays["half_life_days"][0]),
            from_bought=bool(arrays["from_bought"][0]),
        )
