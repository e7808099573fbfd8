"""Which blend answers, and what is never proposed."""

import numpy as np
import pytest
from interaction_samples import interactions, random_shop

from recommender.domain.metrics import REGISTRY
from recommender.domain.requests import Repeat
from recommender.interactions import Histories, Interactions, Kind, as_histories, some_histories
from recommender.model.blend import proposals
from recommender.model.contract import Ask, Branch, Proposal, Query
from recommender.model.fitted import FittedModel
from recommender.model.proposing import banned, panel_for
from recommender.training.fitting import fit

SHOP = random_shop()
MODEL = fit(SHOP).model


def answer(model: FittedModel, shop: Interactions, person: int, query: Query) -> Proposal:
    return model.propose(some_histories(as_histories(shop), np.array([person])), [query])[0]


def stranger(now_us: int, country: int = -1) -> Histories:
    return as_histories(interactions([], n_people=1, n_items=len(SHOP.item_ids), country=[country], now_day=now_us * 0))


def test_the_branch_follows_what_is_known_of_the_person() -> None:
    rows = [(0, 0, Kind.PURCHASE, 1.0), (1, 0, Kind.VIEW, 1.0), (1, 1, Kind.PURCHASE, 1.0), (2, 1, Kind.CART, 1.0)]
    shop = interactions(rows, n_people=4)
    model = fit(shop).model
    answers = model.propose(as_histories(shop), [Query(ask=Ask.HOME)] * 4)
    assert [a.branch for a in answers] == [Branch.KNOWN, Branch.KNOWN, Branch.SESSION, Branch.UNKNOWN]


def test_a_stranger_gets_what_many_buy_and_nothing_personal() -> None:
    proposal = MODEL.propose(stranger(SHOP.now_us), [Query(ask=Ask.HOME)])[0]
    assert proposal.branch is Branch.UNKNOWN
    assert len(proposal.items) > 20
    assert set(proposal.sources) <= {"popular", "popular_now", "popular_first", "popular_country"}


def test_trending_is_the_same_for_everybody() -> None:
    answers = MODEL.propose(as_histories(SHOP), [Query(ask=Ask.TRENDING)] * SHOP.n_people, limit=10)
    assert len({a.items.tobytes() for a in answers}) == 1


def test_forbid_leaves_out_what_was_bought_even_if_it_went_back() -> None:
    rows = [
        (0, 0, Kind.PURCHASE, 1.0),
        (0, 0, Kind.REFUND, 2.0),
        (1, 0, Kind.PURCHASE, 1.0),
        (1, 1, Kind.PURCHASE, 1.0),
    ]
    shop = interactions(rows)
    model = fit(shop).model
    assert answer(model, shop, 0, Query(ask=Ask.HOME, repeat=Repeat.FORBID)).items.tolist() == [1]


def washing_machines(n_people: int = 400) -> Interactions:
    """Item 0 is bought once by everybody, item 1 every month by the same people."""
    machine = [(person, 0, Kind.PURCHASE, 1.0) for person in range(n_people)]
    soap = [(person, 1, Kind.PURCHASE, float(day)) for person in range(n_people) for day in (1, 30, 60)]
    other = [(person, 2 + person % 3, Kind.PURCHASE, 5.0) for person in range(n_people)]
    return interactions(machine + soap + other, n_items=5)


@pytest.mark.parametrize(("repeat", "comes_back"), [(Repeat.AUTO, False), (Repeat.ALLOW, True)])
def test_auto_brings_back_soap_and_no_second_washing_machine(repeat: Repeat, comes_back: bool) -> None:  # noqa: FBT001
    shop = washing_machines()
    items = answer(fit(shop).model, shop, 0, Query(ask=Ask.HOME, repeat=repeat)).items.tolist()
    assert 1 in items
    assert (0 in items) is comes_back


def test_ten_orders_are_too_few_to_call_anything_bought_only_once() -> None:
    shop = interactions([(person, person % 3, Kind.PURCHASE, float(person)) for person in range(10)])
    items = answer(fit(shop).model, shop, 0, Query(ask=Ask.HOME)).items.tolist()
    assert items[0] == 0


def test_equal_scores_stand_in_the_order_of_popularity_then_of_rows() -> None:
    rows = [(9, 3, Kind.PURCHASE, 1.0), (8, 3, Kind.PURCHASE, 1.0)] + [
        (0, item, Kind.PURCHASE, 1.0) for item in range(4)
    ]
    shop = interactions(rows)
    model = fit(shop).model
    alone = FittedModel(
        item_ids=model.item_ids,
        facts=model.facts,
        generators=model.generators,
        blends={"home.known.repeats": {"own": 1.0}},
    )
    assert answer(alone, shop, 0, Query(ask=Ask.HOME)).items.tolist() == [3, 0, 1, 2]


def test_a_call_with_a_question_missing_is_refused() -> None:
    with pytest.raises(ValueError, match="37 histories but 1 queries"):
        MODEL.propose(as_histories(SHOP), [Query(ask=Ask.HOME)])


def test_popular_holds_every_item_that_was_bought_and_follows_country_and_category() -> None:
    bought = np.unique(SHOP.item[SHOP.kind == Kind.PURCHASE])
    assert np.array_equal(np.sort(MODEL.popular()), bought)
    assert np.array_equal(np.sort(MODEL.popular(country="Poland")), bought)
    tea = MODEL.popular(category="Tea")
    assert len(tea)
    assert (SHOP.category[tea] == 1).all()
    assert len(MODEL.popular(category="No such shelf")) == 0


def test_an_empty_shop_has_a_model_that_proposes_nothing() -> None:
    empty = interactions([])
    model = fit(empty).model
    proposal = model.propose(as_histories(interactions([], n_people=1)), [Query(ask=Ask.HOME)])[0]
    assert len(proposal.items) == 0
    assert len(model.popular()) == 0


def brought() -> dict[str, float]:
    """How many items each generator brought so far."""
    every = [key for key in REGISTRY.series if key[0] == "recommender_candidates_total"]
    return {values[0]: REGISTRY.read(name, values)[0] for name, values in every}


def test_what_each_generator_brings_is_counted_before_others_bring_it_too() -> None:
    before = brought()
    one = some_histories(as_histories(SHOP), np.array([0]))
    MODEL.propose(one, [Query(ask=Ask.HOME)], limit=3)
    added = {name: count - before.get(name, 0) for name, count in brought().items()}
    panel = panel_for(MODEL, MODEL.person(one, 0, Query(ask=Ask.HOME)), Query(ask=Ask.HOME))
    person = MODEL.person(one, 0, Query(ask=Ask.HOME))
    opinions = [generator.look(person) for generator in panel.generators]
    out = banned(MODEL.facts.repeat_rate, person, Repeat.AUTO)
    lists = proposals(opinions, out, n_known=len(SHOP.item_ids))
    assert {name: count for name, count in added.items() if count} == {
        name: len(items) for name, items in zip(panel.speaking, lists, strict=True) if len(items)
    }
    assert sum(added.values()) > 3
