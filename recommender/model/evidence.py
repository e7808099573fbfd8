"""What a generator saw when it proposed an item: enough for one true sentence."""

from typing import TYPE_CHECKING

import numpy as np

from recommender.algorithms import Family, spec_of
from recommender.algorithms.contract import Generator, Relating
from recommender.algorithms.digest import DAY_US, digest
from recommender.algorithms.ragged import Ints
from recommender.interactions import Histories, Kind, some_histories
from recommender.model.contract import Ask, Evidence, Query

if TYPE_CHECKING:
    from recommender.model.fitted import ItemFacts


def evidence(
    generator: Generator, facts: "ItemFacts", item: int, histories: Histories, *, person: int, query: Query
) -> Evidence:
    """Why ``generator`` proposed ``item`` to that person of ``histories``."""
    family = spec_of(generator.name).family
    rows = np.arange(histories.indptr[person], histories.indptr[person + 1])
    own = rows[histories.item[rows] == item]
    if family is Family.AGAIN:
        return _again(histories, own)
    if family is Family.LOOKED:
        return _looked(histories, own)
    if family is Family.CATEGORY:
        code = int(facts.category[item])
        return Evidence(code=str(family), category=facts.categories[code] if code >= 0 else None)
    if family in (Family.TRENDING, Family.COUNTRY):
        return Evidence(code=str(family))
    focus = query.context if query.ask in (Ask.SIMILAR, Ask.CART) else ()
    view = digest(some_histories(histories, np.array([person])), [focus], len(facts.standing))
    related = generator.related(view, item) if isinstance(generator, Relating) else None
    return Evidence(code=str(family), related=related)


def _again(histories: Histories, own: Ints) -> Evidence:
    bought = own[histories.kind[own] == Kind.PURCHASE]
    order = np.where(histories.order[bought] < 0, -2 - histories.time_us[bought] // DAY_US, histories.order[bought])
    return Evidence(code="again", count=len(np.unique(order)), when_us=int(histories.time_us[bought].max()))


def _looked(histories: Histories, own: Ints) -> Evidence:
    carted = own[histories.kind[own] == Kind.CART]
    if len(carted):
        return Evidence(code="carted", when_us=int(histories.time_us[carted].max()))
    viewed = own[histories.kind[own] == Kind.VIEW]
    return Evidence(code="viewed", count=len(viewed), when_us=int(histories.time_us[viewed].max()))
