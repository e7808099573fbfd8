"""Growing: LightGBM's own forest and ours give the same scores."""

import sys

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.model.forest import Forest
from recommender.training.growing import LARGE, SMALL, Size, grow, tree_of, unavailable

QUICK = Size(leaves=4, rounds=5, learning_rate=0.3, l2=0.0, fewest=5)


def lists(
    n_lists: int = 40, length: int = 50, columns: int = 6
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int64]]:
    """Column 0 says what is wanted, with some noise; whole numbers stand in every second column."""
    rng = np.random.default_rng(3)
    features = rng.normal(size=(n_lists * length, columns)).astype(np.float32)
    features[:, ::2] = np.round(features[:, ::2])
    wanted = features[:, 0] + rng.normal(size=len(features)) > 2
    return features, wanted, np.full(n_lists, length)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_scores_equal_those_of_lightgbm(size: Size) -> None:
    theirs: list[lightgbm.Booster] = []
    features, wanted, lengths = lists()
    forest = grow(features, wanted, lengths, size, seed=1, n_jobs=1, seen=theirs.append)
    assert forest.n_trees == size.rounds
    assert forest.splits.max() > size.leaves // 2
    np.testing.assert_allclose(forest.score(features), theirs[0].predict(features), rtol=0, atol=1e-12)


def test_what_is_wanted_comes_first() -> None:
    features, wanted, lengths = lists()
    scores = grow(features, wanted, lengths, QUICK, seed=1, n_jobs=1).score(features)
    assert scores[wanted].mean() > scores[~wanted].mean() + 0.5


def test_the_same_seed_grows_the_same_forest() -> None:
    features, wanted, lengths = lists()
    first, second = (grow(features, wanted, lengths, QUICK, seed=7, n_jobs=1).to_arrays() for _ in range(2))
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)


def test_lists_nobody_wanted_anything_of_change_nothing() -> None:
    features, wanted, lengths = lists()
    idle = np.concatenate([features, features[:80]])
    nothing = np.concatenate([wanted, np.zeros(80, bool)])
    with_idle = grow(idle, nothing, np.append(lengths, [50, 30]), QUICK, seed=1, n_jobs=1)
    without = grow(features, wanted, lengths, QUICK, seed=1, n_jobs=1)
    assert with_idle.score(features).tolist() == without.score(features).tolist()


def test_where_nobody_wanted_anything_no_tree_grows() -> None:
    features, wanted, lengths = lists()
    forest = grow(features, np.zeros_like(wanted), lengths, QUICK, seed=1, n_jobs=1)
    assert forest.n_trees == 0
    assert forest.score(features).tolist() == [0.0] * len(features)


def test_the_column_that_tells_most_is_the_most_important() -> None:
    features, wanted, lengths = lists()
    shares = grow(features, wanted, lengths, QUICK, seed=1, n_jobs=1).gain
    assert shares.argmax() == 0
    assert shares.sum() == pytest.approx(1.0)


def test_growing_says_how_far_it_is_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, int]] = []
    features, wanted, lengths = lists()

    def progress(stage: str, done: int, total: int, unit: str) -> None:
        told.append((done, total))

    grow(features, wanted, lengths, QUICK, seed=1, n_jobs=1, progress=progress)
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    assert capfd.readouterr() == ("", "")


def test_a_handful_of_rows_grows_one_leaf() -> None:
    features, wanted = np.zeros((4, 2), np.float32), np.array([True, False, False, False])
    forest = grow(features, wanted, np.array([4]), SMALL, seed=1, n_jobs=1)
    assert forest.score(features).std() == 0


def test_what_is_not_finite_is_refused() -> None:
    features, wanted, lengths = lists()
    features[3, 2] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        grow(features, wanted, lengths, QUICK, seed=1, n_jobs=1)


def test_lists_that_do_not_add_up_are_refused() -> None:
    features, wanted, lengths = lists()
    with pytest.raises(ValueError, match="do not go together"):
        grow(features, wanted, lengths[1:], QUICK, seed=1, n_jobs=1)


@pytest.mark.parametrize(("decision", "missing"), [("==", "None"), ("<=", "NaN"), ("<=", "Zero")])
def test_splits_by_category_or_by_what_is_missing_are_refused(decision: str, missing: str) -> None:
    leaf = {"leaf_value": 0.0}
    split = {
        "split_feature": 0,
        "threshold": 1.0,
        "split_gain": 1.0,
        "decision_type": decision,
        "missing_type": missing,
    }
    with pytest.raises(ValueError, match="none of ours"):
        tree_of(split | {"left_child": leaf, "right_child": leaf})


def test_a_dumped_tree_keeps_its_sides() -> None:
    split = {"split_feature": 0, "threshold": 1.0, "split_gain": 1.0, "decision_type": "<=", "missing_type": "None"}
    whole = split | {"left_child": {"leaf_value": -1.0}, "right_child": {"leaf_value": 5.0}}
    assert Forest.of_trees([tree_of(whole)], 1).score(np.array([[0.0], [2.0]])).tolist() == [-1.0, 5.0]


def test_where_lightgbm_loads_forests_can_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unavailable() is None
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    assert "libgomp1" in str(unavailable())
