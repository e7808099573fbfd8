"""What every generator keeps: fit on interactions, look at a block of people, propose items and score any item."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.digest import Digest
from recommender.algorithms.ragged import Floats, Ints

Arrays = Mapping[str, NDArray[Any]]
Params = Mapping[str, float]


class Opinion(Protocol):
    """What one generator thinks of one block of people. Keys are ``person * n_items + item``."""

    def top(self, k: int, banned: Ints) -> Ints:
        """Keys of each person's ``k`` best items with a score above 0, none of ``banned`` (sorted keys), in no particular order."""
        ...

    def at(self, keys: Ints) -> Floats:
        """The score of each key (distinct, person by person): never negative, always finite; 0 where the generator has nothing to say."""
        ...


class Generator(Protocol):
    """A fitted generator: frozen, made of item-side arrays only, no person in it."""

    @property
    def name(self) -> str:
        """The generator's name: a place in the blend, and the ``source`` of what it proposes."""
        ...

    def look(self, digest: Digest) -> Opinion:
        """Look at a block of people."""
        ...

    def to_arrays(self) -> Arrays:
        """Everything but the name and the parameters."""
        ...


@runtime_checkable
class Relating(Protocol):
    """A generator whose proposals rest on single items of the person (or of the context)."""

    def related(self, digest: Digest, item: int) -> int | None:
        """Of the one person in ``digest``, the item that speaks loudest for ``item``; None if none does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A fitted generator, or None and a note saying what it lacked."""

    generator: Generator | None
    note: str | None = None


NOTHING = np.zeros(0, np.int64)


class Silent:
    """An opinion on nobody and nothing."""

    def top(self, k: int, banned: Ints) -> Ints:
        """Proposes nothing."""
        del k, banned
        return NOTHING

    def at(self, keys: Ints) -> Floats:
        """Scores everything 0."""
        return np.zeros(len(keys))
