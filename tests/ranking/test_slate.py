from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_samples import WrittenModel, asked, catalogue, ladder

from recommender.domain.errors import BadInputError, UnknownScenarioError
from recommender.domain.items import Item
from recommender.domain.requests import Repeat, Request
from recommender.kernels.plain.slates import rounded
from recommender.ranking.explain import Trace
from recommender.ranking.question import check
from recommender.ranking.rungs import Wishes
from recommender.ranking.scenarios import SCENARIOS, scenario_named
from recommender.ranking.slate import Pick, fill

LETTERS = tuple("abcdefghijklmnop")


def listed(
    model: WrittenModel | None, *items: Item, scenario: str = "home", **wishes: Any
) -> tuple[list[str], list[Pick]]:
    rungs = ladder(catalogue(*items), model)
    question = asked(scenario, rungs.assortment, model, **wishes)
    proposal = None if model is None else model.proposal(question.query)
    picks = fill(rungs.assortment, rungs.rungs(question, proposal), question)
    return [rungs.assortment.ids[pick.row] for pick in picks], picks


def test_the_models_order_is_kept() -> None:
    model = WrittenModel(item_ids=LETTERS, proposed=("c", "a", "b"))
    assert listed(model, size=3)[0] == ["c", "a", "b"]


def test_what_is_not_sellable_is_left_out() -> None:
    model = WrittenModel(item_ids=LETTERS, proposed=("a", "b", "c"))
    assert listed(model, Item(item_id="b", stock=0))[0][:2] == ["a", "c"]


@pytest.mark.parametrize("wish", ["exclude", "item_ids", "cart"])
def test_what_is_excluded_on_the_page_or_in_the_cart_is_left_out(wish: str) -> None:
    model = WrittenModel(item_ids=LETTERS, proposed=("a", "b", "c"), standing=("b", "d"))
    wishes: dict[str, Any] = {wish: ("b",)}
    assert listed(model, **wishes)[0] == ["a", "c", "d"]


def test_bought_items_stay_away_only_where_that_is_asked_for() -> None:
    model = WrittenModel(item_ids=LETTERS, proposed=("a", "b"), standing=("a", "c"))
    assert listed(model, Item(item_id="new"), bought=("a", "new"), repeat=Repeat.FORBID)[0] == ["b", "c"]
    assert listed(model, Item(item_id="new"), bought=("a", "new"), repeat=Repeat.AUTO)[0] == ["a", "b", "c", "new"]


def test_one_variant_of_a_group_is_shown() -> None:
    red, blue = Item(item_id="a", item_group_id="shirt"), Item(item_id="b", item_group_id="shirt")
    model = WrittenModel(item_ids=LETTERS, proposed=("a", "b", "c"), standing=("b",))
    assert listed(model, red, blue)[0] == ["a", "c"]


def test_a_variant_of_what_is_in_the_cart_is_no_suggestion() -> None:
    red, blue = Item(item_id="a", item_group_id="shirt"), Item(item_id="b", item_group_id="shirt")
    model = WrittenModel(item_ids=LETTERS, proposed=("b", "c"))
    assert listed(model, red, blue, scenario="cart", cart=("a",))[0] == ["c"]


def test_one_category_does_not_fill_the_home_list() -> None:
    tea = [Item(item_id=letter, category="Tea") for letter in "abcde"]
    model = WrittenModel(item_ids=LETTERS, proposed=("a", "b", "c", "d", "e", "f", "g"))
    cap = SCENARIOS["home"].category_cap(6)
    assert cap is not None
    assert 1 < cap < 5
    ids = listed(model, *tea, size=6)[0]
    assert ids == [*"abcde"[:cap], "f", "g", *"abcde"[cap:]][:6]


def test_the_category_cap_gives_way_before_a_lower_rung_answers() -> None:
    tea = [Item(item_id=letter, category="Tea") for letter in "abcde"]
    model = WrittenModel(item_ids=LETTERS, proposed=tuple("abcde"), standing=("f", "g"))
    ids, picks = listed(model, *tea, size=6)
    assert ids == ["a", "b", "c", "d", "e", "f"]
    assert [pick.source for pick in picks] == ["written"] * 5 + ["popular"]


