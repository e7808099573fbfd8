"""The widget in a shop's page for whoever reads it: colours, screens, motion, keyboard; and a page that stands still."""

import json
from typing import Any

import pytest
from browsing import OpenPage
from playwright.sync_api import Page, expect
from shop_browsing import findings
from shop_page import ON_SALE, Bench
from test_widget_lists import SHIFTS, ready

LONG = "A thing whose name is so long that it takes three lines of its card, because somebody wrote everything into it"


def grid_and_row(bench: Bench) -> str:
    return bench.element("add eager size=12") + bench.element('layout="carousel" heading="More" eager size=12')


@pytest.mark.parametrize(
    ("screen", "look"),
    [
        ("desktop", {}),
        ("desktop", {"color_scheme": "dark"}),
        ("desktop", {"forced_colors": "active"}),
        ("phone", {}),
        ("phone", {"color_scheme": "dark"}),
    ],
    ids=["light", "dark", "forced colours", "phone", "dark phone"],
)
def test_axe_finds_nothing_serious(*, screen: str, look: dict[str, Any], bench: Bench, open_page: OpenPage) -> None:
    page = open_page(screen, **look)
    page.goto(bench.paste(f"<main>{grid_and_row(bench)}</main>"))
    expect(page.locator("shop-recommendations .listed li")).to_have_count(24)
    assert findings(page) == []


def test_arrows_of_a_row_are_buttons_that_say_where_they_lead(bench: Bench, desktop: Page) -> None:
    desktop.goto(bench.paste(bench.element('layout="carousel" size="12"'), language="pl"))
    ready(desktop)
    on = desktop.get_by_role("button", name="Dalej")
    expect(desktop.get_by_role("button", name="Wstecz")).to_be_disabled()
    desktop.keyboard.press("Tab")
    expect(on).to_be_focused()
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("button", name="Wstecz")).to_be_enabled()


def test_on_a_touch_screen_a_row_has_no_arrows(bench: Bench, phone: Page) -> None:
    phone.goto(bench.paste(bench.element('layout="carousel" size="12"')))
    ready(phone)
    expect(phone.locator("shop-recommendations [part=next]")).to_be_hidden()


@pytest.mark.parametrize(("wish", "scrolling"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_a_row_glides_only_for_whom_motion_is_welcome(
    *, wish: str, scrolling: str, bench: Bench, open_page: OpenPage
) -> None:
    page = open_page("desktop", reduced_motion=wish)
    page.goto(bench.paste(bench.element('layout="carousel" size="12"')))
    ready(page)
    root = "document.querySelector('shop-recommendations').shadowRoot"
    assert page.evaluate(f"getComputedStyle({root}.querySelector('ul')).scrollBehavior") == scrolling
    assert page.evaluate(f"{root}.getAnimations().length") == 0


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_names_of_one_to_three_lines_do_not_move_what_stands_below(
    *, screen: str, bench: Bench, open_page: OpenPage
) -> None:
    items = [
        {
            "item_id": f"{n}",
            "title": title,
            "url": "/x",
            "price": 2.5,
            "currency": "GBP",
            "reason": {"code": "popular", "text": "Many buy it"},
        }
        for n, title in enumerate(["Cup", LONG[:62], "A thing with a name of two lines", "Cup"])
    ]
    bench.weather.instead = (200, json.dumps({"slate_id": "s", "items": items}).encode())
    bench.weather.delay = 0.6
    page = open_page(screen)
    page.add_init_script(SHIFTS)
    page.goto(bench.paste(bench.element('size="4"') + "<p>What stands below.</p>"))
    ready(page)
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifted") <= 0.01


def test_an_item_on_sale_in_the_catalogue_shows_both_prices(bench: Bench, desktop: Page) -> None:
    desktop.goto(bench.paste(bench.element("size=12")))
    ready(desktop)
    card = desktop.locator("shop-recommendations li", has_text=f"Thing {ON_SALE}")
    expect(card.locator("[part~=badge]")).to_have_text("£999.00")
    expect(card.locator("s")).to_have_text("£1,234.50")
    assert desktop.locator("shop-recommendations s").count() == 1
