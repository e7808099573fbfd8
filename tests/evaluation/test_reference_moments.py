"""Baskets and visits are found, and scored, as the reference does it: every list, every figure, every digit."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from interaction_samples import START, Row, interactions

from recommender.evaluation.judging import Known, figures, judge_lists
from recommender.evaluation.metrics import DEPTH
from recommender.evaluation.split import Track, before
from recommender.evaluation.visits import Asked, baskets_after, sessions_after
from recommender.interactions import Interactions, Kind

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden_moments.json").read_text(encoding="utf-8"))
SECOND = 1_000_000
NAMES = {
    "recall@10": "recall_at_10",
    "recall@20": "recall_at_20",
    "ndcg@10": "ndcg_at_10",
    "hit@10": "hit_at_10",
    "mrr@20": "mrr_at_20",
}
CASES = [("orders", Track.BASKET), ("visits", Track.BASKET), ("visits", Track.SESSION)]


def shop(case: str) -> tuple[Interactions, list[str], list[str]]:
    """The golden events, and the names of people and items."""
    events = GOLDEN[case]["events"]
    people = sorted({event[0] for event in events})
    items = sorted({event[1] for event in events} | {i for row in GOLDEN[case]["lists"] for i in row[3]})
    rows: list[Row] = [(people.index(e[0]), items.index(e[1]), Kind(e[2]), e[3] / 86_400) for e in events]
    order = [int(e[4][1:]) for e in events] if len(events[0]) > 4 else [-1] * len(events)
    told = interactions(rows, n_people=len(people), n_items=len(items), order=order)
    told.time_us[:] = START + np.array([e[3] for e in events]) * SECOND
    return told, people, items


def asked(case: str, track: Track) -> Asked:
    find = baskets_after if track is Track.BASKET else sessions_after
    return find(shop(case)[0], START + GOLDEN[case]["cut_s"] * SECOND)


@pytest.mark.parametrize(("case", "track"), CASES)
def test_every_list_is_asked_at_the_moment_the_reference_asks_it(case: str, track: Track) -> None:
    lists, people = asked(case, track), shop(case)[1]
    ours = [(people[p], at - START) for p, at in zip(lists.truth.person.tolist(), lists.at_us.tolist(), strict=True)]
    assert sorted(ours) == sorted((row[1], row[2]) for row in GOLDEN[case]["lists"] if row[0] == track)


@pytest.mark.parametrize(("case", "track"), CASES)
def test_every_figure_of_baskets_and_visits_is_the_reference_scorers(case: str, track: Track) -> None:
    told, people, items = shop(case)
    lists = asked(case, track)
    said = {(row[1], row[2]): row[3] for row in GOLDEN[case]["lists"] if row[0] == track}
    shown = np.full((len(lists.at_us), DEPTH), -1, np.int32)
    for row, (person, at) in enumerate(zip(lists.truth.person.tolist(), lists.at_us.tolist(), strict=True)):
        shown[row] = [items.index(item) for item in said[people[person], at - START]]
    known = Known.of(before(told, START + GOLDEN[case]["cut_s"] * SECOND))
    ours = figures({track: judge_lists(shown, lists.truth, len(items))}, known)
    wanted = GOLDEN[case]["figures"][track]
    for group in (name for name, value in wanted.items() if isinstance(value, dict)):
        for theirs, name in NAMES.items():
            mean = ours[f"{track}.{group}.{name}"]
            assert mean.n == wanted[group]["n"]
            assert round(mean.value, 4) == wanted[group][theirs]
    assert round(ours[f"{track}.all.coverage_at_10"].value, 4) == wanted["coverage@10"]
    assert round(ours[f"{track}.all.novelty"].value, 3) == wanted["novelty"]
