"""From people and questions to proposals: who is answered by which blend. One person at a time, alone or in a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms import Family, spec_of
from recommender.algorithms.contract import Generator
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import Floats, Ints, distinct
from recommender.algorithms.sides import Side
from recommender.domain import metrics
from recommender.domain.requests import Repeat
from recommender.interactions import Histories
from recommender.model.blend import Blended, candidates, place_of, weigh
from recommender.model.contract import Ask, Branch, Proposal, Query, Sources
from recommender.model.opening import opened
from recommender.model.ranker import CANDIDATES, ranked
from recommender.model.remembering import proposal_of, remember

if TYPE_CHECKING:
    from recommender.model.fitted import FittedModel

LISTENING = frozenset({Family.LOOKED, Family.VIEWED_NEXT})
"""Families of generators that listen to views and carts; of the others those do whose tables or factors start from looks."""
ONCE_ONLY = 0.02
"""Below this repeat rate ``Repeat.AUTO`` does not bring an item back to who has bought it: nobody needs two of it."""

_PLACES: Mapping[tuple[Ask, Branch, bool], str] = {
    (ask, branch, new_only): place_of(ask, branch, new_only=new_only)
    for ask in Ask
    for branch in Branch
    for new_only in (False, True)
}


@dataclass(frozen=True, kw_only=True)
class Panel:
    """The generators that have a weight in one blend."""

    generators: tuple[Generator, ...]
    weights: Floats

    @cached_property
    def hears_looks(self) -> bool:
        """Whether one of them listens to views and carts."""
        return any(
            spec_of(generator.name).family in LISTENING or getattr(generator, "side", Side.BOUGHT) is not Side.BOUGHT
            for generator in self.generators
        )

    @cached_property
    def speaking(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(generator.name for generator in self.generators)


def panel_of(generators: Sequence[Generator], weights: Mapping[str, float]) -> Panel:
    """Those of the generators that weigh something."""
    speaking = tuple(generator for generator in generators if weights.get(generator.name, 0.0) > 0)
    return Panel(generators=speaking, weights=np.array([weights[generator.name] for generator in speaking]))


def propose(
    model: "FittedModel", histories: Histories, queries: Sequence[Query], *, limit: int, explain: bool
) -> list[Proposal]:
    """Answer one question per person.

    Raises
    ------
    ValueError
        If there is not exactly one question per person.
    """
    if len(queries) != len(histories):
        raise ValueError(f"{len(histories)} histories but {len(queries)} queries: there must be one query per person.")
    if histories.memory is not None and not explain:
        known = proposal_of(histories, queries[0], limit)
        if known is None:
            known = _answer(model, model.person(histories, 0, queries[0]), queries[0], limit=limit, explain=False)
            remember(histories, queries[0], limit, known)
        return [known]
    return [
        _answer(model, model.person(histories, person, query), query, limit=limit, explain=explain)
        for person, query in enumerate(queries)
    ]


def focus(query: Query) -> tuple[int, ...]:
    """The items a question is about; empty where it is about the person."""
    return query.context if query.ask in (Ask.SIMILAR, Ask.CART) else ()


def branch_of(person: Person) -> Branch:
    """Which of the blends of a list answers a person."""
    if person.has_bought:
        return Branch.KNOWN
    return Branch.SESSION if person.has_looked else Branch.UNKNOWN


def panel_for(model: "FittedModel", person: Person, query: Query) -> Panel:
    """The generators that answer a person's question.

    Where none of them hears looks (nothing was trained on any), the person's looks speak to those that hear purchases;
    somebody who has only looked is then answered like a customer.
    """
    new_only = query.repeat is Repeat.FORBID
    branch = branch_of(person)
    panel = model.panel(_PLACES[query.ask, branch, new_only])
    if branch is Branch.SESSION and not panel.hears_looks:
        panel = model.panel(_PLACES[query.ask, Branch.KNOWN, new_only])
    if person.looks_speak == panel.hears_looks:
        person.looks_speak = not panel.hears_looks
        person.opinions.clear()
    return panel


def _answer(model: "FittedModel", person: Person, query: Query, *, limit: int, explain: bool) -> Proposal:
    branch = branch_of(person)
    panel = panel_for(model, person, query)
    ranker = model.rankers.get(_PLACES[query.ask, branch, query.repeat is Repeat.FORBID])
    if ranker is not None and ranker.generators != panel.speaking:  # grown on what another panel says
        ranker = None
    most, apart = (limit, explain) if ranker is None else (CANDIDATES, True)
    found = shortlist(model, panel, person, query.repeat, limit=most, apart=apart)
    blended = (
        found if ranker is None else ranked(found, ranker.scores(person, found, model.facts), limit, parts=explain)
    )
    return Proposal(
        items=blended.item,
        scores=blended.score,
        sources=Sources(panel.speaking, blended.source),
        branch=branch,
        shares=_shares(panel, blended) if explain else None,
        told=opened(ranker, person, ranker.head(found), model.facts) if explain and ranker is not None else None,
    )


def shortlist(
    model: "FittedModel", panel: Panel, person: Person, repeat: Repeat, *, limit: int, apart: bool = True
) -> Blended:
    """The blend's best candidates for a person, in its order: what is shown, or what a ranker looks at."""
    out = banned(model.facts.repeat_rate, person, repeat)
    found = candidates(panel.generators, person, out, rank=model.facts.rank)
    _brought(panel.speaking).add(found.brought)
    return weigh(found, panel.weights, limit, apart=apart)


@lru_cache(maxsize=256)
def _brought(speaking: tuple[str, ...]) -> metrics.Cells:
    """Where it is counted what these generators bring."""
    return metrics.counters("recommender_candidates_total", "generator", speaking)


def _shares(panel: Panel, blended: Blended) -> Mapping[str, NDArray[np.float32]]:
    return {
        generator.name: part.astype(np.float32) for generator, part in zip(panel.generators, blended.parts, strict=True)
    }


def banned(repeat_rate: NDArray[np.float32], person: Person, repeat: Repeat) -> Ints:
    """Sorted items that must not be proposed: the context, and what was bought as far as the repeat policy says."""
    if repeat is Repeat.ALLOW or not (person.has_bought or len(person.newly_bought)):
        return person.context
    bought = person.bought.item
    if repeat is Repeat.AUTO:
        bought = kernels.below(bought, repeat_rate, ONCE_ONLY)
    if len(person.newly_bought):
        bought = np.concatenate([bought, person.newly_bought])
    return distinct(np.concatenate([person.context, bought])) if len(person.context) else bought
