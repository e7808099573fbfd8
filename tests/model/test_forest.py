"""The forest against a tree walked by hand."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender.bundle import write_bundle
from recommender.domain.errors import BundleRefusedError
from recommender.model.forest import Forest, Tree

GRID = [-np.inf, -2.5, -1.0, -0.1, 0.0, 0.1, 1.0, 2.5, np.inf]
N_FEATURES = 4


def tree(rng: np.random.Generator, leaves: int) -> Tree:
    """A random tree: again and again one of its leaves becomes a split."""
    left: list[int] = []
    right: list[int] = []
    ends = [(-1, False)]
    for split in range(leaves - 1):
        parent, on_left = ends.pop(int(rng.integers(len(ends))))
        if parent >= 0:
            (left if on_left else right)[parent] = split
        left.append(0)
        right.append(0)
        ends += [(split, True), (split, False)]
    for leaf, (parent, on_left) in enumerate(ends):
        if parent >= 0:
            (left if on_left else right)[parent] = ~leaf
    return Tree(
        feature=rng.integers(0, N_FEATURES, leaves - 1),
        threshold=rng.choice(GRID, leaves - 1),
        left=np.array(left, np.int64),
        right=np.array(right, np.int64),
        value=rng.normal(size=leaves),
        gain=rng.random(leaves - 1),
    )


def walked(trees: list[Tree], row: NDArray[Any]) -> float:
    total = 0.0
    for one in trees:
        place = 0 if len(one.feature) else ~0
        while place >= 0:
            goes_left = float(row[one.feature[place]]) <= one.threshold[place]
            place = int((one.left if goes_left else one.right)[place])
        total += float(one.value[~place])
    return total


def stump(threshold: float, *, feature: int = 0) -> Tree:
    """One split: 1.0 at or below the threshold, 2.0 above."""
    return Tree(
        feature=np.array([feature]),
        threshold=np.array([threshold]),
        left=np.array([~0]),
        right=np.array([~1]),
        value=np.array([1.0, 2.0]),
    )


@st.composite
def forests(draw: st.DrawFn) -> tuple[list[Tree], NDArray[Any]]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    most = draw(st.sampled_from([1, 2, 3, 7, 8, 9, 16, 17, 32, 33, 64]))
    sizes = draw(st.lists(st.integers(1, most), max_size=8))
    n = draw(st.sampled_from([0, 1, 2, 99, 100, 101, 230]))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    return [tree(rng, leaves) for leaves in sizes], rng.choice(GRID, (n, N_FEATURES)).astype(dtype)


@given(forests())
@settings(max_examples=150, deadline=None)
def test_every_row_gets_what_a_walk_from_root_to_leaf_gives(drawn: tuple[list[Tree], NDArray[Any]]) -> None:
    trees, features = drawn
    wanted = [walked(trees, row) for row in features]
    np.testing.assert_allclose(Forest.of_trees(trees, N_FEATURES).score(features), wanted, rtol=0, atol=1e-12)


@given(forests(), st.permutations(range(N_FEATURES)), st.integers(0, N_FEATURES), st.integers(0, N_FEATURES))
@settings(max_examples=150, deadline=None)
def test_a_parted_forest_gives_what_the_whole_one_gives(
    drawn: tuple[list[Tree], NDArray[Any]], columns: list[int], first: int, second: int
) -> None:
    trees, features = drawn[0], drawn[1].astype(np.float32)
    item, person = columns[: min(first, second)], columns[min(first, second) : max(first, second)]
    features[:, person] = features[:1, person]
    forest = Forest.of_trees(trees, N_FEATURES)
    parted = forest.parted(item=item, person=person)
    rest = sorted(set(range(N_FEATURES)) - {*item, *person})
    scores = parted.score(
        features[:, rest],
        person=features[0, person] if person and len(features) else np.zeros(len(person), np.float32),
        item_masks=parted.item_masks(features[:, item])[::-1].copy(),
        items=np.arange(len(features), dtype=np.int32)[::-1].copy(),
    )
    np.testing.assert_allclose(scores, forest.score(features), rtol=0, atol=1e-12)


def test_a_value_equal_to_the_threshold_goes_left() -> None:
    forest = Forest.of_trees([stump(0.5)], 1)
    assert forest.score(np.array([[0.5], [np.nextafter(0.5, 1)]])).tolist() == [1.0, 2.0]


def test_a_threshold_between_two_singles_parts_them() -> None:
    low = np.float32(0.1)
    high = np.nextafter(low, np.float32(1))
    middle = (float(low) + float(high)) / 2
    forest = Forest.of_trees(
        [stump(middle), stump(np.nextafter(float(low), 0)), stump(np.nextafter(float(high), 1))], 1
    )
    assert forest.score(np.array([[low], [high]])).tolist() == [1.0 + 2.0 + 1.0, 2.0 + 2.0 + 1.0]


@pytest.mark.parametrize(("threshold", "wanted"), [(1e300, [1.0, 1.0, 2.0]), (-1e300, [1.0, 2.0, 2.0])])
def test_a_threshold_beyond_single_precision_parts_only_infinity(threshold: float, wanted: list[float]) -> None:
    forest = Forest.of_trees([stump(threshold)], 1)
    assert forest.score(np.array([[-np.inf], [3.0], [np.inf]], np.float32)).tolist() == wanted


def test_no_trees_say_nothing() -> None:
    assert Forest.of_trees([], 3).score(np.ones((2, 3))).tolist() == [0.0, 0.0]


def test_a_tree_of_one_leaf_says_the_same_of_everything() -> None:
    nothing = np.zeros(0, np.int64)
    one = Tree(feature=nothing, threshold=np.zeros(0), left=nothing, right=nothing, value=np.array([0.25]))
    assert Forest.of_trees([one], 0).score(np.zeros((2, 0))).tolist() == [0.25, 0.25]


def test_a_row_scores_the_same_alone_and_among_others_to_the_bit() -> None:
    rng = np.random.default_rng(5)
    forest = Forest.of_trees([tree(rng, 7) for _ in range(50)], N_FEATURES)
    features = rng.normal(size=(230, N_FEATURES)).astype(np.float32)
    alone = np.concatenate([forest.score(features[i : i + 1]) for i in range(230)])
    assert forest.score(features).tolist() == alone.tolist()


def test_gains_add_up_by_column() -> None:
    first, second = stump(0.0), stump(0.0, feature=2)
    heavy = Tree(
        feature=second.feature,
        threshold=second.threshold,
        left=second.left,
        right=second.right,
        value=second.value,
        gain=np.array([3.0]),
    )
    assert Forest.of_trees([first, heavy], 3).gain.tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("leaves", [7, 16, 31, 64])
def test_a_forest_that_was_stored_says_the_same(leaves: int) -> None:
    rng = np.random.default_rng(1)
    forest = Forest.of_trees([tree(rng, leaves) for _ in range(9)], N_FEATURES)
    features = rng.normal(size=(20, N_FEATURES))
    again = Forest.from_arrays(forest.to_arrays())
    assert again.score(features).tolist() == forest.score(features).tolist()


def test_a_bundle_can_hold_a_forest(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    forest = Forest.of_trees([stump(0.5)], 1)
    arrays = {f"ranker.{name}": values for name, values in forest.to_arrays().items()}
    write_bundle(tmp_path, "r1", arrays, {}, created=datetime(2026, 1, 1, tzinfo=UTC))


def test_shapes_that_do_not_fit_are_named() -> None:
    forest = Forest.of_trees([stump(0.5)], 2)
    with pytest.raises(ValueError, match="2 columns"):
        forest.score(np.zeros((3, 5)))
    with pytest.raises(ValueError, match="no part of 2"):
        forest.parted(item=[0], person=[0])
    with pytest.raises(ValueError, match="of candidates"):
        forest.parted(item=[0]).score(np.zeros((3, 2), np.float32))
    with pytest.raises(ValueError, match="of masks"):
        forest.parted(item=[0]).score(np.zeros((3, 1), np.float32))
    with pytest.raises(ValueError, match="of a person"):
        forest.parted(person=[0]).score(np.zeros((3, 1), np.float32))


@pytest.mark.parametrize(
    ("left", "right", "values"),
    [
        ([0], [~0], 2),  # a circle
        ([~0], [1], 2),  # a split beyond
        ([~0], [~5], 2),  # a leaf beyond
        ([~0], [~1], 3),  # a leaf too many
        ([~0], [~0], 2),  # a leaf twice
        ([~0, 1], [~1, ~2], 3),  # a circle beside a whole tree
        ([~0], [], 2),
        ([], [], 0),
        ([], [], 65),
    ],
)
def test_what_is_no_tree_is_refused(left: list[int], right: list[int], values: int) -> None:
    broken = Tree(
        feature=np.zeros(len(left), np.int64),
        threshold=np.zeros(len(left)),
        left=np.array(left, np.int64),
        right=np.array(right, np.int64),
        value=np.zeros(values),
    )
    with pytest.raises(ValueError, match="leaves"):
        Forest.of_trees([broken], 1)


def test_a_split_beyond_the_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="no forest"):
        Forest.of_trees([stump(0.5, feature=3)], 3)


HOSTILE: dict[str, dict[str, Any]] = {
    "column beyond": {"feature": np.array([9, 0], np.int32)},
    "column below": {"feature": np.array([-1, 0], np.int32)},
    "another type": {"feature": np.array([0, 0], np.int64)},
    "objects": {"leaf": np.array([[None, None]] * 2)},
    "swapped bytes": {"threshold": np.zeros(2, ">f8")},
    "threshold not a number": {"threshold": np.array([np.nan, 0])},
    "too few thresholds": {"threshold": np.zeros(1)},
    "leaf not a number": {"leaf": np.array([[np.nan, 0], [0, 0]])},
    "leaf infinite": {"leaf": np.array([[np.inf, 0], [0, 0]])},
    "flat leaves": {"leaf": np.zeros(4)},
    "no leaves": {"leaf": np.zeros((2, 0))},
    "too many leaves": {"leaf": np.zeros((2, 65))},
    "rows of leaves": {"leaf": np.zeros((3, 2))},
    "more leaves than bits": {"leaf": np.zeros((2, 9))},
    "last leaf closed": {"closes": np.array([2, 1], np.uint8)},
    "bit past the last": {"closes": np.array([1, 128], np.uint8)},
    "wide masks": {"closes": np.array([1, 1], np.uint16)},
    "signed masks": {"closes": np.array([1, 1], np.int8)},
    "negative splits": {"splits": np.array([3, -1], np.int32)},
    "too many splits": {"splits": np.array([2, 0], np.int32)},
    "splits that do not add up": {"splits": np.array([1, 0], np.int32)},
    "splits of no shape": {"splits": np.array(2, np.int32)},
    "a gain not a number": {"gain": np.array([np.nan])},
    "gain missing": {"gain": None},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_arrays_are_refused(name: str) -> None:
    arrays = dict(Forest.of_trees([stump(0.5), stump(1.5)], 1).to_arrays()) | HOSTILE[name]
    with pytest.raises(BundleRefusedError, match=r"ranker .* train again or roll back"):
        Forest.from_arrays({k: v for k, v in arrays.items() if v is not None}, where="ranker home")


@pytest.mark.parametrize("masks", [np.zeros((3, 1), np.uint8), np.zeros((4, 2), np.uint8), np.zeros((4, 1), np.uint16)])
def test_masks_of_other_items_or_another_forest_are_refused(masks: NDArray[Any]) -> None:
    parted = Forest.of_trees([stump(0.5)], 1).parted(item=[0])
    parted.check_masks(parted.item_masks(np.zeros((4, 1), np.float32)), 4)
    with pytest.raises(BundleRefusedError, match="train again"):
        parted.check_masks(masks, 4)


def test_whatever_masks_say_an_answer_comes() -> None:
    for leaves in (7, 8, 31, 64):
        parted = Forest.of_trees([tree(np.random.default_rng(leaves), leaves)], N_FEATURES).parted(item=[0])
        full = np.full((5, 1), np.iinfo(parted.item_masks(np.zeros((1, 1))).dtype).max)
        masks = full.astype(parted.item_masks(np.zeros((1, 1))).dtype)
        rows = np.array([0, 4, 5, 2**31 - 1, -1], np.int32)
        rest = np.zeros((5, N_FEATURES - 1), np.float32)
        assert np.isfinite(parted.score(rest, item_masks=masks, items=rows)).all()


def test_the_forest_needs_numpy_and_the_structs_of_an_answer_and_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import recommender.model.forest\n"
        "new = [m for m in set(sys.modules) - before if 'site-packages' in (getattr(sys.modules[m], '__file__', None) or '')]\n"
        "print(sorted({m.split('.')[0] for m in new} - {'recommender'}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() in ("['msgspec', 'numpy']", "['msgspec', 'numpy', 'typing_extensions']")
