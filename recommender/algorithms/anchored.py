"""Generators that are a neighbour table: which history speaks through it, and for how long."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.algorithms.contract import SILENT, Arrays, Opinion
from recommender.algorithms.neighbours import Neighbours, Votes
from recommender.algorithms.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGenerator:
    """A neighbour table through which a person's purchases (or views and carts) speak, weighted with a half-life."""

    name: str
    table: Neighbours
    half_life_days: float
    from_bought: bool

    def look(self, person: Person) -> Opinion:
        """The person's anchors vote."""
        return self._votes(person) or SILENT

    def related(self, person: Person, item: int) -> int | None:
        """The anchor that adds most to the item's sum."""
        votes = self._votes(person)
        return None if votes is None else votes.loudest(item)

    def _votes(self, person: Person) -> Votes | None:
        known = person.opinions.get(self.name)
        if known is None:
            item, weight = person.anchors(from_bought=self.from_bought, half_life_days=self.half_life_days)
            known = person.opinions[self.name] = (Votes(item, weight, self.table) if len(item) else None,)
        votes: Votes | None = known[0]
        return votes

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
