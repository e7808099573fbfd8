"""What people are told of a search that went on with the trials of an earlier one: on the terminal and on the page."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from interaction_samples import random_shop
from rich.console import Console

from recommender.cli.reports import say_training
from recommender.evaluation.report.chosen import taken_over
from recommender.evaluation.report.training import training_page
from recommender.train import Outcome
from recommender.training.pipeline import train_model

SHOP = random_shop(n_people=40, n_items=25)
MADE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def trained(folder: Path, trials: int) -> dict[str, Any]:
    """The report of a training that keeps its trials in a folder."""
    result = train_model(SHOP, trials=trials, clock=lambda: 0.0, n_jobs=1, trials_in=folder)
    return {
        "run": "20260301T000000Z",
        "parent": None,
        "data_window": {"first": None, "last": None},
        "counts": {"interactions": len(SHOP.time_us), "people": SHOP.n_people, "items": len(SHOP.item_ids)},
        "left_out": {},
        "noticed": {},
        "seconds": 1.0,
        **result.report(),
    }


def on_the_page(report: Mapping[str, Any]) -> str:
    return training_page(report, span=None, stages=(), made=MADE)


def on_the_terminal(report: Mapping[str, Any]) -> str:
    console, file = Console(file=StringIO(), width=200), Path("report.json")
    outcome = Outcome(
        run_id="20260301T000000Z",
        published=False,
        refusal=None,
        report=report,
        report_file=file,
        page_file=file.with_suffix(".html"),
    )
    say_training(console, outcome)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("told", [on_the_page, on_the_terminal])
def test_trials_of_an_earlier_training_are_told_where_people_read(
    told: Callable[[Mapping[str, Any]], str], tmp_path: Path
) -> None:
    first, second = trained(tmp_path, 2), trained(tmp_path, 4)
    count = len(second["tuning"]["trials"])  # with those of forests
    assert count >= 4
    assert "taken over" not in told(first)
    assert f"2 of {count} trials were taken over from an earlier training on the same data." in told(second)


def test_one_trial_is_one_and_a_report_from_before_they_were_counted_tells_none() -> None:
    trial = {"generator": "als", "params": {}, "gains": {"0": 0.0}, "alone": 0.0, "cut": False}
    said = taken_over({"tuning": {"trials": [trial], "verdicts": [], "resumed": 1}})
    assert said == "1 of 1 trial was taken over from an earlier training on the same data."
    assert taken_over({"tuning": {"trials": [trial], "verdicts": []}}) is None
    assert taken_over({}) is None
