"""Attributes of the people lists are asked for, as a ranker is told them: worked out when a forest asks, and not before."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from recommender.domain.errors import StoreUnavailableError
from recommender.domain.people import Person
from recommender.interactions import MISSING, Histories
from recommender.services.attributes import Portraits
from recommender.services.known import NOBODY

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger("recommender.attributes")

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Attributes of people at their moments; :class:`~recommender.interactions.Attributes`.

    Attributes
    ----------
    portraits : Portraits
    people, now : sequences
        Who, :data:`~recommender.services.known.NOBODY` for whom nothing may be used; and when.
    read : function
        (portraits, person, moment, names) to numbers, for one person.
    block : Block, optional
        Everybody's lines, where many are read at once: who is in it is not read again.
    """

    portraits: Portraits
    people: Sequence[Person]
    now: Sequence[datetime]
    read: Callable[[Portraits, Person, datetime, Sequence[str]], Numbers] = Portraits.numbers
    block: "Block | None" = None

    def of(self, person: int, names: Sequence[str]) -> Numbers:
        """These attributes of one; :data:`~recommender.interactions.MISSING` where nobody may know, or the log does not answer."""
        who = self.people[person]
        if who == NOBODY:
            return np.full(len(names), MISSING, np.float32)
        if self.block is not None and self.block.whole[person]:
            return self.block.of(self.portraits, self.now, person, names)
        try:
            return self.read(self.portraits, who, self.now[person], names)
        except StoreUnavailableError as error:
            log.warning("a list is ranked without attributes: %s", error)
            return np.full(len(names), MISSING, np.float32)

    def some(self, people: NDArray[np.int64]) -> "Told":
        """Those of some of the people, in this order."""
        rows = people.tolist()
        return replace(self, people=[self.people[row] for row in rows], now=[self.now[row] for row in rows], block=None)


@dataclass(kw_only=True)
class Block:
    """Lines of many people, with ``who``; folded together when the first is asked about.

    Attributes
    ----------
    whole : sequence of bool
        Whether these are all the lines of each person.
    """

    lines: "pl.DataFrame"
    whole: Sequence[bool]
    _known: dict[tuple[str, ...], Numbers] = field(default_factory=dict)

    def of(self, portraits: Portraits, now: Sequence[datetime], person: int, names: Sequence[str]) -> Numbers:
        """These attributes of one of the people."""
        wanted = tuple(names)
        table = self._known.get(wanted)
        if table is None:
            table = self._known[wanted] = portraits.numbers_of_block(self.lines, now, wanted)
        row: Numbers = table[person]
        return row


def with_attributes(
    histories: Histories,
    portraits: Portraits,
    people: Sequence[Person],
    now: Sequence[datetime],
    *,
    then: bool = False,
    block: Block | None = None,
) -> Histories:
    """Histories whose attributes can be asked for; ``then`` reads the log instead of profiles."""
    read = Portraits.numbers_then if then else Portraits.numbers
    return structs.replace(
        histories, attributes=Told(portraits=portraits, people=people, now=now, read=read, block=block)
    )
