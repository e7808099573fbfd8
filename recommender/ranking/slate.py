"""The loop: rungs of ordered candidates in, the picks of one list out, by the shop's rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.ranking.assortment import Assortment
from recommender.ranking.question import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Candidates of one origin, best first.

    Attributes
    ----------
    rows : int32 array
        Rows of the assortment.
    sources : sequence of str, or str
        Where each comes from, or where all come from.
    scores : float array, optional
        As long as ``rows``; None where only the order is known. A score that is not finite drops its candidate.
    """

    rows: NDArray[np.int32]
    sources: Sequence[str] | str
    scores: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """One place of the list: the row, its score and source, and whether the model proposed it for this very question."""

    row: int
    score: float
    source: str
    proposed: bool


Candidate = tuple[int, int, int, int]
"""Place in its rung, row, group, category."""


@dataclass(slots=True)
class _Walk:
    """The list so far, and what it must not hold."""

    size: int
    cap: int
    rows: set[int]
    groups: set[int]
    own: frozenset[int]
    categories: dict[int, int] = field(default_factory=dict)
    picks: list[tuple[Rung, int, int]] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.picks) == self.size

    def take(self, rung: Rung, candidate: Candidate, *, capped: bool) -> bool:
        """Apply the rules to one candidate; False if it is only the category cap that keeps it out for now."""
        place, row, group, category = candidate
        if row in self.rows or group in self.groups:
            return True
        counted = category >= 0 and row not in self.own
        count = self.categories.get(category, 0)
        if capped and counted and count >= self.cap:
            return False
        self.rows.add(row)
        if group >= 0:
            self.groups.add(group)
        if counted:
            self.categories[category] = count + 1
        self.picks.append((rung, place, row))
        return True


def fill(assortment: Assortment, rungs: Iterable[Rung], question: Question) -> list[Pick]:
    """Walk down the rungs until the list is full.

    Rules in order: sellable at this moment; not barred (excluded, on the page, in the cart, bought if that is forbidden);
    each item once; one per variant group; at most so many of one category, not counting what the person bought before.
    What only the category cap kept out comes back at the end of its own rung, before a lower rung is asked: the cap never
    leaves a list short or worse founded.

    A rung is walked in growing pieces, so that a list of 12 from 200 candidates, or from a million, looks at few.
    """
    size = question.request.size
    cap = question.scenario.category_cap(size)
    groups = set(question.barred_groups)
    walk = _Walk(size, size if cap is None else cap, set(question.barred), groups, question.own)
    for rung in rungs:
        late: list[Candidate] = []
        for candidate in _fitting(assortment, rung, question.now_us, first=3 * size):
            if not walk.take(rung, candidate, capped=True):
                late.append(candidate)
            if walk.full:
                return _scored(walk.picks)
        for candidate in late:
            walk.take(rung, candidate, capped=False)
            if walk.full:
                return _scored(walk.picks)
    return _scored(walk.picks)


def _fitting(assortment: Assortment, rung: Rung, now_us: int, *, first: int) -> Iterator[Candidate]:
    """(place in the rung, row, group, category) of the sellable candidates with a usable score, in order."""
    start, step = 0, max(first, 32)
    columns = assortment.columns
    while start < len(rung.rows):
        rows = rung.rows[start : start + step]
        fit = assortment.sellable(rows, now_us)
        if rung.scores is not None:
            fit &= np.isfinite(rung.scores[start : start + step])
        places = np.flatnonzero(fit)
        kept = rows[places]
        yield from zip(
            (places + start).tolist(),
            kept.tolist(),
            columns.group[kept].tolist(),
            columns.category[kept].tolist(),
            strict=True,
        )
        start, step = start + step, 4 * step


def _scored(picks: Sequence[tuple[Rung, int, int]]) -> list[Pick]:
    """Give each pick the score that orders it within the list: never rising, the model's own where it can be.

    A candidate that stands lower than its score (the category cap moved it) gets that of the place before. One of a rung
    without scores gets the last of the model's divided by its distance from it. Six significant digits, the same everywhere.
    """
    scored: list[Pick] = []
    last: float | None = None
    below = 0
    for rung, place, row in picks:
        if rung.scores is None:
            below += 1
            score = _beneath(last, below)
        else:
            own, below = float(rung.scores[place]), 0
            score = last = min(own, scored[-1].score) if scored else own
        source = rung.sources if isinstance(rung.sources, str) else rung.sources[place]
        scored.append(Pick(row, float(f"{score:.6g}"), source, rung.scores is not None))
    return scored


def _beneath(last: float | None, distance: int) -> float:
    if last is None:
        return 1 / distance
    return last / (distance + 1) if last > 0 else last - distance
