"""What was worked out for a person whose profile is in memory.

The lists of one page, and a page that is loaded again, ask about the same person within seconds. Ages of events are counted
at the full minute (:data:`recommender.algorithms.person.MINUTE_US`), so that within it nothing of a model's opinion changes,
and what was said once holds. It goes when the profile goes: with any further event of the person, after a minute at most, or
when others were read since. Prices, stock and rules are no part of it.
"""

from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.person import MINUTE_US
from recommender.interactions import Histories, Kind
from recommender.model.contract import Evidence, Proposal, Query

MOST = 8
"""Opinions kept of one person; a further one takes the place of all."""

_PURCHASE = int(Kind.PURCHASE)
Shown = tuple[Sequence[str], Sequence[int]]
Value = TypeVar("Value")


def proposal_of(histories: Histories, query: Query, limit: int) -> Proposal | None:
    """What was proposed to the one person of some histories; None if nothing is remembered."""
    memory = histories.memory
    found: Proposal | None = None if memory is None else memory.get(_key(histories, query, limit))
    return found


def remember(histories: Histories, query: Query, limit: int, proposal: Proposal) -> None:
    """Keep a proposal with the person; its arrays cannot be written to from here on."""
    if histories.memory is not None:
        _fixed(proposal.items)
        _fixed(proposal.scores)
        _put(histories.memory, _key(histories, query, limit), proposal)


def evidence_of(histories: Histories, query: Query, shown: Shown) -> Sequence[Evidence] | None:
    """What the items of the list shown last rest on; None if it was another list. ``shown`` are sources and items."""
    memory = histories.memory
    known = None if memory is None else memory.get(_key(histories, query, None))
    return known[1] if known is not None and known[0] == shown else None


def remember_evidence(histories: Histories, query: Query, shown: Shown, evidence: Sequence[Evidence]) -> None:
    """Keep what the items of a list rest on with the person; of one question that of the last list."""
    if histories.memory is not None:
        _put(histories.memory, _key(histories, query, None), (shown, evidence))


def bought_by(histories: Histories, person: int) -> NDArray[np.int32]:
    """Rows a person of some histories bought, int32, ascending, each once; not to be written to."""
    memory = histories.memory
    known: NDArray[np.int32] | None = None if memory is None else memory.get("bought")
    if known is not None:
        return known
    start, end = int(histories.indptr[person]), int(histories.indptr[person + 1])
    bought = kernels.those_of(histories.item[start:end], histories.kind[start:end], _PURCHASE)
    return bought if memory is None else _put(memory, "bought", bought)


def _key(histories: Histories, query: Query, limit: int | None) -> Hashable:
    new = (
        b"" if histories.newcomers is None else histories.newcomers.item.tobytes()
    )  # their rows change with the catalogue
    return histories.now_us.item(0) // MINUTE_US, histories.country.item(0), new, query, limit


def _put(memory: dict[Any, Any], key: Hashable, value: Value) -> Value:
    if len(memory) >= MOST:
        memory.clear()
    memory[key] = value
    return value


def _fixed(array: NDArray[Any]) -> None:
    array.flags.writeable = False
