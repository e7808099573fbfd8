"""Factors: confidences, fold-in and the exact scan."""

import numpy as np
import pytest
from interaction_samples import interactions, random_shop

from recommender.algorithms import spec_of
from recommender.algorithms.als import confidences
from recommender.algorithms.factors import FactorGenerator, longest_first
from recommender.algorithms.neighbours import Anchored
from recommender.interactions import Kind
from recommender.training.fitting import FitSettings, fit_one, view_of


def made(n_items: int, n_factors: int, seed: int = 0, **constants: float) -> FactorGenerator:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n_items, n_factors)) * rng.lognormal(0, 1.5, size=(n_items, 1))
    order = np.argsort(-np.linalg.norm(factors, axis=1))
    return FactorGenerator(
        name="als",
        item=order.astype(np.int32),
        factors=factors[order].astype(np.float32),
        alpha=constants.get("alpha", 10.0),
        regularization=constants.get("regularization", 0.5),
        half_life_days=30.0,
        from_bought=True,
        n_items=n_items,
    )


def test_a_confidence_is_one_plus_alpha_times_the_decayed_number_of_orders() -> None:
    rows = [(0, 0, Kind.PURCHASE, 0.0), (0, 0, Kind.PURCHASE, 10.0), (1, 1, Kind.PURCHASE, 10.0)]
    matrix = confidences(view_of(interactions(rows, now_day=10.0)), 10.0, 4.0, from_bought=True)
    assert np.allclose(matrix.toarray(), np.array([[7.0, 0.0], [0.0, 5.0]]), atol=1e-5)


@pytest.mark.parametrize("n_history", [1, 3, 12], ids=["one item", "short", "longer than half the factors"])
def test_folding_in_solves_the_normal_equations(n_history: int) -> None:
    model = made(40, 10)
    shop = interactions([(0, item, Kind.PURCHASE, 1.0) for item in range(n_history)], n_items=40)
    weight = np.linspace(0.2, 2.0, n_history)
    found = model.fold_in(Anchored(view_of(shop), np.arange(n_history), weight))[0]
    rows = model.factors[model.place[:n_history]].astype(np.float64)
    every = model.factors.astype(np.float64)
    left = every.T @ every + rows.T @ np.diag(10.0 * weight) @ rows + 0.5 * np.eye(10)
    assert np.allclose(found, np.linalg.solve(left, rows.T @ (1 + 10.0 * weight)), rtol=1e-4, atol=1e-5)


def test_folding_in_a_training_history_is_what_the_library_itself_computes() -> None:
    als = pytest.importorskip("implicit.cpu.als")
    shop = random_shop(n_people=60)
    view = view_of(shop)
    matrix = confidences(view, 30.0, 10.0, from_bought=True)
    library = als.AlternatingLeastSquares(
        factors=8, regularization=0.1, alpha=1.0, iterations=5, random_state=0, num_threads=1
    )
    library.fit(matrix, show_progress=False)
    order = np.argsort(-np.linalg.norm(library.item_factors, axis=1))
    model = FactorGenerator(
        name="als",
        item=order.astype(np.int32),
        factors=np.ascontiguousarray(library.item_factors[order]),
        alpha=10.0,
        regularization=0.1,
        half_life_days=30.0,
        from_bought=True,
        n_items=len(shop.item_ids),
    )
    person = 4
    row = matrix[person]
    digest = view
    ours = model.fold_in(
        Anchored(
            digest, person * digest.n_items + np.sort(row.indices), (row.toarray()[0][np.sort(row.indices)] - 1) / 10.0
        )
    )
    theirs = library.recalculate_user(person, row)
    assert np.allclose(ours[person], theirs, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_scan_by_length_finds_what_reading_everything_finds(seed: int) -> None:
    model = made(20_000, 8, seed)
    person = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    scores = np.zeros(20_000, np.float32)
    scores[model.item] = model.factors @ person
    best = np.argsort(-scores, kind="stable")[:50]
    assert np.allclose(scores[longest_first(model, person, 50)], scores[best])


def test_a_large_catalogue_gives_the_same_scores_as_a_small_one() -> None:
    large = made(20_000, 8)
    shop = interactions([(0, 5, Kind.PURCHASE, 1.0), (1, 9, Kind.PURCHASE, 1.0)], n_items=20_000)
    opinion = large.look(view_of(shop))
    keys = np.sort(opinion.top(20, np.zeros(0, np.int64)))
    assert (np.bincount(keys // 20_000, minlength=2) == 20).all()
    assert (opinion.at(keys) > 0).all()


def test_who_has_no_history_gets_nothing_rather_than_arbitrary_items() -> None:
    shop = random_shop()
    generator = fit_one(spec_of("als"), shop, view_of(shop), FitSettings(params={}, blends={}), 0).generator
    assert generator is not None
    stranger = interactions([], n_people=1, n_items=len(shop.item_ids))
    assert len(generator.look(view_of(stranger)).top(10, np.zeros(0, np.int64))) == 0
