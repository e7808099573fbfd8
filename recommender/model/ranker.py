"""The learned order of a list: a small forest over the candidates the blend chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from recommender.algorithms.person import Person
from recommender.algorithms.ragged import Floats
from recommender.domain.errors import BundleRefusedError
from recommender.features.numbers import NUMBERS
from recommender.model.blend import Blended
from recommender.model.columns import (
    BLEND,
    PAIR,
    PERSON,
    TRAITS,
    Columns,
    names_of,
    newcomer_traits,
    pair_columns,
    person_columns,
)
from recommender.model.facts import ItemFacts
from recommender.model.forest import Forest
from recommender.model.parted import Parted

CANDIDATES = 200
"""How many of the blend's best candidates are ranked anew."""

DAMPING = 10.0
"""Places are counted from here where two orders are joined: 1 / (DAMPING + place), so that the first is not everything."""


class Order(StrEnum):
    """Who decides the order of a list's candidates."""

    BLEND = "blend"
    FOREST = "forest"
    BOTH = "both"  # the mean of the two orders, by reciprocal places


@dataclass(frozen=True, kw_only=True)
class Ranker:
    """A forest and what it was grown on. Not slotted: what serving needs is prepared once, when first asked for.

    Attributes
    ----------
    forest : Forest
        Over the columns of :func:`recommender.model.columns.names_of` for ``generators``.
    generators : tuple of str
        Whose scores the forest was told, in their order: those the place's blend speaks with.
    order : Order
        ``FOREST`` or ``BOTH``.
    attributes : tuple of str
        Attributes of the profile the forest splits on, by the registry's names; nobody works out others for it.
    candidates : int
        How many of the blend's best candidates the forest orders; those behind them stay behind, in the blend's order.
    masks : array of shape (n_items + 1, n_trees), optional
        What items decide by themselves (:meth:`~recommender.model.parted.Parted.item_masks`), made at publish; the last row is
        that of every item that came after the training.
    """

    forest: Forest
    generators: tuple[str, ...]
    order: Order
    attributes: tuple[str, ...] = ()
    candidates: int = CANDIDATES
    masks: NDArray[np.unsignedinteger[Any]] | None = field(default=None, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """What the forest is told, in the order of its columns."""
        return names_of(self.generators, self.attributes)

    @cached_property
    def _parted(self) -> Parted:
        item = len(self.generators) + len(BLEND)
        person = item + len(TRAITS)
        profile = person + len(PERSON) + len(PAIR)
        return self.forest.parted(
            item=range(item, person),
            person=[*range(person, person + len(PERSON)), *range(profile, profile + len(self.attributes))],
        )

    def fitted_to(self, traits: Columns) -> "Ranker":
        """The same with the masks of a model's items, whose traits these are."""
        return replace(self, masks=self._parted.item_masks(np.vstack([traits, newcomer_traits(traits)])))

    def scores(self, person: Person, found: Blended, facts: ItemFacts) -> Floats:
        """How good each candidate is, between 0 and 1, float64 in the order of ``found``; larger is better.

        Raises
        ------
        ValueError
            The ranker is not that of a model (:meth:`fitted_to`).
        """
        if self.masks is None:
            raise ValueError("a ranker is asked through a model: fitted_to was not called")
        head = self.head(found)
        own, rest = told(person, head, facts)
        if self.attributes:
            own = np.concatenate([own, person.attributes(self.attributes)])
        said = self._parted.score(rest.T, person=own, item_masks=self.masks, items=head.item)
        scores = joined(said, self.order)
        behind = len(found.item) - len(scores)
        if not behind:
            return scores
        return np.concatenate([scores, scores.min() * np.arange(behind, 0, -1) / (behind + 1)])

    def head(self, found: Blended) -> Blended:
        """The candidates whose order the forest decides."""
        return found if len(found.item) <= self.candidates else _first(found, self.candidates)

    def to_arrays(self) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]]:
        """The forest, the masks and a description."""
        arrays = {f"forest.{name}": array for name, array in self.forest.to_arrays().items()}
        if self.masks is not None:
            arrays["masks"] = self.masks
        return arrays, {
            "generators": list(self.generators),
            "order": str(self.order),
            "attributes": list(self.attributes),
            "candidates": self.candidates,
            "columns": list(self.columns),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], described: Mapping[str, Any], n_items: int) -> Self:
        """Rebuild.

        Raises
        ------
        BundleRefusedError
            The forest was grown on other columns than this version has, or its arrays do not go together.
        """
        generators = tuple(described["generators"])
        attributes = tuple(described.get("attributes", ()))
        if not set(attributes) <= set(NUMBERS):
            raise BundleRefusedError("The ranker was grown on attributes the profile no longer has; train again.")
        parts = {name.removeprefix("forest."): one for name, one in arrays.items() if name.startswith("forest.")}
        forest, masks = Forest.from_arrays(parts), arrays["masks"]
        if list(described["columns"]) != list(names_of(generators, attributes)) or forest.n_features != len(
            described["columns"]
        ):
            raise BundleRefusedError("The ranker was grown on other columns than this version has; train again.")
        if described["order"] not in set(Order):
            raise BundleRefusedError(f"Nobody knows the order {described['order']!r} of a ranker; train again.")
        candidates = described.get("candidates", CANDIDATES)
        if not isinstance(candidates, int) or not 1 <= candidates <= CANDIDATES:
            raise BundleRefusedError(f"A ranker cannot order {candidates!r} candidates; train again.")
        ranker = cls(
            forest=forest,
            generators=generators,
            order=Order(described["order"]),
            attributes=attributes,
            candidates=candidates,
            masks=masks,
        )
        ranker._parted.check_masks(masks, n_items + 1, where="the ranker")
        return ranker


