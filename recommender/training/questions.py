"""Past questions whose answers are known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Ints
from recommender.interactions import Attributes, Histories
from recommender.model.contract import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Past questions of one place: list i has to find ``item[indptr[i]:indptr[i + 1]]``."""

    histories: Histories
    queries: tuple[Query, ...]
    indptr: Ints
    item: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    """Attributes of the people of two histories: rows below ``n`` are of the one, the others of the other."""

    one: Attributes
    other: Attributes
    n: int
    row: Ints

    def of(self, person: int, names: Sequence[str]) -> NDArray[np.float32]:
        row = int(self.row[person])
        return self.one.of(row, names) if row < self.n else self.other.of(row - self.n, names)

    def some(self, people: Ints) -> "_Joined":
        return replace(self, row=self.row[people])


def _joined(one: Histories, other: Histories) -> _Joined | None:
    if one.attributes is None or other.attributes is None:
        return None
    row = np.arange(len(one) + len(other), dtype=np.int64)
    return _Joined(one=one.attributes, other=other.attributes, n=len(one), row=row)


def together(one: Questions, other: Questions) -> Questions:
    """Both, one after the other."""
    a, b = one.histories, other.histories
    return Questions(
        histories=Histories(
            indptr=np.concatenate([a.indptr, a.indptr[-1] + b.indptr[1:]]),
            item=np.concatenate([a.item, b.item]),
            kind=np.concatenate([a.kind, b.kind]),
            time_us=np.concatenate([a.time_us, b.time_us]),
            quantity=np.concatenate([a.quantity, b.quantity]),
            order=np.concatenate([a.order, b.order]),
            country=np.concatenate([a.country, b.country]),
            now_us=np.concatenate([a.now_us, b.now_us]),
            attributes=_joined(a, b),
        ),
        queries=one.queries + other.queries,
        indptr=np.concatenate([one.indptr, one.indptr[-1] + other.indptr[1:]]),
        item=np.concatenate([one.item, other.item]),
    )
