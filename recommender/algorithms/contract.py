"""What every generator keeps: fit on interactions, look at one person, propose items and score any item."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import NOTHING, Floats, Ints
from recommender.kernels.plain import Line

Arrays = Mapping[str, NDArray[Any]]
Params = Mapping[str, float]


class Opinion(Protocol):
    """What one generator thinks of one person. Costs what the person's history costs, whatever the size of the catalogue."""

    def top(self, k: int, banned: Ints) -> Ints:
        """The ``k`` best items with a score above 0, none of ``banned`` (sorted items), each once, in no particular order."""
        ...

    def at(self, items: Ints) -> Floats:
        """The score of each item: never negative, always finite; 0 where the generator has nothing to say."""
        ...

    def told(self, known: Ints, /) -> Line:
        """What :func:`recommender.kernels.plain.stood` takes of it: of items, of which ``known`` are the model's."""
        ...


class Generator(Protocol):
    """A fitted generator: frozen, made of item-side arrays only, no person in it."""

    @property
    def name(self) -> str:
        """The generator's name: a place in the blend, and the ``source`` of what it proposes."""
        ...

    def look(self, person: Person) -> Opinion:
        """Look at a person."""
        ...

    def to_arrays(self) -> Arrays:
        """Everything but the name and the parameters."""
        ...


@runtime_checkable
class Relating(Protocol):
    """A generator whose proposals rest on single items of the person (or of the context)."""

    def related(self, person: Person, item: int) -> int | None:
        """The item of the person that speaks loudest for ``item``; None if none does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A fitted generator, or None and a note saying what it lacked."""

    generator: Generator | None
    note: str | None = None


class Listed:
    """Scores of a few items, all others 0: what most generators have to say of one person.

    Parameters
    ----------
    item : int64 array
        Ascending, each once.
    score : float64 array
        Never negative.
    """

    __slots__ = ("item", "score")

    def __init__(self, item: Ints, score: Floats) -> None:
        self.item: Ints = item
        self.score: Floats = score

    def top(self, k: int, banned: Ints) -> Ints:
        """The ``k`` highest scores above 0; of equal ones those of the first items."""
        return kernels.best(self.item, self.score, k, banned)

    def at(self, items: Ints) -> Floats:
        """Scores of the items; quickest where they are ascending."""
        return kernels.scores_at(self.item, self.score, items)

    def told(self, _: Ints, /) -> Line:
        """All there is to say, of newcomers, too."""
        return self.item, self.score


SILENT = Listed(NOTHING, np.zeros(0))
"""An opinion on nothing."""
