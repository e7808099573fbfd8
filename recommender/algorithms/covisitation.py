"""What goes with what: items that stood in the same order, or were looked at on the same day, counted with decay.

Counting pairs by kind of event is the workhorse of published session-recommendation solutions (those to the OTTO
challenge of 2023, for instance). Long orders are damped, so that a wholesaler's catalogue order is no taste.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from recommender.algorithms.anchored import TableGenerator
from recommender.algorithms.contract import Fitted, Params
from recommender.algorithms.decay import DAY_US, ages, decayed
from recommender.algorithms.digest import Digest
from recommender.algorithms.neighbours import WIDTH, table
from recommender.algorithms.ragged import Floats, Ints
from recommender.algorithms.sides import Side, lines_of
from recommender.algorithms.support import EnoughPeople, least_people
from recommender.interactions import Interactions

LONGEST = 500
"""Orders (or days) of more distinct items are a catalogue, not a choice, and are not counted."""

WIDE = 200
"""Neighbours kept per item in all but large catalogues: on validation better than 100 for what is new to a person."""

LARGE = 16_384
"""From more items on a catalogue is large."""

_STEP = 512


def pairs_together(source: Any, target: Any, enough: EnoughPeople, params: Params) -> Iterator[tuple[int, Any]]:
    """Decayed, damped sums of every pair that has enough people, a slice of items at a time.

    Parameters
    ----------
    source, target : csr_matrix of shape (n_groups, n_items)
        Weights of what leads and of what follows, group by group.
    enough : EnoughPeople
    params : mapping
        ``lead_damp``, ``follow_damp``: a pair's sum is divided by either item's own weight to these powers.
    """
    leading = source.T.tocsr()
    lead, follow = (_damp(matrix, params[name]) for matrix, name in ((source, "lead_damp"), (target, "follow_damp")))
    for start in range(0, leading.shape[0], _STEP):
        rows = slice(start, min(start + _STEP, leading.shape[0]))
        met = leading[rows] @ target
        keep = enough.of(start, met)
        met.data = np.where(keep, met.data, 0.0) * follow[met.indices]
        met.data *= np.repeat(lead[rows], np.diff(met.indptr))
        yield start, met


def _damp(matrix: Any, power: float) -> Floats:
    mass = np.asarray(matrix.multiply(matrix).sum(axis=0), np.float64).ravel()
    return np.where(mass > 0, np.maximum(mass, 1e-12) ** -power, 0.0)


def fit_covisitation(
    name: str, interactions: Interactions, digest: Digest, params: Params, seed: int, *, pair: tuple[Side, Side]
) -> Fitted:
    """Fit one pair of sides: two purchases meet in an order, anything else within a person's day.

    Needs two items touched together by enough people.
    """
    del seed
    missing = next((side for side in pair if not len(digest.of(side).key)), None)
    if missing is not None:
        return Fitted(generator=None, note=f"{name}: nobody has {missing.done} anything yet.")
    group, person = _groups(interactions, by_order=pair == (Side.BOUGHT, Side.BOUGHT))
    source = _cells(interactions, group, len(person), pair[0], params)
    target = source if pair[0] == pair[1] else _cells(interactions, group, len(person), pair[1], params)
    least = least_people(interactions.n_people)
    width = WIDE if digest.n_items <= LARGE else WIDTH
    enough = EnoughPeople(source.T.tocsr(), target, person, least)
    found = table(pairs_together(source, target, enough, params), digest.n_items, width)
    if found is None:
        return Fitted(
            generator=None,
            note=f"{name}: no two items were {pair[0].done} and {pair[1].done} together by {least} or more people.",
        )
    generator = TableGenerator(name=name, table=found, half_life_days=params["history_half_life_days"], side=pair[0])
    return Fitted(generator=generator)


def _groups(interactions: Interactions, *, by_order: bool) -> tuple[Ints, Ints]:
    """Group of every interaction, and person of every group: orders where told, else a person's day."""
    day = -2 - interactions.time_us // DAY_US
    code = np.where(interactions.order < 0, day, interactions.order) if by_order else day
    _, code = np.unique(code, return_inverse=True)
    both = interactions.person.astype(np.int64) * (int(code.max()) + 1) + code
    names, group = np.unique(both, return_inverse=True)
    return np.asarray(group, np.int64), np.asarray(names // (int(code.max()) + 1), np.int64)


def _cells(interactions: Interactions, group: Ints, n_groups: int, side: Side, params: Params) -> Any:
    """Group × item weights (csr), half of a pair's decay and of its group's damping on either side."""
    from scipy import sparse  # only here: a process that serves never fits

    n_items = len(interactions.item_ids)
    rows = np.flatnonzero(lines_of(interactions.kind, side))
    cell, first = np.unique(group[rows] * n_items + interactions.item[rows], return_index=True)
    rows = rows[first]
    where = cell // n_items
    length = np.bincount(where, minlength=n_groups)[where].astype(np.float64)
    weight = decayed(ages(interactions.time_us[rows], interactions.now_us), 2.0 * params["half_life_days"])
    weight *= length ** (-params["length_damp"] / 2.0)
    short = (length <= LONGEST) & (weight > 1e-6)
    shape = (n_groups, n_items)
    return sparse.csr_matrix((weight[short], (where[short], cell[short] % n_items)), shape=shape)
