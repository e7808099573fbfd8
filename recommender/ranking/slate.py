"""The loop: rungs of ordered candidates in, the picks of one list out, by the shop's rules."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, groupby, repeat
from math import inf
from operator import itemgetter
from typing import NamedTuple

import msgspec
import numpy as np

from recommender import kernels
from recommender.kernels.plain.slates import rounded
from recommender.ranking.assortment import Assortment
from recommender.ranking.explain import MOST, Trace
from recommender.ranking.question import Question
from recommender.ranking.ruling import Cap, Ruling
from recommender.ranking.rungs import NO_WISHES, PINNED, Rung, Wishes, fitting, pieces


class Pick(NamedTuple):
    """One place of the list: the row, its score and source, and whether the model proposed it for this very question.

    ``picked``: it is here because the shop wishes so (pinned, or boosted into the list).
    """

    row: int
    score: float
    source: str
    proposed: bool
    picked: bool = False


_pick: Callable[[tuple[int, float, str, bool, bool]], Pick] = partial(tuple.__new__, Pick)
"""Without the call that looks names of fields up: every place of every list is made so."""

__all__ = ["Pick", "Rung", "fill"]

Candidate = tuple[int, int, int, int]
"""Place in its rung, row, group, category."""
Chosen = tuple[Rung, list[int], list[int]]
"""A rung, and the places and rows of it that come into the list."""


class _Walk(msgspec.Struct, eq=False):
    """The list so far, and what it must not hold."""

    size: int
    cap: int
    rows: set[int]
    groups: set[int]
    own: frozenset[int]
    caps: list[tuple[Cap, dict[int, int]]]
    trace: Trace | None
    categories: dict[int, int] = msgspec.field(default_factory=dict)
    picks: list[tuple[Rung, int, int]] = msgspec.field(default_factory=list)

    def take(self, rung: Rung, candidates: Iterable[Candidate], *, capped: bool) -> list[Candidate]:
        """Apply the rules to candidates until the list is full; those that only the category cap keeps out for now."""
        late: list[Candidate] = []
        rows, groups, counts, picks, cap = self.rows, self.groups, self.categories, self.picks, self.cap
        own = self.own
        for candidate in candidates:
            place, row, group, category = candidate
            if row in rows or group in groups:
                if self.trace is not None:
                    self._note(rung, place, row)
                continue
            if category >= 0 and row not in own:
                count = counts.get(category, 0)
                if capped and count >= cap:
                    late.append(candidate)
                    if self.trace is not None:
                        self.trace.note(row, rung.source(place), "category_cap")
                    continue
                if self.caps and not self._within(rung, place, row):
                    continue
                counts[category] = count + 1
            elif self.caps and not self._within(rung, place, row):
                continue
            self.admit(row, group)
            picks.append((rung, place, row))
            if len(picks) == self.size:
                break
        return late

    def admit(self, row: int, group: int) -> None:
        """Count a row that is in the list."""
        self.rows.add(row)
        if group >= 0:
            self.groups.add(group)
        for cap, counts in self.caps:
            code = int(cap.codes[row])
            counts[code] = counts.get(code, 0) + 1

    def _within(self, rung: Rung, place: int, row: int) -> bool:
        """Whether the shop's own caps leave room; a row without a code is not capped."""
        for cap, counts in self.caps:
            code = int(cap.codes[row])
            if code >= 0 and counts.get(code, 0) >= cap.count:
                if self.trace is not None:
                    self.trace.note(row, rung.source(place), "rule", cap.name)
                return False
        return True

    def _note(self, rung: Rung, place: int, row: int) -> None:
        if self.trace is not None and all(row != shown for _, _, shown in self.picks):
            self.trace.note(row, rung.source(place), None if row in self.rows else "variant")


def fill(assortment: Assortment, rungs: Iterable[Rung], question: Question, wishes: Wishes = NO_WISHES) -> list[Pick]:
    """Walk down the rungs until the list is full.

    Rules in order: sellable at this moment; kept by the shop's rules and the request's filter; not barred (excluded, on
    the page, in the cart, bought if that is forbidden); each item once; one per variant group; at most so many of one
    category, not counting what the person bought before; the shop's own caps. What only the scenario's category cap kept
    out comes back at the end of its own rung, before a lower rung is asked: that cap never leaves a list short or worse
    founded. The shop's own caps do. Pinned items pass the same rules first and stand where the shop put them.

    A rung is walked only as far as the list needs it, where there are wishes in growing pieces, so that a list of 12 from 200
    candidates, or from a million, looks at few.
    """
    size = question.request.size
    cap = question.scenario.category_cap(size)
    most = size if cap is None else cap
    if wishes.sieve is None and wishes.ruling is None and wishes.trace is None:
        return _scored(_filled(assortment, rungs, question, most), size)
    walk = _Walk(
        size=size,
        cap=most,
        rows=set(question.barred),
        groups=set(question.barred_groups),
        own=frozenset(question.own.tolist()),
        caps=_caps(question, wishes.ruling),
        trace=wishes.trace,
    )
    pins = _pins(assortment, question, wishes, walk)
    walk.size -= len(pins)
    if walk.size > 0:
        parts = chain.from_iterable(pieces(assortment, rung, wishes) for rung in rungs)
        any(_walked(walk, assortment, part, question, wishes) for part in parts)
    picks = _scored(_by_rung(walk.picks), size)
    return _pinned(picks, pins) if pins else picks


