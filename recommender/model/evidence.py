"""What a generator saw when it proposed an item: enough for one true sentence."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from recommender.algorithms import Family
from recommender.algorithms.contract import Generator, Relating
from recommender.algorithms.person import Person
from recommender.domain.lazily import once
from recommender.interactions import Histories, Kind
from recommender.model.contract import Evidence

if TYPE_CHECKING:
    from recommender.model.facts import ItemFacts

CART, VIEW = int(Kind.CART), int(Kind.VIEW)

WANTED = frozenset({Family.TRENDING, Family.COUNTRY, Family.CATEGORY})
RELATING = frozenset({Family.BOUGHT_WITH, Family.VIEWED_NEXT, Family.CLOSE})


class Witness:
    """Speaks for the generators about one person of ``histories``: what several items need is worked out once."""

    def __init__(
        self, facts: "ItemFacts", histories: Histories, *, place: int, person: Person, items: Sequence[int]
    ) -> None:
        self._facts = facts
        self._histories = histories
        self._place = place
        self._person = person
        self._items = items

    @once
    def _lines(self) -> dict[tuple[int, int], list[int]]:
        """(item, kind) to the times of the person's lines with the items spoken of, oldest first."""
        wanted = np.array(sorted(set(self._items)), np.int32)
        lines: dict[tuple[int, int], list[int]] = {}
        for of in (self._histories, self._histories.newcomers):
            if of is None:
                continue
            start, end = int(of.indptr[self._place]), int(of.indptr[self._place + 1])
            item = of.item[start:end]
            rows = (wanted.take(wanted.searchsorted(item), mode="clip") == item).nonzero()[0] + start
            columns = (of.item, of.kind, of.time_us)
            for row, kind, time_us in zip(*(column.take(rows).tolist() for column in columns), strict=True):
                lines.setdefault((row, kind), []).append(time_us)
        return lines

    def testimony(self, speakers: Iterable[tuple[Generator, Family]]) -> list[Evidence]:
        """Why each item's generator proposed it. Of what was bought orders are counted, or days where no order is told."""
        bought = self._person.bought.again(self._items)
        return [
            self._says(generator, family, item)
            if family is not Family.AGAIN or known is None
            else Evidence("again", None, *known)
            for (generator, family), item, known in zip(speakers, self._items, bought, strict=True)
        ]

    def _says(self, generator: Generator, family: Family, item: int) -> Evidence:
        if family is Family.LOOKED:
            return self._looked(item)
        if family in WANTED:
            return self._wanted(item, family)
        related = cast("Relating", generator).related(self._person, item) if family in RELATING else None
        if related is None or family is Family.VIEWED_NEXT or not self._only_looked_at(related):
            return Evidence(code=family.value, related=related)
        return self._looked(item) if related == item else Evidence(code=Family.CLOSE.value, related=related)

    def _only_looked_at(self, anchor: int) -> bool:
        """Whether the person looked at an anchor and neither bought it nor has it on the page or in the cart."""
        person = self._person
        if not person.looks_speak or person.focused:
            return False
        bought = person.bought.item
        return not (len(bought) and bought.take(bought.searchsorted(anchor), mode="clip") == anchor)

    def _wanted(self, item: int, family: Family) -> Evidence:
        """How many people bought it in the last week of the log, wherever they live."""
        code = int(self._facts.category[item]) if family is Family.CATEGORY else -1
        return Evidence(
            code=family.value,
            count=int(self._facts.week_buyers[item]),
            when_us=self._facts.clock_us,
            category=self._facts.categories[code] if code >= 0 else None,
        )

    def _looked(self, item: int) -> Evidence:
        carted = self._lines.get((item, CART))
        if carted:
            return Evidence(code="carted", when_us=carted[-1])
        viewed = self._lines[item, VIEW]
        return Evidence(code="viewed", count=len(viewed), when_us=viewed[-1])
