"""Lists, cards and differences of runs, from real bundles."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender.bundle import Shelf, write_bundle
from recommender.domain.errors import NoBundleError
from recommender.services import models

RECIPE = {"als": {"factors": 64, "alpha": 8.0}, "blends": {"known": {"als": 0.25, "own": 0.75}}}


def put(shelf: Shelf, run: str, fill: int = 0, **meta: Any) -> None:
    made = {
        "recipe": RECIPE,
        "metrics": {"window": {"known": {"ndcg_at_10": 0.25}}},
        "data_window": {"first": "2010-12-01T08:26:00Z", "last": "2011-12-09T12:50:00Z"},
        "counts": {"lines": 100},
        "seed": 7,
        **meta,
    }
    created = datetime(2026, 11, 22, tzinfo=UTC)
    write_bundle(shelf.folder, run, {"scores": np.full(3, fill, np.float32)}, made, created=created)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    for run in ("r1", "r2", "r3"):
        put(shelf, run)
    shelf.publish("r1")
    shelf.publish("r2")
    return shelf


def test_the_list_is_newest_first_and_marks_what_is_served_and_what_was_before(shelf: Shelf) -> None:
    rows = models.list_models(shelf)
    assert [(row.run_id, row.current, row.previous) for row in rows] == [
        ("r3", False, False),
        ("r2", True, False),
        ("r1", False, True),
    ]
    assert rows[0].metrics == {"window.known.ndcg_at_10": 0.25}
    assert (rows[0].first, rows[0].last) == ("2010-12-01T08:26:00Z", "2011-12-09T12:50:00Z")
    assert rows[0].size_bytes == 128 + 12


def test_a_damaged_run_is_listed_with_the_reason(shelf: Shelf) -> None:
    (shelf.path("r2") / "manifest.json").write_text("{}")
    row = models.list_models(shelf)[1]
    assert row.current
    assert row.refused is not None
    assert "manifest.json" in row.refused


def test_an_empty_shelf_has_an_empty_list(tmp_path: Path) -> None:
    assert models.list_models(Shelf(tmp_path)) == []


def test_a_card_parts_weights_from_the_rest_of_the_recipe(shelf: Shelf) -> None:
    card = models.show(shelf, "r1")
    assert card.recipe == {"als.factors": 64, "als.alpha": 8.0}
    assert card.weights == {"blends.known.als": 0.25, "blends.known.own": 0.75}
    assert (card.seed, card.parent, card.counts) == (7, None, {"lines": 100})
    assert [(a.name, a.dtype, a.shape) for a in card.arrays] == [("scores", "<f4", (3,))]


def test_a_run_that_told_nothing_has_a_card_all_the_same(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    write_bundle(tmp_path, "r1", {}, {}, created=datetime(2026, 1, 1, tzinfo=UTC))
    card = models.show(shelf, "r1")
    assert (card.seed, card.parent, card.recipe, card.row.metrics, card.row.first) == (None, None, {}, {}, None)


def test_a_difference_names_changed_settings_weights_and_metrics(shelf: Shelf) -> None:
    put(
        shelf,
        "r4",
        fill=1,
        recipe={"als": {"factors": 32, "alpha": 8.0}, "blends": {"known": {"own": 1.0}}},
        metrics={"window": {"known": {"ndcg_at_10": 0.5}}},
        seed=8,
    )
    found = models.diff(shelf, "r1", "r4")
    assert [(c.name, c.left, c.right, c.delta) for c in found.recipe] == [("als.factors", 64, 32, -32.0)]
    assert [(c.name, c.left, c.right) for c in found.weights] == [
        ("blends.known.als", 0.25, None),
        ("blends.known.own", 0.75, 1.0),
    ]
    assert [(c.name, c.delta) for c in found.metrics] == [("window.known.ndcg_at_10", 0.25)]
    assert [c.name for c in found.surroundings] == ["seed"]
    assert not found.same_arrays


def test_two_runs_that_learned_the_same_do_not_differ(shelf: Shelf) -> None:
    found = models.diff(shelf, "r1", "r2")
    assert found.same_arrays
    assert found.recipe == found.weights == found.metrics == found.surroundings == ()


def test_publishing_and_rolling_back_say_what_was_served_before(shelf: Shelf) -> None:
    assert models.publish(shelf, "r3") == models.Served(run_id="r3", before="r2")
    assert models.rollback(shelf) == models.Served(run_id="r2", before="r3")
    assert shelf.current() == "r2"


def test_an_unknown_run_is_said_to_be_unknown(shelf: Shelf) -> None:
    for ask in (
        lambda: models.show(shelf, "r9"),
        lambda: models.diff(shelf, "r1", "r9"),
        lambda: models.publish(shelf, "r9"),
    ):
        with pytest.raises(NoBundleError, match="There is no run r9"):
            ask()
