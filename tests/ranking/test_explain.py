from datetime import UTC
from typing import Any

import numpy as np
from msgspec import structs
from ranking_samples import WrittenModel, asked, catalogue, ladder

from recommender.domain.items import Item
from recommender.domain.requests import Repeat
from recommender.domain.slates import Explanation
from recommender.model.contract import Told
from recommender.ranking.explain import FEATURES, MOST, Trace, Witnessed, explained
from recommender.ranking.rules import rules_of
from recommender.ranking.ruling import Rulebook
from recommender.ranking.rungs import Wishes
from recommender.ranking.signals import factor_of, matches_of
from recommender.ranking.slate import fill


def explain(
    *items: Item,
    text: str = "",
    proposed: str = "abcdefgh",
    scenario: str = "similar",
    told: Told | None = None,
    **wishes: Any,
) -> Explanation:
    model = WrittenModel(item_ids=tuple("abcdefghijkl"), proposed=tuple(proposed))
    rungs = ladder(catalogue(*items), model)
    question = asked(scenario, rungs.assortment, model, **{"size": 3, **wishes})
    attributes = {"brand_shares": {"Clay": 0.8, "Zinc": 0.4}}
    ruling = Rulebook(rules_of(text, where="r", timezone=UTC), rungs.assortment).of(scenario, question.now_us)
    trace, proposal = Trace(), model.proposal(question.query)
    proposal = structs.replace(proposal, told=told)
    noting = Wishes(ruling=ruling, trace=trace, attributes=attributes)
    picks = fill(rungs.assortment, rungs.rungs(question, proposal), question, noting)
    witnessed = Witnessed(
        assortment=rungs.assortment,
        question=question,
        sieve=None,
        ruling=ruling,
        attributes=attributes,
        proposal=proposal,
    )
    return explained(witnessed, [pick.row for pick in picks], trace)


def dropped(made: Explanation) -> dict[str, str]:
    return {one.item_id: one.rule or one.why for one in made.dropped}


def test_a_list_nothing_was_left_out_of_says_so() -> None:
    made = explain()
    assert [one.item_id for one in made.items] == ["a", "b", "c"]
    assert made.dropped == ()


def test_every_cause_of_leaving_out_is_told() -> None:
    made = explain(
        Item(item_id="a", stock=0),
        Item(item_id="b", item_group_id="g"),
        Item(item_id="c", item_group_id="g"),
        text='[[all.exclude]]\nitem = "d"',
        exclude=("e",),
        cart=("f",),
        bought=("g",),
        repeat=Repeat.FORBID,
        proposed="abcdefghij",
    )
    assert [one.item_id for one in made.items] == ["b", "h", "i"]
    assert dropped(made) == {
        "a": "not_sellable",
        "c": "variant",
        "d": "all.exclude[0]",
        "e": "excluded",
        "f": "in_hand",
        "g": "bought_before",
    }


def test_caps_are_told() -> None:
    tea = [Item(item_id=letter, category="Tea", brand="Clay") for letter in "ab"]
    assert dropped(explain(*tea, scenario="home")) == {"b": "category_cap"}
    assert dropped(explain(*tea, text='[[all.at_most]]\nper = "brand"\ncount = 1')) == {"b": "all.at_most[0]"}


def test_what_came_after_the_lists_end_was_not_left_out() -> None:
    assert dropped(explain(Item(item_id="h", stock=0))) == {}


def test_rules_factors_and_signals_of_an_item_are_told() -> None:
    text = (
        '[[all.boost]]\nbrand = "Clay"\nfactor = 4\n[[all.bury]]\nitem = "b"\nfactor = 0.5\n[all.signals]\nbrand = 0.5'
    )
    made = explain(Item(item_id="b", brand="Clay"), Item(item_id="c", brand="Zinc"), text=text)
    told = {one.item_id: one for one in made.items}
    assert told["b"].rules == ("all.boost[0]", "all.bury[0]")
    assert told["b"].factor == 2
    assert (told["b"].signals, told["c"].signals, told["a"].signals) == ({"brand": 0.5}, {"brand": 0.25}, {"brand": 0})


def test_no_more_than_so_many_are_told() -> None:
    trace = Trace()
    for row in range(MOST + 10):
        trace.note(row, "popular")
    assert len(trace.noted) == MOST


def test_a_signal_lifts_what_matches_and_touches_nobody_who_is_unknown() -> None:
    rungs = ladder(catalogue(Item(item_id="a", brand="Clay", price=None), Item(item_id="b", brand="Zinc")))
    rows = np.array([0, 1], dtype=np.int32)
    added = matches_of(
        {"brand": 0.5, "price": 1.0}, {"brand_shares": {"Clay": 0.2}, "typical_price": 3.0}, rungs.assortment, rows
    )
    assert factor_of(added, 2).tolist() == [1.5, 1.0]
    assert matches_of({"brand": 0.5}, {"brand_shares": None}, rungs.assortment, rows) == {}


def test_a_forest_tells_what_moved_an_item_most() -> None:
    moved = np.zeros((2, FEATURES + 3))
    moved[0] = np.arange(FEATURES + 3) / 10 * np.where(np.arange(FEATURES + 3) % 2, -1, 1)
    told = Told(
        order="both",
        items=np.array([0, 7], np.int32),
        names=tuple(f"column{number}" for number in range(FEATURES + 3)),
        values=np.tile(np.arange(FEATURES + 3, dtype=np.float32), (2, 1)),
        moved=moved,
    )
    made = explain(told=told)
    assert made.order == "both"
    assert [*made.items[0].features] == [f"column{number}" for number in range(FEATURES + 2, 2, -1)]
    assert made.items[0].features["column11"] == (11.0, -1.1)
    assert made.items[1].features == {}, "the forest did not look at it"
    assert explain().order == "blend"
