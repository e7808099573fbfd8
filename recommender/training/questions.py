"""Past questions whose answers are known."""

from dataclasses import dataclass

import numpy as np

from recommender.algorithms.ragged import Ints
from recommender.interactions import Histories
from recommender.model.contract import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Past questions of one place: list i has to find ``item[indptr[i]:indptr[i + 1]]``."""

    histories: Histories
    queries: tuple[Query, ...]
    indptr: Ints
    item: Ints


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
        ),
        queries=one.queries + other.queries,
        indptr=np.concatenate([one.indptr, one.indptr[-1] + other.indptr[1:]]),
        item=np.concatenate([one.item, other.item]),
    )
