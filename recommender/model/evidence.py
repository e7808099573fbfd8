"""What a generator saw when it proposed an item: enough for one true sentence."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from recommender.algorithms import Family, spec_of
from recommender.algorithms.contract import Generator, Relating
from recommender.algorithms.digest import DAY_US, Digest, digest
from recommender.interactions import Histories, Kind, some_histories
from recommender.model.contract import Ask, Evidence, Query

if TYPE_CHECKING:
    from recommender.model.fitted import ItemFacts


class Witness:
    """Speaks for the generators about one person of ``histories``: what several items need is worked out once."""

    def __init__(self, facts: "ItemFacts", histories: Histories, *, person: int, query: Query) -> None:
        self._facts = facts
        self._histories = histories
        self._person = person
        self._focus = query.context if query.ask in (Ask.SIMILAR, Ask.CART) else ()
        mine = slice(int(histories.indptr[person]), int(histories.indptr[person + 1]))
        self._item, self._kind = histories.item[mine], histories.kind[mine]
        self._time_us, self._order = histories.time_us[mine], histories.order[mine]

    @cached_property
    def _view(self) -> Digest:
        alone = some_histories(self._histories, np.array([self._person]))
        return digest(alone, [self._focus], len(self._facts.standing))

    def says(self, generator: Generator, item: int) -> Evidence:
        """Why ``generator`` proposed ``item``."""
        family = spec_of(generator.name).family
        if family is Family.AGAIN:
            return self._again(item)
        if family is Family.LOOKED:
            return self._looked(item)
        if family is Family.CATEGORY:
            code = int(self._facts.category[item])
            return Evidence(code=str(family), category=self._facts.categories[code] if code >= 0 else None)
        if family in (Family.TRENDING, Family.COUNTRY) or not isinstance(generator, Relating):
            return Evidence(code=str(family))
        return Evidence(code=str(family), related=generator.related(self._view, item))

    def _times(self, item: int, kind: Kind) -> list[int]:
        times: list[int] = self._time_us[(self._item == item) & (self._kind == kind)].tolist()
        return times

    def _again(self, item: int) -> Evidence:
        """Orders are counted; lines without an order count as one per day."""
        bought = (self._item == item) & (self._kind == Kind.PURCHASE)
        times = self._time_us[bought].tolist()
        orders = zip(self._order[bought].tolist(), times, strict=True)
        count = len({order if order >= 0 else -2 - time_us // DAY_US for order, time_us in orders})
        return Evidence(code="again", count=count, when_us=max(times))

    def _looked(self, item: int) -> Evidence:
        carted = self._times(item, Kind.CART)
        if carted:
            return Evidence(code="carted", when_us=max(carted))
        viewed = self._times(item, Kind.VIEW)
        return Evidence(code="viewed", count=len(viewed), when_us=max(viewed))
