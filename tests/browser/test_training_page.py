"""The page of a training in a browser: nothing axe calls serious, no sideways scrolling, no script, no network, small."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import OpenPage
from playwright.sync_api import Page, expect

from recommender.evaluation.report.data import Span, Stage
from recommender.evaluation.report.training import training_page
from recommender.evaluation.report.wording import feature_name
from recommender.model.columns import names_of

MADE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
DAY = 86_400_000_000
SPAN = Span(first_us=0, cut_us=90 * DAY, last_us=100 * DAY, windows=((80 * DAY, 90 * DAY),), busy=np.ones(72, np.int64))
STAGES = [Stage(name="reading the log", seconds=1.5, cpu_seconds=2.0, peak_mb=210.0)]


def row(name: str, value: float, live: float | None) -> dict[str, Any]:
    told = {"live": live, "delta_to_live": None if live is None else round(value - live, 6)}
    return (
        {"name": name, "value": value, "low": value - 0.01, "high": value + 0.01, "lists": 1880}
        | told
        | {"baseline.popularity": 0.2}
    )


def report(*, live: float | None = 0.3, publish: bool = True, n_trials: int = 3) -> dict[str, Any]:
    """What a training writes down, with all a page can show of it."""
    figures = ("window.all.ndcg_at_10", "window.known.ndcg_at_10", "window.all.hit_at_10", "window_new.all.ndcg_at_10")
    gains = [0.004 * (-1) ** n for n in range(n_trials)]
    trial = {"generator": "als", "params": {"factors": 64.0}, "alone": 0.0, "cut": False}
    return {
        "run": "20260301T000000Z",
        "parent": "20260101T000000Z",
        "data_window": {"first": "1970-01-01T00:00:00Z", "last": "1970-04-11T00:00:00Z"},
        "counts": {"interactions": 12_345, "people": 400, "items": 300},
        "left_out": {"daily cap": 7},
        "noticed": {"price not believed": 2},
        "rows": [row(name, 0.31, live) for name in figures],
        "choice": {
            "grades": {"home.known.repeats": 0.36},
            "lists": {"home.known.repeats": 2400},
            "alone": {"home.known.repeats": {"popular": 0.12, "own": 0.35, "own_wanted": 0.355}},
            "trials": n_trials,
        },
        "tuning": {
            "trials": [{**trial, "gains": {"0": gain}} for gain in gains],
            "verdicts": [{"generator": "als", "kept": False, "gain": 0.0001, "why": "No trial gained more."}],
        },
        "ranking": {
            "table": {"home.known.repeats": {"blend": 0.36, "small": 0.37, "small with attributes": 0.38}},
            "importance": {"home.known.repeats": {"own": 0.3, "profile.due_in_days": 0.12}},
        },
        "recipe": {
            "blends": {
                "home.known.repeats": dict.fromkeys(
                    ("own", "own_wanted", "bought_together", "item_linear", "content"), 0.5
                )
            },
            "rankers": {"home.known.repeats": {"order": "forest", "size": "small", "attributes": True}},
        },
        "gate": {"publish": publish, "reasons": [] if publish else ["Worse for customers."], "warnings": []},
        "notes": ["nobody has looked at anything yet."],
    }


def written(told: Mapping[str, Any]) -> str:
    return training_page(told, span=SPAN, stages=STAGES, made=MADE)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("training") / "training.html"
    file.write_text(written(report()), encoding="utf-8")
    return file.as_uri()


def opened(open_page: OpenPage, address: str, screen: str, **options: Any) -> Page:
    shown = open_page(screen, offline=True, **options)
    shown.goto(address)
    return shown


@pytest.mark.parametrize(("screen", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    open_page: OpenPage, address: str, screen: str, scheme: str
) -> None:
    shown = opened(open_page, address, screen, color_scheme=scheme)
    for summary in shown.locator("summary").all():
        summary.click()
    found: Any = Axe().run(shown).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_charts_fit_their_boxes_and_words_below_them_say_what_they_show(
    open_page: OpenPage, address: str
) -> None:
    shown = opened(open_page, address, "phone", java_script_enabled=False)
    for chart in shown.locator(".scroll > svg").all():
        box = chart.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert not [text for text in shown.locator(".scroll > svg text").all() if text.is_visible()]
    expect(shown.get_by_text("Right of it: judged on, until 11 April 1970.")).to_be_visible()
    expect(shown.get_by_text("From trial 1 to 3; from −0.0040 to +0.0040.")).to_be_visible()


def test_on_a_phone_what_is_said_of_a_place_can_be_read_without_scrolling(open_page: OpenPage, address: str) -> None:
    shown = opened(open_page, address, "phone")
    for cell in shown.locator("#chosen table.told").first.locator("tbody td, tbody th").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390


def test_on_a_desk_what_each_reached_alone_leaves_room_for_who_has_a_say(open_page: OpenPage, address: str) -> None:
    shown = opened(open_page, address, "desktop")
    row = shown.locator("#chosen table.told").first.locator("tbody tr").first
    expect(row).to_contain_text("alone: popularity 0.1200; own items 0.3500; own purchases in demand again 0.3550")
    reached, said = (row.locator(f"td{kind}").bounding_box() for kind in ("[data-label='NDCG@10']", ".text"))
    assert reached is not None
    assert said is not None
    assert reached["width"] < said["width"]


def test_every_column_of_a_ranker_has_words_beside_its_name() -> None:
    columns = names_of((), ("due_in_days",))
    unsaid = [name for name in columns if feature_name(name) == name.replace("_", " ")]
    assert unsaid == []


def test_everything_a_training_chose_is_shown(open_page: OpenPage, address: str) -> None:
    shown = opened(open_page, address, "desktop", java_script_enabled=False)
    for heading in ("This model was published", "Figures", "How it was chosen", "Who decides the order"):
        expect(shown.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(shown.get_by_text("due in days (profile)")).to_be_visible()
    for words in ("small forest, told attributes", "Small with attributes", "Reading the log"):
        expect(shown.get_by_text(words, exact=True).first).to_be_visible()
    expect(shown.get_by_text("+0.0100").first).to_be_visible()


def test_a_page_of_a_long_search_stays_small_and_has_no_script() -> None:
    text = written(report(n_trials=5_000))
    assert len(text.encode()) <= 300_000
    assert "<script" not in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "4,800 more" in text


def test_a_refused_model_says_why_and_a_first_one_has_nothing_before_it() -> None:
    assert "Worse for customers." in written(report(publish=False))
    assert "Before" not in written(report(live=None))


def test_a_live_recipe_that_was_kept_is_told_with_the_reason() -> None:
    told = report()
    why = "window.known.ndcg_at_10 is worse than the live recipe's beyond noise: 0.2000 against 0.3000 on 60 lists."
    tried = {"blends": {"home.known.repeats": {"popular_first": 1.0}}, "rankers": {}}
    text = written(told | {"gate": told["gate"] | {"kept": [why]}, "refused": tried})
    assert "what newcomers buy 1" in text
    assert "the live recipe was learned anew from everything" in text
    assert "The live recipe was kept" in text
    assert "worse than the recipe that was live" in text
    assert "0.2000 against 0.3000 on 60 lists" in text
    assert "worse than the recipe that was live" not in written(told)


def test_a_training_without_anything_to_judge_on_says_so() -> None:
    told = report() | {"rows": [], "tuning": {"trials": [], "verdicts": []}, "ranking": {"table": {}, "importance": {}}}
    text = training_page(told, span=None, stages=STAGES, made=MADE)
    assert "nothing to judge it on" in text
