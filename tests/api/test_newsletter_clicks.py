"""Clicks: to the item's own page and nowhere else, counted once, for persons who allow it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from newsletter_rooms import PAGE, Room, make_home, opened_room

from recommender.domain.consent import Purpose
from recommender.domain.items import Item
from recommender.services import privacy
from recommender.services.newsletter_links import Click, click_of, click_texts
from recommender.services.newsletter_targets import tagged, target_of

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("clicks"))


@pytest.fixture
def room(template: Path, tmp_path: Path) -> Iterator[Room]:
    with opened_room(template, tmp_path / "home") as found:
        yield found


def path(link: str) -> str:
    assert link.startswith("https://lists.shop.example/v1/newsletter/go/")
    return urlsplit(link).path


def test_a_click_leads_to_the_items_own_page_and_is_an_event_with_its_slate(room: Room) -> None:
    said = room.client.get(f"/v1/newsletter/{room.token()}.json").get_json()
    item = said["items"][2]
    answer = room.client.get(path(item["url"]), headers=PERSON)
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE.format(item=item["item_id"]))
    assert room.clicks() == [(item["item_id"], said["slate_id"])]


def test_clicking_twice_in_a_row_is_one_click(room: Room) -> None:
    first, second, *_ = room.links(room.token())
    for link in (first, first, second):
        room.client.get(path(link), headers=PERSON)
    assert len(room.clicks()) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": "python-requests/2.32"},
        {**PERSON, "Purpose": "prefetch"},
        {**PERSON, "Sec-Purpose": "prefetch;prerender"},
        {**PERSON, "X-Moz": "prefetch"},
        {**PERSON, "Sec-Fetch-Dest": "image"},
    ],
    ids=["robot", "program", "prefetch", "prerender", "old prefetch", "picture"],
)
def test_what_is_no_person_is_led_on_and_not_counted(room: Room, headers: dict[str, str]) -> None:
    answer = room.client.get(path(room.links(room.token())[0]), headers=headers)
    assert answer.status_code == 302
    assert room.clicks() == []


def test_a_question_about_headers_is_no_click(room: Room) -> None:
    answer = room.client.head(path(room.links(room.token())[0]), headers=PERSON)
    assert answer.status_code == 302
    assert room.clicks() == []


@pytest.mark.parametrize("purpose", [Purpose.EMAIL_PERSONALISATION, Purpose.ANALYTICS_PROFILE])
def test_who_has_withdrawn_since_is_led_on_and_not_counted(room: Room, purpose: Purpose) -> None:
    link = room.links(room.token())[0]
    room.refuse(purpose=purpose)
    assert room.client.get(path(link), headers=PERSON).status_code == 302
    assert room.clicks() == []


def test_an_erased_persons_link_leads_on_and_stores_nothing(room: Room) -> None:
    link = room.links(room.token())[0]
    privacy.erase(room.shop.stores, "c0", home=room.shop.settings.home, cache=room.shop.cache)
    assert room.client.get(path(link), headers=PERSON).status_code == 302
    assert room.clicks() == []


def test_an_old_link_leads_on_and_is_not_counted(room: Room) -> None:
    link = path(room.links(room.token())[0]).rpartition("/")[2]
    click = room.newsletter.clicked(link)
    assert click is not None
    late = replace(room.newsletter, wall=lambda: click.until + timedelta(minutes=1))
    assert late.count(click, link) is False
    assert room.newsletter.count(click, link) is True


@pytest.mark.parametrize("link", ["x", "https:%2F%2Fevil.example", "%2F%2Fevil.example", "A" * 80, "..%2f..", "ą"])
def test_a_link_we_did_not_write_leads_nowhere(room: Room, link: str) -> None:
    answer = room.client.get(f"/v1/newsletter/go/{link}", headers=PERSON)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_changing_any_letter_of_a_link_leads_nowhere(room: Room) -> None:
    text = path(room.links(room.token())[0]).rpartition("/")[2]
    for at in range(len(text)):
        assert room.newsletter.clicked(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]) is None


def test_the_address_of_a_letter_is_no_link_and_the_other_way_round(room: Room) -> None:
    token = room.token()
    link = path(room.links(token)[0]).rpartition("/")[2]
    assert room.newsletter.clicked(token) is None
    assert room.newsletter.reader(link).known is False


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "https://shop.example@evil.example/",
        "https://shop.example\\@evil.example/",
        "https://",
        "http:///x",
        "ftp://shop.example/",
        "https://shop.example/a b",
        "https://shop.example/\r\nSet-Cookie: a=b",
        " https://shop.example/",
        "",
        None,
    ],
)
def test_only_pages_by_http_and_paths_of_our_own_are_led_to(url: str | None) -> None:
    assert target_of(url) is None


def test_pages_by_http_and_paths_of_our_own_are_led_to() -> None:
    for url in (
        "https://shop.example/a?b=c#d",
        "http://shop.example:8080/",
        "/demo/item/22423",
        "https://żółw.example/ą",
    ):
        assert target_of(url) == url


TAGS = "utm_source=newsletter&utm_medium=email"


@pytest.mark.parametrize(
    ("link", "with_tags"),
    [
        ("https://shop.example/a", f"https://shop.example/a?{TAGS}"),
        ("https://shop.example", f"https://shop.example?{TAGS}"),
        ("/demo/item/22423#more", f"/demo/item/22423?{TAGS}#more"),
        ("https://shop.example/a?b=c%20d&e", f"https://shop.example/a?b=c%20d&e&{TAGS}"),
        (
            "https://shop.example/a?utm_source=shop&utm_medium=",
            "https://shop.example/a?utm_source=shop&utm_medium=",
        ),
        ("https://żółw.example/ą", f"https://żółw.example/ą?{TAGS}"),
    ],
)
def test_tags_stand_behind_what_an_address_says_already_and_never_in_its_place(link: str, with_tags: str) -> None:
    assert tagged(link, TAGS) == with_tags
    assert tagged(link, "") == link


def test_clicks_and_links_of_general_letters_carry_the_shops_tags(template: Path, tmp_path: Path) -> None:
    with opened_room(template, tmp_path / "home", tags=TAGS) as room:
        token = room.token()
        item = room.client.get(f"/v1/newsletter/{token}.json").get_json()["items"][0]
        answer = room.client.get(path(item["url"]), headers=PERSON)
        assert answer.headers["Location"] == f"{PAGE.format(item=item['item_id'])}?{TAGS}"
        room.refuse(purpose=Purpose.EMAIL_PERSONALISATION)
        general = room.client.get(f"/v1/newsletter/{token}.json").get_json()["items"][0]
        assert general["url"] == f"{PAGE.format(item=general['item_id'])}?{TAGS}"


def test_a_catalogue_that_turned_hostile_after_the_mail_leads_nowhere(room: Room) -> None:
    said = room.client.get(f"/v1/newsletter/{room.token()}.json").get_json()["items"][0]
    room.shop.stores.catalogue.put([Item(item_id=said["item_id"], url="//evil.example/")])
    room.shop.catalogue_view.poll()
    assert room.client.get(path(said["url"]), headers=PERSON).status_code == 404


def test_what_a_link_holds_comes_back_as_it_was(room: Room) -> None:
    click = Click(
        reader=b"r" * 12,
        until=room.newsletter.wall().replace(minute=0, second=0, microsecond=0),
        slate_id="",
        item_id="żółw/1 €",
    )
    for item_id in ("a", "żółw/1 €", "x" * 128):
        one = replace(click, item_id=item_id)
        text = click_texts(room.newsletter.seal, one.reader, one.until, one.slate_id)(item_id)
        assert click_of(room.newsletter.seal, text) == one
        assert item_id not in text or len(item_id) == 1
