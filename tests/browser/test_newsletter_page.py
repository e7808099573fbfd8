"""The newsletter's page and the mail itself in a browser: no complaint, nothing axe calls serious, both widths, by keyboard."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import OpenPage
from playwright.sync_api import Page
from small_shop import ITEMS, fill, opened, publish
from werkzeug.serving import make_server

from recommender.api import create_app
from recommender.demo_shop.blueprint import blueprint
from recommender.demo_shop.people import chosen
from recommender.demo_shop.things import page_of, picture_of
from recommender.domain.items import Item
from recommender.domain.requests import Language
from recommender.settings import Settings, checked
from recommender.wiring import Shop, connect, newsletter_of, service_of

LANGUAGES = ("en", "pl", "ru")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Twelve things with pages and drawings, eight customers."""
    home = tmp_path_factory.mktemp("mails")
    fill(home)
    publish(home, "20260301T000000Z")
    with opened(home) as stores:
        stores.catalogue.put(
            Item(
                item_id=item,
                title=f"Regency cakestand {n + 1} tier",
                url=page_of(item),
                image=picture_of(item),
                category="Kitchen > Baking & cakes",
            )
            for n, item in enumerate(ITEMS)
        )
        chosen(stores, "test", stores.log.frames)
    settings = Settings(home=home, currency="GBP", shop_name="Fern & Fable", mail_sender="Fern & Fable, 1 Lane, Town")
    with connect(checked(settings)) as found:
        yield found


@pytest.fixture(scope="module")
def site(shop: Shop) -> Iterator[str]:
    """The demo shop over it; its address."""
    service, _ = service_of(shop, open_to_all=True)
    app = create_app(replace(service, more=(*service.more, blueprint(shop))))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(5)


def token(shop: Shop, language: str = "en") -> str:
    newsletter = newsletter_of(shop)
    return newsletter.token(newsletter.readers.numbers(["c0"])["c0"], language=Language(language), size=6)


def serious(page: Page) -> list[str]:
    """What axe finds that keeps people out."""
    found: Any = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in ("serious", "critical")
    ]


def opened_at(page: Page, address: str) -> Page:
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))  # a mail has none, and a browser asks
    page.goto(address, wait_until="networkidle")
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_mail(
    open_page: OpenPage, site: str, shop: Shop, language: str, scheme: str
) -> None:
    for width in (600, 360):
        page = open_page("desktop", viewport={"width": width, "height": 900}, color_scheme=scheme)
        opened_at(page, f"{site}/v1/newsletter/{token(shop, language)}.html")
        assert serious(page) == []


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_axe_finds_nothing_serious_on_the_page(open_page: OpenPage, site: str, screen: str) -> None:
    page = opened_at(open_page(screen), f"{site}/demo/newsletter")
    assert serious(page) == []
    for name in ("Plain text", "Picks", "Merge tags"):
        page.get_by_role("tab", name=name).click()
        assert serious(page) == []


@pytest.mark.parametrize("width", [600, 360, 320])
def test_two_columns_stay_two_and_share_the_edges_of_the_first_item(
    open_page: OpenPage, site: str, shop: Shop, width: int
) -> None:
    page = opened_at(
        open_page("desktop", viewport={"width": width, "height": 900}), f"{site}/v1/newsletter/{token(shop)}.html"
    )
    boxes = [box for image in page.locator("img").all() if (box := image.bounding_box()) is not None]
    lead, left, right = boxes[:3]
    assert left["y"] == right["y"]
    assert left["x"] == pytest.approx(lead["x"], abs=1)
    assert right["x"] + right["width"] == pytest.approx(lead["x"] + lead["width"], abs=1)
    assert left["width"] >= 130
    assert lead["width"] / lead["height"] == pytest.approx(1.5, abs=0.02)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_mail_is_whole_without_its_style_sheet(open_page: OpenPage, site: str, shop: Shop) -> None:
    page = opened_at(
        open_page("desktop", viewport={"width": 600, "height": 900}), f"{site}/v1/newsletter/{token(shop)}.html"
    )
    page.evaluate("document.querySelectorAll('style').forEach((one) => one.remove())")
    boxes = [box for image in page.locator("img").all() if (box := image.bounding_box()) is not None]
    assert boxes[1]["y"] == boxes[2]["y"]
    assert serious(page) == []


def test_with_pictures_off_every_item_says_what_it_is(open_page: OpenPage, site: str, shop: Shop) -> None:
    page = open_page("desktop", viewport={"width": 600, "height": 900})
    page.route("**/*.png", lambda route: route.fulfill(status=200, content_type="image/png", body=b""))
    opened_at(page, f"{site}/v1/newsletter/{token(shop)}.html")
    assert page.get_by_text("£2.50").count() == 6
    assert page.get_by_role("link", name="See it in the shop").is_visible()


