"""From people and questions to proposals: who is answered by which blend, and in what blocks."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.digest import Digest, digest
from recommender.algorithms.ragged import Ints, distinct
from recommender.domain.requests import Repeat
from recommender.interactions import Histories, Kind, some_histories
from recommender.model.blend import Blended, candidates, place_of, weigh
from recommender.model.contract import Ask, Branch, Proposal, Query

if TYPE_CHECKING:
    from recommender.model.fitted import FittedModel

BLOCK_CELLS = 1_000_000
"""People × items scored at once: bounds memory, changes no answer."""

BLOCK_PEOPLE = 256

ONCE_ONLY = 0.02
"""Below this repeat rate ``Repeat.AUTO`` does not bring an item back to who has bought it: nobody needs two of it."""

_BRANCHES = (Branch.UNKNOWN, Branch.SESSION, Branch.KNOWN)


def branches(histories: Histories) -> NDArray[np.int8]:
    """Place in ``(unknown, session, known)`` of each person."""
    person = np.repeat(np.arange(len(histories)), np.diff(histories.indptr))
    level = np.where(histories.kind == Kind.PURCHASE, 2, np.where(histories.kind == Kind.REFUND, 0, 1))
    out = np.zeros(len(histories), np.int8)
    np.maximum.at(out, person, level.astype(np.int8))
    return out


def propose(model: "FittedModel", histories: Histories, queries: Sequence[Query], *, limit: int) -> list[Proposal]:
    """Answer one question per person.

    Raises
    ------
    ValueError
        If there is not exactly one question per person.
    """
    if len(queries) != len(histories):
        raise ValueError(f"{len(histories)} histories but {len(queries)} queries: there must be one query per person.")
    levels = branches(histories)
    groups: dict[tuple[str, Repeat], list[int]] = {}
    for person, (query, level) in enumerate(zip(queries, levels.tolist(), strict=True)):
        place = place_of(query.ask, _BRANCHES[level], new_only=query.repeat is Repeat.FORBID)
        groups.setdefault((place, query.repeat), []).append(person)
    answers: list[Proposal | None] = [None] * len(queries)
    size = block_size(len(model.item_ids))
    for (place, repeat), people in groups.items():
        for start in range(0, len(people), size):
            block = np.array(people[start : start + size], np.int64)
            asked = [queries[person] for person in block]
            theirs = histories if len(block) == len(histories) else some_histories(histories, block)
            blended = _answer(model, theirs, asked, place, repeat=repeat, limit=limit)
            known = [_BRANCHES[level] for level in levels[block].tolist()]
            for person, proposal in zip(block.tolist(), _proposals(model, blended, place, known), strict=True):
                answers[person] = proposal
    return [answer for answer in answers if answer is not None]


def weighers(model: "FittedModel", place: str) -> list[int]:
    """Places of the generators that have a weight in a blend."""
    weights = model.blends.get(place, {})
    return [row for row, name in enumerate(model.names) if weights.get(name, 0.0) > 0]


def block_size(n_items: int) -> int:
    """People scored at once."""
    return max(1, min(BLOCK_PEOPLE, BLOCK_CELLS // max(1, n_items)))


def _answer(
    model: "FittedModel", histories: Histories, queries: Sequence[Query], place: str, *, repeat: Repeat, limit: int
) -> Blended:
    contexts = [query.context if query.ask in (Ask.SIMILAR, Ask.CART) else () for query in queries]
    view = digest(histories, contexts, len(model.item_ids))
    rows = weighers(model, place)
    table = candidates(
        [model.generators[row] for row in rows],
        view,
        banned(model, view, repeat),
        standing=model.facts.standing,
        rank=model.rank,
    )
    weights = np.array([model.blends[place][model.names[row]] for row in rows])
    return weigh(table, weights, view.n_items, limit)


def banned(model: "FittedModel", view: Digest, repeat: Repeat) -> Ints:
    """Sorted keys that must not be proposed: the context, and what was bought as far as the repeat policy says."""
    if repeat is Repeat.ALLOW:
        return view.context_key
    bought = view.ever_bought
    if repeat is Repeat.AUTO:
        bought = bought[model.facts.repeat_rate[bought % view.n_items] < ONCE_ONLY]
    return distinct(np.concatenate([view.context_key, bought]))


def _proposals(model: "FittedModel", blended: Blended, place: str, known: Sequence[Branch]) -> Iterator[Proposal]:
    """One proposal per person of a block."""
    names = np.array([model.names[row] for row in weighers(model, place)] or [""], dtype=object)
    sources = names[blended.source].tolist()
    for branch, (start, end) in zip(known, pairwise(blended.indptr.tolist()), strict=True):
        yield Proposal(
            items=blended.item[start:end],
            scores=blended.score[start:end],
            sources=tuple(sources[start:end]),
            branch=branch,
        )
