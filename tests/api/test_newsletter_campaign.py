"""``recommender newsletter build``: one row for every customer, safe for spreadsheets, the same for equal wishes."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from newsletter_rooms import Room, make_home, opened_room
from small_shop import PEOPLE

from recommender.cli import run
from recommender.domain.items import Item
from recommender.domain.people import Customer
from recommender.services import exports, privacy

BASE = "https://lists.shop.example"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("campaign"))


@pytest.fixture
def room(template: Path, tmp_path: Path) -> Iterator[Room]:
    with opened_room(template, tmp_path / "home") as found:
        yield found


def build(room: Room, out: Path, *more: str) -> int:
    return run(["--home", str(room.shop.settings.home), "-q", "newsletter", "build", "--out", str(out), *more])


def rows(out: Path) -> list[dict[str, str]]:
    with out.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_customer_has_a_row_with_subject_items_and_addresses(room: Room, tmp_path: Path) -> None:
    out = tmp_path / "picks.csv"
    assert build(room, out, "--all", "--base-url", f"{BASE}/", "--lang", "pl", "--size", "3") == 0
    found = rows(out)
    assert [row["customer_id"] for row in found] == sorted(PEOPLE)
    first = found[0]
    assert first["subject"].startswith("3 rzeczy")
    assert first["personal"] == "yes"
    assert all(first[f"p{n}_{name}"] for n in (1, 2, 3) for name in ("title", "url", "image", "price", "reason"))
    assert "p4_title" not in first
    assert first["html_url"].startswith(f"{BASE}/v1/newsletter/")
    assert first["json_url"] == first["html_url"].removesuffix("html") + "json"


def test_the_addresses_of_the_file_give_the_letter_of_its_row(room: Room, tmp_path: Path) -> None:
    out = tmp_path / "picks.csv"
    build(room, out, "--all", "--base-url", BASE)
    for row in rows(out):
        said = room.client.get(row["json_url"].removeprefix(BASE)).get_json()
        assert [item["title"] for item in said["items"]] == [row[f"p{n}_title"] for n in range(1, 7)]
        assert said["subject"] == row["subject"]
        assert room.client.get(row["p1_url"].removeprefix(BASE)).status_code == 302


def test_without_an_address_of_the_service_links_lead_to_the_items_own_pages(room: Room, tmp_path: Path) -> None:
    out = tmp_path / "picks.csv"
    build(room, out, "--all")
    first = rows(out)[0]
    assert "html_url" not in first
    assert first["p1_url"].startswith("https://shop.example/things/")


def test_json_lines_hold_the_letter_for_programs(room: Room, tmp_path: Path) -> None:
    out = tmp_path / "picks.jsonl"
    build(room, out, "--all", "--base-url", BASE)
    first = json.loads(out.read_text().splitlines()[0])
    assert first["customer_id"] == "c0"
    assert len(first["items"]) == 6
    assert {"item_id", "title", "url", "image", "price", "currency", "price_text", "reason"} == set(first["items"][0])
    assert len(first["slate_id"]) == 24


def test_only_the_customers_of_a_table_get_a_row(room: Room, tmp_path: Path) -> None:
    who, out = tmp_path / "who.csv", tmp_path / "picks.csv"
    who.write_text("customer_id\nc3\nnever-seen\n")
    assert build(room, out, "--customers", str(who)) == 0
    assert [row["customer_id"] for row in rows(out)] == ["c3", "never-seen"]


def test_building_again_the_same_day_gives_the_same_addresses_to_fetch(room: Room, tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        build(room, tmp_path / name, "--all", "--base-url", BASE)
    one, two = (
        [
            {name: value for name, value in row.items() if not name.startswith("p") or not name.endswith("_url")}
            for row in rows(tmp_path / name)
        ]
        for name in ("one.csv", "two.csv")
    )
    assert one == two


def test_who_refuses_gets_general_picks_and_who_was_erased_no_row(room: Room, tmp_path: Path) -> None:
    who, out = tmp_path / "who.csv", tmp_path / "picks.csv"
    who.write_text("customer_id\nc0\nc1\nc2\n")
    room.refuse("c1")
    privacy.erase(room.shop.stores, "c2", home=room.shop.settings.home, cache=room.shop.cache)
    build(room, out, "--customers", str(who), "--base-url", BASE)
    assert [(row["customer_id"], row["personal"]) for row in rows(out)] == [("c0", "yes"), ("c1", "no")]


def test_no_cell_is_a_formula(room: Room, tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://evil.example")'
    room.shop.stores.catalogue.put([Item(item_id=f"i{n:02d}", title=evil) for n in range(12)])
    room.shop.stores.customers.put([Customer(customer_id="@c9")])
    out = tmp_path / "picks.csv"
    build(room, out, "--all")
    with out.open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert any(evil in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]


def test_a_campaign_kept_in_the_home_forgets_who_is_erased(room: Room) -> None:
    out = room.shop.settings.home / "picks.csv"
    build(room, out, "--all", "--base-url", BASE)
    privacy.erase(room.shop.stores, "c0", home=room.shop.settings.home, cache=room.shop.cache)
    assert "c0" not in [row["customer_id"] for row in rows(out)]
    assert len(rows(out)) == len(PEOPLE) - 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("--all", "--customers", "who.csv"),
        (),
        ("--all", "--size", "13"),
        ("--all", "--size", "0"),
        ("--all", "--days", "0"),
        ("--all", "--base-url", "lists.shop.example"),
        ("--all", "--base-url", "javascript:alert(1)"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_before_anything_is_written(
    room: Room, tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    out = tmp_path / "picks.csv"
    assert build(room, out, *wrong) == 2
    assert not out.exists()


def test_a_file_of_another_kind_is_refused(room: Room, tmp_path: Path) -> None:
    assert build(room, tmp_path / "picks.xlsx", "--all") == 2
    assert build(room, tmp_path / "nowhere" / "picks.csv", "--all") == 2


@pytest.mark.parametrize("command", [["newsletter", "build"], ["recommend", "--scenario", "home"]])
def test_a_file_of_the_shops_own_that_no_list_can_be_written_to_is_not_taken_for_one(
    room: Room, command: list[str]
) -> None:
    home = room.shop.settings.home
    own = home / "customers.txt"
    own.write_text("anna")
    assert run(["--home", str(home), "-q", *command, "--all", "--out", str(own)]) == 2
    assert exports.known(home) == []
