"""Past lists a forest learns from: the candidates the serving code would have had, and which of them were wanted."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats, Ints, found
from recommender.features.numbers import NUMBERS
from recommender.model.columns import PAIR, PERSON, TRAITS, Columns
from recommender.model.fitted import FittedModel
from recommender.model.forest import Forest
from recommender.model.proposing import panel_for, shortlist
from recommender.model.ranker import CANDIDATES, Order, joined, told, whole
from recommender.training.ordering import graded, ranks
from recommender.training.questions import Questions
from recommender.training.windows import people_of

UNWANTED = 50
"""Candidates nobody wanted that are kept of each list to learn from, drawn by chance; the rest teaches little and costs time: with 80
forests took two thirds more of it and found no more on a window before the judged one (.3294 and .1283 against .3300 and .1307)."""


NONE: Ints = np.zeros(0, np.int64)
"""No attributes."""

AT_ONCE = 200
"""Lists whose attributes are laid out beside their candidates at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Lists of one window and place.

    Attributes
    ----------
    columns : float32 array of shape (n, n_columns)
        What the forest is told of each candidate, list after list, each in the blend's order.
    wanted : bool array of length n
    lengths : int64 array of length n_lists
        Candidates of each list.
    sought : int64 array of length n_lists
        How many items the list had to find, candidates or not.
    attributes : float32 array of shape (n_lists, len(NUMBERS)), optional
        Those of each list's person; None where nobody's are known.
    """

    columns: Columns
    wanted: NDArray[np.bool_]
    lengths: Ints
    sought: Ints
    attributes: Columns | None = None

    def first(self, candidates: int) -> "Lesson":
        """Without what stands behind so many places of the blend's order."""
        if candidates >= CANDIDATES:
            return self
        place = np.expm1(self.columns[:, self.columns.shape[1] - len(PAIR) - len(PERSON) - len(TRAITS) - 1])
        return self._of(place < candidates - 0.5)

    def few(self, most: int) -> "Lesson":
        """At most so many of the lists, evenly over all."""
        n = len(self.lengths)
        if n <= most:
            return self
        chosen = np.zeros(n, bool)
        chosen[np.linspace(0, n - 1, most).astype(np.int64)] = True
        return self._of(np.repeat(chosen, self.lengths))

    def behind(self, lists: int) -> "Lesson":
        """Without the first so many lists; nothing is copied."""
        row = int(self.lengths[:lists].sum())
        return Lesson(
            columns=self.columns[row:],
            wanted=self.wanted[row:],
            lengths=self.lengths[lists:],
            sought=self.sought[lists:],
            attributes=None if self.attributes is None else self.attributes[lists:],
        )

    def _of(self, keep: NDArray[np.bool_]) -> "Lesson":
        """These candidates only; lists without any are left out."""
        number = np.repeat(np.arange(len(self.lengths)), self.lengths)
        lengths = np.bincount(number[keep], minlength=len(self.lengths))
        stays = lengths > 0
        return Lesson(
            columns=self.columns[keep],
            wanted=self.wanted[keep],
            lengths=lengths[stays],
            sought=self.sought[stays],
            attributes=None if self.attributes is None else self.attributes[stays],
        )

    def ordered(self, said: Floats, *, both: bool, candidates: int = CANDIDATES) -> Floats:
        """Scores of whole lists (all candidates, in the blend's order) as they are served.

        Parameters
        ----------
        said : float64 array of length n
            By the forest.
        both : bool
            Whether the blend decides, too.
        candidates : int
            So many of each list are the forest's; the others follow in the blend's order.
        """
        ends = np.cumsum(self.lengths)
        parts = []
        for end, n in zip(ends.tolist(), self.lengths.tolist(), strict=True):
            head = min(n, candidates)
            mine = joined(said[end - n : end - n + head], Order.BOTH) if both else said[end - n : end - n + head]
            behind = (mine.min() if head else 0.0) - 1.0 - np.arange(n - head)
            parts += [mine, behind]
        return np.concatenate([np.zeros(0), *parts])

    def varying(self) -> Ints:
        """Attributes that are not the same for everybody, by their place in :data:`~recommender.features.numbers.NUMBERS`."""
        if self.attributes is None or not len(self.attributes):
            return np.zeros(0, np.int64)
        return np.flatnonzero((self.attributes != self.attributes[0]).any(axis=0)).astype(np.int64)

    def told(self, some: Ints) -> "Lesson":
        """The same, a forest being told these of each list's attributes beside everything else."""
        return self if self.attributes is None or not len(some) else replace(self, columns=self._told(some, 0, None))

    def _told(self, some: Ints, first: int, last: int | None) -> Columns:
        """The columns of some lists, those attributes behind them."""
        assert self.attributes is not None
        ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.lengths)])
        lists = np.arange(len(self.lengths))[first:last]
        columns = self.columns[ends[first] : ends[lists[-1] + 1] if len(lists) else ends[first]]
        out = np.empty((len(columns), columns.shape[1] + len(some)), np.float32)
        out[:, : columns.shape[1]] = columns
        out[:, columns.shape[1] :] = self.attributes[np.ix_(np.repeat(lists, self.lengths[lists]), some)]
        return out

    def scored(self, forest: Forest, some: Ints) -> Floats:
        """What a forest that is told these attributes says of each candidate, float64 of length n; some lists at a time."""
        if self.attributes is None or not len(some):
            return forest.score(self.columns)
        starts = range(0, len(self.lengths), AT_ONCE)
        return np.concatenate([forest.score(self._told(some, start, start + AT_ONCE)) for start in starts])

    def grade(self, score: Floats) -> Floats:
        """NDCG@10 of each list in the order of a score, of equal ones in the order they stand; float64 of length n_lists."""
        number = np.repeat(np.arange(len(self.lengths)), self.lengths)
        return graded(ranks(score, number), number, self.wanted, self.sought)

    def thinned(self, rng: np.random.Generator) -> "Lesson":
        """Without most of what nobody wanted, and without lists that teach nothing."""
        number = np.repeat(np.arange(len(self.lengths)), self.lengths)
        hits = np.bincount(number, self.wanted, len(self.lengths))
        chance = UNWANTED / np.maximum(self.lengths - hits, 1.0)
        return self._of((hits > 0)[number] & (self.wanted | (rng.random(len(number)) < chance[number])))


