"""Arrays of unequal rows (many people, each with their own number of entries), and lists of a few items with scores.

With many people an entry is named by its *key*, ``person * n_items + item`` (int64), so that all entries live in one flat,
sortable array.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommender import kernels

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NOTHING = np.zeros(0, np.int64)


def spans(starts: Ints, lengths: Ints) -> Ints:
    """Positions ``start, start + 1, …`` of each span, one after the other."""
    return kernels.spans(starts, lengths)


def bounds(person: Ints, n_people: int) -> Ints:
    """``indptr`` of entries sorted by person: person p owns ``[p]:[p + 1]``."""
    return np.asarray(person.searchsorted(np.arange(n_people + 1)), np.int64)


def distinct(keys: Ints) -> Ints:
    """Sorted keys, each once."""
    if not len(keys):
        return keys
    ordered = np.sort(keys)
    return np.asarray(ordered[firsts(ordered)])


def firsts(keys: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Where a new key begins among sorted keys."""
    out = np.empty(len(keys), bool)
    out[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=out[1:])
    return out


def found(keys: Ints, within: Ints) -> NDArray[np.bool_]:
    """Whether each key is among ``within`` (sorted)."""
    if not len(within):
        return np.zeros(len(keys), bool)
    place = np.minimum(within.searchsorted(keys), len(within) - 1)
    return np.asarray(within[place] == keys)


def heaviest(person: Ints, values: Floats, n_people: int, most: int) -> Ints:
    """Positions of each person's ``most`` largest values; entries come sorted by person, ties keep the earlier entry.

    Returns positions in increasing order.
    """
    if len(person) <= most:
        return np.arange(len(person), dtype=np.int64)
    indptr = bounds(person, n_people)
    if int((indptr[1:] - indptr[:-1]).max()) <= most:
        return np.arange(len(person), dtype=np.int64)
    parts = [_heaviest(values[start:end], most) + start for start, end in pairwise(indptr.tolist()) if end > start]
    return np.concatenate(parts)


def _heaviest(values: Floats, most: int) -> Ints:
    if len(values) <= most:
        return np.arange(len(values), dtype=np.int64)
    floor = np.partition(values, len(values) - most)[len(values) - most]
    above = (values > floor).nonzero()[0]
    level = (values == floor).nonzero()[0][: most - len(above)]
    return np.sort(np.concatenate([above, level]))


def heaviest_of(values: NDArray[np.floating], most: int) -> Ints:
    """Positions of the ``most`` largest values (all of them, if there are fewer), in no particular order."""
    if len(values) <= most:
        return np.arange(len(values), dtype=np.int64)
    return np.asarray(values.argpartition(len(values) - most)[len(values) - most :])


def without(items: Ints, banned: Ints) -> Ints:
    """The items that are not among ``banned`` (sorted), in their order."""
    if not len(banned):
        return items
    return np.asarray(items[banned.take(banned.searchsorted(items), mode="clip") != items])
