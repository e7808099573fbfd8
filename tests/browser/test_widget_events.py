"""What the widget tells the service: only with consent, only what was seen, each thing once."""

import pytest
from browsing import OpenPage
from playwright.sync_api import Page, expect
from shop_page import Bench, Weather, until

HEARS = """
window.sent = [];
document.addEventListener('rec-sent', (event) => window.sent.push(event.detail));
"""
GRANT = "customElements.get('shop-recommendations').consent(true)"
VISITOR = "localStorage.getItem('recommender-visitor')"


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    found = open_page("desktop")
    found.add_init_script(HEARS)
    return found


def ready(page: Page) -> None:
    expect(page.locator("shop-recommendations .listed li").first).to_be_visible()


def pushes(bench: Bench, *entries: str) -> str:
    text = "window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments); }"
    return bench.script(text + ";".join(entries))


VIEW = "dataLayer.push({event: 'view_item', ecommerce: {currency: 'GBP', value: 2.5, items: [{item_id: 'i05', price: '2.50'}]}})"
ORDER = (
    "gtag('event', 'purchase', {transaction_id: 1043, currency: 'GBP', value: 7.5, "
    "items: [{item_id: 'i05', price: 2.5, quantity: 3}]})"
)


def told(bench: Bench, kind: str) -> list[dict[str, object]]:
    return [event for event in bench.told() if event["type"] == kind]


def test_without_consent_nothing_is_kept_and_nothing_is_sent(bench: Bench, page: Page) -> None:
    head = pushes(bench, VIEW, ORDER)
    page.goto(bench.paste(bench.element('item="i05" customer="c0" identity="v1.x" size="4"'), head=head))
    ready(page)
    page.wait_for_timeout(1600)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.wait_for_timeout(200)
    assert {call.path for call in bench.calls} == {"/v1/recommendations/home"}
    assert not {"visitor_id", "customer_id", "identity"} & set(bench.calls[0].query)
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert page.context.cookies() == []


def test_with_consent_the_browser_gets_an_id_of_the_service_and_keeps_it(bench: Bench, page: Page) -> None:
    address = bench.paste(bench.element('consent="granted" size="4"'), head=pushes(bench, VIEW))
    page.goto(address)
    until(page, "window.sent.length")
    kept = page.evaluate(f"JSON.parse({VISITOR})")
    assert kept["visitor_id"].startswith("v1.")
    assert {event["visitor_id"] for event in bench.told()} == {kept["visitor_id"]}
    bench.calls.clear()
    page.goto(address)
    ready(page)
    assert bench.lists()[0].query.get("visitor_id") == [kept["visitor_id"]], (bench.calls, page.evaluate(VISITOR))
    assert page.context.cookies() == []


def test_consent_given_later_sends_what_the_page_saw_and_asks_for_a_personal_list(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element('size="4"'), head=pushes(bench, VIEW)))
    ready(page)
    page.evaluate(GRANT)
    until(page, "window.sent.length")
    (event,) = told(bench, "view_item")
    assert (event["items"], event["currency"], event["value"]) == (
        [{"item_id": "i05", "price": 2.5, "quantity": 1}],
        "GBP",
        2.5,
    )
    assert event["consent"] == {"analytics_profile": True, "onsite_personalisation": True}
    before, after = bench.lists()
    assert "visitor_id" not in before.query
    assert after.query["visitor_id"] == [page.evaluate(f"JSON.parse({VISITOR})")["visitor_id"]]
    assert [call.path for call in bench.calls].count("/v1/visitors") == 1


def test_the_first_list_of_somebody_who_agreed_is_asked_for_with_their_id(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element('consent="granted" size="4"') + bench.element('size="4" scenario="trending"')))
    until(page, f"{VISITOR} !== null && document.querySelectorAll('shop-recommendations').length === 2")
    ready(page)
    made = page.evaluate(f"JSON.parse({VISITOR})")["visitor_id"]
    assert [call.query.get("visitor_id") for call in bench.lists()] == [[made]] * 2
    assert [call.path for call in bench.calls].count("/v1/visitors") == 1


