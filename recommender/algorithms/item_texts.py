"""What items say of themselves as vectors: words of the title, pieces of these words, the path of the category.

A word counts the more the fewer items have it (its inverse document frequency); so do pieces of three letters, by which
inflected and compounded words meet, and the beginnings of category paths. Each of the three parts has length 1, so that
an inner product is a weighted mean of three cosines.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from recommender.algorithms.ragged import Ints
from recommender.domain.items import CATEGORY_SEPARATOR

PARTS = (0.5, 0.2, 0.3)
"""What words, pieces and category are worth: an item with all of its words, pieces and its path in common has nearness 1."""

MOST_PAIRS = 20_000_000
"""Pairs of items one part may bring together: of a large catalogue the most common words say nothing and are left out."""

LONGEST = 40
"""Words of a title that are read."""

_WORD = re.compile(r"[^\W_]+")
_PIECE = 3


def words_of(title: str) -> list[str]:
    """Lower-case words of a title without accents, each once, in their order."""
    plain = unicodedata.normalize("NFKD", title.casefold())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return list(dict.fromkeys(_WORD.findall(kept)[:LONGEST]))


def pieces_of(words: Iterable[str]) -> list[str]:
    """Runs of three letters of the words, a space at either end of a word; numbers stay whole and have none."""
    out: dict[str, None] = {}
    for word in words:
        if not word.isdigit():
            held = f" {word} "
            out |= dict.fromkeys(held[place : place + _PIECE] for place in range(len(held) - _PIECE + 1))
    return list(out)


@lru_cache(maxsize=1 << 17)
def _read(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words and pieces of a title; a training reads the same titles in every window."""
    words = words_of(title)
    return tuple(words), tuple(pieces_of(words))


def paths_of(category: str) -> list[str]:
    """The category and those it lies in."""
    steps = [step for step in category.split(CATEGORY_SEPARATOR) if step]
    return [CATEGORY_SEPARATOR.join(steps[: depth + 1]) for depth in range(len(steps))]


def vectors(titles: Sequence[str], categories: Sequence[str], thin: Ints) -> Any:
    """Items × features, csr of float32; rows of items of which nothing is known are empty.

    Parameters
    ----------
    titles, categories : sequences of str of length n_items
        Empty where unknown.
    thin : int64 array
        Items of whose pairs the work is counted: pairs of two others are of no use to the caller.
    """
    from scipy import sparse  # only here: a process that serves never fits

    words, pieces = zip(*(_read(title) for title in titles), strict=True) if titles else ((), ())
    paths = [paths_of(category) for category in categories]
    told = (_part(rows, weight, thin) for rows, weight in zip((words, pieces, paths), PARTS, strict=True))
    return sparse.hstack([*told], format="csr", dtype=np.float32)


def _part(rows: Sequence[Sequence[str]], worth: float, thin: Ints) -> Any:
    """One part: rows of length ``sqrt(worth)``, features that one item alone or far too many have left out."""
    from scipy import sparse

    codes: dict[str, int] = {}
    column = np.array([codes.setdefault(token, len(codes)) for row in rows for token in row], np.int64)
    place = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    having = np.bincount(column, minlength=len(codes))
    thin_having = np.bincount(column[np.isin(place, thin)], minlength=len(codes))
    kept = useful(having, thin_having)[column]
    rarity = np.log((1.0 + len(rows)) / np.maximum(having, 1))
    value = np.where(kept, rarity[column], 0.0)
    length = np.sqrt(np.bincount(place, weights=value**2, minlength=len(rows)))
    value = np.sqrt(worth) * value / np.maximum(length[place], 1e-12)
    shape = (len(rows), len(codes))
    return sparse.csr_matrix((value[kept].astype(np.float32), (place[kept], column[kept])), shape=shape)


def useful(having: Ints, thin_having: Ints) -> Any:
    """Features at least two items have, the rarest first until they bring too many pairs together."""
    pairs = having.astype(np.float64) ** 2 - (having - thin_having).astype(np.float64) ** 2
    order = np.lexsort((np.arange(len(having)), having))
    within = np.zeros(len(having), bool)
    within[order] = np.cumsum(pairs[order]) <= MOST_PAIRS
    return within & (having >= 2)
