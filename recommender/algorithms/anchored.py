"""Generators that are a neighbour table: which history speaks through it, and for how long."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.algorithms.contract import SILENT, Arrays, Opinion
from recommender.algorithms.neighbours import Neighbours, Votes
from recommender.algorithms.person import Person
from recommender.algorithms.sides import Side


class Voting(ABC):
    """What generators have in common through whose neighbour table some of a person's items vote: each person votes once."""

    __slots__ = ()
    name: str

    def look(self, person: Person) -> Opinion:
        """The person's items vote."""
        return self._votes(person) or SILENT

    def related(self, person: Person, item: int) -> int | None:
        """The item of the person that adds most to the item's sum."""
        votes = self._votes(person)
        return None if votes is None else votes.loudest(item)

    @abstractmethod
    def cast(self, person: Person) -> Votes | None:
        """Who votes, and how loudly; None if nobody does."""

    def _votes(self, person: Person) -> Votes | None:
        known = person.opinions.get(self.name)
        if known is None:
            known = person.opinions[self.name] = (self.cast(person),)
        votes: Votes | None = known[0]
        return votes


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGenerator(Voting):
    """A neighbour table through which a person's events of one side speak, weighted with a half-life."""

    name: str
    table: Neighbours
    half_life_days: float
    side: Side

    def cast(self, person: Person) -> Votes | None:
        """The person's anchors."""
        item, weight = person.anchors(self.side, self.half_life_days)
        return Votes(item, weight, self.table) if len(item) else None

    def to_arrays(self) -> Arrays:
        """The table and the half-life."""
        return {
            "item": self.table.item,
            "weight": self.table.weight,
            "half_life_days": np.array([self.half_life_days]),
            "side": np.array([int(self.side)]),
        }

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(
            name=name,
            table=Neighbours(item=arrays["item"], weight=arrays["weight"]),
            half_life_days=float(arrays["half_life_days"][0]),
            side=Side(int(arrays["side" if "side" in arrays else "from_bought"][0])),  # older bundles knew two sides
        )