def test_a_list_does_not_wait_for_an_id_that_does_not_come(bench: Bench, page: Page, page_errors: list[str]) -> None:
    page.route("**/v1/visitors*", lambda _: None)
    page.goto(bench.paste(bench.element('consent="granted" size="4"')))
    ready(page)
    assert "visitor_id" not in bench.lists()[0].query
    page_errors.clear()


def test_a_refusal_that_is_only_assumed_until_the_dialog_answers_forgets_no_id(bench: Bench, page: Page) -> None:
    default = "gtag('consent', 'default', {analytics_storage: 'denied', personalization_storage: 'denied'})"
    update = default.replace("default", "update")
    address = bench.paste(bench.element('size="4"'), head=pushes(bench, default))
    page.goto(address)
    page.evaluate(GRANT)
    page.evaluate(VIEW)
    until(page, f"{VISITOR} !== null")
    kept = page.evaluate(VISITOR)
    page.goto(address)
    ready(page)
    assert page.evaluate(VISITOR) == kept
    page.evaluate(update)
    assert page.evaluate(VISITOR) is None


def test_consent_taken_back_forgets_the_id_and_sends_no_more(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element('consent="granted" size="4"'), head=pushes(bench, VIEW)))
    until(page, f"{VISITOR} !== null && window.sent.length")
    page.evaluate("customElements.get('shop-recommendations').consent(false)")
    bench.calls.clear()
    page.evaluate(VIEW)
    page.wait_for_timeout(1500)
    assert page.evaluate(VISITOR) is None
    assert bench.told() == []
    assert all("visitor_id" not in call.query for call in bench.lists())


def test_googles_consent_mode_is_heard(bench: Bench, page: Page) -> None:
    default = "gtag('consent', 'default', {analytics_storage: 'denied', personalization_storage: 'denied'})"
    page.goto(bench.paste(bench.element('size="4"'), head=pushes(bench, default, VIEW)))
    ready(page)
    page.wait_for_timeout(300)
    assert bench.told() == []
    page.evaluate("gtag('consent', 'update', {analytics_storage: 'granted'})")
    until(page, "window.sent.length")
    (event,) = told(bench, "view_item")
    assert event["consent"] == {"analytics_profile": True, "onsite_personalisation": False}
    assert all("visitor_id" not in call.query for call in bench.lists())


def test_an_order_pushed_by_gtag_counts_once_however_often_its_page_is_opened(bench: Bench, page: Page) -> None:
    address = bench.paste(bench.element('consent="granted" size="4"'), head=pushes(bench, ORDER))
    for _ in range(2):
        page.goto(address)
        until(page, "window.sent.length")
    first, second = told(bench, "purchase")
    assert (first["event_id"], first["order_id"], first["event_id"]) == ("order-1043", "1043", second["event_id"])
    assert first["items"] == [{"item_id": "i05", "price": 2.5, "quantity": 3}]
    assert page.evaluate("window.sent.map((one) => one.answer.duplicates).reduce((a, b) => a + b)") == 1


def test_pushes_that_are_none_of_ours_are_left_alone(bench: Bench, page: Page) -> None:
    strange = (
        "dataLayer.push(null, 5, 'x', {event: 'view_item'}, {event: 'view_item_list', ecommerce: {items: [{item_id: 'a'}]}}, "
        "{event: 'select_item', ecommerce: {items: [{item_id: 'a'}]}}, {event: 'add_to_cart', ecommerce: {items: 5}}, {ecommerce: null}, "
        "{event: 'gtm.js'}, {event: 'view_item', ecommerce: {items: [{item_name: 'no id'}]}})"
    )
    page.goto(bench.paste(bench.element('consent="granted" size="4"'), head=pushes(bench, strange, VIEW)))
    until(page, "window.sent.length")
    assert len(told(bench, "view_item")) == 1
    assert page.evaluate("dataLayer.length") == 11


