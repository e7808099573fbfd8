"""The published split of check-ins as a log, and its figures."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bench.academic_graph import graded, judge_academic, split
from recommender.training.windows import window_cuts

NAME = "academic_gowalla"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twelve people of two tastes; one item of each person is to be validated, one is the test."""
    rows = []
    for person in range(12):
        liked = [item for item in range(12) if (item + person) % 2 == 0]
        held = person // 2
        for place, item in enumerate(liked):
            part = "valid" if place == held else "test" if place == (held + 1) % 6 else "train"
            rows.append((person, item, part))
    (tmp_path / NAME).mkdir()
    table = pl.DataFrame(rows, schema=["user_id", "item_id", "split"], orient="row")
    table.write_parquet(tmp_path / NAME / "interactions.parquet")
    return tmp_path


def test_what_is_to_be_validated_fills_the_windows_before_the_clock_and_the_test_is_not_there(data: Path) -> None:
    known = split(data, NAME)
    assert len(known.past.item) == 12 * 5
    cuts = window_cuts(known.past)
    late = [int(((known.past.time_us >= cut) & (known.past.time_us < end)).sum()) for cut, end in cuts]
    assert late == [4, 4, 4]
    assert (known.past.time_us < cuts[-1][0]).sum() == 12 * 4


def test_the_test_is_asked_person_by_person(data: Path) -> None:
    known = split(data, NAME)
    assert np.diff(known.indptr).tolist() == [1] * 12
    asked = set(zip(range(12), known.item.tolist(), strict=True))
    assert not asked & set(zip(known.past.person.tolist(), known.past.item.tolist(), strict=True))


def test_recall_counts_all_that_was_wanted_and_the_ideal_order_is_one() -> None:
    lists = np.full((2, 20), -1, np.int32)
    lists[0, :2] = (3, 4)
    lists[1, 1] = 5
    recall, ndcg = graded(lists, np.array([0, 2, 4]), np.array([3, 4, 5, 6]), 10)
    assert recall.tolist() == [1.0, 0.5]
    assert ndcg[0] == 1.0
    assert np.isclose(ndcg[1], (1 / np.log2(3)) / (1 + 1 / np.log2(3)))


def test_the_figures_have_their_names_and_what_was_known_is_not_asked_for_again(data: Path) -> None:
    figures = judge_academic(data, NAME, seed=0, budget=0.0)
    assert {f"{NAME}.recall_at_20", f"{NAME}.ndcg_at_20", f"{NAME}.fit_seconds"} <= set(figures)
    assert figures[f"{NAME}.recall_at_20"].value > 0.9
