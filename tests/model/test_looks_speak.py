"""Where nothing that was trained hears looks, the last click still counts."""

from dataclasses import replace

import numpy as np
import pytest
from interaction_samples import interactions, random_shop

from recommender.domain.requests import Repeat
from recommender.interactions import Histories, Interactions, Kind, as_histories, some_histories
from recommender.model.contract import Ask, Branch, Query
from recommender.model.fitted import FittedModel
from recommender.training.fitting import fit

HOME = Query(ask=Ask.HOME, repeat=Repeat.FORBID)
PAIRS = ((0, 1), (2, 3), (4, 5))


def orders_only() -> Interactions:
    """Sixty people; each bought one of three pairs of items together, twenty people a pair."""
    rows = [(person, item, Kind.PURCHASE, float(person % 7)) for person in range(60) for item in PAIRS[person % 3]]
    return interactions(rows)


def looking(looks: list[int], bought: tuple[int, ...] = ()) -> Histories:
    """Somebody of today who bought and looked at these items."""
    rows = [(0, item, Kind.PURCHASE, 5.0) for item in bought]
    rows += [(0, item, Kind.VIEW, 7.0) for item in looks]
    shop = interactions(rows, n_people=1, n_items=6, now_day=7.01)
    return some_histories(as_histories(shop), np.array([0]))


def proposed(model: FittedModel, histories: Histories) -> list[int]:
    return [int(item) for item in model.propose(histories, [HOME])[0].items]


def test_a_visitor_who_looked_gets_what_goes_with_it() -> None:
    model = fit(orders_only()).model
    answer = model.propose(looking([2]), [HOME])[0]
    assert answer.branch is Branch.SESSION
    assert answer.items[0] == 3
    assert proposed(model, looking([4]))[0] == 5


def test_a_customer_who_looks_sees_another_list() -> None:
    model = fit(orders_only()).model
    before, after = proposed(model, looking([], bought=(0,))), proposed(model, looking([2], bought=(0,)))
    assert before.index(3) > after.index(3)
    assert 1 in after


def test_the_reason_never_says_that_something_only_looked_at_was_bought() -> None:
    model = fit(orders_only()).model
    histories = looking([2], bought=(0,))
    answer = model.propose(histories, [HOME])[0]
    said = model.evidences(answer.sources, answer.items.tolist(), histories, 0, HOME)
    by_item = dict(zip(answer.items.tolist(), said, strict=True))
    assert (by_item[3].code, by_item[3].related) == ("close_to", 2)
    assert {one.related for one in said if one.code == "bought_with"} <= {None, 0}


def test_where_looks_were_trained_on_they_speak_through_what_was_learned_alone() -> None:
    shop = random_shop()
    model = fit(shop).model
    person = next(
        seen
        for place in range(shop.n_people)
        if (seen := model.person(some_histories(as_histories(shop), np.array([place])), 0, HOME)).has_looked
    )
    assert not person.looks_speak


@pytest.mark.parametrize("name", ["item_knn_looked", "als_all"])
def test_a_blend_whose_only_listener_is_a_table_of_looks_answers_who_looked_itself(name: str) -> None:
    model = fit(random_shop()).model
    model = replace(model, blends={**model.blends, "home.session.new": {name: 1.0}})
    answer = model.propose(looking([2]), [HOME])[0]
    assert answer.branch is Branch.SESSION
    assert set(answer.sources) == {name}
