"""Published splits of visits and sequences: how their orders become clocks, and what is asked."""

from pathlib import Path

import numpy as np
import polars as pl

from bench.academic_sequences import MINUTE_US, asked, judge_academic, places, reviews, visits
from recommender.algorithms.decay import DAY_US
from recommender.domain.requests import Repeat
from recommender.training.fitting import fit

SEQUENCES = "academic_amazon_beauty_seq"
VISITS = "academic_diginetica_sessions"


def visit_files(data: Path) -> None:
    folder = data / VISITS
    folder.mkdir()
    sessions = [[1, 2], [2, 3, 1], [1, 2]]
    rows = [(number, item, place) for number, items in enumerate(sessions) for place, item in enumerate(items)]
    pl.DataFrame(rows, schema=["session_id", "item_id", "position"], orient="row").write_parquet(
        folder / "train_sessions.parquet"
    )
    pl.DataFrame({"example_id": [0, 1], "prefix": [[1, 9, 2], [9]], "next_item": [3, 9]}).write_parquet(
        folder / "test_examples.parquet"
    )


def review_files(data: Path, people: dict[int, list[int]]) -> None:
    folder = data / SEQUENCES
    folder.mkdir()
    rows = [(person, item, place) for person, items in people.items() for place, item in enumerate(items)]
    pl.DataFrame(rows, schema=["user_id", "item_id", "position"], orient="row").write_parquet(
        folder / "sequences.parquet"
    )


def test_visits_begin_a_minute_apart_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    visit_files(tmp_path)
    past = visits(tmp_path, VISITS).past
    first = [int(past.time_us[past.person == person].min()) for person in range(3)]
    assert np.diff(first).tolist() == [MINUTE_US, MINUTE_US]
    assert (np.diff(past.time_us) >= 0).all()


def test_each_prefix_is_a_visitor_of_its_own_and_unknown_items_are_left_out(tmp_path: Path) -> None:
    visit_files(tmp_path)
    split = visits(tmp_path, VISITS)
    assert np.diff(split.histories.indptr).tolist() == [2, 0]
    assert [split.past.item_ids[row] for row in split.histories.item] == ["1", "2"]
    assert split.wanted.tolist() == [split.past.item_ids.index("3"), -1]
    assert (split.histories.time_us < split.histories.now_us[0]).all()
    assert split.histories.time_us.min() > split.past.time_us.max()


def test_the_last_review_of_everybody_is_wanted_and_never_learned_from(tmp_path: Path) -> None:
    review_files(tmp_path, {10: [1, 2, 3, 4], 9: [2, 3, 5]})
    split = reviews(tmp_path, SEQUENCES)
    assert [split.past.item_ids[row] for row in split.past.item] == ["1", "2", "2", "3", "3"]
    assert split.repeat is Repeat.FORBID
    assert [split.past.item_ids[row] if row >= 0 else None for row in split.wanted] == [None, None]


def test_the_review_before_the_last_is_of_everybodys_newest_day(tmp_path: Path) -> None:
    review_files(tmp_path, {1: [1, 2, 3, 4], 2: [2, 3, 5]})
    past = reviews(tmp_path, SEQUENCES).past
    newest = past.time_us == past.time_us.max()
    assert sorted(past.item_ids[row] for row in past.item[newest]) == ["3", "3"]
    assert sorted(set(np.diff(np.unique(past.time_us)).tolist())) == [DAY_US]


def test_a_place_is_counted_from_one_and_what_is_unknown_is_never_found() -> None:
    lists = np.array([[4, 5], [5, 4], [-1, -1]], np.int32)
    assert places(lists, np.array([4, 4, -1])).tolist() == [1, 2, 0]


def test_lists_of_blocks_are_those_of_everybody_at_once(tmp_path: Path) -> None:
    review_files(tmp_path, {person: [person % 5, (person + 1) % 5, (person + 2) % 5, 7] for person in range(12)})
    split = reviews(tmp_path, SEQUENCES)
    lists, ms = asked(fit(split.past).model, split)
    assert lists.shape == (12, 20)
    assert ms > 0
    theirs = [set(split.past.item[split.past.person == person].tolist()) for person in range(12)]
    assert all(not theirs[person] & set(lists[person].tolist()) for person in range(12))


def test_a_whole_judgement_tells_the_published_figures(tmp_path: Path) -> None:
    review_files(tmp_path, {person: [(person + step) % 7 for step in range(5)] for person in range(60)})
    found = judge_academic(tmp_path, SEQUENCES, seed=0, budget=0.0)
    assert found[f"{SEQUENCES}.hr_at_10"].value == 1.0
    assert 0 < found[f"{SEQUENCES}.ndcg_at_10"].value <= 1.0