def _filled(assortment: Assortment, rungs: Iterable[Rung], question: Question, cap: int) -> Iterator[Chosen]:
    """The walk where neither rules nor a filter have a say, and nobody asks why."""
    left, taken, groups = question.request.size, set(question.barred), set(question.barred_groups)
    counts: dict[int, int] = {}
    rules = cap, taken, groups, question.own, counts, assortment.cells, question.now_us
    for rung in rungs:
        places, rows = kernels.chosen(rung.rows, rung.scores, left, *rules)
        yield rung, places, rows
        left -= len(places)
        if not left:
            break


def _by_rung(picks: Sequence[tuple[Rung, int, int]]) -> Iterator[Chosen]:
    for rung, some in groupby(picks, key=itemgetter(0)):
        _, places, rows = zip(*some, strict=True)
        yield rung, list(places), list(rows)


def _caps(question: Question, ruling: Ruling | None) -> list[tuple[Cap, dict[int, int]]]:
    """The shop's caps that apply: none on what the request itself narrows the list to."""
    if ruling is None or not ruling.caps:
        return []
    only = question.request.only
    void = set() if only is None else {kind for kind in ("category", "brand") if getattr(only, kind) is not None}
    return [(cap, {}) for cap in ruling.caps if cap.kind not in void]


def _pins(assortment: Assortment, question: Question, wishes: Wishes, walk: _Walk) -> list[tuple[int, int]]:
    """Places from 0 and rows of the pinned items that may be shown."""
    if wishes.ruling is None or not wishes.ruling.pins:
        return []
    pins: list[tuple[int, int]] = []
    for place, row, _ in wishes.ruling.pins:
        group = int(assortment.columns.group[row])
        fit = bool(fitting(assortment, np.array([row], np.int32), question.now_us, wishes)[0])
        if fit and len(pins) < walk.size and row not in walk.rows and group not in walk.groups:
            walk.admit(row, group)
            pins.append((place, row))
        elif walk.trace is not None:
            walk.trace.note(row, PINNED, "variant" if fit and row not in walk.rows else None)
    return pins


def _pinned(picks: list[Pick], pins: Sequence[tuple[int, int]]) -> list[Pick]:
    """Put pinned items at their places (the end of a list that is too short); scores still never rise."""
    made = list(picks)
    for place, row in pins:
        at = min(place, len(made))
        score = made[at - 1].score if at > 0 else made[0].score if made else 1.0
        made.insert(at, Pick(row, score, PINNED, proposed=False, picked=True))
    return made


def _walked(walk: _Walk, assortment: Assortment, rung: Rung, question: Question, wishes: Wishes) -> bool:
    """Take what a rung has; whether the list is full."""
    late: list[Candidate] = []
    chunks = _fitting(assortment, rung, question, wishes)
    if walk.trace is not None:
        chunks = _traced(rung, chunks, walk.trace)
    for chunk in chunks:
        late += walk.take(rung, chunk, capped=True)
        if len(walk.picks) == walk.size:
            return True
    if late:
        walk.take(rung, late, capped=False)
    return len(walk.picks) == walk.size


def _fitting(assortment: Assortment, rung: Rung, question: Question, wishes: Wishes) -> Iterator[Iterable[Candidate]]:
    """(place in the rung, row, group, category) of the fitting candidates with a usable score, in order, in pieces."""
    start, step = 0, max(2 * question.request.size, 32)
    columns, total = assortment.columns, len(rung.rows)
    while start < total:
        rows = rung.rows[start : start + step]
        fit = fitting(assortment, rows, question.now_us, wishes)
        if rung.scores is not None:
            fit &= np.isfinite(rung.scores[start : start + step])
        places: Iterable[int] = range(start, start + len(rows))
        if not fit.all():
            found = np.flatnonzero(fit)
            rows, places = rows[found], (found + start).tolist()
        yield zip(places, rows.tolist(), columns.group[rows].tolist(), columns.category[rows].tolist(), strict=True)
        start, step = start + step, 4 * step


def _traced(rung: Rung, chunks: Iterator[Iterable[Candidate]], trace: Trace) -> Iterator[Iterable[Candidate]]:
    """The same candidates one by one; those passed over on the way to each are noted."""
    reached = 0
    for candidate in chain.from_iterable(chunks):
        for place in range(reached, min(candidate[0], reached + MOST)):
            trace.note(int(rung.rows[place]), rung.source(place))
        reached = candidate[0] + 1
        yield (candidate,)
    for place in range(reached, min(len(rung.rows), reached + MOST)):
        trace.note(int(rung.rows[place]), rung.source(place))


def _scored(chosen: Iterable[Chosen], size: int) -> list[Pick]:
    """Give each pick the score that orders it within the list: never rising, the model's own where it can be.

    A candidate that stands lower than its score (the category cap moved it) gets that of the place before. One of a rung
    without scores gets the last of the model's divided by its distance from it. Six significant digits, the same everywhere.
    """
    scored: list[Pick] = []
    last: float | None = None
    below = 0
    for rung, places, rows in chosen:
        if not places:
            continue
        if rung.scores is None:
            shown = [rounded(_beneath(last, distance)) for distance in range(below + 1, below + len(places) + 1)]
            below += len(places)
        else:
            shown, last = kernels.shown(rung.scores, places, scored[-1].score if scored else inf)
            below = 0
        moved = [False] * len(places) if rung.places is None else (rung.places[places] >= size).tolist()
        told = zip(rows, shown, rung.several(places), repeat(rung.scores is not None), moved)
        scored += map(_pick, told)
    return scored


def _beneath(last: float | None, distance: int) -> float:
    if last is None:
        return 1 / distance
    return last / (distance + 1) if last > 0 else last - distance
