"""Rungs of candidates, and what narrows or moves them before a list is filled."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from recommender.model.contract import Sources
from recommender.ranking.assortment import Assortment
from recommender.ranking.explain import Trace
from recommender.ranking.filters import LONG, Mask, Rows, Sieve
from recommender.ranking.ruling import Ruling
from recommender.ranking.signals import Attributes, factor_of, matches_of

RECENT: Final = "recently_viewed"
"""Source of what the person looked at: in that order, whatever is boosted."""
PINNED: Final = "pinned"
"""Source of what the shop has put at a place."""
LEAD: Final = 256
"""How far down an order without scores a boost or a bury reaches."""


class Rung(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Candidates of one origin, best first.

    Attributes
    ----------
    rows : int32 array
        Rows of the assortment.
    sources : sequence of str, or str
        Where each comes from, or where all come from.
    scores : float array, optional
        As long as ``rows``; None where only the order is known. A score that is not finite drops its candidate.
    places : int array, optional
        Where each stood before boosts and signals moved it; None where nothing was moved.
    """

    rows: NDArray[np.int32]
    sources: Sequence[str] | str
    scores: NDArray[np.float32] | None = None
    places: NDArray[np.int64] | None = None

    def source(self, place: int) -> str:
        """Where the candidate at a place comes from."""
        return self.sources if isinstance(self.sources, str) else self.sources[place]

    def several(self, places: Sequence[int]) -> Iterable[str]:
        """Where the candidates at some places come from; without an end where all come from one."""
        if isinstance(self.sources, str):
            return repeat(self.sources)
        return self.sources.many(places) if isinstance(self.sources, Sources) else map(self.sources.__getitem__, places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What narrows or moves one list beyond the scenario's own rules; None where nothing does."""

    sieve: Sieve | None = None
    ruling: Ruling | None = None
    attributes: Attributes | None = None
    trace: Trace | None = None


NO_WISHES: Final = Wishes()


def fitting(assortment: Assortment, rows: Rows, now_us: int, wishes: Wishes) -> Mask:
    """Which rows are sellable, kept by the rules and by the filter."""
    fit = assortment.sellable(rows, now_us)
    if wishes.ruling is not None and wishes.ruling.out is not None:
        fit &= ~wishes.ruling.out[rows]
    return fit if wishes.sieve is None else fit & wishes.sieve.keep(rows)


def pieces(assortment: Assortment, rung: Rung, wishes: Wishes) -> Iterator[Rung]:
    """The rung as the request and the shop wish it: narrowed where it is long, moved by boosts and signals."""
    sieve, ruling = wishes.sieve, wishes.ruling
    rest: list[Rung] = []
    if sieve is not None and rung.scores is None and isinstance(rung.sources, str) and len(rung.rows) > LONG:
        head, at = sieve.head(rung.rows)
        rest = [Rung(rows=rung.rows[at:], sources=rung.sources)] if at < len(rung.rows) else []
        rung = Rung(rows=head, sources=rung.sources)
    if ruling is None or rung.sources == RECENT or not len(rung.rows):
        yield rung
    elif rung.scores is not None:
        yield _moved(assortment, rung, rung.scores, wishes, ruling)
    else:
        yield from _reordered(rung, ruling)
    yield from rest


def _moved(assortment: Assortment, rung: Rung, scores: NDArray[np.float32], wishes: Wishes, ruling: Ruling) -> Rung:
    """Scores multiplied by what boosts and signals say, in their new order; equal scores stay as they were."""
    factor = None if ruling.factor is None else ruling.factor[rung.rows]
    if ruling.weights and wishes.attributes:
        signals = factor_of(matches_of(ruling.weights, wishes.attributes, assortment, rung.rows), len(rung.rows))
        factor = signals if factor is None else factor * signals
    if factor is None:
        return rung
    new = np.where(scores > 0, scores * factor, scores / factor).astype(np.float32)
    order = np.argsort(-new, kind="stable")
    sources = rung.sources if isinstance(rung.sources, str) else [rung.sources[place] for place in order.tolist()]
    boosted = np.where((1 if ruling.factor is None else ruling.factor[rung.rows[order]]) > 1, order, 0)
    return Rung(rows=rung.rows[order], sources=sources, scores=new[order], places=boosted)


def _reordered(rung: Rung, ruling: Ruling) -> Iterator[Rung]:
    """An order without scores: the place of the first few divided by their factor."""
    lead = rung.rows[:LEAD]
    factor = None if ruling.factor is None else ruling.factor[lead]
    if factor is None or bool((factor == 1).all()):
        yield rung
        return
    order = np.argsort(np.arange(1, len(lead) + 1) / factor, kind="stable")
    places = np.where(factor[order] > 1, order, 0)
    yield Rung(rows=lead[order], sources=rung.sources, places=places)
    if len(rung.rows) > LEAD:
        yield Rung(rows=rung.rows[LEAD:], sources=rung.sources)
