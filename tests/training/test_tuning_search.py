"""The search as a whole, on small shops."""

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from interaction_samples import Row, interactions, random_shop

from recommender.algorithms import spec_of
from recommender.interactions import Interactions, Kind
from recommender.model.blend import DEFAULT_BLENDS
from recommender.training.benches import ENTRY, Bench
from recommender.training.blends import weigh
from recommender.training.fitting import FitSettings
from recommender.training.progress import quiet
from recommender.training.trial_log import TrialFile
from recommender.training.trials import Tuned, improve
from recommender.training.tuning import tune
from recommender.training.windows import Window, open_window, window_cuts

PLAIN = FitSettings(
    params={},
    blends=DEFAULT_BLENDS,
    only=frozenset({"popular", "popular_now", "own", "own_wanted", "looked", "bought_together", "item_knn"}),
)
"""A few generators are enough to see how the search behaves."""

SHOP = random_shop(n_people=120, n_items=40)
WINDOWS = [open_window(SHOP, cut, end, PLAIN, 0) for cut, end in window_cuts(SHOP)]
WEIGHTS = weigh(WINDOWS, progress=quiet, n_jobs=1)


def searched(
    limit: int = 7,
    *,
    n_jobs: int = 1,
    known: TrialFile | None = None,
    spent: Callable[[], float] = lambda: 0.0,
) -> Tuned:
    return improve(WINDOWS, WEIGHTS, 3, limit=limit, spent=spent, progress=quiet, n_jobs=n_jobs, known=known)


WHOLE = searched()


def ticking(step: float) -> Callable[[], float]:
    ticks: Iterator[int] = count()
    return lambda: next(ticks) * step