def test_the_page_shows_the_mail_at_both_widths_on_a_desktop(desktop: Page, site: str) -> None:
    opened_at(desktop, f"{site}/demo/newsletter")
    wide, narrow = (desktop.locator("iframe").nth(n) for n in (0, 1))
    left, right = wide.bounding_box(), narrow.bounding_box()
    assert left is not None
    assert right is not None
    assert (left["width"], right["width"]) == (600, 360)
    assert left["y"] == right["y"]
    frame = desktop.frame_locator("iframe").first
    assert frame.locator("h1").is_visible()
    assert frame.locator("img").first.evaluate("(image) => image.naturalWidth") == 360


def test_a_phone_shows_one_width_at_a_time(phone: Page, site: str) -> None:
    opened_at(phone, f"{site}/demo/newsletter")
    frames = phone.locator("iframe")
    assert [frames.nth(n).is_visible() for n in (0, 1)] == [False, True]
    phone.get_by_role("button", name="600 wide").click()
    assert [frames.nth(n).is_visible() for n in (0, 1)] == [True, False]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_names_of_tools_stand_on_one_line(phone: Page, site: str) -> None:
    phone.goto(f"{site}/demo/newsletter")
    phone.get_by_role("tab", name="Merge tags").click()
    heights = {
        name.text_content(): name.evaluate(
            "one => { const text = document.createRange(); text.selectNodeContents(one); return text.getClientRects().length }"
        )
        for name in phone.locator("#part-tags tbody th").all()
    }
    assert "ActiveCampaign" in heights
    assert set(heights.values()) == {1}, heights


def test_tabs_are_walked_with_arrows(desktop: Page, site: str) -> None:
    opened_at(desktop, f"{site}/demo/newsletter")
    desktop.get_by_role("tab", name="HTML block").focus()
    desktop.keyboard.press("ArrowRight")
    assert desktop.get_by_role("tabpanel", name="Plain text").is_visible()
    desktop.keyboard.press("End")
    assert desktop.get_by_role("tabpanel", name="Merge tags").is_visible()
    assert desktop.get_by_role("tabpanel").count() == 1


def test_the_wishes_change_the_mail(desktop: Page, site: str) -> None:
    opened_at(desktop, f"{site}/demo/newsletter")
    desktop.get_by_label("Language of the mail").select_option("pl")
    desktop.get_by_label("Things").select_option("4")
    desktop.get_by_role("button", name="Show the mail").click()
    desktop.wait_for_load_state("networkidle")
    frame = desktop.frame_locator("iframe").first
    assert frame.locator("html").get_attribute("lang") == "pl"
    assert frame.locator("img").count() == 4


def test_nobodys_address_shows_todays_list_and_says_so(desktop: Page, site: str) -> None:
    opened_at(desktop, f"{site}/demo/newsletter?reader=nobody")
    assert desktop.frame_locator("iframe").first.get_by_text("This list has grown old").is_visible()


def test_no_address_on_the_page_holds_a_customers_number(desktop: Page, site: str) -> None:
    opened_at(desktop, f"{site}/demo/newsletter")
    addresses = desktop.evaluate("[...document.querySelectorAll('[href],[src]')].map((one) => one.href || one.src)")
    assert addresses
    assert not [
        address for address in addresses if any(f"c{n}" == part for n in range(8) for part in address.split("/"))
    ]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_the_picks_can_be_taken_along(desktop: Page, site: str, kind: str) -> None:
    opened_at(desktop, f"{site}/demo/newsletter")
    desktop.get_by_role("tab", name="Picks").click()
    with desktop.expect_download() as waiting:
        desktop.get_by_role("link", name="CSV" if kind == "csv" else "JSON").click()
    saved = Path(waiting.value.path())
    assert waiting.value.suggested_filename == f"picks.{kind}"
    assert "/v1/newsletter/" in saved.read_text(encoding="utf-8")


def test_without_script_everything_stands_there(open_page: OpenPage, site: str) -> None:
    page = open_page("desktop", java_script_enabled=False)
    page.goto(f"{site}/demo/newsletter")
    assert page.get_by_role("heading", name="Plain text").is_visible()
    assert page.get_by_role("heading", name="Merge tags").is_visible()
    assert page.locator("iframe").count() == 2


def test_general_news_are_chosen_by_a_button_and_personal_ones_again(
    open_page: OpenPage, site: str, shop: Shop
) -> None:
    page = opened_at(open_page("desktop"), f"{site}/demo/newsletter")
    src = page.locator("iframe").first.get_attribute("src") or ""
    choices = opened_at(open_page("phone"), f"{site}/v1/newsletter/{src.rpartition('/')[2]}/choices")
    assert serious(choices) == []
    choices.get_by_role("button", name="Only general news").click()
    choices.get_by_text("From now on your mail holds general news").wait_for()
    opened_at(page, f"{site}/demo/newsletter")
    page.get_by_role("button", name="Give personal picks again").click()
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("button", name="Give personal picks again").count() == 0
