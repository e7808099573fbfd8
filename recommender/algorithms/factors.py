"""Item factors: a person is folded in from their history when they ask, nothing of them is stored."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.contract import SILENT, Arrays, Opinion
from recommender.algorithms.norm_scan import Rows, by_length
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import Floats, Ints
from recommender.algorithms.sides import Side
from recommender.kernels.plain import Line

_FAINT = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorGenerator:
    """Implicit-feedback factors of items. Make it with :meth:`of`.

    Attributes
    ----------
    rows : Rows
        Of the factors, float32 of shape (n_rows, n_factors); row r belongs to item ``item[r]``. Items the fit never saw are
        left out.
    item : int32 array of length n_rows
    place : int32 array of length n_items
        Row of each item; -1 for those left out.
    gram, inverse : float64 arrays of shape (n_factors, n_factors)
        The Gram matrix of the factors with the regularization on its diagonal, and its inverse.
    alpha : float
        As in the fit: a history's confidence is ``1 + alpha × decayed number of events``.
    half_life_days : float
        Of a person's history.
    side : Side
        Which of a person's events speak.
    """

    name: str
    item: NDArray[np.int32]
    place: NDArray[np.int32]
    rows: Rows
    gram: Floats
    inverse: Floats
    alpha: float
    half_life_days: float
    side: Side

    @classmethod
    def of(
        cls,
        name: str,
        item: Ints,
        factors: NDArray[np.float32],
        *,
        n_items: int,
        alpha: float,
        regularization: float,
        half_life_days: float,
        side: Side,
    ) -> Self:
        """Put fitted factors (row r: ``item[r]``) into order and work out what every fold-in needs."""
        order = by_length(factors)
        place = np.full(n_items, -1, np.int32)
        place[item[order]] = np.arange(len(order), dtype=np.int32)
        gram = _gram(factors) + regularization * np.eye(factors.shape[1])
        return cls(
            name=name,
            item=item[order].astype(np.int32),
            place=place,
            rows=Rows.of(np.ascontiguousarray(factors[order])),
            gram=gram,
            inverse=np.asarray(np.linalg.inv(gram), np.float64),
            alpha=alpha,
            half_life_days=half_life_days,
            side=side,
        )

    @property
    def factors(self) -> NDArray[np.float32]:
        """Those of the rows."""
        return self.rows.factors

    def look(self, person: Person) -> Opinion:
        """Fold the person in; items are scored when asked for."""
        folded = self.fold_in(*person.anchors(self.side, self.half_life_days))
        return SILENT if folded is None else Folded(self, folded)

    def related(self, person: Person, item: int) -> int | None:
        """The anchor whose own factors, weighted by its confidence, point most towards the item."""
        rows, pulling = self._pulling(person)
        place = int(self.place[item])
        if not len(rows) or place < 0:
            return None
        pull = pulling @ self.factors[place]
        best = int(pull.argmax())
        return int(self.item[rows[best]]) if pull[best] > 0 else None

    def _pulling(self, person: Person) -> tuple[Ints, Floats]:
        """Rows of the anchors, and what to multiply an item's factors with to get each one's pull; once per person."""
        known: tuple[Ints, Floats] | None = person.opinions.get(self.name)
        if known is None:
            rows, weight = self._anchors(person)
            pulling = self.factors.take(rows, axis=0) @ self.inverse * (1.0 + self.alpha * weight)[:, None]
            known = person.opinions[self.name] = (rows, pulling)
        return known

    def _anchors(self, person: Person) -> tuple[Ints, Floats]:
        """Rows of the factors the person speaks through, and their weights."""
        item, weight = person.anchors(self.side, self.half_life_days)
        rows = self.place.take(item)
        keep = (rows >= 0) & (weight > _FAINT)
        return rows[keep].astype(np.int64), weight[keep]

    def fold_in(self, item: Ints, weight: Floats) -> NDArray[np.float32] | None:
        """Factors of a person who touched these items so much, float32 of length n_factors; None if no factors say anything of it.

        See :func:`recommender.kernels.plain.folded_in`.
        """
        return kernels.folded_in(self.factors, self.place, self.gram, item, weight, self.alpha, _FAINT)

    def to_arrays(self) -> Arrays:
        """Factors, what is worked out from them, and the constants of the fold-in."""
        return {
            "item": self.item,
            "place": self.place,
            "gram": self.gram,
            "inverse": self.inverse,
            "constants": np.array([self.alpha, self.half_life_days, float(self.side)]),
            **self.rows.to_arrays(),
        }

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        alpha, half_life, side = (float(value) for value in arrays["constants"])
        return cls(
            name=name,
            item=arrays["item"],
            place=arrays["place"],
            rows=Rows.from_arrays(arrays),
            gram=arrays["gram"],
            inverse=arrays["inverse"],
            alpha=alpha,
            half_life_days=half_life,
            side=Side(int(side)),
        )


def _gram(factors: NDArray[np.float32]) -> Floats:
    """Inner products of the columns in double precision, some rows at a time."""
    out = np.zeros((factors.shape[1], factors.shape[1]))
    for start in range(0, len(factors), 65_536):
        wide = factors[start : start + 65_536].astype(np.float64)
        out += wide.T @ wide
    return out


class Folded:
    """Scores of a person's factors: of the candidates asked for, or the best of all by the rows' scan."""

    __slots__ = ("_model", "_person")

    def __init__(self, model: FactorGenerator, person: NDArray[np.float32]) -> None:
        self._model, self._person = model, person

    def top(self, k: int, banned: Ints) -> Ints:
        """The ``k`` highest scores."""
        skip = banned
        if len(banned):
            skip = np.sort(self._model.place.take(banned)).astype(np.int64)
            skip = skip[skip >= 0]
        rows, _ = self._model.rows.top(self._person, k, skip)
        return self._model.item.take(rows).astype(np.int64)

    def at(self, items: Ints) -> Floats:
        """Scores of the items; 0 where negative or unknown."""
        model = self._model
        return kernels.inner_products(model.factors, model.place, items, self._person)

    def told(self, known: Ints, /) -> Line:
        """A score each."""
        return self.at(known)
