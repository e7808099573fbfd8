"""A few people with what they did, what they were shown and what they went on to buy: figures one can look at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Ints
from recommender.evaluation.split import GROUPS, Group, Truth
from recommender.interactions import Interactions, Kind, as_histories, some_histories

MOST_PEOPLE = 20
MOST_LINES = 6
SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Something a person did: with which item (row number), when, how often in all."""

    item: int
    kind: Kind
    time_us: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One person. ``person`` is the row number of this run; names are put in where pages are written.

    Attributes
    ----------
    history : tuple of Done
        The latest six items, newest first; ``known`` counts all lines there are.
    shown, hits : tuples of int and of bool
        The first ten items of the list, and which of them were bought later.
    bought : int
        How many distinct items were bought later.
    """

    person: int
    group: Group
    known: int
    history: tuple[Done, ...]
    shown: tuple[int, ...]
    hits: tuple[bool, ...]
    bought: int


def choose(known_of: Ints, *, most: int = MOST_PEOPLE, seed: int = 0) -> Ints:
    """Lists (row numbers) of people drawn evenly from short to long histories, so that none of them is picked to look good.

    Parameters
    ----------
    known_of : int64 array of length n_lists
        Lines of each reader's history.
    """
    order = np.lexsort((np.random.default_rng(seed).permutation(len(known_of)), known_of))
    if len(order) <= most:
        return order.astype(np.int64)
    return order[np.linspace(0, len(order) - 1, most).round().astype(np.int64)].astype(np.int64)


def examples(past: Interactions, truth: Truth, lists: NDArray[np.int32], rows: Sequence[int]) -> tuple[Example, ...]:
    """What is to be said of the people in these rows of the truth, in this order."""
    people = truth.person[np.array(rows, np.int64)]
    histories = some_histories(as_histories(past), people)
    out = []
    for number, row in enumerate(rows):
        mine = slice(histories.indptr[number], histories.indptr[number + 1])
        wanted = truth.item[truth.indptr[row] : truth.indptr[row + 1]]
        shown = lists[row][lists[row] >= 0][:SHOWN]
        out.append(
            Example(
                person=int(people[number]),
                group=GROUPS[truth.group[row]],
                known=int(histories.indptr[number + 1] - histories.indptr[number]),
                history=_latest(histories.item[mine], histories.kind[mine], histories.time_us[mine]),
                shown=tuple(shown.tolist()),
                hits=tuple(np.isin(shown, wanted).tolist()),
                bought=len(wanted),
            )
        )
    return tuple(out)


def _latest(item: NDArray[np.int32], kind: NDArray[np.int8], time_us: NDArray[np.int64]) -> tuple[Done, ...]:
    """The newest line of each item and kind, with how many there are."""
    seen: dict[tuple[int, int], Done] = {}
    for i, k, t in zip(item[::-1].tolist(), kind[::-1].tolist(), time_us[::-1].tolist(), strict=True):
        before = seen.get((i, k))
        if before is not None:
            seen[i, k] = Done(item=i, kind=Kind(k), time_us=before.time_us, times=before.times + 1)
        elif len(seen) < MOST_LINES:
            seen[i, k] = Done(item=i, kind=Kind(k), time_us=t, times=1)
    return tuple(seen.values())
