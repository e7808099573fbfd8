"""The pages as a browser without script meets them: forms and links alone."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_pages import carried, pages, set_up
from flask.testing import FlaskClient
from small_shop import ITEMS, PEOPLE

from recommender.demo_shop.blueprint import POLICY
from recommender.demo_shop.shelves import HEADINGS, heading_of
from recommender.domain.people import Person
from recommender.domain.requests import Language
from recommender.wiring import Shop

PAGES = ("", "/shelves", "/shelf/kitchen", "/shelf/kitchen/mugs-teaware", "/item/i00", "/basket", "/orders")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("demo_shop")
    set_up(found)
    return found


@pytest.fixture(scope="module")
def opened_shop(home: Path) -> Iterator[tuple[FlaskClient, Shop]]:
    with pages(home) as found:
        yield found


@pytest.fixture
def client(opened_shop: tuple[FlaskClient, Shop]) -> FlaskClient:
    return opened_shop[0].application.test_client()


@pytest.fixture
def shop(opened_shop: tuple[FlaskClient, Shop]) -> Shop:
    return opened_shop[1]


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(f"/demo{path}")
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "pl", "ru"])
def test_every_page_stands_in_every_language_under_the_strict_policy(
    client: FlaskClient, path: str, language: str
) -> None:
    client.get("/demo", headers={"Accept-Language": language})
    answer = client.get(f"/demo{path}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert f'<html lang="{language}">' in page
    assert page.count("<h1>") == 1
    assert re.search(r"\sstyle=|<style|\son\w+=|<script(?! type=\"module\" src=)", page) is None


def test_pages_are_sent_compressed_to_browsers_that_take_it(client: FlaskClient) -> None:
    plain, packed = client.get("/demo"), client.get("/demo", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 2


def test_the_first_visitor_shops_as_the_first_customer_with_consent_and_sees_who(client: FlaskClient) -> None:
    page = text(client, "")
    assert f'customer="{PEOPLE[0]}"' in page
    assert 'consent="granted"' in page
    assert f"No. {PEOPLE[0]}" in page


@pytest.mark.parametrize("language", list(Language))
def test_the_opening_names_a_shelf_only_if_half_of_what_is_shown_stands_there(language: Language) -> None:
    mugs, bags = "Kitchen > Mugs & teaware", "Bags"
    named = heading_of("Kitchen", [mugs, "Kitchen", bags, ""], language)
    assert named == HEADINGS["Kitchen"][list(Language).index(language)]
    assert heading_of("Kitchen", [mugs, bags, bags], language) is None
    assert heading_of("Kitchen", [], language) is None
    assert heading_of(None, [""], language) is None


def test_the_opening_of_the_first_page_fits_the_list_beside_it(client: FlaskClient, shop: Shop) -> None:
    page = text(client, "")
    before = re.search(r'data-before="([^"]*)"', page)
    assert before is not None
    shown = [one["item_id"] for one in json.loads(html.unescape(before[1]))["places"]]
    shelves = [(item.category or "").split(" > ")[0] for item in shop.stores.catalogue.get(shown).values()]
    opened = re.search(r"<h1>([^<]*)</h1>", page)
    assert opened is not None
    fitting = {HEADINGS[shelf][0] for shelf in shelves if 2 * shelves.count(shelf) >= len(shelves)}
    assert opened[1] in fitting | {"Chosen for you"}


def test_without_consent_lists_are_everybodys_and_nobody_is_named_to_them(client: FlaskClient) -> None:
    client.get("/demo")
    client.post("/demo/consent", data={"consent": "no", "back": "/demo"})
    page = text(client, "")
    assert "Nothing is stored." in page
    assert 'scenario="trending"' in page
    assert 'consent="denied"' in page
    assert "customer=" not in page
    assert "visitor=" not in page
    assert carried(client)[1] == ""


def test_a_new_visitor_starts_with_nothing_known(client: FlaskClient) -> None:
    client.get("/demo")
    client.post("/demo/person", data={"person": ""})
    page = text(client, "")
    assert "We know nothing about you yet." in page
    assert 'scenario="trending"' in page
    assert "customer=" not in page
    assert 'visitor="demo-' in page


def test_one_can_shop_as_the_customers_shown_and_nobody_else(client: FlaskClient) -> None:
    client.get("/demo")
    client.post("/demo/person", data={"person": PEOPLE[1]})
    assert carried(client)[0] == PEOPLE[1]
    client.post("/demo/person", data={"person": PEOPLE[5]})
    assert carried(client)[0] is None


def test_the_language_changes_where_one_stands(client: FlaskClient) -> None:
    client.get("/demo")
    answer = client.post("/demo/language", data={"language": "pl", "back": "/demo/basket"})
    assert answer.headers["Location"] == "/demo/basket"
    assert "Twój koszyk" in text(client, "/basket")


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/admin", "/demo\\..", "/demonstration"])
def test_a_form_leads_back_to_pages_of_the_shop_only(client: FlaskClient, back: str) -> None:
    answer = client.post("/demo/language", data={"language": "pl", "back": back})
    assert answer.headers["Location"] == "/demo"


def test_a_thing_goes_into_the_basket_changes_its_number_and_leaves(client: FlaskClient) -> None:
    client.get("/demo")
    answer = client.post("/demo/basket/add", data={"item_id": "i00", "quantity": "2"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/demo/basket")
    page = text(client, "/basket")
    assert "Thing i00" in page
    assert "Basket · 2 · £5.00" in page
    client.post("/demo/basket/set", data={"item_id": "i00", "quantity": "3"})
    assert "£7.50" in text(client, "/basket")
    client.post("/demo/basket/set", data={"item_id": "i00", "quantity": "0"})
    assert "Your basket is empty." in text(client, "/basket")


@pytest.mark.parametrize(("quantity", "pieces"), [("-5", 1), ("many", 1), ("1000", 99), ("", 1)])
def test_a_strange_number_of_pieces_is_brought_within_bounds(client: FlaskClient, quantity: str, pieces: int) -> None:
    client.get("/demo")
    client.post("/demo/basket/add", data={"item_id": "i00", "quantity": quantity})
    assert carried(client)[4] == {"i00": pieces}


def test_a_script_is_told_the_basket_and_what_to_push(client: FlaskClient) -> None:
    client.get("/demo")
    answer = client.post(
        "/demo/basket/add", data={"item_id": ["i00", "i01"]}, headers={"Accept": "application/json"}
    ).get_json()
    assert answer["cart"] == ["i00", "i01"]
    assert answer["pill"] == "Basket · 2 · £5.00"
    (push,) = answer["push"]
    assert push["event"] == "add_to_cart"
    assert [item["item_id"] for item in push["ecommerce"]["items"]] == ["i00", "i01"]


def test_without_consent_there_is_nothing_to_push(client: FlaskClient) -> None:
    client.get("/demo")
    client.post("/demo/consent", data={"consent": "no"})
    answer = client.post("/demo/basket/add", data={"item_id": "i00"}, headers={"Accept": "application/json"})
    assert answer.get_json()["push"] == []
    assert "data-push" not in text(client, "/item/i00")


def test_a_page_of_a_thing_pushes_that_it_was_looked_at(client: FlaskClient) -> None:
    found = re.search(r'data-push="([^"]+)"', text(client, "/item/i03"))
    assert found is not None
    push = json.loads(found[1].replace("&#34;", '"'))
    assert push["event"] == "view_item"
    assert push["ecommerce"]["items"] == [{"item_id": "i03", "item_name": "Thing i03", "price": 2.5, "quantity": 1}]


def test_an_order_is_told_of_and_its_event_pushed_once(client: FlaskClient) -> None:
    client.get("/demo")
    client.post("/demo/basket/add", data={"item_id": "i00", "quantity": "2"})
    client.post("/demo/order")
    first, second = text(client, "/orders"), text(client, "/orders")
    assert "Thank you. Your demo order demo-" in first
    assert "&#34;purchase&#34;" in first
    assert "Thank you" not in second
    assert "data-push" not in second
    assert carried(client)[4:] == [{}, None]


def test_the_history_shows_the_orders_of_the_log_with_dates_as_people_see_them(client: FlaskClient, shop: Shop) -> None:
    page = text(client, "/orders")
    orders = {line.order_id for line in shop.stores.log.of_person(Person(customer_id=PEOPLE[0]))}
    assert orders
    for name in orders:
        assert f"Order {name} · " in page
    assert "1 March 2026" in page


def test_an_empty_basket_is_not_ordered(client: FlaskClient) -> None:
    client.get("/demo")
    assert client.post("/demo/order").headers["Location"] == "/demo/basket"


def test_sold_out_is_what_the_catalogue_says_from_then_on_and_can_be_undone(client: FlaskClient, shop: Shop) -> None:
    client.post("/demo/availability", data={"item_id": "i05", "sold_out": "yes"})
    item = shop.stores.catalogue.get(["i05"])["i05"]
    assert not item.offered
    page = text(client, "/item/i05")
    assert "Just sold out. Three like it:" in page
    assert 'action="/demo/basket/add"' not in page.split('<div class="plain">')[0]
    assert 'href="/demo/item/i05"' not in text(client, "/shelf/kitchen/baking-cakes")
    client.post("/demo/basket/add", data={"item_id": "i05"})
    assert "i05" not in carried(client)[4]  # type: ignore[operator] # it is a mapping
    client.post("/demo/availability", data={"item_id": "i05", "sold_out": "no"})
    assert shop.stores.catalogue.get(["i05"])["i05"].offered
    assert 'href="/demo/item/i05"' in text(client, "/shelf/kitchen/baking-cakes")


@pytest.mark.parametrize("path", ["/item/nothing", "/shelf/nothing", "/item/%3Cscript%3E"])
def test_what_is_not_there_is_said_on_a_page(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/demo{path}")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.get_data(as_text=True)


@pytest.mark.parametrize("page", ["0", "999", "-1", "x"])
def test_a_page_number_out_of_bounds_shows_the_nearest_page(client: FlaskClient, page: str) -> None:
    assert "Thing i00" in text(client, f"/shelf/kitchen?page={page}")


def test_every_thing_on_sale_stands_on_its_shelf_once(client: FlaskClient) -> None:
    page = text(client, "/shelf/kitchen").split("</shop-recommendations>")[-1]
    linked = re.findall(r'href="/demo/item/(i\d\d)"', page)
    assert sorted(linked) == sorted(item for place, item in enumerate(ITEMS) if place % 4 in (0, 1))


def test_pictures_are_drawn_and_kept_by_browsers_for_good(client: FlaskClient) -> None:
    address = re.search(r'src="(/demo/pictures/[^"]+\.svg)"', text(client, "/item/i00"))
    assert address is not None
    answer = client.get(address[1])
    assert answer.mimetype == "image/svg+xml"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(re.sub(r"-\w+\.svg", "-old.svg", address[1])).status_code == 404


def test_style_sheet_script_and_fonts_are_named_by_their_content(client: FlaskClient) -> None:
    page = text(client, "")
    sheet = re.search(r'href="(/demo/static/shop\.css\?v=\w+)"', page)
    assert sheet is not None
    answer = client.get(sheet[1])
    assert "immutable" in answer.headers["Cache-Control"]
    fonts = re.findall(r"url\((/demo/static/fonts/[^)]+)\)", answer.get_data(as_text=True))
    assert len(fonts) == 3
    for font in fonts:
        assert "immutable" in client.get(font).headers["Cache-Control"]
    assert client.get("/demo/static/shop.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/demo/static/../blueprint.py").status_code == 404


def test_the_pages_are_no_part_of_the_apis_description(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").get_json()["paths"]
    assert not [path for path in paths if path.startswith("/demo")]


def test_a_browser_says_whose_page_a_form_was_sent_from(client: FlaskClient) -> None:
    assert client.get("/demo").headers["Referrer-Policy"] == "same-origin"
    assert client.get("/docs").headers["Referrer-Policy"] == "no-referrer"
    foreign = client.post("/demo/order", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403


@pytest.mark.parametrize("what", ["add", "set"])
def test_a_thing_that_is_not_here_is_not_found(client: FlaskClient, what: str) -> None:
    client.get("/demo")
    page = client.post(f"/demo/basket/{what}", data={"item_id": "nothing"})
    told = client.post(f"/demo/basket/{what}", data={"item_id": "nothing"}, headers={"Accept": "application/json"})
    assert (page.status_code, told.status_code) == (404, 404)
    assert "<h1>" in page.get_data(as_text=True)
    assert told.get_json()["said"] in page.get_data(as_text=True)
    assert carried(client)[4] == {}


def test_the_row_of_things_like_the_last_one_looked_at_holds_links_for_browsers_without_script(
    client: FlaskClient, shop: Shop
) -> None:
    client.get("/demo")
    client.post("/demo/person", data={"person": ""})
    visitor = carried(client)[1]
    view = {
        "type": "view_item",
        "visitor_id": visitor,
        "items": [{"item_id": "i07"}],
        "consent": {"analytics_profile": True, "onsite_personalisation": True},
    }
    assert client.post("/v1/events", json={"events": [view]}).status_code == 202
    row = text(client, "").partition('id="close-list"')[2].partition("</shop-recommendations>")[0]
    links = re.findall(r'href="/demo/item/(i\d\d)"', row)
    assert links
    assert "i07" not in links