def test_what_the_person_buys_again_and_again_is_not_capped_nor_counted() -> None:
    tea = [Item(item_id=letter, category="Tea") for letter in "abcdef"]
    model = WrittenModel(item_ids=LETTERS, proposed=tuple("abcdefg"))
    mine = frozenset(LETTERS.index(letter) for letter in "abc")
    assert listed(model, *tea, size=6, own=mine)[0] == ["a", "b", "c", "d", "e", "g"]


def test_similar_items_may_all_be_of_one_category() -> None:
    tea = [Item(item_id=letter, category="Tea") for letter in LETTERS]
    model = WrittenModel(item_ids=LETTERS, proposed=tuple("bcdefg"))
    assert listed(model, *tea, scenario="similar", item_ids=("a",), size=6)[0] == list("bcdefg")


def test_scores_never_rise_down_the_list() -> None:
    tea = [Item(item_id=letter, category="Tea") for letter in "abcde"]
    model = WrittenModel(item_ids=LETTERS, proposed=tuple("abcdef"), standing=tuple("ghi"))
    scores = [pick.score for pick in listed(model, *tea, size=9)[1]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_a_score_that_is_no_number_drops_its_candidate() -> None:
    model = WrittenModel(item_ids=LETTERS, proposed=("a", "b", "c"), scores=(np.nan, 2.0, -np.inf))
    assert listed(model)[0] == ["b"]


def test_an_item_proposed_twice_is_shown_once() -> None:
    model = WrittenModel(item_ids=LETTERS, proposed=("a", "a", "b"))
    assert listed(model)[0] == ["a", "b"]


def test_a_list_from_a_very_long_rung_is_the_same_as_from_its_head() -> None:
    ids = tuple(f"i{n:05}" for n in range(5_000))
    hidden = [Item(item_id=item_id, visible=False) for item_id in ids[:4_000]]
    model = WrittenModel(item_ids=ids, standing=ids)
    assert listed(model, *hidden, size=3)[0] == ["i04000", "i04001", "i04002"]


@pytest.mark.parametrize("size", [0, -1, 101])
def test_a_size_no_list_can_have_is_refused(size: int) -> None:
    with pytest.raises(BadInputError, match="from 1 to 100"):
        check(Request(scenario="home", now=asked("home", ladder({}).assortment).request.now, size=size))


def test_an_unknown_scenario_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownScenarioError, match=r"home, similar, cart, trending.*Did you mean trending\?"):
        scenario_named("Trendin")


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_scores_have_six_significant_digits(score: float) -> None:
    assert rounded(score) == float(f"{score:.6g}")


@given(st.floats(0.125, 10, width=32), st.integers(0, 700).map(lambda n: n / 64))
def test_scores_in_the_usual_range_are_rounded_as_text_would_be_ties_included(score: float, tie: float) -> None:
    for one in (score, tie, np.float32(tie).item()):
        assert rounded(one) == float(f"{one:.6g}")


@given(st.data())
def test_a_list_nobody_asks_about_is_the_one_that_is_explained(data: st.DataObject) -> None:
    """Without wishes a kernel fills the list, with a trace Python does."""
    shelves, groups = st.sampled_from(["Tea", "Cups", None]), st.sampled_from(["g", "h", None])
    items = [
        Item(
            item_id=one,
            category=data.draw(shelves),
            item_group_id=data.draw(groups),
            stock=data.draw(st.integers(0, 3)),
        )
        for one in LETTERS
    ]
    proposed = data.draw(st.lists(st.sampled_from(LETTERS), unique=True))
    model = WrittenModel(
        item_ids=LETTERS, proposed=tuple(proposed), standing=tuple(data.draw(st.permutations(LETTERS)))
    )
    over = ladder(catalogue(*items), model)
    own = data.draw(st.frozensets(st.integers(0, len(LETTERS) - 1), max_size=3))
    asking: dict[str, Any] = {
        "size": data.draw(st.integers(1, 8)),
        "own": own,
        "exclude": tuple(data.draw(st.sets(st.sampled_from(LETTERS), max_size=2))),
    }
    question = asked("home", over.assortment, model, **asking)
    proposal = model.proposal(question.query)
    plain, traced = (
        fill(over.assortment, over.rungs(question, proposal), question, wishes)
        for wishes in (Wishes(), Wishes(trace=Trace()))
    )
    assert plain == traced
