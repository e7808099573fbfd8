"""Visits like the one that is going on: what people did in them besides, and next.

A row is a visit (one shop session, or one person's events without half an hour's pause) and carries no person. The visit
that is going on looks for rows that share its items, the last click counting most; the rows propose what they hold, near
the place where the two visits met. Session nearest neighbours hold their own against recurrent and graph networks
(Ludewig and Jannach 2018, "Evaluation of session-based recommendation algorithms"; Shehzad and Jannach 2023).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.algorithms.contract import SILENT, Arrays, Fitted, Listed, Opinion, Params
from recommender.algorithms.digest import Digest
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import Floats, Ints, heaviest_of, spans
from recommender.algorithms.trail import trail_of
from recommender.algorithms.visits import Visits, visits_of
from recommender.interactions import Interactions

FAINT = np.float32(1e-6)
"""Items of less weight than this do not ask at all."""

MOST_ASKED = 20
"""Items of the visit going on that look for others, the newest."""


@dataclass(frozen=True, kw_only=True)
class SessionKnn:
    """Visits by item and items by visit. Not slotted: what every question needs is worked out once.

    Attributes
    ----------
    visits : Visits
    rarity : float32 array of length n_items
        How much an item that both visits hold says of their likeness.
    worth : float32 array of length n_items
        What a proposal of the item is multiplied by.
    params : mapping
        See :data:`CONSTANTS`.
    """

    name: str
    visits: Visits
    rarity: NDArray[np.float32]
    worth: NDArray[np.float32]
    params: Params

    def look(self, person: Person) -> Opinion:
        """The visits most like the person's own say what else they hold."""
        known = person.opinions.get(self.name)
        if known is None:
            known = person.opinions[self.name] = self._look(person)
        opinion: Opinion = known
        return opinion

    def related(self, person: Person, item: int) -> int | None:
        """The item of the person's visit through which visits that hold ``item`` were found most."""
        asked, weight = self._asked(person)
        best, loudest = None, 0.0
        for one, says in zip(asked.tolist(), weight.tolist(), strict=True):
            said = float(self._opinion(np.array([one]), np.array([says], np.float32)).at(np.array([item]))[0])
            if said > loudest:
                best, loudest = one, said
        return best

    def _asked(self, person: Person) -> tuple[Ints, NDArray[np.float32]]:
        """Items that look for visits, the newest first, and their weights above 0."""
        trail = trail_of(person, None)
        fresh = trail.weights(self.params["history_half_life_steps"], self.params["history_half_life_days"])
        asked = trail.item[:MOST_ASKED]
        weight = fresh[:MOST_ASKED].astype(np.float32) * self.rarity.take(asked)
        heard = weight > FAINT
        return asked[heard], weight[heard]

    def _look(self, person: Person) -> Opinion:
        asked, weight = self._asked(person)
        return self._opinion(asked, weight) if len(asked) else SILENT

    def _opinion(self, asked: Ints, weight: NDArray[np.float32]) -> Opinion:
        entry, likeness = self._near(asked, weight)
        if not len(entry):
            return SILENT
        start, end = self.visits.span(self.visits.of_entry.take(entry))
        length = end - start
        held = spans(start, length)
        away = held - entry.repeat(length)
        said = likeness.repeat(length) * self._nearness.take(away + len(self._nearness) // 2, mode="clip")
        item = self.visits.item.take(held)
        said *= self.worth.take(item)
        return Listed(*kernels.summed(item.astype(np.int64), said.astype(np.float64))[:2])

    def _near(self, asked: Ints, weight: NDArray[np.float32]) -> tuple[NDArray[np.int32], Floats]:
        """The visits most alike: the entry where each met the newest item asked, and how alike they are."""
        start, end = self.visits.postings(asked)
        length = end - start
        entry = self.visits.posting.take(spans(start, length))
        said = weight.repeat(length).astype(np.float64)
        visit, alike, first = kernels.summed(self.visits.of_entry.take(entry).astype(np.int64), said)
        alike *= self.visits.weight.take(visit)
        chosen = heaviest_of(alike, int(self.params["neighbours"]))
        return entry.take(first.take(chosen)), alike.take(chosen)

    @cached_property
    def _nearness(self) -> NDArray[np.float32]:
        """Weight of an item by its distance from the meeting place; negative distances are before it."""
        reach = np.arange(1.0, 51.0)
        after = self.params["after_decay"] ** (reach - 1.0)
        earlier = self.params["before"] * self.params["after_decay"] ** (reach - 1.0)
        return np.concatenate([earlier[::-1], [self.params["same"]], after]).astype(np.float32)

    def to_arrays(self) -> Arrays:
        """Rows of visits without anybody's id, weights by item, constants."""
        constants = np.array([self.params[name] for name in CONSTANTS])
        return {**self.visits.to_arrays(), "rarity": self.rarity, "worth": self.worth, "constants": constants}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        return cls(
            name=name,
            visits=Visits.from_arrays(arrays),
            rarity=arrays["rarity"],
            worth=arrays["worth"],
            params=dict(zip(CONSTANTS, arrays["constants"].tolist(), strict=True)),
        )


CONSTANTS = ("history_half_life_steps", "history_half_life_days", "neighbours", "after_decay", "before", "same")
"""Parameters that are needed when asked."""


def fit_session_knn(name: str, interactions: Interactions, digest: Digest, params: Params, seed: int) -> Fitted:
    """Needs a visit of two items in which somebody looked at something."""
    del seed
    visits = visits_of(interactions, params["half_life_days"], params["length_damp"])
    if visits is None:
        return Fitted(generator=None, note=f"{name}: nobody has looked at two items in one visit yet.")
    holding: Floats = np.bincount(visits.item, minlength=digest.n_items).astype(np.float64)
    share = visits.n_visits / np.maximum(holding, 1.0)
    rare = np.log1p(share) / np.log1p(visits.n_visits)
    generator = SessionKnn(
        name=name,
        visits=visits,
        rarity=(rare ** params["rarity_power"]).astype(np.float32),
        worth=(rare ** params["worth_power"]).astype(np.float32),
        params={key: params[key] for key in CONSTANTS},
    )
    return Fitted(generator=generator)
