"""Letters over HTTP: made when asked for, for who still allows it; unknown addresses are answered too."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from newsletter_rooms import PAGE, Room, make_home, opened_room
from small_shop import PEOPLE

from recommender.api import create_app
from recommender.domain.consent import Purpose
from recommender.domain.items import Availability, Item
from recommender.domain.people import Person
from recommender.domain.requests import Language
from recommender.services import privacy
from recommender.services.newsletter_links import ticket_of, ticket_text
from recommender.storage.absent import absent_stores
from recommender.wiring import service_of

OLD = "This list has grown old"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("newsletter"))


@pytest.fixture
def room(template: Path, tmp_path: Path) -> Iterator[Room]:
    with opened_room(template, tmp_path / "home") as found:
        yield found


def letter(room: Room, token: str, **query: str) -> Any:
    return room.client.get(f"/v1/newsletter/{token}.json", query_string=query).get_json()


def test_a_letter_comes_as_html_as_text_and_for_programs(room: Room) -> None:
    token = room.token()
    html, text, json = (room.client.get(f"/v1/newsletter/{token}.{kind}") for kind in ("html", "txt", "json"))
    assert [answer.status_code for answer in (html, text, json)] == [200] * 3
    assert (html.mimetype, text.mimetype, json.mimetype) == ("text/html", "text/plain", "application/json")
    said = json.get_json()
    assert said["standing"] == "current"
    assert len(said["items"]) == 6
    for item in said["items"]:
        assert item["title"] in html.text
        assert item["title"] in text.text
        assert (item["price"], item["price_text"]) == ("2.50", "£2.50")


def test_the_letter_is_the_list_the_storefront_would_give(room: Room) -> None:
    asked = {"customer_id": "c0", "size": "6"}
    listed = room.client.get("/v1/recommendations/newsletter", query_string=asked).get_json()
    assert [i["item_id"] for i in letter(room, room.token())["items"]] == [i["item_id"] for i in listed["items"]]


@pytest.mark.parametrize("language", list(Language))
def test_the_campaigns_language_is_the_letters(room: Room, language: Language) -> None:
    answer = room.client.get(f"/v1/newsletter/{room.token(language=language)}.html")
    assert f'<html lang="{language}"' in answer.text
    assert letter(room, room.token(language=language))["language"] == language


def test_a_letter_can_be_had_as_a_block_and_in_another_language(room: Room) -> None:
    token = room.token()
    assert "<html" not in room.client.get(f"/v1/newsletter/{token}.html?part=block").text
    assert letter(room, token, lang="pl")["language"] == "pl"
    assert room.client.get(f"/v1/newsletter/{token}.html?part=half").status_code == 400


def test_what_is_sold_out_is_gone_from_the_next_fetch_and_prices_are_new(room: Room) -> None:
    token = room.token(size=4)
    first, second, *_ = [item["item_id"] for item in letter(room, token)["items"]]
    room.shop.stores.catalogue.put(
        [Item(item_id=first, availability=Availability.OUT_OF_STOCK), Item(item_id=second, sale_price=Decimal(1))]
    )
    room.shop.catalogue_view.poll()
    items = {item["item_id"]: item["price_text"] for item in letter(room, token)["items"]}
    assert first not in items
    assert items[second] == "£1.00"
    assert len(items) == 4


@pytest.mark.parametrize("token", ["unknown", "x" * 47, "%00", "A" * 3_000, "..", "ąę", "-_-_" * 12])
def test_an_unknown_address_is_answered_with_todays_list_for_everybody(room: Room, token: str) -> None:
    answer = room.client.get(f"/v1/newsletter/{token}.html")
    assert answer.status_code == 200
    assert OLD in answer.text
    said = letter(room, token)
    assert (said["standing"], said["personal"], len(said["items"])) == ("old", False, 6)


def test_every_change_of_a_letter_of_an_address_makes_it_nobodys(room: Room) -> None:
    token = room.token()
    for at in range(len(token)):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert room.newsletter.reader(other).known is False
    assert room.newsletter.reader(token).known
    for other in (token + "A", token[:-1], token + "=", f" {token}", token.swapcase()):
        assert room.newsletter.reader(other).known is False


def test_an_address_runs_out(room: Room) -> None:
    token = room.token(days=1)
    now = room.newsletter.wall()
    tomorrow = replace(room.newsletter, wall=lambda: now + timedelta(days=1))
    after = replace(room.newsletter, wall=lambda: now + timedelta(days=2))
    assert tomorrow.reader(token).known
    assert not after.reader(token).known
    assert after.reader(token).language is Language.EN


def test_an_expired_address_says_so_in_its_own_language(room: Room) -> None:
    ticket = ticket_of(room.newsletter.seal, room.token(language=Language.PL))
    assert ticket is not None
    old = ticket_text(room.newsletter.seal, replace(ticket, until=ticket.until - timedelta(days=60)))
    assert "Ta lista już nieaktualna. Oto dzisiejsza." in room.client.get(f"/v1/newsletter/{old}.html").text


def test_an_erased_persons_address_is_nobodys(room: Room) -> None:
    token = room.token()
    privacy.erase(room.shop.stores, "c0", home=room.shop.settings.home, cache=room.shop.cache)
    assert letter(room, token)["standing"] == "old"
    assert room.newsletter.readers.numbers(["c0"]) == {}


def test_who_withdraws_between_build_and_fetch_gets_what_everybody_gets(room: Room) -> None:
    token = room.token()
    assert letter(room, token)["personal"] is True
    room.refuse()
    said = letter(room, token)
    assert (said["standing"], said["personal"]) == ("general", False)
    assert all(item["url"] == PAGE.format(item=item["item_id"]) for item in said["items"])
    everybody = letter(room, "nobody")
    assert [i["item_id"] for i in said["items"]] == [i["item_id"] for i in everybody["items"]]


def test_no_address_of_a_thousand_mails_holds_a_customers_number_or_mail_address(room: Room) -> None:
    names = [f"customer-{n:06}" for n in range(1_000)]
    numbers = room.newsletter.readers.numbers(names)
    slate = room.shop.recommender.slate(room.newsletter.request(room.newsletter.reader(room.token())))
    cards = room.shop.catalogue_view.cards([item.item_id for item in slate.items])
    seen: set[str] = set()
    for name in names:
        token = room.newsletter.token(numbers[name], language=Language.EN, size=6)
        reader = room.newsletter.reader_of(token, Person(customer_id=name))
        written = room.newsletter.written(reader, slate, cards, base="https://l.example", token=token)
        addresses = [place.url or "" for place in written.letter.places] + [written.letter.links.why or "", token]
        assert not [one for one in addresses if name in one or "customer" in one or "@" in one or "?" in one]
        seen.update(addresses)
    assert len(seen) == len(names) * 8  # nobody's address is another's
    for name in PEOPLE:
        html = room.client.get(f"/v1/newsletter/{room.token(name)}.html").text
        assert "example.com" not in html
        assert not re.search(rf"[/=]{name}\b", html)


def test_equal_wishes_give_equal_addresses_and_other_campaigns_have_nothing_in_common(room: Room) -> None:
    assert room.token() == room.token()
    first, second = room.token(days=30), room.token(days=31)
    assert first[:8] != second[:8]
    assert room.token("c0")[:8] != room.token("c1")[:8]


def test_another_shops_secret_opens_nothing(room: Room, template: Path, tmp_path: Path) -> None:
    with opened_room(template, tmp_path / "other") as other:
        foreign = replace(other.newsletter, seal=type(other.newsletter.seal)(b"another" * 5))
        number = other.newsletter.readers.numbers(["c0"])["c0"]
        token = foreign.token(number, language=Language.EN, size=6)
    assert letter(room, token)["standing"] == "old"


def test_an_equal_letter_need_not_be_sent_again(room: Room) -> None:
    token = room.token()
    first = room.client.get(f"/v1/newsletter/{token}.html")
    again = room.client.get(f"/v1/newsletter/{token}.html", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    room.shop.stores.catalogue.put([Item(item_id=letter(room, token)["items"][0]["item_id"], price=Decimal(9))])
    room.shop.catalogue_view.poll()
    changed = room.client.get(f"/v1/newsletter/{token}.html", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_only_the_letters_document_may_have_styles_inline_and_none_may_run_a_script(room: Room) -> None:
    token = room.token()
    html = room.client.get(f"/v1/newsletter/{token}.html").headers["Content-Security-Policy"]
    page = room.client.get(f"/v1/newsletter/{token}/choices").headers["Content-Security-Policy"]
    assert "style-src 'unsafe-inline'" in html
    assert "script-src" not in html
    assert "default-src 'none'" in html
    assert "unsafe-inline" not in page


def test_hostile_names_and_links_of_a_catalogue_do_no_harm(room: Room) -> None:
    token = room.token(size=12)
    first, second, third, *_ = [item["item_id"] for item in letter(room, token)["items"]]
    room.shop.stores.catalogue.put(
        [
            Item(item_id=first, title="<script>alert(1)</script>", url="javascript:alert(1)"),
            Item(item_id=second, image="data:image/svg+xml,<svg onload=alert(1)>", url="//evil.example/x"),
            Item(item_id=third, image="https://shop.example/drawing.svg", url="https://shop.example\\@evil.example"),
        ]
    )
    room.shop.catalogue_view.poll()
    html = room.client.get(f"/v1/newsletter/{token}.html").text
    assert "<script" not in html
    assert "javascript:" not in html
    assert "data:image" not in html
    assert "evil.example" not in html
    assert "drawing.svg" not in html  # mail programs show no SVG


def test_without_a_list_there_is_still_a_letter(room: Room) -> None:
    room.shop.stores.catalogue.put([], replace=True)
    room.shop.catalogue_view.poll()
    answer = room.client.get(f"/v1/newsletter/{room.token()}.html")
    assert answer.status_code == 200
    assert "There is nothing to show today." in answer.text


def test_a_database_that_is_away_makes_everybody_a_stranger_for_as_long(room: Room) -> None:
    away = replace(room.newsletter, readers=absent_stores("The database is away.").readers)
    assert away.reader(room.token()).known is False


def test_letters_need_no_key(room: Room) -> None:
    service, _ = service_of(room.shop, open_to_all=False)
    client = create_app(service).test_client()
    assert client.get(f"/v1/newsletter/{room.token()}.html").status_code == 200
    assert client.get("/v1/recommendations/newsletter").status_code == 401


def test_reading_the_page_of_choices_changes_nothing_and_its_button_does(room: Room) -> None:
    token = room.token()
    where = f"/v1/newsletter/{token}/choices"
    page = room.client.get(where)
    assert "Only general news" in page.text
    assert 'method="post"' in page.text
    assert not room.shop.stores.consent.refused(Person(customer_id="c0"))
    done = room.client.post(where)
    assert "From now on your mail holds general news" in done.text
    assert room.shop.stores.consent.refused(Person(customer_id="c0")) == {Purpose.EMAIL_PERSONALISATION}


def test_an_unknown_address_of_choices_says_so_and_notes_nothing(room: Room) -> None:
    answer = room.client.post("/v1/newsletter/unknown/choices")
    assert "Nothing was changed" in answer.text
    assert room.client.get("/v1/newsletter/unknown/choices", headers={"Accept-Language": "pl"}).text.count(
        "nieaktualny"
    )