def fickle_shop(seed: int = 0, *, days: int = 200, n_people: int = 60, n_items: int = 200) -> Interactions:
    """Everybody has three favourites and others every three weeks: who counts what was long ago is mistaken."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for person in range(n_people):
        for day in range(person % 21, days, 2):
            favourites = np.random.default_rng([seed, person, (day + person) // 21]).integers(0, n_items, 3)
            rows.append((person, int(rng.choice(favourites)), Kind.PURCHASE, float(day)))
    return interactions(rows, n_people=n_people, n_items=n_items)


def test_the_search_is_the_same_on_one_core_and_on_two() -> None:
    again = searched(n_jobs=2)
    assert [(t.generator, t.params, t.gains) for t in again.trials] == [
        (t.generator, t.params, t.gains) for t in WHOLE.trials
    ]
    assert again.params == WHOLE.params
    assert len(WHOLE.trials) == 7


def test_a_training_that_was_killed_is_taken_up_where_it_was(tmp_path: Path) -> None:
    first = searched(5, known=TrialFile.opened(tmp_path, "a"))
    second = searched(known=TrialFile.opened(tmp_path, "a"))
    assert (first.resumed, second.resumed) == (0, 5)
    assert [trial.params for trial in second.trials] == [trial.params for trial in WHOLE.trials]
    assert second.params == WHOLE.params
    assert len(TrialFile.opened(tmp_path, "a").path.read_text().splitlines()) == 1 + 7


def test_when_time_is_up_the_running_trial_is_dropped_and_the_rest_repeats() -> None:
    short = searched(100, spent=ticking(0.05))
    assert 0 < len(short.trials) < 20
    assert [t.params for t in short.trials] == [t.params for t in searched(len(short.trials)).trials]


def test_a_bench_that_is_told_the_present_says_that_nothing_changes() -> None:
    bench = Bench.of(WINDOWS, WEIGHTS, 0)
    name = max(PLAIN.only or (), key=lambda one: bench.share(one, "home.known.repeats"))
    sitting = bench.sit(name, spec_of(name).defaults, 0)
    assert sitting is not None
    assert sitting.gain == pytest.approx(0.0, abs=1e-9)
    assert sitting.alone == pytest.approx(0.0, abs=1e-9)


def test_a_moved_bench_measures_from_where_it_was_moved_to() -> None:
    bench = Bench.of(WINDOWS, WEIGHTS, 0)
    name = max((trial.generator for trial in WHOLE.trials), key=lambda one: bench.share(one, "home.known.repeats"))
    params = {**spec_of(name).defaults, "half_life_days": 2.0}
    sittings = {number: found for number in bench.asking(name) if (found := bench.sit(name, params, number))}
    again = bench.moved(name, sittings).regraded(name, sittings)
    assert all(one.gain == pytest.approx(0.0, abs=1e-9) for one in again.values())


def test_a_trial_that_is_hopeless_in_its_first_window_sees_no_other() -> None:
    cut = [trial for trial in searched(24).trials if trial.cut]
    assert cut
    assert all(len(trial.gains) == 1 and trial.gain < 0 for trial in cut)


def opened(shop: Interactions, n: int) -> list[Window]:
    return [open_window(shop, cut, end, PLAIN, 0) for cut, end in window_cuts(shop, n)]


def test_a_generator_nobody_listens_to_is_tried_as_if_it_spoke_up() -> None:
    bench = Bench.of(WINDOWS, WEIGHTS, 0)
    silent = next(
        name for name in ("own", "own_wanted", "item_knn", "popular") if not bench.share(name, "home.known.repeats")
    )
    paper = bench.papers[0]["home.known.repeats"]
    row = paper.row(silent)
    moved = paper.moved(silent, row)
    assert moved.weights[silent] == pytest.approx(ENTRY * max(paper.weights.values()))
    assert np.allclose(moved.total, paper.with_row(silent, row))
    assert not np.allclose(moved.total, paper.total)


def test_where_people_choose_by_chance_nothing_is_kept() -> None:
    rng = np.random.default_rng(1)
    rows: list[Row] = [
        (int(person), int(rng.integers(40)), Kind.PURCHASE, float(day))
        for day in np.linspace(0, 100, 700)
        for person in rng.integers(0, 80, 2)
    ]
    windows = opened(interactions(rows, n_people=80, n_items=40), 3)
    weights = weigh(windows, progress=quiet, n_jobs=1)
    found = improve(windows, weights, 0, limit=24, spent=lambda: 0.0, progress=quiet, n_jobs=1)
    assert any(gain > 0 for trial in found.trials for gain in trial.gains.values())  # luck there was
    assert found.params == {}
    assert all(verdict.why for verdict in found.verdicts)


def test_a_shop_whose_defaults_are_wrong_gains_in_a_window_tuning_never_saw() -> None:
    windows = opened(fickle_shop(), 4)
    weights = weigh(windows[1:], progress=quiet, n_jobs=1)
    found = improve(windows[1:], weights, 0, limit=32, spent=lambda: 0.0, progress=quiet, n_jobs=1)
    unseen = Bench.of(windows, weights, 0)
    gains = [sitting.gain for name, params in found.params.items() if (sitting := unseen.sit(name, params, 0))]
    assert max(gains) > 0.02
    assert min(params["half_life_days"] for params in found.params.values()) < 20


def test_the_report_tells_every_trial_and_every_verdict() -> None:
    told = json.loads(json.dumps(searched(12).report()))
    assert [one["generator"] for one in told["trials"]][:7] == [trial.generator for trial in WHOLE.trials]
    assert {one["generator"] for one in told["verdicts"]} == {one["generator"] for one in told["trials"]}
    assert {"kept", "gain", "low", "high", "unseen", "why", "places"} <= set(told["verdicts"][0])


def test_progress_tells_trials_and_the_best_so_far() -> None:
    said: list[tuple[int, int, str]] = []

    def listen(stage: str, done: int, total: int, unit: str) -> None:
        said.append((done, total, unit))

    improve(WINDOWS, WEIGHTS, 3, limit=5, spent=lambda: 0.0, progress=listen, n_jobs=1)
    assert [done for done, *_ in said] == [1, 2, 3, 4, 5]
    assert all(done <= total and unit.startswith("trials") for done, total, unit in said)


def test_a_second_training_on_the_same_data_goes_on_with_the_trials_of_the_first(tmp_path: Path) -> None:
    shop = random_shop(n_people=40, n_items=25)
    first = tune(shop, trials=3, clock=lambda: 0.0, n_jobs=1, trials_in=tmp_path)
    second = tune(shop, trials=5, clock=lambda: 0.0, n_jobs=1, trials_in=tmp_path)
    assert (first.tuned.resumed, len(first.tuned.trials)) == (0, 3)
    assert (second.tuned.resumed, len(second.tuned.trials)) == (3, 5)
