"""What a person gets does not depend on who else is asked about."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interaction_samples import random_shop

from recommender.domain.errors import BundleRefusedError
from recommender.domain.requests import Repeat
from recommender.interactions import as_histories, some_histories
from recommender.model.blend import DEFAULT_BLENDS
from recommender.model.contract import Ask, Proposal, Query
from recommender.model.fitted import FittedModel
from recommender.training.fitting import FitSettings, fit

SHOP = random_shop()
EVERYTHING = {
    place: dict(weights) | {"als": 0.3, "item_knn": 0.2, "item_linear": 0.4, "popular_country": 0.1}
    for place, weights in DEFAULT_BLENDS.items()
}
MODEL = fit(SHOP, FitSettings(params={}, blends=EVERYTHING)).model
HISTORIES = as_histories(SHOP)

questions = st.builds(
    lambda ask, context, repeat: Query(ask=ask, context=tuple(context), repeat=repeat),
    st.sampled_from(Ask),
    st.lists(st.integers(0, 52), max_size=4, unique=True),
    st.sampled_from(Repeat),
)
blocks = st.lists(st.tuples(st.integers(0, SHOP.n_people - 1), questions), min_size=1, max_size=12)


def same(one: Proposal, two: Proposal) -> bool:
    return (one.items.tobytes(), one.scores.tobytes(), tuple(one.sources), one.branch) == (
        two.items.tobytes(),
        two.scores.tobytes(),
        tuple(two.sources),
        two.branch,
    )


def asked(model: FittedModel, block: list[tuple[int, Query]]) -> list[Proposal]:
    people = np.array([person for person, _ in block], np.int64)
    return model.propose(some_histories(HISTORIES, people), [query for _, query in block], limit=30)


@settings(max_examples=40, deadline=None)
@given(blocks)
def test_one_by_one_or_in_any_block_the_bytes_are_the_same(block: list[tuple[int, Query]]) -> None:
    together = asked(MODEL, block)
    for pair, answer in zip(block, together, strict=True):
        assert same(answer, asked(MODEL, [pair])[0])


@settings(max_examples=40, deadline=None)
@given(blocks)
def test_no_proposal_breaks_a_promise(block: list[tuple[int, Query]]) -> None:
    for (person, query), answer in zip(block, asked(MODEL, block), strict=True):
        items = answer.items.tolist()
        assert len(set(items)) == len(items) <= 30
        assert np.isfinite(answer.scores).all()
        assert (answer.scores > 0).all()
        assert (np.diff(answer.scores) <= 0).all()
        assert set(answer.sources) <= set(MODEL.names)
        if query.ask in (Ask.SIMILAR, Ask.CART):
            assert not set(items) & set(query.context)
        if query.repeat is Repeat.FORBID:
            rows = slice(HISTORIES.indptr[person], HISTORIES.indptr[person + 1])
            assert not set(items) & set(HISTORIES.item[rows][HISTORIES.kind[rows] == 2].tolist())


def test_a_model_rebuilt_from_its_arrays_answers_with_the_same_bytes() -> None:
    arrays, described = MODEL.to_arrays()
    again = FittedModel.from_arrays({name: array.copy() for name, array in arrays.items()}, described)
    block = [(person, Query(ask=Ask.HOME)) for person in range(SHOP.n_people)]
    for one, two in zip(asked(MODEL, block), asked(again, block), strict=True):
        assert same(one, two)


def test_shares_add_up_to_the_scores_and_change_nothing() -> None:
    people = some_histories(HISTORIES, np.arange(5))
    plain = MODEL.propose(people, [Query(ask=Ask.HOME)] * 5)
    told = MODEL.propose(people, [Query(ask=Ask.HOME)] * 5, explain=True)
    for one, two in zip(plain, told, strict=True):
        assert same(one, two)
        assert one.shares is None
        assert two.shares is not None
        shares = np.stack(list(two.shares.values()))
        assert np.allclose(shares.sum(axis=0), two.scores, atol=1e-5)
        assert tuple(np.array(list(two.shares))[shares.argmax(axis=0)].tolist()) == tuple(two.sources)


def test_arrays_of_an_older_version_are_refused_in_a_sentence() -> None:
    arrays, described = MODEL.to_arrays()
    with pytest.raises(BundleRefusedError, match=r"no 'items\.rank': an older version .* train again"):
        FittedModel.from_arrays({name: array for name, array in arrays.items() if name != "items.rank"}, described)


def test_many_people_keep_their_order() -> None:
    people = np.arange(600) % SHOP.n_people
    answers = MODEL.propose(some_histories(HISTORIES, people), [Query(ask=Ask.HOME)] * 600, limit=5)
    assert all(same(answers[n], answers[n % SHOP.n_people]) for n in range(600))
