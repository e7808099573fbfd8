"""The demo shop's service for tests in a browser, and what is asked of every one of its pages."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from demo_pages import demo_service, set_up
from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def shop_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the demo's pages over a shop of twelve items answer, without a slash at the end."""
    home: Path = tmp_path_factory.mktemp("shop_in_a_browser")
    set_up(home)
    with demo_service(home) as service:
        yield f"http://127.0.0.1:{service.port}/demo"


def lists_are_there(page: Page) -> None:
    """Wait until every list of the page shows items or has given up."""
    page.wait_for_function(
        """() => [...document.querySelectorAll('shop-recommendations[scenario]')].every((list) => {
            list.scrollIntoView();
            const items = list.shadowRoot && list.shadowRoot.querySelectorAll('li a');
            return !list.checkVisibility() || (items && items.length > 0);
        })"""
    )
    page.evaluate("scrollTo(0, 0)")


def shown(page: Page, name: str = "#home-list") -> list[str]:
    """The titles of a list, in order."""
    page.wait_for_function("name => document.querySelector(name)?.shadowRoot?.querySelector('li a')", arg=name)
    found: list[str] = page.eval_on_selector(
        name,
        "list => [...list.shadowRoot.querySelectorAll('li a [part~=title]')].map((title) => title.textContent.trim())",
    )
    return found


def findings(page: Page) -> list[str]:
    """What axe finds that is serious: rule, impact and the first element."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS
    )
    told = []
    for one in found["violations"]:
        if one["impact"] in SERIOUS:
            node = one["nodes"][0]
            told.append(f"{one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}")
    return told
