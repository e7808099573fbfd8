"""Who decides the order of a list: what is learned, what is compared, and that it serves as it was judged."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from fickle_samples import fickle_shop
from interaction_samples import random_shop

from recommender.bundle import load_bundle, write_bundle
from recommender.domain.errors import BundleRefusedError
from recommender.domain.requests import Repeat
from recommender.evaluation.split import before, clock_cut
from recommender.interactions import as_histories
from recommender.model.columns import TRAITS, names_of, newcomer_traits
from recommender.model.contract import Ask, Query
from recommender.model.fitted import FittedModel
from recommender.model.opening import _traits as traits_of
from recommender.model.proposing import panel_for, shortlist
from recommender.model.ranker import CANDIDATES, Order, prefix_of, ranked, told, whole
from recommender.training import ranking
from recommender.training.distilling import DISTILLED
from recommender.training.fitting import fit
from recommender.training.lessons import Lesson, together
from recommender.training.plans import Plan
from recommender.training.progress import quiet
from recommender.training.recipe import recipe_of, settings_of
from recommender.training.tuning import grown, learned, tune

SHOP = fickle_shop()
PAST = before(SHOP, clock_cut(SHOP))
CHOICE = tune(PAST, clock=lambda: 0.0, forests=True)
SMALL = random_shop(n_people=20, n_items=20)
NEW = "home.known.new"


@pytest.fixture(scope="module")
def model() -> FittedModel:
    return fit(PAST, CHOICE.settings).model


def test_a_forest_decides_where_it_finds_more_than_the_blend() -> None:
    table = CHOICE.ranking.table[NEW]
    assert set(table) == {"blend", "small", "small+blend"}  # nobody told attributes
    assert max(table.values()) > 1.05 * table["blend"]
    assert NEW in CHOICE.settings.rankers
    told_by = CHOICE.ranking.importance[NEW]
    assert sum(told_by.values()) == pytest.approx(1.0)
    assert set(told_by) == set(names_of(CHOICE.settings.rankers[NEW].generators))


def test_without_a_budget_the_blends_decide() -> None:
    assert tune(SMALL, clock=lambda: 0.0).settings.plans == {}


def test_a_shop_without_enough_past_lists_is_left_to_the_blend() -> None:
    assert tune(SMALL, clock=lambda: 0.0, forests=True).settings.rankers == {}


def test_without_what_forests_need_the_blend_decides_and_a_note_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "unavailable", lambda: "LightGBM cannot be loaded.")
    choice = tune(PAST, clock=lambda: 0.0, forests=True)
    assert choice.settings.rankers == {}
    assert "LightGBM cannot be loaded." in choice.notes


def test_the_served_order_is_the_forests(model: FittedModel) -> None:
    ranker = model.rankers[NEW]
    histories, query = as_histories(PAST), Query(ask=Ask.HOME, repeat=Repeat.FORBID)
    for number in range(0, 60, 7):
        person = model.person(histories, number, query)
        found = shortlist(model, panel_for(model, person, query), person, query.repeat, limit=CANDIDATES)
        own, rest = told(person, found, model.facts)
        columns = whole(own, rest, model.facts.traits[found.item])
        stored = ranker.forest.score(columns)
        served = ranker.scores(person, found, model.facts)
        if ranker.order is Order.FOREST:
            np.testing.assert_allclose(served, 1 / (1 + np.exp(-stored)), atol=1e-6)
        answer = model.propose(histories, [query] * len(histories))[number]
        assert answer.items.tolist() == ranked(found, served, CANDIDATES).item.tolist()
        assert (np.diff(answer.scores) <= 0).all()
        assert ((answer.scores > 0) & (answer.scores <= 1)).all()


def test_what_is_behind_the_forests_candidates_stays_behind_in_the_blends_order(model: FittedModel) -> None:
    few = replace(model, rankers={place: replace(one, candidates=4) for place, one in model.rankers.items()})
    arrays, described = few.to_arrays()
    few = FittedModel.from_arrays(arrays, described)
    assert {one.candidates for one in few.rankers.values()} == {4}
    histories, query = as_histories(PAST), Query(ask=Ask.HOME, repeat=Repeat.FORBID)
    for number in range(0, 60, 7):
        person = model.person(histories, number, query)
        found = shortlist(model, panel_for(model, person, query), person, query.repeat, limit=CANDIDATES)
        answer = few.propose(histories, [query] * len(histories))[number]
        assert set(answer.items[:4].tolist()) == set(found.item[:4].tolist())
        assert answer.items[4:].tolist() == found.item[4:].tolist()
        assert (np.diff(answer.scores) <= 0).all()
        assert (answer.scores > 0).all()


def test_shares_of_a_ranked_list_add_up_to_its_scores(model: FittedModel) -> None:
    histories, query = as_histories(PAST), Query(ask=Ask.HOME, repeat=Repeat.FORBID)
    answer = model.propose(histories, [query] * len(histories), explain=True)[3]
    assert answer.shares is not None
    np.testing.assert_allclose(sum(answer.shares.values()), answer.scores, rtol=1e-4)


def test_an_explained_list_says_what_its_forest_was_told_and_what_moved_each_item(model: FittedModel) -> None:
    histories, query = as_histories(PAST), Query(ask=Ask.HOME, repeat=Repeat.FORBID)
    queries = [query] * len(histories)
    answer, plain = model.propose(histories, queries, explain=True)[3], model.propose(histories, queries)[3]
    assert answer.items.tolist() == plain.items.tolist()
    assert plain.told is None
    opened, ranker = answer.told, model.rankers[NEW]
    assert opened is not None
    assert opened.order == ranker.order
    assert set(answer.items.tolist()) <= set(opened.items.tolist())
    assert set(opened.names) == {ranker.columns[one] for one in np.unique(ranker.forest.feature).tolist()}
    assert opened.values.shape == opened.moved.shape == (len(opened.items), len(opened.names))
    person = model.person(histories, 3, query)
    found = shortlist(model, panel_for(model, person, query), person, query.repeat, limit=CANDIDATES)
    columns = whole(*told(person, found, model.facts), model.facts.traits[found.item])
    name = max(opened.names, key=lambda one: float(np.abs(opened.moved[:, opened.names.index(one)]).max()))
    without, column = columns.copy(), ranker.columns.index(name)
    without[:, column] = np.median(columns[:, column])
    said = ranker.forest.score(columns) - ranker.forest.score(without)
    assert np.abs(said).max() > 0
    np.testing.assert_allclose(opened.moved[:, opened.names.index(name)], said, atol=1e-9)
    np.testing.assert_array_equal(opened.values[:, opened.names.index(name)], columns[:, column])


def test_what_was_published_answers_the_same(model: FittedModel, tmp_path: Path) -> None:
    arrays, described = model.to_arrays()
    write_bundle(tmp_path, "r1", arrays, {"model": described}, created=datetime(2026, 1, 1, tzinfo=UTC))
    bundle = load_bundle(tmp_path / "r1")
    again = FittedModel.from_arrays(bundle.arrays, bundle.meta["model"])
    assert set(again.rankers) == set(model.rankers) == {NEW, "home.known.repeats"}
    histories = as_histories(PAST)
    queries = [Query(ask=Ask.HOME, repeat=Repeat.FORBID)] * len(histories)
    for one, two in zip(model.propose(histories, queries), again.propose(histories, queries), strict=True):
        assert one.items.tolist() == two.items.tolist()
        assert one.scores.tobytes() == two.scores.tobytes()


def test_a_recipe_grows_the_same_forests_again() -> None:
    settings = settings_of(recipe_of(CHOICE.settings, seed=0, trials=0))
    assert settings is not None
    assert settings.plans == CHOICE.settings.plans
    again = grown(PAST, settings, seed=0)
    assert set(again.rankers) == set(CHOICE.settings.rankers)
    for place, ranker in again.rankers.items():
        np.testing.assert_array_equal(ranker.forest.threshold, CHOICE.settings.rankers[place].forest.threshold)


def test_a_large_forest_is_taught_to_a_small_one_and_what_that_loses_is_told() -> None:
    plans = {NEW: Plan(order=Order.FOREST, size="large")}
    found = learned(PAST, [], replace(CHOICE.settings, plans=plans), seed=0, progress=quiet, n_jobs=1)
    assert found.rankers[NEW].forest.n_trees == DISTILLED.rounds
    assert found.rankers[NEW].forest.closes.dtype == np.dtype(np.uint8), "at most 8 leaves"
    loss = found.losses[NEW]
    assert loss.lists > 10
    assert 0.3 < loss.top_10_kept < 1
    assert found.notes == (f"{NEW}: {loss.sentence}",)
    assert (
        f"On {loss.lists} lists kept from it {10 * loss.top_10_kept:.1f} of the large one's first ten" in loss.sentence
    )
    assert json.loads(json.dumps(loss.report(), allow_nan=False))["top_10_kept"] == loss.top_10_kept
    assert CHOICE.ranking.losses == {}


def test_lessons_of_older_windows_are_part_of_all() -> None:
    rng = np.random.default_rng(0)
    parts = [
        Lesson(
            columns=rng.random((6 * n, 4)).astype(np.float32),
            wanted=rng.random(6 * n) < 0.5,
            lengths=np.full(n, 6),
            sought=rng.integers(1, 5, n),
            attributes=rng.random((n, 2)).astype(np.float32),
        )
        for n in (3, 4, 2)
    ]
    older, wanted = together(parts).behind(3), together(parts[1:])
    for name in ("columns", "wanted", "lengths", "sought", "attributes"):
        np.testing.assert_array_equal(getattr(older, name), getattr(wanted, name))
    assert len(together(parts).behind(9).lengths) == len(together(parts).behind(9).columns) == 0


def test_a_recipe_with_a_plan_nobody_knows_is_not_readable() -> None:
    recipe = recipe_of(CHOICE.settings, seed=0, trials=0)
    recipe["rankers"][NEW] = {"order": "magic", "size": "small"}
    assert settings_of(recipe) is None
    recipe["rankers"][NEW] = {"order": "forest", "size": "huge"}
    assert settings_of(recipe) is None
    recipe["rankers"][NEW] = {"order": "forest", "size": "small", "params": {"leaves": 1000}}
    assert settings_of(recipe) is None


def test_a_recipe_from_before_there_were_rankers_is_left_to_the_blend() -> None:
    recipe = recipe_of(CHOICE.settings, seed=0, trials=0)
    del recipe["rankers"]
    settings = settings_of(recipe)
    assert settings is not None
    assert settings.plans == {}


def test_a_ranker_is_silent_where_other_generators_speak(model: FittedModel) -> None:
    histories, query = as_histories(PAST), Query(ask=Ask.HOME, repeat=Repeat.FORBID)
    alone = replace(model, blends={place: {"popular": 1.0} for place in model.blends})
    plain = replace(alone, rankers={})
    for number in range(5):
        queries = [query] * len(histories)
        assert (
            alone.propose(histories, queries)[number].items.tolist()
            == plain.propose(histories, queries)[number].items.tolist()
        )


def test_traits_are_finite_and_known_by_name(model: FittedModel) -> None:
    traits = model.facts.traits
    assert traits.shape == (len(PAST.item_ids), len(TRAITS))
    assert np.isfinite(traits).all()
    never = ~np.isin(np.arange(len(PAST.item_ids)), PAST.item)
    assert (traits[never, TRAITS.index("last_sold_days")] == 999).all()
    assert (traits[never, TRAITS.index("sold_ever")] == 0).all()


def test_nothing_that_only_the_future_knows_reaches_a_forest() -> None:
    late = SHOP.time_us >= PAST.now_us
    mixed = replace(SHOP, item=np.where(late, (SHOP.item + 7) % len(SHOP.item_ids), SHOP.item).astype(np.int32))
    again = tune(before(mixed, PAST.now_us), clock=lambda: 0.0, forests=True)
    assert again.settings == CHOICE.settings
    assert again.ranking.table == CHOICE.ranking.table


def test_a_plan_to_join_both_orders_is_carried_out() -> None:
    settings = replace(CHOICE.settings, rankers={}, plans={NEW: Plan(order=Order.BOTH, size="small")})
    model = fit(PAST, grown(PAST, settings, seed=0)).model
    histories, query = as_histories(PAST), Query(ask=Ask.HOME, repeat=Repeat.FORBID)
    assert model.rankers[NEW].order is Order.BOTH
    forest = fit(PAST, CHOICE.settings).model
    both, one = (m.propose(histories, [query] * len(histories))[0].items.tolist() for m in (model, forest))
    assert sorted(both) == sorted(one)


def test_a_bundle_whose_ranker_is_none_of_ours_is_refused(model: FittedModel) -> None:
    arrays, described = model.to_arrays()
    words = described["rankers"][NEW]
    for changed in ({"order": "magic"}, {"columns": words["columns"][1:]}, {"generators": words["generators"][1:]}):
        wrong = {**described, "rankers": {**described["rankers"], NEW: {**words, **changed}}}
        with pytest.raises(BundleRefusedError):
            FittedModel.from_arrays(arrays, wrong)
    for name in (f"{prefix_of(NEW)}masks", f"{prefix_of(NEW)}forest.leaf"):
        with pytest.raises(BundleRefusedError):
            FittedModel.from_arrays({**arrays, name: arrays[name][:-1]}, described)
        with pytest.raises(BundleRefusedError):
            FittedModel.from_arrays({key: one for key, one in arrays.items() if key != name}, described)


def test_what_a_forest_was_told_of_items_that_came_later_is_told_too() -> None:
    traits = np.random.default_rng(0).random((5, len(TRAITS))).astype(np.float32)
    found = traits_of(np.array([3, 7, 0, 5], np.int32), traits)
    np.testing.assert_array_equal(found[[0, 2]], traits[[3, 0]])
    np.testing.assert_array_equal(found[[1, 3]], np.stack([newcomer_traits(traits)] * 2))
