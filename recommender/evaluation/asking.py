"""The lists a model gives to the people of a truth, asked at the cut with nothing later in sight."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.own import Own
from recommender.algorithms.ragged import Ints
from recommender.domain.requests import Repeat
from recommender.evaluation.metrics import DEPTH
from recommender.evaluation.split import Track
from recommender.interactions import Histories, Interactions, Kind, as_histories, some_histories
from recommender.model.contract import Ask, Query
from recommender.model.fitted import FittedModel

BASELINES = ("popularity", "own_frequency", "als")
"""What every figure is printed beside."""


def ask(model: FittedModel, past: Interactions, people: Ints, track: Track) -> NDArray[np.int32]:
    """Home lists of twenty for these people, int32 of shape (n, 20), -1 past a short list's end.

    ``window_new`` asks for items never bought before, as its truth holds no others.
    """
    histories = some_histories(as_histories(past), people)
    repeat = Repeat.FORBID if track is Track.WINDOW_NEW else Repeat.AUTO
    return home_lists(model, histories, repeat)


def home_lists(model: FittedModel, histories: Histories, repeat: Repeat) -> NDArray[np.int32]:
    """What the model proposes for these people, topped up with what is popular, int32 of shape (n, 20), -1 past the end."""
    query = Query(ask=Ask.HOME, repeat=repeat)
    answers = model.propose(histories, [query] * len(histories), limit=DEPTH)
    out = np.full((len(histories), DEPTH), -1, np.int32)
    for row, answer in enumerate(answers):
        out[row, : len(answer.items)] = answer.items
    _fill(out, model, histories, forbid=repeat is Repeat.FORBID)
    return out


def _fill(out: NDArray[np.int32], model: FittedModel, histories: Histories, *, forbid: bool) -> None:
    """Top short lists up in the standing order, as the slates do."""
    standing = model.popular()
    for row in np.flatnonzero((out < 0).any(axis=1)).tolist():
        have = out[row][out[row] >= 0]
        rows = slice(histories.indptr[row], histories.indptr[row + 1])
        theirs = histories.item[rows][histories.kind[rows] == Kind.PURCHASE] if forbid else have
        more = standing[~np.isin(standing, np.concatenate([have, theirs]))][: DEPTH - len(have)]
        out[row, len(have) : len(have) + len(more)] = more


def baseline(model: FittedModel, name: str) -> FittedModel:
    """The same generators, one of them alone in every place; ties and the rest of the list by popularity.

    Raises
    ------
    ValueError
        If there is no baseline of this name.
    """
    if name == "popularity":
        return _alone(model, "popular")
    if name == "als":
        return _alone(model, "als")
    if name == "own_frequency":
        plain = Own(name="own", half_life_days=1e9, from_bought=True, wanted=np.ones(len(model.item_ids)))
        others = tuple(generator for generator in model.generators if generator.name != "own")
        return _alone(replace(model, generators=(plain, *others)), "own")
    raise ValueError(f"There is no baseline {name!r}; known are {', '.join(BASELINES)}.")


def _alone(model: FittedModel, name: str) -> FittedModel:
    return replace(model, blends={place: {name: 1.0, "popular": 1e-6} for place in model.blends})
