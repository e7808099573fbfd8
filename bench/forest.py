"""What a request pays for the forest: 200 candidates, 50 columns, 120 trees of 7 leaves, in processor time."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure, figure
from recommender.model.forest import Forest
from recommender.training.growing import SMALL, Features, grow

BAR = 150.0
CANDIDATES, COLUMNS = 200, 50
ITEM, PERSON = range(19), range(19, 25)
ITEMS = 20_000
SAMPLES, BATCHES, CALLS = 5, 15, 20


def run() -> dict[str, Figure]:
    """Microseconds a list, each time the best of fifteen batches.

    ``ranker.us_per_list`` asks every node for every candidate; ``ranker.served_us_per_list`` has 19 columns answered at publish
    and 6 once for the person, as in a request. Both hold the forest's own scores against LightGBM's.
    """
    features, forest, theirs = _grown()
    person = features[0, PERSON]
    features[:, PERSON] = person
    whole, parted = forest.parted(), forest.parted(item=ITEM, person=PERSON)
    kept = parted.item_masks(features[:, ITEM])
    rows = np.random.default_rng(0).permutation(ITEMS)[:CANDIDATES].astype(np.int32)
    every, rest = np.asfortranarray(features[rows]), np.asfortranarray(features[rows, PERSON.stop :])

    def served() -> NDArray[np.float64]:
        return parted.score(rest, person=person, item_masks=kept, items=rows)

    asked: dict[str, Callable[[], NDArray[np.float64]]] = {
        "ranker.us_per_list": lambda: whole.score(every),
        "ranker.served_us_per_list": served,
        "ranker.lightgbm.us_per_list": lambda: theirs(every),
    }
    for name, answer in asked.items():
        if not np.allclose(answer(), theirs(every), rtol=0, atol=1e-9):
            raise RuntimeError(f"{name}: the scores are not LightGBM's; its time says nothing")
    rounds = [{name: _us(answer) for name, answer in asked.items()} for _ in range(SAMPLES)]
    found = {name: [one[name] for one in rounds] for name in asked}
    return {
        name: figure(samples, "µs", bar=None if "lightgbm" in name else BAR, better="lower")
        for name, samples in found.items()
    }


def _grown() -> tuple[Features, Forest, Callable[[NDArray[np.float32]], NDArray[np.float64]]]:
    """Random lists of items, what people wanted of them by a dozen columns, our forest and LightGBM's answers."""
    import lightgbm

    rng = np.random.default_rng(1)
    features = rng.normal(size=(ITEMS, COLUMNS)).astype(np.float32)
    features[:, ::3] = np.round(features[:, ::3])
    pull = features @ rng.normal(size=COLUMNS) + features[:, 3] * features[:, 30] * 4
    wanted = pull + rng.normal(size=ITEMS) * 4 > 12
    boosters: list[lightgbm.Booster] = []
    forest = grow(
        features, wanted, np.full(ITEMS // CANDIDATES, CANDIDATES), SMALL, seed=1, n_jobs=1, seen=boosters.append
    )

    def theirs(rows: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(boosters[0].predict(rows, num_threads=1), np.float64)

    return features, forest, theirs


def _us(answer: Callable[[], NDArray[np.float64]]) -> float:
    best = np.inf
    for _ in range(BATCHES):
        began = time.process_time()
        for _ in range(CALLS):
            answer()
        best = min(best, (time.process_time() - began) / CALLS)
    return float(best * 1e6)
