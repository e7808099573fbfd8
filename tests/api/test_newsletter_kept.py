"""Letters from what a campaign picked: the list of the file, as far as it still holds."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from newsletter_rooms import Room, make_home, opened_room
from small_shop import ITEMS

from recommender.cli import run
from recommender.domain.clock import ShopClock
from recommender.domain.events import Event, EventItem, EventType
from recommender.domain.items import Availability, Item
from recommender.domain.people import Person
from recommender.domain.ports import Source
from recommender.domain.requests import Repeat
from recommender.domain.slates import Basis
from recommender.services import privacy
from recommender.services.newsletter_kept import KEPT_FOR, KeptPick, coarse, packed, unpacked
from recommender.services.newsletter_picks import FEWEST, slate_from

BASE = "https://lists.shop.example"
OWN = {"i00", "i02", "i04", "i06"}
"""What c0 bought."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = make_home(tmp_path_factory.mktemp("kept") / "home")
    assert build(home, home.parent / "picks.csv") == 0
    return home


@pytest.fixture
def room(template: Path, tmp_path: Path) -> Iterator[Room]:
    with opened_room(template, tmp_path / "home") as found:
        yield found


@pytest.fixture(scope="module")
def calm(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A room that no test changes."""
    with opened_room(template, tmp_path_factory.mktemp("calm") / "home") as found:
        yield found


def build(home: Path, out: Path, *more: str) -> int:
    words = ["--home", str(home), "-q", "newsletter", "build", "--all", "--base-url", BASE, "--out", str(out)]
    return run([*words, *more])


def letter(room: Room, token: str, **asked: str) -> dict[str, Any]:
    answer = room.client.get(f"/v1/newsletter/{token}.json", query_string=asked)
    found: dict[str, Any] = answer.get_json()
    return found


def ids(said: dict[str, Any]) -> list[str]:
    return [item["item_id"] for item in said["items"]]


def sell_out(room: Room, items: set[str]) -> None:
    room.shop.stores.catalogue.put(Item(item_id=item, availability=Availability.OUT_OF_STOCK) for item in items)
    room.shop.catalogue_view.poll()


def held(room: Room) -> tuple[KeptPick, ...]:
    found = room.shop.stores.readers.held("c0")
    assert found is not None
    assert found[1] is not None
    return unpacked(found[1]) or ()


def test_what_was_picked_gives_the_very_list_that_would_be_made_anew(calm: Room) -> None:
    reader = calm.newsletter.reader(calm.token())
    kept, anew = calm.newsletter.kept_slate(reader), calm.shop.recommender.slate(calm.newsletter.request(reader))
    assert kept is not None
    assert [(one.item_id, one.reason) for one in kept.items] == [(one.item_id, one.reason) for one in anew.items]
    assert kept.basis is Basis.PERSONAL


def test_more_is_kept_than_is_shown_and_nothing_but_what_sentences_need(calm: Room) -> None:
    kept = held(calm)
    assert 6 < len(kept) <= FEWEST
    assert {pick.item_id for pick in kept if pick.own} <= OWN
    assert all(pick.when_us == coarse(pick.when_us) for pick in kept)


def test_what_is_sold_out_since_is_replaced_by_the_next_of_the_readers_own(room: Room) -> None:
    token = room.token(size=3)
    before = ids(letter(room, token))
    sell_out(room, {before[0]})
    after = letter(room, token)
    assert before[0] not in ids(after)
    assert ids(after)[:2] == before[1:]
    assert (len(ids(after)), after["standing"]) == (3, "current")


def test_a_letter_of_which_nothing_is_left_is_filled_with_what_everybody_buys_and_is_nobodys(room: Room) -> None:
    fresh = Item(item_id="new", title="New thing", url=f"{BASE}/new", category="Kitchen")
    room.shop.stores.catalogue.put([fresh])
    sell_out(room, set(ITEMS))
    said = letter(room, room.token())
    assert (ids(said), said["standing"]) == (["new"], "general")


def test_a_price_is_that_of_the_fetch(room: Room) -> None:
    token = room.token()
    first = ids(letter(room, token))[0]
    room.shop.stores.catalogue.put([Item(item_id=first, price=Decimal(9), currency="GBP")])
    room.shop.catalogue_view.poll()
    assert letter(room, token)["items"][0]["price_text"] == "£9.00"


def test_sentences_are_in_the_language_that_is_asked_for(calm: Room) -> None:
    said = [letter(calm, calm.token(), lang=language) for language in ("en", "pl")]
    assert ids(said[0]) == ids(said[1])
    assert said[0]["items"][0]["reason"]["code"] == said[1]["items"][0]["reason"]["code"]
    assert said[0]["items"][0]["reason"]["text"] != said[1]["items"][0]["reason"]["text"]


def test_this_week_is_said_only_while_it_is_this_week(calm: Room) -> None:
    now = calm.shop.clock.now()
    request = calm.newsletter.request(calm.newsletter.reader(calm.token()))
    counted = int((now - timedelta(days=1)).timestamp() * 1e6)
    pick = KeptPick("i01", 1.0, "trending", own=False, picked=False, code="trending", count=50, when_us=counted)
    codes = [
        slate_from(calm.shop.recommender.responder(), [pick], structs.replace(request, now=moment, size=1))
        .items[0]
        .reason.code
        for moment in (now, now + timedelta(days=4))
    ]
    assert codes[0] == "trending"
    assert codes[1] != "trending"


def test_picks_grow_old(calm: Room) -> None:
    young, old = (replace(calm.newsletter, clock=ShopClock(-KEPT_FOR + timedelta(hours=hours))) for hours in (1, -1))
    assert young.reader(calm.token()).picks is not None
    assert old.reader(calm.token()).picks is None


def test_who_has_done_something_since_gets_a_list_made_anew(room: Room) -> None:
    bought = Event(
        event_id="later",
        type=EventType.PURCHASE,
        time=datetime.now(UTC),
        customer_id="c0",
        order_id="later",
        items=(EventItem(item_id="i08"),),
    )
    room.shop.stores.log.append([bought], Source(kind="api", legal_basis="contract"))
    assert room.newsletter.reader(room.token()).picks is None
    assert room.newsletter.reader(room.token("c1")).picks is not None


def test_who_withdraws_after_the_campaign_gets_what_everybody_gets(room: Room) -> None:
    token = room.token()
    assert letter(room, token)["standing"] == "current"
    room.refuse()
    assert letter(room, token)["standing"] == "general"


def test_the_picks_go_with_the_number(room: Room) -> None:
    assert held(room)
    privacy.erase(room.shop.stores, "c0", home=room.shop.settings.home, cache=room.shop.cache)
    assert room.shop.stores.readers.held("c0") is None


def test_what_cannot_be_read_is_made_anew(room: Room) -> None:
    number = room.newsletter.readers.numbers(["c0"])["c0"]
    now_us = int(room.shop.clock.now().timestamp() * 1e6)
    for content in (b"\xc1 of another version", packed([])):
        room.newsletter.readers.keep({number: content}, now_us)
        assert letter(room, room.token())["standing"] == "current"


def test_bought_items_stay_away_where_the_campaign_or_the_shop_says_so(room: Room, tmp_path: Path) -> None:
    home = room.shop.settings.home
    assert build(home, tmp_path / "picks.csv", "--repeat", "forbid") == 0
    assert not OWN & {pick.item_id for pick in held(room)}
    assert not OWN & set(ids(letter(room, room.token())))
    shop = replace(room.newsletter, repeat=Repeat.FORBID, from_kept=None)
    anew = room.shop.recommender.slate(shop.request(shop.reader(room.token())))
    assert not OWN & {item.item_id for item in anew.items}


def test_lists_of_another_moment_are_not_kept(room: Room, tmp_path: Path) -> None:
    before = room.shop.stores.readers.held("c0")
    assert build(room.shop.settings.home, tmp_path / "picks.csv", "--now", "2026-02-01T00:00:00Z") == 0
    assert room.shop.stores.readers.held("c0") == before


def test_a_person_is_handed_the_number_and_the_picks(calm: Room, tmp_path: Path) -> None:
    stores, out = calm.shop.stores, tmp_path / "c0.zip"
    counts = privacy.export(stores, "c0", out, var=calm.shop.settings.var_dir, clock=calm.shop.clock)
    said = json.loads(zipfile.ZipFile(out).read("newsletter.json"))
    found = stores.readers.held("c0")
    assert found is not None
    assert counts["newsletter.json"] == 1
    assert said[0]["number"] == found[0].hex()
    assert [pick["item_id"] for pick in said[0]["picks"]] == [pick.item_id for pick in held(calm)]
    assert stores.readers.held("never-seen") is None


def test_the_person_behind_an_address_is_never_asked_for_a_list_that_is_kept(calm: Room) -> None:
    reader = calm.newsletter.reader(calm.token())
    assert reader.person == Person(customer_id="c0")
    blind = replace(calm.newsletter, consent=None, readers=None)  # type: ignore[arg-type]  # no store at all
    assert blind.kept_slate(reader) is not None
