"""The lists a model gives to the people of a truth, asked at the cut with nothing later in sight."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.own import Own
from recommender.algorithms.ragged import Ints
from recommender.algorithms.sides import Side
from recommender.domain.requests import Repeat
from recommender.evaluation.metrics import DEPTH
from recommender.evaluation.split import Track
from recommender.interactions import Histories, Interactions, Kind, as_histories, some_histories
from recommender.model.contract import Ask, Query
from recommender.model.fitted import FittedModel

Lists = NDArray[np.int32]

MORE = 200
"""Proposals asked for where some will be left out."""

BASELINES = ("popularity", "own_frequency", "als")
"""What every figure is printed beside."""

NEEDED = {"popularity": "popular", "own_frequency": "own", "als": "als"}
"""The generator each baseline rests on."""


def ask(model: FittedModel, past: Interactions, people: Ints, track: Track) -> Lists:
    """Home lists of twenty for these people, int32 of shape (n, 20), -1 past a short list's end.

    ``window_new`` asks for items never bought before, as its truth holds no others.
    """
    histories = some_histories(as_histories(past), people)
    repeat = Repeat.FORBID if track is Track.WINDOW_NEW else Repeat.AUTO
    return home_lists(model, histories, repeat)


def home_lists(model: FittedModel, histories: Histories, repeat: Repeat, *, untouched: bool = False) -> Lists:
    """What the model proposes for these people, topped up with what is popular, int32 of shape (n, 20), -1 past the end.

    ``untouched`` leaves out whatever a person ever touched, as a shop does that excludes what the visitor has just seen.
    """
    query = Query(ask=Ask.HOME, repeat=repeat)
    answers = model.propose(histories, [query] * len(histories), limit=MORE if untouched else DEPTH)
    out = np.full((len(histories), DEPTH), -1, np.int32)
    for row, answer in enumerate(answers):
        items = answer.items
        if untouched:
            items = items[~np.isin(items, _theirs(histories, row, repeat, untouched=True))][:DEPTH]
        out[row, : len(items)] = items
    _fill(out, model, histories, repeat, untouched=untouched)
    return out


def _fill(out: Lists, model: FittedModel, histories: Histories, repeat: Repeat, *, untouched: bool) -> None:
    """Top short lists up in the standing order, as the slates do."""
    standing = model.popular()
    for row in np.flatnonzero((out < 0).any(axis=1)).tolist():
        have = out[row][out[row] >= 0]
        theirs = _theirs(histories, row, repeat, untouched=untouched)
        more = standing[~np.isin(standing, np.concatenate([have, theirs]))][: DEPTH - len(have)]
        out[row, len(have) : len(have) + len(more)] = more


def _theirs(histories: Histories, row: int, repeat: Repeat, *, untouched: bool) -> NDArray[np.int32]:
    """Items of a person's that must not fill up their list."""
    rows = np.arange(histories.indptr[row], histories.indptr[row + 1])
    if not untouched:
        rows = rows[histories.kind[rows] == Kind.PURCHASE] if repeat is Repeat.FORBID else rows[:0]
    if not untouched or histories.newcomers is None:
        return histories.item[rows]
    return np.concatenate([histories.item[rows], _theirs(histories.newcomers, row, repeat, untouched=True)])


def baseline(model: FittedModel, name: str) -> FittedModel:
    """The same generators, one of them alone in every place; ties and the rest of the list by popularity.

    Raises
    ------
    ValueError
        If there is no baseline of this name.
    """
    if name == "popularity":
        return alone(model, "popular")
    if name == "als":
        return alone(model, "als")
    if name == "own_frequency":
        plain = Own(name="own", half_life_days=1e9, side=Side.BOUGHT, wanted=np.ones(len(model.item_ids)))
        others = tuple(generator for generator in model.generators if generator.name != "own")
        return alone(replace(model, generators=(plain, *others)), "own")
    raise ValueError(f"There is no baseline {name!r}; known are {', '.join(BASELINES)}.")


def alone(model: FittedModel, name: str) -> FittedModel:
    """One of the model's generators in every place and no ranker; ties and the rest of the list by popularity."""
    return replace(model, blends={place: {name: 1.0, "popular": 1e-6} for place in model.blends}, rankers={})
