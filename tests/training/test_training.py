"""Training from interactions to a judged model."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from interaction_samples import interactions, joined, random_shop

from recommender.domain.requests import Repeat
from recommender.evaluation.asking import ask
from recommender.evaluation.report.chosen import told_recipe
from recommender.evaluation.split import SEASON_US, Track, before, clock_cut, window_us
from recommender.interactions import Interactions, Kind
from recommender.model.blend import DEFAULT_BLENDS
from recommender.training import pipeline
from recommender.training.fitting import DEFAULTS, fit, lean, repeat_rates, view_of
from recommender.training.pipeline import train_model
from recommender.training.places import PLACES, questions
from recommender.training.recipe import recipe_of, settings_of
from recommender.training.tuning import Choice, tune
from recommender.training.weighing import HARDLY, Exam, mean_grade, search
from recommender.training.windows import exam, open_window, window_cuts

SHOP = random_shop(n_people=150, n_items=60)
RESULT = train_model(SHOP)


def ticking(step: float = 1.0) -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += step


def test_in_a_long_log_windows_are_six_weeks_where_these_hold_enough() -> None:
    day = 86_400_000_000
    busy = np.sort(np.random.default_rng(0).integers(0, 800 * day, 60_000))
    assert window_us(busy, 800 * day) == SEASON_US
    assert window_us(busy[::20], 800 * day) == int(0.1 * (800 * day - int(busy[0])))
    assert window_us(busy, 300 * day) == int(0.1 * (300 * day - int(busy[0])))
    rows = [(n % 50, n % 7, Kind.PURCHASE, n / 75) for n in range(60_000)]
    shop = interactions(rows)
    assert clock_cut(shop) == int(shop.time_us[-1]) - SEASON_US
    assert [end - cut for cut, end in window_cuts(before(shop, clock_cut(shop)))] == [SEASON_US] * 3


def test_a_first_training_is_published_and_told_in_full() -> None:
    assert RESULT.gate.publish
    report = json.loads(json.dumps(RESULT.report()))
    names = {row["name"] for row in report["rows"]}
    assert {"window.known.ndcg_at_10", "window.all.coverage_at_10", "window_new.known.recall_at_20"} <= names
    row = next(row for row in report["rows"] if row["name"] == "window.known.ndcg_at_10")
    assert row["low"] <= row["value"] <= row["high"]
    assert {"baseline.popularity", "baseline.own_frequency", "baseline.als"} <= set(row)
    assert row["live"] is None


def test_the_same_seed_gives_the_same_bundle_byte_for_byte() -> None:
    again = train_model(SHOP, n_jobs=1)
    one, two = RESULT.model.to_arrays(), again.model.to_arrays()
    assert {name: array.tobytes() for name, array in one[0].items()} == {
        name: a.tobytes() for name, a in two[0].items()
    }
    assert one[1] == two[1]
    assert RESULT.recipe == again.recipe


def test_the_live_recipe_is_refitted_and_stands_beside() -> None:
    result = train_model(SHOP, RESULT.recipe, live_figures=RESULT.figures())
    assert result.gate.publish
    row = next(row for row in result.report()["rows"] if row["name"] == "window.known.ndcg_at_10")
    assert row["live"] == pytest.approx(row["value"])
    assert row["delta_to_live"] == pytest.approx(0.0)


def test_instead_of_a_worse_choice_the_live_recipe_learns_from_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    def badly(past: Interactions, **told: Any) -> Choice:
        choice = tune(past, **told)
        worse = {place: {"popular_first": 1.0} for place in choice.settings.blends}
        return replace(choice, settings=replace(choice.settings, blends=worse, rankers={}, plans={}), trials=7)

    monkeypatch.setattr(pipeline, "tune", badly)
    result = train_model(SHOP, RESULT.recipe, live_figures=RESULT.figures())
    assert (result.gate.publish, result.gate.reasons) == (True, ())
    assert any("window.known.ndcg_at_10 is worse" in why for why in result.gate.kept)
    assert result.recipe == RESULT.recipe
    assert result.figures() == RESULT.figures()
    kept, before = (one.to_arrays()[0] for one in (result.model, RESULT.model))
    assert {name: a.tobytes() for name, a in kept.items()} == {name: a.tobytes() for name, a in before.items()}
    assert told_recipe(result.report())["blends"]["home.known.repeats"] == {"popular_first": 1.0}
    refused = next(row for row in result.report()["rows"] if row["name"] == "window.known.ndcg_at_10")
    assert refused["delta_to_live"] < 0


def test_data_gone_wrong_under_the_live_model_are_refused() -> None:
    rng = np.random.default_rng(0)
    broken = replace(SHOP, item=rng.permutation(SHOP.item).astype(np.int32))
    published = {"window.known.ndcg_at_10": 0.9}
    result = train_model(broken, RESULT.recipe, live_figures=published)
    assert not result.gate.publish
    assert "check the data" in " ".join(result.gate.reasons)


def test_a_recipe_of_another_format_is_said_and_not_compared_with() -> None:
    result = train_model(SHOP, {"format": 0})
    assert result.live_evaluation is None
    assert any("cannot be fitted" in note for note in result.notes)


def test_a_recipe_survives_json() -> None:
    recipe = json.loads(json.dumps(recipe_of(DEFAULTS, seed=3, trials=0)))
    settings = settings_of(recipe)
    assert settings is not None
    assert settings.blends == {place: dict(weights) for place, weights in DEFAULT_BLENDS.items()}
    assert recipe["params"]["popular"] == {"half_life_days": 14.0}


def test_a_recipe_with_a_generator_nobody_has_is_not_readable() -> None:
    recipe = recipe_of(DEFAULTS, seed=0, trials=0)
    recipe["blends"]["cart"] = {"magic": 1.0}
    assert settings_of(recipe) is None


def test_only_what_weighs_something_is_kept_in_the_published_model() -> None:
    used = {name for weights in RESULT.recipe["blends"].values() for name in weights}
    assert set(RESULT.model.names) <= used | {"popular", "popular_now", "popular_country"}
    assert lean(DEFAULTS).only is not None


def test_a_budget_tries_changes_and_the_number_of_trials_repeats_the_choice() -> None:
    clock = ticking()
    first = tune(
        SHOP, budget_seconds=30.0, seed=5, clock=lambda: next(clock), n_jobs=1
    )  # two threads would race for the ticks
    assert 0 < first.trials < 50
    second = tune(SHOP, trials=first.trials, seed=5, clock=lambda: 0.0)
    assert (second.settings, second.trials) == (first.settings, first.trials)


def test_without_a_budget_the_documented_hyper_parameters_stand() -> None:
    choice = tune(SHOP, clock=lambda: 0.0)
    assert (choice.trials, dict(choice.settings.params)) == (0, {})
    assert choice.grades["home.known.repeats"] > 0
    assert set(choice.settings.blends) == set(DEFAULT_BLENDS)


def test_windows_lie_before_the_clock_of_training_and_do_not_overlap() -> None:
    cuts = window_cuts(SHOP)
    assert cuts[0][1] == SHOP.now_us
    assert all(newer[0] == older[1] for newer, older in pairwise(cuts))


def test_the_blend_is_never_below_the_best_generator_alone() -> None:
    cut, end = window_cuts(SHOP)[0]
    window = open_window(SHOP, cut, end, DEFAULTS, 0)
    for place in ("home.known.repeats", "home.known.new"):
        paper = exam(window, place)
        n = len(paper.score)
        _, reached, alone = search([paper], np.zeros(n))
        assert alone.tolist() == [mean_grade([paper], np.eye(n)[row]) for row in range(n)]
        assert reached >= max(mean_grade([paper], np.eye(n)[row]) for row in range(n)) - HARDLY


def test_a_paper_is_graded_as_by_hand() -> None:
    score = np.full((1, 1, 12), -1.0, np.float32)
    score[0, 0, :4] = [0.1, 0.9, 0.5, 0.2]
    paper = Exam(score=score, hit=np.array([[0, 0], [2, 0]]), wanted=np.array([2]))
    best = 1 + 1 / np.log2(3)
    assert mean_grade([paper], np.ones(1)) == pytest.approx((1 / np.log2(3) + 1 / np.log2(5)) / best)


def test_questions_hide_exactly_what_has_to_be_found() -> None:
    cut, end = window_cuts(SHOP)[0]
    window = open_window(SHOP, cut, end, DEFAULTS, 0)
    asked = questions(SHOP, window.past, end, np.random.default_rng(0))
    assert set(asked) <= set(PLACES)
    cart = asked["cart"]
    assert all(cart.item[n] not in query.context for n, query in enumerate(cart.queries))
    similar = asked["similar"]
    for n, query in enumerate(similar.queries):
        assert query.context[0] not in similar.item[similar.indptr[n] : similar.indptr[n + 1]]
    assert all(query.repeat is Repeat.FORBID for query in asked["home.known.new"].queries)
    for one in (questions_.histories for place, questions_ in asked.items() if place.startswith("home.")):
        assert (one.time_us < np.repeat(one.now_us, np.diff(one.indptr))).all()
        assert (one.now_us >= cut).all()
        assert (one.now_us < end).all()


def test_an_items_repeat_rate_is_pulled_to_the_shops() -> None:
    rows = [(person, 0, Kind.PURCHASE, float(day)) for person in range(50) for day in (1, 30)]
    rows += [(person, 1, Kind.PURCHASE, 1.0) for person in range(50)] + [(0, 2, Kind.PURCHASE, 1.0)]
    soap, machine, unknown = repeat_rates(view_of(interactions(rows)))
    assert machine < unknown < soap


TINY = {
    "nothing": interactions([]),
    "one order": interactions([(0, 0, Kind.PURCHASE, 0.0)]),
    "one item": interactions([(n, 0, Kind.PURCHASE, float(n)) for n in range(12)]),
    "no views": interactions([(n % 4, n % 5, Kind.PURCHASE, float(n)) for n in range(30)]),
    "no orders at all": interactions([(n % 4, n % 5, Kind.VIEW, float(n)) for n in range(30)]),
    "all at once": interactions([(n % 4, n % 5, Kind.PURCHASE, 1.0) for n in range(20)]),
}


@pytest.mark.parametrize("shop", TINY.values(), ids=TINY.keys())
def test_the_smallest_shops_train_publish_and_say_what_they_lack(shop: Interactions) -> None:
    result = train_model(shop)
    assert result.gate.publish
    assert result.notes
    json.dumps(result.report())
    assert len(result.model.popular()) == len(np.unique(shop.item))


def test_stages_are_told_as_they_move_on() -> None:
    told: list[tuple[str, int, int, str]] = []
    train_model(SHOP, progress=lambda *step: told.append(step))
    assert {"windows", "blends", "judging and fitting"} <= {stage for stage, *_ in told}
    assert all(done <= total for _, done, total, _ in told)


def test_a_robot_that_saw_everything_changes_little_for_others() -> None:
    normal = random_shop(1, n_people=200, n_items=60)
    views = [(0, int(item), Kind.VIEW, float(day)) for day, item in enumerate(np.tile(np.arange(60), 2))]
    both = joined(normal, interactions(views, n_items=60))
    people = np.arange(200)
    lists = [ask(fit(shop).model, shop, people, Track.WINDOW)[:, :10] for shop in (normal, both)]
    shared = [len(set(one.tolist()) & set(two.tolist())) / 10 for one, two in zip(*lists, strict=True)]
    assert np.mean(shared) >= 0.95