def test_only_items_that_were_really_seen_are_told(bench: Bench, page: Page) -> None:
    body = '<div class="tall"></div>' + bench.element('consent="granted" eager layout="carousel" size="10"')
    page.goto(bench.paste(body))
    ready_row = page.locator("shop-recommendations .listed")
    expect(ready_row).to_be_attached()
    page.wait_for_timeout(1500)
    assert told(bench, "view_item_list") == []
    page.mouse.wheel(0, 3000)
    until(page, "window.sent.length")
    (event,) = told(bench, "view_item_list")
    shown = page.evaluate(
        "(() => { const list = document.querySelector('shop-recommendations').shadowRoot.querySelector('ul'); const edge = list.getBoundingClientRect().right;"
        " return [...list.children].filter((one) => { const box = one.getBoundingClientRect(); return box.left + box.width / 2 <= edge; }).length })()"
    )
    items = event["items"]
    assert isinstance(items, list)
    assert len(items) == shown < 10
    assert event["slate_id"] == page.evaluate("window.sent[0].events[0].slate_id")


def test_a_click_is_told_with_its_list_although_the_page_goes(bench: Bench, page: Page) -> None:
    page.goto(bench.paste(bench.element('consent="granted" size="4"'), head=pushes(bench, VIEW)))
    until(page, "window.sent.length")
    page.locator("shop-recommendations [part=link]").first.click()
    expect(page.get_by_text("An item")).to_be_visible()
    page.wait_for_timeout(300)
    (event,) = told(bench, "select_item")
    assert event["slate_id"]
    sent = next(call for call in bench.calls if "select_item" in call.body)
    assert sent.headers["content-type"].startswith("text/plain")
    assert sent.query["key"] == [bench.pk]
    assert {call.method for call in bench.calls} == {"GET", "POST"}


def test_what_goes_into_the_basket_from_a_list_is_told_with_the_list(bench: Bench, page: Page) -> None:
    listens = bench.script(
        "document.addEventListener('rec-add', ({detail: {item}}) => dataLayer.push("
        "{event: 'add_to_cart', ecommerce: {items: [{item_id: item.item_id}]}}))"
    )
    page.goto(bench.paste(bench.element('consent="granted" add size="4"'), head=pushes(bench) + listens))
    ready(page)
    page.locator("shop-recommendations [part=add]").first.click()
    expect(page.locator("shop-recommendations [part=add]").first).to_have_text("✓")
    until(page, "window.sent.some((one) => one.events.some((event) => event.type === 'add_to_cart'))")
    (event,) = told(bench, "add_to_cart")
    assert event["slate_id"]


def test_events_wait_for_a_service_that_is_away_and_keep_their_ids(
    bench: Bench, page: Page, page_errors: list[str]
) -> None:
    page.goto(bench.paste(bench.element('consent="granted" visitor="v7" size="4"')))
    ready(page)
    bench.weather.instead = (503, b"{}")
    page.evaluate(f"window.dataLayer ??= []; {VIEW}")
    page.wait_for_timeout(500)
    tried = told(bench, "view_item")
    bench.weather = Weather()
    until(page, "window.sent.some((one) => one.events.some((event) => event.type === 'view_item'))", seconds=9)
    again = told(bench, "view_item")
    assert len(tried) >= 1
    assert {event["event_id"] for event in again} == {tried[0]["event_id"]}
    page_errors.clear()


def test_a_page_without_a_list_sends_its_pushes_by_an_element_without_scenario(bench: Bench, page: Page) -> None:
    silent = f'<shop-recommendations key="{bench.pk}" consent="granted"></shop-recommendations>'
    page.goto(bench.paste(silent, head=pushes(bench, ORDER.replace("1043", "1044"))))
    until(page, "window.sent.length")
    assert bench.lists() == []
    assert len(told(bench, "purchase")) == 1