def lesson_of(model: FittedModel, asked: Questions, *, attributes: bool = True) -> Lesson:
    """Answer past questions up to the ranker, exactly as they are answered when a list is made. The model has its blends.

    The people's ``attributes`` take time of their own; without them nothing in the lesson can be told any.
    """
    n_items = len(model.item_ids)
    truth = np.sort(np.repeat(np.arange(len(asked.queries)), np.diff(asked.indptr)) * n_items + asked.item)
    columns: Columns | None = None
    wanted, ends = [], [0]
    for number, person in enumerate(people_of(asked, n_items)):
        query = asked.queries[number]
        short = shortlist(model, panel_for(model, person, query), person, query.repeat, limit=CANDIDATES)
        own, rest = told(person, short, model.facts)
        told_of = whole(own, rest, model.facts.traits.take(short.item, axis=0))
        if columns is None:  # memory that nobody writes to is nobody's: what lists fall short of costs nothing
            columns = np.empty((CANDIDATES * len(asked.queries), told_of.shape[1]), np.float32)
        ends.append(ends[-1] + len(told_of))
        columns[ends[-2] : ends[-1]] = told_of
        wanted.append(found(number * n_items + short.item.astype(np.int64), truth))
    return Lesson(
        columns=np.zeros((0, 0), np.float32) if columns is None else columns[: ends[-1]],
        wanted=np.concatenate([np.zeros(0, bool), *wanted]),
        lengths=np.diff(ends),
        sought=np.diff(asked.indptr),
        attributes=_attributes(asked) if attributes else None,
    )


def _attributes(asked: Questions) -> Columns | None:
    """Of each question's person as of its moment."""
    known = asked.histories.attributes
    return None if known is None else np.stack([known.of(row, NUMBERS) for row in range(len(asked.queries))])


def together(lessons: list[Lesson]) -> Lesson:
    """Several as one."""
    return Lesson(
        columns=np.concatenate([one.columns for one in lessons]),
        wanted=np.concatenate([one.wanted for one in lessons]),
        lengths=np.concatenate([one.lengths for one in lessons]),
        sought=np.concatenate([one.sought for one in lessons]),
        attributes=_all_of([one.attributes for one in lessons]),
    )


def _all_of(parts: list[Columns | None]) -> Columns | None:
    told = [part for part in parts if part is not None]
    return np.concatenate(told) if len(told) == len(parts) else None
