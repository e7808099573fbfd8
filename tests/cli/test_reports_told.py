"""What a training says on the terminal of who decides."""

import io
from typing import Any

import pytest
from rich.console import Console

from recommender.cli.reports import _say_choice

TABLE = {"blend": 0.32, "small": 0.3266, "small+blend": 0.32, "large": 0.33, "large+blend": 0.32}
REPORT: dict[str, Any] = {
    "choice": {
        "grades": {"home.known.repeats": 0.3696, "similar": 0.2},
        "lists": {"home.known.repeats": 2_875, "similar": 1_200},
        "alone": {"home.known.repeats": {"popular": 0.12, "own": 0.35, "bought_together": 0.3632}},
    },
    "ranking": {
        "table": {"home.known.repeats": TABLE | {"small, few lists": 0.321, "small, few lists with attributes": 0.322}}
    },
    "recipe": {"rankers": {"home.known.repeats": {"size": "small", "order": "both"}}},
}


def said(width: int) -> str:
    out = io.StringIO()
    _say_choice(Console(file=out, width=width), REPORT)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_of_the_tables_is_cut(width: int) -> None:
    told = said(width)
    assert "\u2026" not in told
    rows = [line.split() for line in told.splitlines() if line.startswith("home.known.repeats ")]
    best = ["0.1200", "0.3500", "0.3632", "bought_together", "0.3696", "small+blend"]
    assert rows[0] == ["home.known.repeats", *(["2,875"] if width == 120 else []), *best]
    assert rows[1] == ["home.known.repeats", *(f"{value:.4f}" for value in TABLE.values())]


def test_what_attributes_changed_is_a_sentence() -> None:
    wanted = "home.known.repeats: a small forest told the profile's attributes 0.3220, without them 0.3210"
    assert wanted in " ".join(said(120).split())
