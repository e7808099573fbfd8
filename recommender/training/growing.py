"""Growing a forest that puts what people wanted first. LightGBM grows it; only the trees, as plain arrays, leave this room."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recommender.algorithms.ragged import Floats, Ints
from recommender.model.forest import Forest, Tree
from recommender.training.progress import Progress, quiet

if TYPE_CHECKING:
    import lightgbm

Features = NDArray[np.float32]
Seen = Callable[["lightgbm.Booster"], None]

TRUNCATION = 10
"""Ranks whose order counts while growing."""

BINS = 63
"""Steps a column is told apart by while growing: as good as 255 on validation, and quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a forest grows, and how fast.

    Attributes
    ----------
    leaves : int
        Of a tree, at most 64.
    rounds : int
        Trees.
    learning_rate : float
    l2 : float
        Pulls leaves with little behind them towards 0.
    fewest : int
        Rows a leaf must have.
    columns : float
        Share of the columns each tree may use.
    """

    leaves: int
    rounds: int
    learning_rate: float
    l2: float = 20.0
    fewest: int = 50
    columns: float = 1.0


SMALL = Size(leaves=8, rounds=120, learning_rate=0.12, columns=0.6)
"""Below about 10,000 wanted candidates; also what a request can afford."""

LARGE = Size(leaves=31, rounds=250, learning_rate=0.05)
"""For a lot of data; to be distilled."""


def grow(
    features: Features,
    wanted: NDArray[np.bool_] | NDArray[np.integer],
    lengths: Ints,
    size: Size,
    *,
    seed: int,
    n_jobs: int,
    weight: Floats | None = None,
    progress: Progress = quiet,
    seen: Seen | None = None,
) -> Forest:
    """Grow a forest that ranks lists (LambdaMART: Burges 2010, "From RankNet to LambdaRank to LambdaMART").

    Parameters
    ----------
    features : float32 array of shape (n, n_features)
        One row per candidate, list after list. Never NaN.
    wanted : bool or small int array of length n
        Whether (or how much, up to 30) each candidate was wanted.
    lengths : int array of length n_lists
        Candidates of each list. A list without any wanted candidate teaches nothing and is left out.
    seed, n_jobs : int
        The same seed and number of threads give the same forest.
    weight : float64 array of length n, optional
    seen : callable, optional
        Shown LightGBM's own forest, to hold ours against it.

    Returns
    -------
    Forest
        Without trees if no list has a wanted candidate beside an unwanted one.

    Raises
    ------
    ValueError
        Lengths do not add up, or a feature is not finite.
    """
    check(features, lengths, wanted, weight)
    teaches = _teaches(wanted, lengths)
    rows = np.repeat(teaches, lengths)
    if not teaches.any():
        return Forest.of_trees([], features.shape[1])
    ranking = {
        "objective": "lambdarank",
        "lambdarank_truncation_level": TRUNCATION,
        "label_gain": list(range(31)) if int(wanted.max()) > 1 else [0, 1],
    }
    return _trained(
        features if teaches.all() else features[rows],
        np.asarray(wanted[rows], np.float32),
        size,
        ranking | _params(size, seed, n_jobs),
        lengths=lengths[teaches],
        weight=None if weight is None else weight[rows],
        progress=progress,
        seen=seen,
    )


def unavailable() -> str | None:
    """Why no forest can grow on this machine, in a sentence for whoever trains; None if one can."""
    try:
        import lightgbm  # noqa: F401 - whether it loads is the question
    except (ImportError, OSError) as error:
        return f"LightGBM cannot be loaded ({error}); blends serve without it. It needs OpenMP (Debian: apt install libgomp1)."
    return None


def teach(
    features: Features,
    score: Floats,
    size: Size,
    *,
    seed: int,
    n_jobs: int,
    weight: Floats | None = None,
    progress: Progress = quiet,
) -> Forest:
    """Grow a forest that gives each row's ``score`` (least squares); otherwise as :func:`grow`."""
    params = {"objective": "regression"} | _params(size, seed, n_jobs)
    return _trained(features, score, size, params, lengths=None, weight=weight, progress=progress)


