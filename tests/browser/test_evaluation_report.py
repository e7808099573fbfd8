"""The report of a judgement in a browser: nothing axe calls serious, no sideways scrolling, tables that open, no network."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import OpenPage
from interaction_samples import DAY, random_shop
from playwright.sync_api import Page, expect

from recommender.evaluation.report.page import Names, page
from recommender.training.replaying import evaluate_recipe

TRAINING = {
    "parent": "20260101T000000Z",
    "rows": [{"name": "window.all.ndcg_at_10", "lists": 1880, "value": 0.31, "live": 0.3, "delta_to_live": 0.01}],
    "choice": {
        "grades": {"home.known.repeats": 0.36},
        "lists": {"home.known.repeats": 2400},
        "trials": 3,
    },
    "tuning": {
        "trials": [
            {
                "generator": "als",
                "params": {"factors": 64.0},
                "gains": {"0": gain, "1": 0.001},
                "alone": 0.0,
                "cut": False,
            }
            for gain in (-0.002, 0.004, 0.001)
        ],
        "verdicts": [
            {
                "generator": "als",
                "kept": True,
                "gain": 0.0025,
                "low": 0.001,
                "high": 0.004,
                "why": "Better in all windows.",
            }
        ],
    },
    "ranking": {
        "table": {"home.known.repeats": {"blend": 0.36, "small": 0.37, "small+blend": 0.372}},
        "importance": {"home.known.repeats": {"own_score": 0.3, "item_trend_7": 0.12}},
    },
    "recipe": {
        "blends": {"home.known.repeats": {"own": 1.0, "popular": 0.2}, "trending": {"popular_now": 1.0}},
        "rankers": {"home.known.repeats": {"order": "both", "size": "small"}},
    },
}
"""What a training writes down, with all a page can show of it."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a report with every section."""
    shop = random_shop(5, n_people=120, days=120)
    study = evaluate_recipe(shop, None, cut_us=shop.now_us - 30 * DAY)
    assert study is not None
    people = {example.person: f"{example.person:032x}" for example in study.examples}
    names = Names(people=people, items={0: "A teapot with a rather long name, white and blue"}, item_ids=shop.item_ids)
    made = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    text = page(study, names, run_id="20260301T000000Z", made=made, training=TRAINING, left_out={"person cap": 12})
    assert len(text.encode()) <= 300_000
    file: Path = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(text, encoding="utf-8")
    return file.as_uri()


def opened(open_page: OpenPage, report: str, screen: str, **options: Any) -> Page:
    shown = open_page(screen, offline=True, **options)
    shown.goto(report)
    return shown


@pytest.mark.parametrize(("screen", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    open_page: OpenPage, report: str, screen: str, scheme: str
) -> None:
    shown = opened(open_page, report, screen, color_scheme=scheme)
    for summary in shown.locator("summary").all():
        summary.click()
    found: Any = Axe().run(shown).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_works_without_script(open_page: OpenPage, report: str) -> None:
    shown = opened(open_page, report, "desktop", java_script_enabled=False)
    table = shown.get_by_role("region", name="Everything bought later, every figure")
    expect(table).to_be_hidden()
    shown.get_by_text("Every figure", exact=True).first.click()
    expect(table).to_be_visible()


def test_every_section_of_a_training_is_shown_where_there_are_data(open_page: OpenPage, report: str) -> None:
    shown = opened(open_page, report, "desktop")
    for heading in ("How it was chosen", "Other runs", "When it was published", "What each part of the model is worth"):
        expect(shown.get_by_role("heading", name=heading)).to_be_visible()
    expect(shown.get_by_text("item trend 7")).to_be_visible()


def test_on_paper_it_is_light_and_its_tables_are_open(open_page: OpenPage, report: str) -> None:
    shown = opened(open_page, report, "desktop", color_scheme="dark")
    shown.emulate_media(media="print")
    ground = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    open_height = shown.evaluate("document.querySelector('details table').getBoundingClientRect().height")
    assert open_height > 0
