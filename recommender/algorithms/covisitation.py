"""What goes with what: items the same people touched, counted with decay, by kind of event.

Co-visitation by pair of event kinds is the workhorse of published session-recommendation solutions
(for instance those to the OTTO challenge of 2023); the damping by the neighbour's frequency is ours to tune.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import sparse

from recommender.algorithms.contract import Arrays, Fitted, Opinion, Params, Silent
from recommender.algorithms.decay import decayed
from recommender.algorithms.digest import Digest, Touches
from recommender.algorithms.neighbours import Anchored, Neighbours, Votes, anchors, loudest
from recommender.algorithms.ragged import Floats, Ints, heaviest, summed
from recommender.interactions import Interactions

WIDTH = 100
"""Neighbours kept per item."""

ROW_CAP = 300
"""A person's items that are counted together at most, the weightiest: a wholesaler's catalogue order is no taste."""


def least_people(n_people: int) -> int:
    """Distinct people a pair needs before it may ever be shown: 2 above 1,000 people, else 1."""
    return 2 if n_people > 1_000 else 1


def table_of(
    source: Any, target: Any, support: Any, least: int, popularity_damp: float, width: int = WIDTH
) -> Neighbours | None:
    """Neighbour table from person × item matrices (csr).

    Parameters
    ----------
    source, target : csr_matrix of shape (n_people, n_items)
        Weights of what leads and of what follows.
    support : callable
        Gives for a slice of items the csr matrix of distinct people per pair.
    least : int
        Pairs of fewer distinct people are dropped.
    popularity_damp : float
        Sums are divided by the neighbour's own weight to this power: 0 keeps sums, 1 gives shares of the neighbour.

    Returns
    -------
    Neighbours or None
        None if no pair is left.
    """
    n_items = source.shape[1]
    mass = np.asarray(target.sum(axis=0), np.float64).ravel()
    damp = np.where(mass > 0, np.maximum(mass, 1e-12) ** -popularity_damp, 0.0)
    items = np.repeat(np.arange(n_items, dtype=np.int32)[:, None], width, axis=1)
    weights = np.zeros((n_items, width), np.float32)
    leading, step, filled = source.T.tocsr(), 512, False
    for start in range(0, n_items, step):
        rows = slice(start, min(start + step, n_items))
        sums = (leading[rows] @ target).tocoo()
        row, column = sums.row.astype(np.int64), sums.col.astype(np.int64)
        value = sums.data * damp[column]
        enough = support(rows, row, column) >= least
        keep = enough & (column != row + start) & (value > 0)
        filled |= _fill(items, weights, row[keep] + start, column[keep], value[keep], width)
    return Neighbours(item=items, weight=weights) if filled else None


def _fill(items: Any, weights: Any, row: Ints, column: Ints, value: Floats, width: int) -> bool:
    """Write each row's heaviest columns, best first."""
    order = np.lexsort((column, -value, row))
    row, column, value = row[order], column[order], value[order]
    if not len(row):
        return False
    start = np.searchsorted(row, row)
    place = np.arange(len(row)) - start
    keep = place < width
    items[row[keep], place[keep]] = column[keep]
    weights[row[keep], place[keep]] = value[keep]
    return True


def matrix(digest: Digest, key: Ints, weight: Floats, cap: int = ROW_CAP) -> Any:
    """Person × item csr matrix (float64) of sorted distinct keys; at most ``cap`` heaviest items per person."""
    keep = heaviest(digest.person_of(key), weight, digest.n_people, cap)
    person, item = np.divmod(key[keep], digest.n_items)
    return sparse.csr_matrix((weight[keep], (person, item)), shape=(digest.n_people, digest.n_items))


def counter(source: Any, target: Any) -> Callable[[slice, Ints, Ints], Ints]:
    """Distinct people per pair, slice by slice."""
    leading = (source.T > 0).astype(np.float64).tocsr()
    following = (target > 0).astype(np.float64).tocsr()

    def people(rows: slice, row: Ints, column: Ints) -> Ints:
        counts = (leading[rows] @ following).tocoo()
        width = following.shape[1]
        keys = counts.row.astype(np.int64) * width + counts.col
        order = np.argsort(keys)
        place = np.searchsorted(keys[order], row * width + column)
        return np.asarray(np.rint(counts.data[order][np.minimum(place, len(order) - 1)]), np.int64)

    return people


@dataclass(frozen=True, slots=True, kw_only=True)
class CoVisitation:
    """Neighbour table of one pair of event kinds, and the half-life a person's own anchors are weighted with."""

    name: str
    table: Neighbours
    half_life_days: float
    from_bought: bool

    def look(self, digest: Digest) -> Opinion:
        """Each person's anchors vote."""
        anchored = self._anchors(digest)
        return Votes(anchored, self.table) if len(anchored.key) else Silent()

    def related(self, digest: Digest, item: int) -> int | None:
        """The anchor that adds most to the item's sum."""
        return loudest(self._anchors(digest), self.table, item)

    def _anchors(self, digest: Digest) -> Anchored:
        touches = digest.bought if self.from_bought else digest.looked
        return anchors(digest, *_weights(touches, self.half_life_days))

    def to_arrays(self) -> Arrays:
        """The table and the half-life."""
        return {
            "item": self.table.item,
            "weight": self.table.weight,
            "half_life_days": np.array([self.half_life_days]),
            "from_bought": np.array([self.from_bought]),
        }

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(
            name=name,
            table=Neighbours(item=arrays["item"], weight=arrays["weight"]),
            half_life_days=float(arrays["half_life_days"][0]),
            from_bought=bool(arrays["from_bought"][0]),
        )


def _weights(touches: Touches, half_life_days: float) -> tuple[Ints, Floats]:
    return summed(touches.key, decayed(touches.age_days, half_life_days) * touches.weight)


def fit_covisitation(
    name: str, interactions: Interactions, digest: Digest, params: Params, seed: int, *, pair: tuple[str, str]
) -> Fitted:
    """Fit one event pair: ``("bought" or "looked", "bought" or "looked")``. Needs two items touched by enough people."""
    del seed
    first, second = (getattr(digest, side) for side in pair)
    if not (len(first.key) and len(second.key)):
        return Fitted(generator=None, note=f"{name}: there is nothing {pair[0]} or nothing {pair[1]}.")
    half_life = params["half_life_days"]
    source, target = (matrix(digest, *_weights(side, half_life)) for side in (first, second))
    least = least_people(interactions.n_people)
    table = table_of(source, target, counter(source, target), least, params["popularity_damp"])
    if table is None:
        return Fitted(
            generator=None, note=f"{name}: no two items were {pair[0]}/{pair[1]} by the same {least} or more people."
        )
    return Fitted(
        generator=CoVisitation(
            name=name, table=table, half_life_days=params["history_half_life_days"], from_bought=pair[0] == "bought"
        )
    )
