"""Item factors: a person is folded in from their history when they ask, nothing of them is stored."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from recommender.algorithms.contract import Arrays, Opinion, Silent
from recommender.algorithms.digest import Digest
from recommender.algorithms.neighbours import Anchored, anchors
from recommender.algorithms.ragged import DENSE_CELLS, Floats, Ints, bounds, found, largest_in_rows

_BLOCK = 4_096
_FAINT = 1e-6


@dataclass(frozen=True, kw_only=True)
class FactorGenerator:
    """Implicit-feedback factors of items.

    Attributes
    ----------
    factors : float32 array of shape (n_items, n_factors)
        Ordered by falling length; row r belongs to item ``item[r]``. Items the fit never saw are left out.
    item : int32 array
    alpha, regularization : float
        As in the fit: a history's confidence is ``1 + alpha × decayed number of events``.
    half_life_days : float
        Of a person's history.
    from_bought : bool
        Whether purchases speak, or views and carts.
    """

    name: str
    item: NDArray[np.int32]
    factors: NDArray[np.float32]
    alpha: float
    regularization: float
    half_life_days: float
    from_bought: bool
    gram: Floats = field(init=False, repr=False)
    inverse: Floats = field(init=False, repr=False)
    place: Ints = field(init=False, repr=False)
    n_items: int

    def __post_init__(self) -> None:
        wide = self.factors.astype(np.float64)
        gram = wide.T @ wide + self.regularization * np.eye(wide.shape[1])
        place = np.full(self.n_items, -1, np.int64)
        place[self.item] = np.arange(len(self.item))
        for name, value in (("gram", gram), ("inverse", np.linalg.inv(gram)), ("place", place)):
            object.__setattr__(self, name, value)

    def look(self, digest: Digest) -> Opinion:
        """Fold everybody in and score."""
        anchored = self._anchors(digest)
        if not len(anchored.key):
            return Silent()
        return _Scored(self, digest, self.fold_in(anchored))

    def related(self, digest: Digest, item: int) -> int | None:
        """The anchor whose own factors, weighted by its confidence, point most towards the item."""
        anchored = self._anchors(digest)
        rows = anchored.key % digest.n_items
        if not len(rows) or self.place[item] < 0:
            return None
        target = self.inverse @ self.factors[self.place[item]].astype(np.float64)
        pull = (self.factors[self.place[rows]] @ target) * (1.0 + self.alpha * anchored.weight)
        best = int(pull.argmax())
        return int(rows[best]) if pull[best] > 0 else None

    def _anchors(self, digest: Digest) -> Anchored:
        touches = digest.bought if self.from_bought else digest.looked
        anchored = anchors(digest, touches.pair, touches.totals(self.half_life_days))
        keep = (self.place[anchored.key % digest.n_items] >= 0) & (anchored.weight > _FAINT)
        return Anchored(digest, anchored.key[keep], anchored.weight[keep])

    def fold_in(self, anchored: Anchored) -> NDArray[np.float32]:
        """Factors of the people behind the anchors, float32 of shape (n_people, n_factors); nobody's anchors: a zero row.

        Hu, Koren, Volinsky (2008), "Collaborative Filtering for Implicit Feedback Datasets", eq. 4; for short
        histories through the k × k system of the matrix inversion lemma instead of the f × f one.
        """
        digest = anchored.digest
        out = np.zeros((digest.n_people, self.factors.shape[1]), np.float32)
        row = bounds(digest.person_of(anchored.key), digest.n_people).tolist()
        place = self.place[anchored.key % digest.n_items]
        rows = self.factors[place].astype(np.float64)
        extra = self.alpha * anchored.weight
        for person, (start, end) in enumerate(pairwise(row)):
            if end > start:
                out[person] = self._solve(rows[start:end], extra[start:end])
        return out

    def _solve(self, rows: Floats, extra: Floats) -> Floats:
        wanted = (1.0 + extra) @ rows
        if len(rows) < rows.shape[1] // 2:
            through = rows @ self.inverse
            small = through @ rows.T
            small[np.diag_indices(len(small))] += 1.0 / extra
            base = self.inverse @ wanted
            return np.asarray(base - _positive_solve(small, rows @ base) @ through)
        return _positive_solve(self.gram + (rows * extra[:, None]).T @ rows, wanted)

    def to_arrays(self) -> Arrays:
        """Factors and the constants of the fold-in."""
        constants = [self.alpha, self.regularization, self.half_life_days, float(self.from_bought), float(self.n_items)]
        return {"item": self.item, "factors": self.factors, "constants": np.array(constants)}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        alpha, regularization, half_life, from_bought, n_items = (float(value) for value in arrays["constants"])
        return cls(
            name=name,
            item=arrays["item"],
            factors=arrays["factors"],
            alpha=alpha,
            regularization=regularization,
            half_life_days=half_life,
            from_bought=bool(from_bought),
            n_items=int(n_items),
        )


def _positive_solve(matrix: Floats, right: Floats) -> Floats:
    _, solved, info = lapack.dposv(matrix, right)
    if info:
        solved = np.linalg.lstsq(matrix, right, rcond=None)[0]
    return np.asarray(solved)


class _Scored:
    """Scores of a block: of every item in a small catalogue, in a large one of the longest factors until none can reach the best k.

    Each person is scored by themselves with products of the same shape whoever else is in the block, so that the bytes are the same.
    """

    def __init__(self, model: FactorGenerator, digest: Digest, people: NDArray[np.float32]) -> None:
        self._model, self._digest, self._people = model, digest, people
        self._matrix: Any = None
        if digest.n_items <= DENSE_CELLS:
            self._matrix = np.zeros((digest.n_people, digest.n_items), np.float32)
            for person in np.flatnonzero(people.any(axis=1)).tolist():
                self._matrix[person, model.item] = model.factors @ people[person]
            np.maximum(self._matrix, 0.0, out=self._matrix)

    def top(self, k: int, banned: Ints) -> Ints:
        """Each person's ``k`` highest scores."""
        if self._matrix is not None:
            matrix = self._matrix
            if len(banned):
                matrix = matrix.copy()
                matrix.ravel()[banned] = 0.0
            return largest_in_rows(matrix, k)
        row = bounds(self._digest.person_of(banned), self._digest.n_people).tolist()
        parts = []
        for person in np.flatnonzero(self._people.any(axis=1)).tolist():
            theirs = banned[row[person] : row[person + 1]]
            keys = person * self._digest.n_items + longest_first(self._model, self._people[person], k + len(theirs))
            parts.append(keys[~found(keys, theirs)][:k])
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def at(self, keys: Ints) -> Floats:
        """Scores at the keys; 0 where negative or unknown."""
        if self._matrix is not None:
            return np.asarray(self._matrix.ravel()[keys], np.float64)
        row = bounds(self._digest.person_of(keys), self._digest.n_people).tolist()
        place = self._model.place[keys % self._digest.n_items]
        out = np.zeros(len(keys))
        for person in np.flatnonzero(self._people.any(axis=1)).tolist():
            part = slice(row[person], row[person + 1])
            out[part] = self._model.factors[place[part]] @ self._people[person]
        return np.where(place >= 0, np.maximum(out, 0.0), 0.0)


def longest_first(model: FactorGenerator, person: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The ``k`` items of highest score above 0, best first: exact, yet reading only as many factors as needed.

    Items come by falling length; once the next length times the person's cannot beat the k-th best score, the rest cannot either
    (Cauchy-Schwarz).
    """
    length = float(np.sqrt(person @ person))
    scores = np.zeros(0, np.float32)
    for start in range(0, len(model.item), _BLOCK):
        if len(scores) >= k:
            worst = float(np.partition(scores, len(scores) - k)[len(scores) - k])
            reach = model.factors[start].astype(np.float64)
            if float(np.sqrt(reach @ reach)) * length * (1.0 + 1e-5) < worst:
                break
        scores = np.concatenate([scores, model.factors[start : start + _BLOCK] @ person])
    best = np.argsort(-scores, kind="stable")[:k]
    return np.asarray(model.item[best[scores[best] > 0]], np.int64)
