"""The widget in a shop's page on another origin with a strict policy: lists, their look, and what happens without them."""

import json
from typing import Any

import pytest
from browsing import OpenPage
from playwright.sync_api import Page, expect
from shop_page import Bench, Weather, until

SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value; })
    .observe({type: 'layout-shift', buffered: true});
window.said = [];
for (const name of ['rec-ready', 'rec-empty', 'rec-error', 'rec-add', 'rec-click'])
    document.addEventListener(name, (event) => window.said.push([name, event.detail]));
"""
WATCH = """
window.looked = [];
(function look() {
    const root = document.querySelector('shop-recommendations')?.shadowRoot;
    const words = document.querySelector('a[href="/best"]');
    if (root) {
        const now = words.checkVisibility({visibilityProperty: true}) ? 'words' : root.querySelector('[part=link]') ? 'list' : 'grey';
        if (window.looked.at(-1) !== now) window.looked.push(now);
    }
    requestAnimationFrame(look);
})();
"""


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    found = open_page("desktop")
    found.add_init_script(SHIFTS)
    return found


def cards(page: Page) -> int:
    return page.locator("shop-recommendations .listed li").count()


def ready(page: Page) -> None:
    expect(page.locator("shop-recommendations .listed li").first).to_be_visible()


def forget(errors: list[str], *words: str) -> None:
    """Takes out the complaints of the browser itself about calls that failed on purpose."""
    assert all(any(word in error for word in words) for error in errors), errors
    errors.clear()


def test_two_lines_give_a_list_under_a_strict_policy(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element('size="8"')))
    ready(page)
    assert cards(page) == 8
    link = page.locator("shop-recommendations [part=link]").first
    assert (link.get_attribute("href") or "").startswith("/item/")
    expect(page.get_by_role("heading", name="Popular now")).to_be_visible()
    expect(page.get_by_text("Our bestsellers")).to_be_hidden()
    assert (
        page.evaluate(
            "getComputedStyle(document.querySelector('shop-recommendations').shadowRoot.querySelector('ul')).display"
        )
        == "grid"
    )


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "From our range"), ("pl", "Z naszej oferty"), ("ru", "Из нашего ассортимента")]
)
def test_a_list_of_a_lower_rung_does_not_claim_to_be_popular(
    *, language: str, heading: str, bench: Bench, page: Page
) -> None:
    items = [{"item_id": one, "title": one, "url": "/x"} for one in "abc"]
    told = {"slate_id": "s", "basis": "anonymous", "fallback": "no_model", "items": items}
    bench.weather.instead = 200, json.dumps(told).encode()
    page.goto(bench.paste(bench.element(), language=language))
    expect(page.get_by_role("heading", name=heading)).to_be_visible()


def test_one_simple_call_asks_for_the_list(bench: Bench, page: Page) -> None:
    page.goto(
        bench.paste(bench.element('size="4" item="i01, i02" cart="i04" where="color=red;size=M" price-max="9000"'))
    )
    until(page, "window.said.length")
    (call,) = bench.calls
    assert (call.method, call.headers.get("cookie"), call.headers.get("authorization")) == ("GET", None, None)
    asked = {name: values for name, values in call.query.items() if name != "key"}
    assert asked == {
        "size": ["4"],
        "lang": ["en"],
        "item_id": ["i01", "i02"],
        "cart": ["i04"],
        "where": ["color=red", "size=M"],
        "price_max": ["9000"],
    }


def test_nothing_moves_when_the_list_comes_late(bench: Bench, page: Page) -> None:
    bench.weather.delay = 0.6
    page.goto(bench.paste(bench.element('size="4"') + "<p>What stands below.</p>"))
    ready(page)
    page.wait_for_timeout(300)
    shifted = page.evaluate("window.shifted")
    assert shifted <= 0.01


def test_the_shops_words_stand_until_the_service_is_late(bench: Bench, page: Page) -> None:
    bench.weather.delay = 1.0
    page.add_init_script(WATCH)
    page.goto(bench.paste(bench.element()))
    ready(page)
    assert page.evaluate("window.looked") == ["words", "grey", "list"]


@pytest.mark.parametrize(
    ("weather", "name", "reason"),
    [
        (Weather(delay=2.5), "rec-error", "slow"),
        (Weather(away=True), "rec-error", "unreachable"),
        (Weather(instead=(500, b"{}")), "rec-error", "status 500"),
        (Weather(instead=(200, b"<html>")), "rec-error", "nonsense"),
        (Weather(instead=(200, b"null")), "rec-error", "nonsense"),
        (Weather(instead=(200, b'{"items": "none"}')), "rec-error", "nonsense"),
        (Weather(instead=(200, b'{"slate_id": "s", "items": []}')), "rec-empty", "too few items"),
        (Weather(instead=(200, b'{"slate_id": "s", "items": [null, 5, {}]}')), "rec-empty", "too few items"),
    ],
    ids=["slow", "down", "500", "html", "null", "text", "empty", "nonsense items"],
)
def test_without_a_list_the_shops_own_words_are_shown(
    *, weather: Weather, name: str, reason: str, bench: Bench, page: Page, page_errors: list[str]
) -> None:
    bench.weather = weather
    page.goto(bench.paste(bench.element()))
    until(page, "window.said.length")
    assert page.evaluate("window.said") == [[name, {"reason": reason}]]
    expect(page.get_by_text("Our bestsellers")).to_be_visible()
    assert page.evaluate("document.querySelector('shop-recommendations').offsetHeight < 60")
    forget(page_errors, "Failed to load resource")


def test_fewer_items_than_the_least_are_no_list(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element('size="3" min="4"')))
    expect(page.get_by_text("Our bestsellers")).to_be_visible()
    until(page, "window.said.length")
    assert page.evaluate("window.said[0][0]") == "rec-empty"


def test_without_script_the_shops_own_words_are_shown(bench: Bench, open_page: OpenPage) -> None:
    page = open_page("desktop", java_script_enabled=False)
    page.goto(bench.paste(bench.element()))
    expect(page.get_by_text("Our bestsellers")).to_be_visible()


def test_a_list_below_the_fold_is_asked_for_shortly_before_it_is_seen(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(f'<div class="tall"></div>{bench.element()}'))
    page.wait_for_timeout(400)
    assert bench.lists() == []
    page.mouse.wheel(0, 2100)
    page.wait_for_timeout(500)
    assert len(bench.lists()) == 1


def test_an_eager_list_does_not_wait(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(f'<div class="tall"></div>{bench.element("eager")}'))
    until(page, "window.said.length")
    assert len(bench.lists()) == 1


def test_titles_are_texts_and_links_lead_to_web_pages_only(bench: Bench, page: Page, page_errors: list[str]) -> None:
    items: list[dict[str, Any]] = [
        {"item_id": "a", "title": "<img src=x onerror=alert(1)>", "url": "/item/a", "image": "javascript:alert(1)"},
        {"item_id": "b", "title": "Script", "url": "javascript:alert(1)"},
        {"item_id": "c", "title": "Data", "url": "data:text/html,x"},
        {
            "item_id": "d",
            "title": "</script>\u2028<b>bold</b>",
            "url": "https://shop.example/d",
            "image": "data:image/svg+xml,x",
        },
        {"item_id": "e", "title": "Disguised", "url": " java\nscript:alert(1)"},
        {"item_id": "f", "title": "F", "url": "item/f", "reason": {"code": '"><x', "text": "<i>so</i>"}},
    ]
    bench.weather.instead = (200, json.dumps({"slate_id": "s", "items": items}).encode())
    page.on("dialog", lambda dialog: page_errors.append(f"dialog: {dialog.message}"))
    page.goto(bench.paste(bench.element()))
    ready(page)
    titles = page.locator("shop-recommendations [part=title]").all_text_contents()
    assert titles == [items[0]["title"], items[3]["title"], "F"]
    links = [link.get_attribute("href") for link in page.locator("shop-recommendations a[part=link]").all()]
    assert links == ["/item/a", "https://shop.example/d", "item/f"]
    assert page.locator("shop-recommendations img, shop-recommendations i, shop-recommendations b").count() == 0


@pytest.mark.parametrize(
    ("language", "heading", "label", "price"),
    [
        ("en", "Popular now", "Add Thing i00 with a name of some length to basket", "£1,234.50"),
        ("pl", "Popularne teraz", "Dodaj do koszyka: Thing i00 with a name of some length", "1234,50 £"),
        ("ru", "Популярно сейчас", "Добавить в корзину: Thing i00 with a name of some length", "1 234,50 £"),
    ],
)
def test_the_page_language_is_spoken(
    *, language: str, heading: str, label: str, price: str, bench: Bench, page: Page
) -> None:
    page.goto(bench.paste(bench.element('add size="12"'), language=language))
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.get_by_role("button", name=label, exact=True)).to_have_count(1)
    assert bench.lists()[0].query["lang"] == [language]
    shown = page.locator("shop-recommendations [part=price]").first.text_content() or ""
    assert shown.replace("\u00a0", " ").replace("\u202f", " ") == price


def test_a_cut_price_shows_the_old_one_and_says_so(bench: Bench, page: Page) -> None:
    items = [{"item_id": n, "title": n, "url": "/x", "price": 2.95, "price_old": 3.75, "currency": "GBP"} for n in "ab"]
    bench.weather.instead = (200, json.dumps({"slate_id": "s", "items": items}).encode())
    page.goto(bench.paste(bench.element()))
    ready(page)
    assert page.locator("shop-recommendations [part~=badge]").first.text_content() == "£2.95"
    assert page.locator("shop-recommendations s").first.get_attribute("aria-label") == "was £3.75"


def test_a_picture_that_does_not_come_leaves_the_first_letter(bench: Bench, page: Page, page_errors: list[str]) -> None:
    items = [{"item_id": n, "title": f"{n} thing", "url": "/x", "image": "/no-picture"} for n in "ab"]
    bench.weather.instead = (200, json.dumps({"slate_id": "s", "items": items}).encode())
    page.goto(bench.paste(bench.element()))
    expect(page.locator("shop-recommendations .picture .placeholder").first).to_have_text("a")


def test_the_keyboard_reaches_every_link_and_button_in_reading_order(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element('add size="2"')))
    ready(page)
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.shadowRoot.activeElement.getAttribute('part')"))
    assert reached == ["link", "add", "link", "add"]
    page.keyboard.press("Enter")
    until(page, "window.said.some(([name]) => name === 'rec-add')")


def test_a_row_scrolls_by_arrow_and_by_key_and_its_arrows_know_the_ends(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element('layout="carousel" size="10"')))
    ready(page)
    row, on, back = (page.locator(f"shop-recommendations [part={part}]") for part in ("list", "next", "previous"))
    expect(back).to_be_disabled()
    on.click()
    expect(back).to_be_enabled()
    row.focus()
    for _ in range(120):  # the nearest card draws back what a key moved
        if on.is_disabled():
            break
        page.keyboard.press("ArrowRight")
    expect(on).to_be_disabled()
    assert row.get_attribute("aria-label") == "Popular now"


def test_in_a_page_from_right_to_left_arrows_are_mirrored(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(f'<div dir="rtl">{bench.element("layout=carousel size=10")}</div>'))
    ready(page)
    page.locator("shop-recommendations [part=next]").click()
    until(page, "document.querySelector('shop-recommendations').shadowRoot.querySelector('ul').scrollLeft < -50")
    assert (
        page.evaluate(
            "getComputedStyle(document.querySelector('shop-recommendations').shadowRoot.querySelector('button')).scale"
        )
        == "-1 1"
    )


def test_a_changed_attribute_asks_once_more(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element('size="4"')))
    ready(page)
    page.evaluate(
        "(() => { const one = document.querySelector('shop-recommendations'); one.setAttribute('cart', 'i01'); one.setAttribute('size', '6') })()"
    )
    expect(page.locator("shop-recommendations .listed li")).to_have_count(6)
    assert [call.query.get("cart") for call in bench.lists()] == [None, ["i01"]]


def test_an_element_without_a_list_asks_for_none_even_when_told_to(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element("eager") + f'<shop-recommendations key="{bench.pk}"></shop-recommendations>'))
    ready(page)
    page.evaluate("Promise.all([...document.querySelectorAll('shop-recommendations')].map((one) => one.refresh()))")
    assert [call.path for call in bench.lists()] == ["/v1/recommendations/home"] * 2


def test_the_debug_overlay_says_why_each_item_is_there(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element('size="3" brand=""')) + "?recommender-debug")
    ready(page)
    expect(page.locator("shop-recommendations .debug-item").first).to_contain_text("1 · ")
    page.locator("shop-recommendations summary").click()
    facts = page.locator("shop-recommendations .debug dl")
    for words in (
        "ready, after",
        "personal lists no, events no",
        "key=…",
        "size=3",
        "anonymous",
        "20260301T000000Z",
        "3 given, 3 shown",
    ):
        expect(facts).to_contain_text(words)


def test_the_debug_overlay_says_why_there_is_no_list(bench: Bench, page: Page, page_errors: list[str]) -> None:
    page.goto(
        bench.paste('<shop-recommendations scenario="home" key="pk_wrong"></shop-recommendations>')
        + "?recommender-debug"
    )
    expect(page.locator("shop-recommendations .debug dl")).to_contain_text("status 401")
    expect(page.locator("shop-recommendations .debug dl")).to_contain_text("not known")
    forget(page_errors, "Failed to load resource")


FADES = """async () => {
    const host = document.querySelector('shop-recommendations'), card = host.shadowRoot.querySelector('li'), seen = [];
    const done = host.refresh(), fetched = performance.now();
    let came = 0;
    host.addEventListener('rec-ready', ({detail}) => { came = performance.now() - fetched - detail.milliseconds });
    (function look() {
        if (card.isConnected) { seen.push(Number(getComputedStyle(card).opacity)); requestAnimationFrame(look); }
    })();
    await done;
    return [Math.min(...seen), [...host.shadowRoot.querySelectorAll('[part=title]')].map((one) => one.textContent), came];
}"""


@pytest.mark.parametrize(("motion", "fades"), [("no-preference", True), ("reduce", False)])
def test_a_card_that_leaves_fades_where_motion_is_welcome_and_is_waited_for_nowhere_else(
    *, motion: str, fades: bool, bench: Bench, open_page: OpenPage
) -> None:
    def answer(ids: str) -> tuple[int, bytes]:
        items = [{"item_id": one, "title": one, "url": "/x"} for one in ids]
        return 200, json.dumps({"slate_id": "s", "items": items}).encode()

    page = open_page("desktop", reduced_motion=motion)
    bench.weather.instead = answer("abc")
    page.goto(bench.paste(bench.element()))
    ready(page)
    bench.weather.instead = answer("bcd")
    lowest, titles, waited_ms = page.evaluate(FADES)
    assert (lowest < 1) == fades
    assert (waited_ms >= 170) == fades
    assert titles == ["b", "c", "d"]