def told(person: Person, found: Blended, facts: ItemFacts) -> tuple[Columns, Columns]:
    """What the forest is told beside the items' traits: the person's columns, and the other columns by candidate.

    Returns
    -------
    (float32 of length ``len(PERSON)``, float32 of shape ``(n_generators + len(BLEND) + len(PAIR), n)``)
    """
    own = person_columns(person, facts.traits)
    item = found.item.astype(np.int64)
    n_speaking = len(found.scaled)
    rest = np.empty((n_speaking + len(BLEND) + len(PAIR), len(item)), np.float32)
    rest[:n_speaking] = found.scaled
    rest[n_speaking] = found.score
    rest[n_speaking + 1] = _PLACES[: len(item)]
    rest[n_speaking + len(BLEND) :] = pair_columns(person, item, own, facts.traits, facts.shelves)
    return own, rest


def _first(found: Blended, n: int) -> Blended:
    """The best of the candidates."""
    return structs.replace(
        found,
        item=found.item[:n],
        score=found.score[:n],
        source=found.source[:n],
        parts=found.parts[:, :n],
        scaled=found.scaled[:, :n],
    )


def whole(own: Columns, rest: Columns, traits: Columns) -> Columns:
    """Both and the candidates' traits as the forest's columns, float32 of shape (n, n_columns)."""
    n_pair = len(PAIR)
    return np.concatenate(
        [rest[:-n_pair], traits.T, np.broadcast_to(own[:, None], (len(own), rest.shape[1])), rest[-n_pair:]]
    ).T


def without_unused(
    forest: Forest, generators: tuple[str, ...], attributes: tuple[str, ...]
) -> tuple[Forest, tuple[str, ...]]:
    """The forest over those attributes only that it splits on, and their names; the other columns stay as they are."""
    first = len(names_of(generators))
    used = np.unique(forest.feature[forest.feature >= first]).astype(np.int64)
    place = np.arange(forest.n_features, dtype=np.int32)
    place[used] = first + np.arange(len(used), dtype=np.int32)
    gain = np.concatenate([forest.gain[:first], forest.gain[used]])
    return replace(forest, feature=place[forest.feature], gain=gain), tuple(attributes[one - first] for one in used)


def joined(said: Floats, order: Order) -> Floats:
    """What the forest said of candidates in the blend's order, as scores between 0 and 1."""
    if order is Order.FOREST:
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(said, -30.0, 30.0))))
    place = np.empty(len(said), np.int64)
    place[(-said).argsort(kind="stable")] = np.arange(len(said))
    return 0.5 * DAMPING * (1.0 / (DAMPING + place) + 1.0 / (DAMPING + np.arange(len(said))))


def ranked(found: Blended, scores: Floats, limit: int, *, parts: bool = True) -> Blended:
    """The candidates in the order of new scores, the best ``limit``; equal scores stay in the blend's order.

    With ``parts`` each generator's part of the blend's score becomes the same share of the new one; else they are left empty.
    """
    order = (-scores).argsort(kind="stable")[:limit]
    new = scores.take(order)
    old = np.maximum(found.score.take(order).astype(np.float64), 1e-12) if parts else None
    return Blended(
        item=found.item.take(order),
        score=new.astype(np.float32),
        source=found.source.take(order),
        parts=_NONE if old is None else found.parts.take(order, axis=1) * (new / old),
        scaled=_NONE,
    )


_NONE = np.zeros((0, 0))
_PLACES = np.log1p(np.arange(CANDIDATES)).astype(np.float32)


def prefix_of(place: str) -> str:
    """What the names of a place's arrays begin with in a bundle, whose names have few parts."""
    return f"ranker.{place.replace('.', '_')}."


def rankers_from(
    arrays: Mapping[str, NDArray[Any]], described: Mapping[str, Mapping[str, Any]], n_items: int
) -> dict[str, Ranker]:
    """The rankers of a bundle by place."""
    out = {}
    for place, words in described.items():
        prefix = prefix_of(place)
        parts = {name.removeprefix(prefix): one for name, one in arrays.items() if name.startswith(prefix)}
        out[place] = Ranker.from_arrays(parts, words, n_items)
    return out


def speaking(weights: Mapping[str, float], generators: Sequence[str]) -> tuple[str, ...]:
    """Generators with a weight, in the model's order: whose scores a place's forest is told."""
    return tuple(name for name in generators if weights.get(name, 0.0) > 0)
