"""Our figures agree with the reference scorer's to every digit it prints."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from interaction_samples import Row, interactions

from recommender.evaluation.judging import Known, figures, judge_lists
from recommender.evaluation.metrics import DEPTH
from recommender.evaluation.split import WINDOWS, Track, before, truth_after
from recommender.interactions import Interactions, Kind

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
PEOPLE = sorted({row[0] for row in [*GOLDEN["train"], *GOLDEN["future"]]} | set(GOLDEN["lists"]))
ITEMS = sorted(
    {row[1] for row in [*GOLDEN["train"], *GOLDEN["future"]]} | {i for row in GOLDEN["lists"].values() for i in row}
)
NAMES = {
    "recall@10": "recall_at_10",
    "recall@20": "recall_at_20",
    "ndcg@10": "ndcg_at_10",
    "hit@10": "hit_at_10",
    "mrr@20": "mrr_at_20",
}


def shop() -> Interactions:
    """The past on day 0, the future on day 10."""
    past: list[Row] = [(PEOPLE.index(u), ITEMS.index(i), Kind(kind), 0.0) for u, i, kind in GOLDEN["train"]]
    future: list[Row] = [(PEOPLE.index(u), ITEMS.index(i), Kind.PURCHASE, 10.0) for u, i in GOLDEN["future"]]
    return interactions(past + future, n_people=len(PEOPLE), n_items=len(ITEMS))


def lists(track: Track, people: list[int]) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    """The golden lists of these people; for ``window_new`` without what they bought before."""
    bought = {(u, i) for u, i, kind in GOLDEN["train"] if kind == Kind.PURCHASE}
    out = np.full((len(people), DEPTH), -1, np.int32)
    for row, person in enumerate(people):
        theirs = GOLDEN["lists"].get(PEOPLE[person], [])
        kept = [i for i in theirs if track is Track.WINDOW or (PEOPLE[person], i) not in bought][:DEPTH]
        out[row, : len(kept)] = [ITEMS.index(i) for i in kept]
    return out


@pytest.mark.parametrize("track", WINDOWS)
def test_every_figure_and_interval_is_the_reference_scorers(track: Track) -> None:
    everything = shop()
    past = before(everything, int(everything.time_us.min()) + 1)
    truth = truth_after(everything, past.now_us)[track]
    verdicts = judge_lists(lists(track, truth.person.tolist()), truth, len(ITEMS))
    ours = figures({track: verdicts}, Known.of(past))
    said = GOLDEN["figures"][track]
    for group in ("all", "known", "viewer", "new"):
        for theirs, name in NAMES.items():
            mean = ours[f"{track}.{group}.{name}"]
            assert mean.n == said[group]["n"]
            assert round(mean.value, 4) == said[group][theirs]
            assert [round(mean.low, 4), round(mean.high, 4)] == said[group][f"{theirs}_ci"]
    assert round(ours[f"{track}.all.coverage_at_10"].value, 4) == said["coverage@10"]
    assert round(ours[f"{track}.all.novelty"].value, 3) == said["novelty"]
