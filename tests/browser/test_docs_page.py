"""The description of the API in a real browser, and that the browser of the tests sees what goes wrong."""

import re

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_the_description_opens_without_a_complaint(screen: str, request: pytest.FixtureRequest, address: str) -> None:
    page: Page = request.getfixturevalue(screen)
    page.goto(f"{address}/docs")
    call = page.locator("details").filter(has=page.get_by_text("/v1/recommendations/{scenario}", exact=True)).first
    answers = call.get_by_role("table", name="Answers")
    expect(answers).to_be_hidden()
    call.locator("summary").click()
    expect(answers).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_a_call_stands_beside_its_triangle(phone: Page, address: str) -> None:
    phone.goto(f"{address}/docs")
    summary = phone.locator("summary").first
    verb, whole = summary.locator(".verb").bounding_box(), summary.bounding_box()
    assert verb is not None
    assert whole is not None
    assert verb["x"] > whole["x"] + 12
    assert verb["y"] - whole["y"] < verb["height"]


WORDS_IN_PIECES = """() => [...document.querySelectorAll('td, th')].flatMap((cell) => {
    const text = cell.firstChild, found = [];
    for (const word of (text && text.data || '').matchAll(/[\\w:.]+/g)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((box) => box.top)).size > 1) found.push(word[0]);
    }
    return found;
})"""
"""Words of a table that go on in the next line."""


def test_on_a_phone_every_number_of_the_service_lies_on_the_screen(phone: Page, address: str) -> None:
    phone.goto(f"{address}/v1/recommendations/trending?size=3")
    phone.goto(f"{address}/admin")
    expect(phone.get_by_text("slates", exact=False).first).to_be_visible()
    expect(phone.get_by_role("table")).to_have_count(4)
    outside = phone.evaluate(
        "[...document.querySelectorAll('td, th')].filter((one) => one.getBoundingClientRect().right > innerWidth)"
        ".map((one) => one.textContent)"
    )
    assert outside == []
    words = phone.evaluate(WORDS_IN_PIECES)
    assert words == []


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('the shelf fell down')", "the shelf fell down"),
        ("setTimeout(() => { throw new Error('nobody caught this') })", "uncaught: nobody caught this"),
        ("document.body.append(Object.assign(new Image(), {src: 'data:,x'}))", "content security policy: img-src"),
    ],
)
def test_what_goes_wrong_on_a_page_is_seen(
    script: str, complaint: str, desktop: Page, page_errors: list[str], address: str
) -> None:
    desktop.goto(f"{address}/docs")
    desktop.evaluate(f"() => {{ {script} }}")
    desktop.wait_for_timeout(100)
    assert re.search(re.escape(complaint), "\n".join(page_errors))
    page_errors.clear()
