"""Factors: confidences, fold-in and the exact scan."""

import numpy as np
import pytest
from interaction_samples import interactions, person_of, random_shop

from recommender.algorithms import norm_scan, spec_of
from recommender.algorithms.als import confidences
from recommender.algorithms.factors import FactorGenerator
from recommender.algorithms.sides import Side
from recommender.interactions import Kind
from recommender.training.fitting import FitSettings, fit_one, view_of


def made(n_items: int, n_factors: int, seed: int = 0) -> FactorGenerator:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n_items, n_factors)) * rng.lognormal(0, 1.5, size=(n_items, 1))
    return FactorGenerator.of(
        "als",
        np.arange(n_items),
        factors.astype(np.float32),
        n_items=n_items,
        alpha=10.0,
        regularization=0.5,
        half_life_days=30.0,
        side=Side.BOUGHT,
    )


def test_a_confidence_is_one_plus_alpha_times_the_decayed_number_of_orders() -> None:
    rows = [(0, 0, Kind.PURCHASE, 0.0), (0, 0, Kind.PURCHASE, 10.0), (1, 1, Kind.PURCHASE, 10.0)]
    matrix = confidences(view_of(interactions(rows, now_day=10.0)), 10.0, 4.0, side=Side.BOUGHT)
    assert np.allclose(matrix.toarray(), np.array([[7.0, 0.0], [0.0, 5.0]]), atol=1e-5)


@pytest.mark.parametrize("n_history", [1, 3, 12], ids=["one item", "short", "longer than half the factors"])
def test_folding_in_solves_the_normal_equations(n_history: int) -> None:
    model = made(40, 10)
    rows, weight = np.arange(n_history), np.linspace(0.2, 2.0, n_history)
    theirs, every = model.factors[rows].astype(np.float64), model.factors.astype(np.float64)
    left = every.T @ every + theirs.T @ np.diag(10.0 * weight) @ theirs + 0.5 * np.eye(10)
    wanted = np.linalg.solve(left, theirs.T @ (1 + 10.0 * weight))
    folded = model.fold_in(model.item[rows].astype(np.int64), weight)
    assert folded is not None
    assert np.allclose(folded, wanted, rtol=1e-4, atol=1e-5)


def test_folding_in_a_training_history_is_what_the_library_itself_computes() -> None:
    als = pytest.importorskip("implicit.cpu.als")
    shop = random_shop(n_people=60)
    view = view_of(shop)
    matrix = confidences(view, 30.0, 10.0, side=Side.BOUGHT)
    library = als.AlternatingLeastSquares(
        factors=8, regularization=0.1, alpha=1.0, iterations=5, random_state=0, num_threads=1
    )
    library.fit(matrix, show_progress=False)
    model = FactorGenerator.of(
        "als",
        np.arange(len(shop.item_ids)),
        library.item_factors,
        n_items=len(shop.item_ids),
        alpha=10.0,
        regularization=0.1,
        half_life_days=30.0,
        side=Side.BOUGHT,
    )
    row = matrix[4]
    ours = model.fold_in(row.indices.astype(np.int64), (row.data - 1.0).astype(np.float64) / 10.0)
    assert ours is not None
    assert np.allclose(ours, library.recalculate_user(4, row), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("k", [1, 50, 3_000])
def test_the_scan_by_length_finds_what_reading_everything_finds(seed: int, k: int) -> None:
    model = made(20_000, 8, seed)
    person = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    rows, scores = model.rows.top(person, k)
    wanted, best = norm_scan.full(model.factors, person, k)
    assert rows.tolist() == wanted.tolist()
    assert np.allclose(scores, best)
    assert len(rows) == k


@pytest.mark.parametrize("k", [1, 7, 500, 5_000])
def test_of_equal_scores_both_scans_keep_the_earlier_rows(k: int) -> None:
    rng = np.random.default_rng(0)
    factors = rng.integers(-3, 4, size=(12_000, 4)).astype(np.float32)  # whole numbers: products are exact
    factors = factors[norm_scan.by_length(factors)]
    person = np.array([1, 2, 0, -1], np.float32)
    rows, _ = norm_scan.Rows.of(factors).top(person, k)
    scores = factors @ person
    assert rows.tolist() == np.sort(np.argsort(-scores, kind="stable")[:k]).tolist()
    assert rows.tolist() == norm_scan.full(factors, person, k)[0].tolist()


def test_skipped_rows_make_room_for_the_next() -> None:
    model = made(5_000, 8)
    person = np.ones(8, np.float32)
    rows, scores = model.rows.top(person, 40)
    skip = rows[scores > np.median(scores)]
    others, _ = model.rows.top(person, 20, skip)
    assert others.tolist() == [row for row in rows.tolist() if row not in skip.tolist()]


def test_fewer_items_than_asked_for_come_as_far_as_they_score() -> None:
    factors = np.array([[2.0], [-1.5], [1.0]], np.float32)
    rows, scores = norm_scan.Rows.of(factors).top(np.array([1.0], np.float32), 9)
    assert (rows.tolist(), scores.tolist()) == ([0, 2], [2.0, 1.0])


def test_factors_of_a_bundle_without_sketches_are_the_same_again() -> None:
    model = made(300, 8)
    arrays = {part: array for part, array in model.to_arrays().items() if part not in ("sketch", "step", "stray")}
    again = FactorGenerator.from_arrays("als", arrays).to_arrays()
    for part, array in model.to_arrays().items():
        assert np.array_equal(again[part], array), part


def test_who_has_no_history_gets_nothing_rather_than_arbitrary_items() -> None:
    shop = random_shop()
    generator = fit_one(spec_of("als"), shop, view_of(shop), FitSettings(params={}, blends={}), 0).generator
    assert generator is not None
    stranger = interactions([], n_people=1, n_items=len(shop.item_ids))
    assert len(generator.look(person_of(stranger, 0)).top(10, np.zeros(0, np.int64))) == 0
