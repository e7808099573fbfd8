"""A shop that installed without a compiler gets the same model and the same lists."""

import numpy as np
import pytest
from interaction_samples import random_shop

from recommender import kernels
from recommender.domain.requests import Repeat
from recommender.interactions import as_histories
from recommender.kernels import plain
from recommender.model.contract import Ask, Proposal, Query
from recommender.model.fitted import FittedModel
from recommender.training.fitting import fit

SHOP = random_shop()
HISTORIES = as_histories(SHOP)
QUERIES = [
    Query(ask=Ask.HOME),
    Query(ask=Ask.HOME, repeat=Repeat.FORBID),
    Query(ask=Ask.SIMILAR, context=(3,)),
    Query(ask=Ask.CART, context=(2, 5)),
]


@pytest.fixture
def without_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in set(kernels.__all__) - {"COMPILED"}:
        monkeypatch.setattr(kernels, name, getattr(plain, name))


def answers(model: FittedModel) -> list[list[Proposal]]:
    return [model.propose(HISTORIES, [query] * len(HISTORIES), limit=30) for query in QUERIES]


COMPILED = fit(SHOP).model, answers(fit(SHOP).model)


@pytest.mark.usefixtures("without_compiler")
def test_the_model_and_every_list_are_the_same() -> None:
    assert kernels.votes is plain.votes
    model = fit(SHOP).model
    arrays, compiled = model.to_arrays()[0], COMPILED[0].to_arrays()[0]
    assert arrays.keys() == compiled.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, compiled[name], err_msg=name)
    for ours, theirs in zip(answers(model), COMPILED[1], strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one.scores, other.scores, rtol=1e-5)
            np.testing.assert_array_equal(np.sort(one.items), np.sort(other.items))
            clear = np.ones(len(one.scores), bool)  # where no neighbour has the same score but for rounding
            near = np.isclose(one.scores[1:], one.scores[:-1], rtol=1e-5)
            clear[1:] &= ~near
            clear[:-1] &= ~near
            np.testing.assert_array_equal(one.items[clear], other.items[clear])
