"""What comes next: items touched a few steps after an item, the nearer the more, counted with decay.

Unlike what merely goes together, the direction counts: a cartridge follows a printer, seldom the other way round.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.anchored import Voting
from recommender.algorithms.contract import Arrays, Fitted, Params
from recommender.algorithms.covisitation import LARGE, LONGEST, WIDE, pairs_together
from recommender.algorithms.decay import ages, decayed
from recommender.algorithms.digest import Digest
from recommender.algorithms.neighbours import WIDTH, Neighbours, Votes, detoured, table
from recommender.algorithms.person import Person
from recommender.algorithms.ragged import Floats, Ints, firsts
from recommender.algorithms.sides import Side, lines_of
from recommender.algorithms.support import EnoughPeople, had_by, least_people, those_who_had
from recommender.algorithms.trail import trail_of
from recommender.interactions import Interactions

MOST_PAIRS = 40_000_000
"""Pairs of events that are counted at most, some seconds' work: long logs of long orders look less far ahead, but one step at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextGenerator(Voting):
    """A table of what follows each item, through which the end of a person's trail speaks."""

    name: str
    table: Neighbours
    half_life_steps: float
    half_life_days: float
    side: Side

    def cast(self, person: Person) -> Votes | None:
        """The person's last items, the newest loudest."""
        trail = trail_of(person, self.side)
        weight = trail.weights(self.half_life_steps, self.half_life_days)
        heard = weight > 1e-6
        if not heard.any():
            return None
        return Votes(trail.item[heard], weight[heard], self.table)

    def to_arrays(self) -> Arrays:
        """The table and the half-lives."""
        constants = np.array([self.half_life_steps, self.half_life_days, float(self.side)])
        return {"item": self.table.item, "weight": self.table.weight, "constants": constants}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays) -> Self:
        """Rebuild."""
        steps, days, side = (float(value) for value in arrays["constants"])
        return cls(
            name=name,
            table=Neighbours(item=arrays["item"], weight=arrays["weight"]),
            half_life_steps=steps,
            half_life_days=days,
            side=Side(int(side)),
        )


def fit_sequence(  # the same five for every generator, and which events speak
    name: str, interactions: Interactions, digest: Digest, params: Params, seed: int, *, side: Side
) -> Fitted:
    """Needs two items touched one after the other by enough people."""
    del seed
    source, person = _steps(interactions, side, params)
    if not len(person):
        return Fitted(generator=None, note=f"{name}: nobody has {side.done} anything yet.")
    least = least_people(interactions.n_people)
    target = _following(source, person, params)
    width = WIDE if digest.n_items <= LARGE else WIDTH
    enough = _enough(source, target, person, least, whenever=side is Side.BOUGHT)
    found = table(pairs_together(source, target, enough, params), digest.n_items, width)
    if found is None:
        return Fitted(
            generator=None, note=f"{name}: no two items were {side.done} one after the other by enough people."
        )
    if params["detour"] > 0:
        found = detoured(found, params["detour"])
    generator = NextGenerator(
        name=name,
        table=found,
        half_life_steps=params["history_half_life_steps"],
        half_life_days=params["history_half_life_days"],
        side=side,
    )
    return Fitted(generator=generator)


def _enough(source: Any, target: Any, person: Ints, least: int, *, whenever: bool) -> EnoughPeople:
    """Whether enough people had both items of a pair: one after the other within reach or, with ``whenever``, in any order.

    Few people buy the same two things in the same order, so that purchases would tell next to nothing without it in
    shops where people share little; for looks the stricter rule is the better one.
    """
    if not whenever:
        return EnoughPeople(source.T.tocsr(), target, person, least)
    cells = source.tocoo()
    return had_by(those_who_had(cells.col, person[cells.row], source.shape[1]), least)


def _steps(interactions: Interactions, side: Side, params: Params) -> tuple[Any, Ints]:
    """Step × item weights (csr), steps sorted by person and time, and whose step each is; half of a pair's decay."""
    from scipy import sparse  # only here: a process that serves never fits

    rows = np.flatnonzero(lines_of(interactions.kind, side))
    rows = rows[np.argsort(interactions.person[rows], kind="stable")]
    person, item = interactions.person[rows].astype(np.int64), interactions.item[rows]
    step = moments(interactions, rows, by_order=side is Side.BOUGHT)
    weight = decayed(ages(interactions.time_us[rows], interactions.now_us), 2.0 * params["half_life_days"])
    n_steps = int(step[-1]) + 1 if len(step) else 0
    _, first = np.unique(step * len(interactions.item_ids) + item, return_index=True)
    length = np.bincount(step[first], minlength=n_steps).astype(np.float64)
    weight = weight * (np.maximum(length, 1.0) ** (-params["length_damp"] / 2.0))[step]
    first = first[(length[step[first]] <= LONGEST) & (weight[first] > 1e-6)]
    cells = sparse.csr_matrix((weight[first], (step[first], item[first])), shape=(n_steps, len(interactions.item_ids)))
    return cells, person[firsts(step)]


def moments(interactions: Interactions, rows: Ints, *, by_order: bool) -> NDArray[np.int64]:
    """Number of the moment of each row (sorted by person, then time), from 0; lines of one order are one moment."""
    person, order = interactions.person[rows], interactions.order[rows]
    new = firsts(interactions.time_us[rows])
    if by_order:
        new[1:] &= (order[1:] != order[:-1]) | (order[1:] < 0)
    return np.asarray((new | firsts(person)).cumsum() - 1)


def _following(source: Any, person: Ints, params: Params) -> Any:
    """What each step is followed by within reach (csr, steps × items), the nearer steps the more."""
    from scipy import sparse

    leads: list[Ints] = []
    follows: list[Ints] = []
    shares: list[Floats] = []
    lengths, left = np.diff(source.indptr).astype(np.int64), MOST_PAIRS
    for distance in range(1, min(int(params["reach"]), len(person) - 1) + 1):
        lead = np.flatnonzero(person[:-distance] == person[distance:])
        left -= int(lengths[lead] @ lengths[lead + distance])
        if left < 0 and leads:
            break
        leads.append(lead)
        follows.append(lead + distance)
        shares.append(np.full(len(lead), distance ** -params["distance_damp"]))
    if not leads:
        return source * 0.0
    places = (np.concatenate(leads), np.concatenate(follows))
    return sparse.csr_matrix((np.concatenate(shares), places), shape=(len(person), len(person))) @ source
