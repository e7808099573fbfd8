"""Past visits as rows of items, for generators that compare visits. A row knows no person."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.contract import Arrays
from recommender.algorithms.decay import ages, decayed
from recommender.algorithms.ragged import Ints, firsts, spans
from recommender.interactions import Interactions, Kind

PAUSE_US = 30 * 60_000_000
"""A longer pause begins another visit."""

MOST_VISITS = 200_000
"""Visits kept, the newest."""

MOST_PER_ITEM = 1_000
"""Visits an item leads to, the newest."""

LONGEST = 100
"""Items of a visit that are kept, the newest: more is no visit of a person who chooses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits in time order, oldest first; each holds every item once, in the order of their last touch.

    An entry is one item of one visit.

    Attributes
    ----------
    indptr : int64 array of length n_visits + 1
        Visit v holds entries ``indptr[v]:indptr[v + 1]``.
    item : int32 array of length n_entries
    of_entry : int32 array of length n_entries
        The visit of each entry.
    weight : float32 array of length n_visits
        Fresh and short visits count more.
    posting_indptr : int64 array of length n_items + 1
    posting : int32 array
        Entries of item i: ``posting[posting_indptr[i]:posting_indptr[i + 1]]``.
    """

    indptr: Ints
    item: NDArray[np.int32]
    of_entry: NDArray[np.int32]
    weight: NDArray[np.float32]
    posting_indptr: Ints
    posting: NDArray[np.int32]

    @property
    def n_visits(self) -> int:
        """How many rows there are."""
        return len(self.weight)

    def span(self, visits: NDArray[np.integer]) -> tuple[Ints, Ints]:
        """Where the entries of some visits begin and end."""
        return self.indptr.take(visits), self.indptr.take(visits + 1)

    def postings(self, items: Ints) -> tuple[Ints, Ints]:
        """Where the postings of some items begin and end."""
        return self.posting_indptr.take(items), self.posting_indptr.take(items + 1)

    def to_arrays(self) -> Arrays:
        """Everything that cannot be worked out from the rest."""
        return {
            "indptr": self.indptr,
            "item": self.item,
            "of_entry": self.of_entry,
            "weight": self.weight,
            "posting_indptr": self.posting_indptr,
            "posting": self.posting,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(
            indptr=arrays["indptr"],
            item=arrays["item"],
            of_entry=arrays["of_entry"],
            weight=arrays["weight"],
            posting_indptr=arrays["posting_indptr"],
            posting=arrays["posting"],
        )


def visits_of(
    interactions: Interactions, half_life_days: float, length_damp: float, *, most: int = MOST_VISITS
) -> Visits | None:
    """The newest visits in which somebody looked at something and which hold two items or more; None without any.

    A visit ends with half an hour's pause, unless the shop says that it went on (one session or order code).
    """
    rows, visit = _once_each(interactions, *_rows(interactions))
    n_visits = int(visit[-1]) + 1 if len(visit) else 0
    length = np.bincount(visit, minlength=n_visits)
    looked = np.bincount(visit, weights=interactions.kind[rows] != Kind.PURCHASE, minlength=n_visits) > 0
    newest = np.repeat(np.cumsum(length), length) - np.arange(len(visit)) <= LONGEST
    kept = newest & ((length >= 2) & looked)[visit]
    if not kept.any():
        return None
    rows, length = _by_end(interactions, rows[kept], visit[kept], most)
    age = ages(interactions.time_us[rows[np.cumsum(length) - 1]], interactions.now_us)
    weight = decayed(age, half_life_days) * length.astype(np.float64) ** -length_damp
    return _laid_out(interactions.item[rows], length, weight.astype(np.float32), len(interactions.item_ids))


def _rows(interactions: Interactions) -> tuple[Ints, Ints]:
    """Views, carts and purchases sorted by person and time, and the number of the visit each belongs to."""
    rows = np.flatnonzero(interactions.kind <= Kind.PURCHASE)
    rows = rows[np.argsort(interactions.person[rows], kind="stable")]
    order = interactions.order[rows]
    new = np.zeros(len(rows), bool)
    new[1:] = (np.diff(interactions.time_us[rows]) > PAUSE_US) & ((order[1:] != order[:-1]) | (order[1:] < 0))
    return rows, np.asarray((new | firsts(interactions.person[rows])).cumsum() - 1)


def _once_each(interactions: Interactions, rows: Ints, visit: Ints) -> tuple[Ints, Ints]:
    """Only the last touch of each item in each visit."""
    cell = visit * len(interactions.item_ids) + interactions.item[rows]
    _, back = np.unique(cell[::-1], return_index=True)
    last = np.sort(len(cell) - 1 - back)
    return rows[last], visit[last]


def _by_end(interactions: Interactions, rows: Ints, visit: Ints, most: int) -> tuple[Ints, Ints]:
    """Rows of the newest visits in the order of the visits' last events, and how many each visit has."""
    start = firsts(visit).nonzero()[0]
    length = np.diff(np.append(start, len(visit)))
    order = np.argsort(interactions.time_us[rows[start + length - 1]], kind="stable")[-most:]
    return rows[spans(start[order], length[order])], length[order]


def _laid_out(item: NDArray[np.int32], length: Ints, weight: NDArray[np.float32], n_items: int) -> Visits:
    posting_indptr, posting = _postings(item, n_items)
    return Visits(
        indptr=np.concatenate([np.zeros(1, np.int64), np.cumsum(length)]),
        item=item,
        of_entry=np.repeat(np.arange(len(length), dtype=np.int32), length),
        weight=weight,
        posting_indptr=posting_indptr,
        posting=posting,
    )


def _postings(item: NDArray[np.int32], n_items: int) -> tuple[Ints, NDArray[np.int32]]:
    """Entries by item, each item's newest only."""
    posting = np.argsort(item, kind="stable")
    count = np.bincount(item, minlength=n_items)
    nth = np.repeat(np.cumsum(count), count) - np.arange(len(posting))
    ends = np.cumsum(np.minimum(count, MOST_PER_ITEM))
    return np.concatenate([np.zeros(1, np.int64), ends]), posting[nth <= MOST_PER_ITEM].astype(np.int32)