def check(features: Features, lengths: Ints, *columns: NDArray[Any] | None) -> None:
    """Refuse lists that do not add up, and features that are not finite (``ValueError``)."""
    n, total = len(features), int(lengths.sum())
    for column in columns:
        if total != n or (column is not None and len(column) != n):
            told = total if column is None else len(column)
            raise ValueError(f"{n:,} candidates, lists of {total:,} in all and {told:,} values do not go together")
    if not np.isfinite(features).all():
        raise ValueError("a feature is NaN or infinite")


def _teaches(wanted: NDArray[Any], lengths: Ints) -> NDArray[np.bool_]:
    """Lists with candidates of at least two kinds."""
    ends = np.cumsum(lengths)
    kinds = np.concatenate([[0], np.cumsum(wanted > 0)])
    found = kinds[ends] - kinds[ends - lengths]
    return np.asarray((found > 0) & (lengths > 1))


def _params(size: Size, seed: int, n_jobs: int) -> dict[str, Any]:
    return {
        "num_leaves": size.leaves,
        "learning_rate": size.learning_rate,
        "lambda_l2": size.l2,
        "min_data_in_leaf": size.fewest,
        "max_bin": BINS,
        "feature_fraction": size.columns,
        "use_missing": False,
        "zero_as_missing": False,
        "seed": seed,
        "num_threads": n_jobs,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def _trained(
    features: Features,
    target: NDArray[np.floating],
    size: Size,
    params: dict[str, Any],
    *,
    lengths: Ints | None,
    weight: Floats | None,
    progress: Progress,
    seen: Seen | None = None,
) -> Forest:
    import lightgbm

    data = lightgbm.Dataset(features, target, group=lengths, weight=weight, params=params, free_raw_data=True)

    def told(env: "lightgbm.callback.CallbackEnv") -> None:
        progress("growing the forest", env.iteration + 1, size.rounds, "trees")

    booster = lightgbm.train(params, data, num_boost_round=size.rounds, callbacks=[told])
    if seen is not None:
        seen(booster)
    dumped = booster.dump_model()
    return Forest.of_trees([tree_of(tree["tree_structure"]) for tree in dumped["tree_info"]], features.shape[1])


def tree_of(structure: Mapping[str, Any]) -> Tree:
    """One tree as LightGBM dumps it: nested nodes with ``left_child`` and ``right_child``, leaves with ``leaf_value``.

    Raises
    ------
    ValueError
        A node does more than compare a number: categories, or values that are missing.
    """
    splits: list[tuple[int, float, float]] = []
    children: list[list[int]] = []
    values: list[float] = []
    waiting: list[tuple[Mapping[str, Any], int, int]] = [(structure, -1, 0)]
    while waiting:
        node, parent, side = waiting.pop()
        if "leaf_value" in node:
            place = ~len(values)
            values.append(float(node["leaf_value"]))
        else:
            if (node["decision_type"], node["missing_type"]) != ("<=", "None"):
                raise ValueError(
                    f"a split by {node['decision_type']!r} with missing {node['missing_type']!r} is none of ours"
                )
            place = len(splits)
            splits.append((int(node["split_feature"]), float(node["threshold"]), float(node["split_gain"])))
            children.append([0, 0])
            waiting += [(node["right_child"], place, 1), (node["left_child"], place, 0)]
        if parent >= 0:
            children[parent][side] = place
    return _tree(splits, children, values)


def _tree(
    splits: Sequence[tuple[int, float, float]], children: Sequence[Sequence[int]], values: Sequence[float]
) -> Tree:
    table = np.array(splits, np.float64).reshape(-1, 3)
    child = np.array(children, np.int64).reshape(-1, 2)
    return Tree(
        feature=table[:, 0].astype(np.int64),
        threshold=table[:, 1],
        left=child[:, 0],
        right=child[:, 1],
        value=np.array(values),
        gain=table[:, 2],
    )
