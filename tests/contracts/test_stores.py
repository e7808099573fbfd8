"""The event log's contract, held by every backend: append, import, read, erase."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from stores_samples import BY_API, BY_IMPORT, START_US, at, bring_in, event, rows, said, whole

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.errors import BadInputError, InvalidEventError
from recommender.domain.events import LINE_COLUMNS, Event, EventType
from recommender.domain.people import Person
from recommender.domain.ports import ImportCounts, Stores
from recommender.storage.columns import line_schema

ANNA, BEN = Person(customer_id="anna"), Person(customer_id="ben")


def ids(stores: Stores, person: Person) -> list[str]:
    return [line.event_id for line in stores.log.of_person(person)]


def test_an_event_sent_twice_is_stored_once(stores: Stores) -> None:
    first, again = event("e1", customer_id="anna"), event("e1", customer_id="anna")
    assert stores.log.append([first, again, event("e2", visitor_id="v")], BY_API).new == (True, False, True)
    assert stores.log.append([first], BY_API).new == (False,)
    assert ids(stores, ANNA) == ["e1"]


def test_an_event_with_three_items_is_three_lines_and_its_total_stands_on_the_first(stores: Stores) -> None:
    from decimal import Decimal

    order = event(
        "o", 0, "a", "b", "c", type=EventType.PURCHASE, customer_id="anna", value=Decimal("12.50"), currency="PLN"
    )
    stores.log.append([order], BY_API)
    lines = stores.log.of_person(ANNA)
    assert [(line.line, line.item_id, line.value_e4) for line in lines] == [
        (0, "a", 125_000),
        (1, "b", None),
        (2, "c", None),
    ]


def test_an_empty_log_has_no_span_and_position_zero(stores: Stores) -> None:
    assert stores.log.span() is None
    assert stores.log.position() == 0
    assert list(stores.log.frames()) == []
    assert list(stores.log.people()) == []
    assert stores.log.append([], BY_API).new == ()


def test_the_position_grows_and_survives_the_erasure_of_the_last_line(stores: Stores) -> None:
    stores.log.append([event("e1", customer_id="anna"), event("e2", 1, "a", "b", customer_id="ben")], BY_API)
    assert stores.log.position() == 3
    stores.log.erase(BEN)
    assert stores.log.position() == 3
    stores.log.append([event("e3", customer_id="anna")], BY_API)
    assert stores.log.position() == 4


def test_the_span_is_the_first_and_the_last_moment(stores: Stores) -> None:
    stores.log.append([event("e1", 5, customer_id="anna"), event("e2", 1, customer_id="ben")], BY_API)
    assert stores.log.span() == (at(1), at(5))


def test_frames_have_the_documented_columns_and_types_in_the_order_written(stores: Stores) -> None:
    stores.log.append([event("e2", 9, customer_id="anna"), event("e1", 1, visitor_id="v")], BY_API)
    frame = whole(stores)
    assert frame.columns == list(LINE_COLUMNS)
    assert dict(frame.schema) == line_schema()
    assert frame["event_id"].to_list() == ["e2", "e1"]
    assert frame["visitor_id"].to_list() == [None, "v"]


def test_frames_end_before_until_and_give_the_columns_asked_for(stores: Stores) -> None:
    stores.log.append([event(f"e{n}", n, customer_id="anna") for n in range(3)], BY_API)
    frames = stores.log.frames(until=at(2), columns=["time_us", "event_id"])
    assert pl.concat(frames).rows() == [(START_US, "e0"), (START_US + 60_000_000, "e1")]
    assert whole(stores, ["visitor_id"]).rows() == [(None,), (None,), (None,)]


def test_an_unknown_column_is_our_mistake(stores: Stores) -> None:
    with pytest.raises(ValueError, match="colour"):
        stores.log.frames(columns=["colour"])


def test_frames_see_one_moment_whatever_is_written_meanwhile(stores: Stores) -> None:
    stores.log.append([event("e1", customer_id="anna")], BY_API)
    frames = stores.log.frames()
    first = next(frames)
    stores.log.append([event("e2", customer_id="anna")], BY_API)
    assert len(first) + sum(len(frame) for frame in frames) == 1


@pytest.mark.parametrize(
    "odd",
    [
        ['say "hi", now', "żółć; Привет", "a\\b\\.", "🧶 'x'", "=1+1", " spaced "],
        ["a, b", "żółć; Привет", "[0,null]", "🧶 'x'", "null", " spaced ", "0]", "007"],
    ],
    ids=["with quotes", "without"],
)
def test_text_with_separators_and_many_scripts_comes_back_as_it_went_in(stores: Stores, odd: list[str]) -> None:
    stores.log.append([event(f"e{n}", n, item, customer_id="anna") for n, item in enumerate(odd)], BY_API)
    assert whole(stores)["item_id"].to_list() == odd
    assert [line.item_id for line in stores.log.of_person(ANNA)] == odd
    assert stores.log.of_people([ANNA])["item_id"].to_list() == odd


def test_lines_of_a_person_are_the_newest_oldest_first(stores: Stores) -> None:
    stores.log.append([event(f"e{n}", n, customer_id="anna") for n in (3, 1, 2, 0)], BY_API)
    assert ids(stores, ANNA) == ["e0", "e1", "e2", "e3"]
    assert [line.event_id for line in stores.log.of_person(ANNA, limit=2)] == ["e2", "e3"]
    assert [line.event_id for line in stores.log.of_person(ANNA, until=at(2))] == ["e0", "e1"]
    assert stores.log.of_person(Person()) == []


def test_a_customers_history_includes_the_browser_but_not_what_others_did_there(stores: Stores) -> None:
    stores.log.append(
        [
            event("before", 0, visitor_id="v"),
            event("bens", 1, visitor_id="v", customer_id="ben"),
            event("annas", 2, visitor_id="v", customer_id="anna"),
            event("after", 3, visitor_id="v"),
        ],
        BY_API,
    )
    assert ids(stores, ANNA) == ["before", "annas", "after"]
    assert ids(stores, BEN) == ["bens"]
    assert ids(stores, Person(visitor_id="v")) == ["before", "bens", "annas", "after"]
    assert ids(stores, Person(customer_id="ben", visitor_id="v")) == ["before", "bens", "after"]


def test_many_people_at_once_get_the_same_lines_as_one_by_one(stores: Stores) -> None:
    stores.log.append(
        [
            *(event(f"a{n}", n, customer_id="anna") for n in range(5)),
            *(event(f"v{n}", n, visitor_id="v") for n in range(3)),
            event("link", 9, visitor_id="v", customer_id="anna"),
            event("w", 4, visitor_id="w"),
        ],
        BY_API,
    )
    people = [BEN, ANNA, Person(visitor_id="w"), Person(customer_id="anna", visitor_id="v"), Person(), ANNA]
    people.append(Person(customer_id="ben", visitor_id="w"))
    for limit in (2, 100):
        together = stores.log.of_people(people, limit=limit, until=at(9))
        assert together.columns == ["who", *LINE_COLUMNS]
        assert together.schema["who"] == pl.Int32
        for who, person in enumerate(people):
            lines = [
                tuple(getattr(one, name) for name in LINE_COLUMNS)
                for one in stores.log.of_person(person, limit=limit, until=at(9))
            ]
            assert together.filter(pl.col("who") == who).drop("who").rows() == lines


def test_nobody_asked_for_is_an_empty_frame(stores: Stores) -> None:
    assert stores.log.of_people([]).columns == ["who", *LINE_COLUMNS]


def test_people_are_customers_then_visitors_of_nobody(stores: Stores) -> None:
    stores.log.append(
        [
            event("1", visitor_id="w"),
            event("2", customer_id="ben"),
            event("3", visitor_id="v"),
            event("4", visitor_id="v", customer_id="anna"),
            event("5", visitor_id="B"),
        ],
        BY_API,
    )
    expected = [ANNA, BEN, Person(visitor_id="B"), Person(visitor_id="w")]
    assert list(stores.log.people()) == expected


def test_the_newest_customer_of_a_browser_wins_whatever_the_order_of_arrival(stores: Stores) -> None:
    stores.log.append([event("1", 5, visitor_id="v", customer_id="anna")], BY_API)
    stores.log.append([event("2", 1, visitor_id="v", customer_id="ben")], BY_API)
    assert list(stores.log.links()) == [("v", "anna")]
    bring_in(stores, rows({"visitor_id": "v", "customer_id": "ben", "time_us": START_US + 10**9}))
    assert list(stores.log.links()) == [("v", "ben")]


def test_erasing_takes_along_what_a_browser_sent_while_it_was_the_persons(stores: Stores) -> None:
    def seen(name: str, minutes: int, customer_id: str | None = None) -> Event:
        return event(name, minutes, visitor_id="v", customer_id=customer_id)

    stores.log.append(
        [
            *(seen("before", 0), seen("anna", 1, "anna"), seen("hers", 2), seen("anna again", 3, "anna")),
            *(seen("hers still", 4), seen("ben", 5, "ben"), seen("bens", 6), seen("anna later", 7, "anna")),
            *(seen("hers anew", 8), seen("ben last", 9, "ben"), seen("a tie", 9), seen("bens now", 10)),
        ],
        BY_API,
    )
    stays = [(stay.since_us, stay.until_us) for stay in stores.log.stays_of("anna")]
    start = START_US // 60_000_000
    assert [until // 60_000_000 - start for _, until in stays] == [5, 9]
    assert stays[1][0] // 60_000_000 - start == 7
    assert stores.log.stays_of("ben") == []
    assert stores.log.erase(ANNA) == 7
    assert ids(stores, BEN) == ["ben", "bens", "ben last", "a tie", "bens now"]
    assert list(stores.log.links()) == [("v", "ben")]
    assert stores.log.stays_of("anna") == []


def test_erasing_deletes_what_the_history_shows_and_returns_how_much(stores: Stores) -> None:
    stores.log.append(
        [
            event("1", 1, "a", "b", customer_id="anna", visitor_id="v"),
            event("2", 2, visitor_id="v"),
            event("3", 0, customer_id="ben", visitor_id="v"),
            event("4", 3, customer_id="ben"),
        ],
        BY_API,
    )
    assert stores.log.erase(ANNA) == 3
    assert stores.log.of_person(ANNA) == []
    assert ids(stores, BEN) == ["3", "4"]
    assert list(stores.log.links()) == [("v", "ben")]
    assert stores.log.erase(ANNA) == 0
    assert stores.log.erase(Person()) == 0


def test_a_file_imported_twice_adds_nothing_the_second_time(stores: Stores) -> None:
    file = rows(*({"customer_id": "anna", "item_id": item} for item in "abc"))
    assert bring_in(stores, file) == ImportCounts(new=3, duplicates=0, conflicts=0, erased=0)
    assert bring_in(stores, file) == ImportCounts(new=0, duplicates=3, conflicts=0, erased=0)
    assert len(whole(stores)) == 3


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_equal_rows_of_one_file_stay_separate_in_any_chunking(stores: Stores, cut: int) -> None:
    row = rows({"customer_id": "anna"})
    other = rows({"customer_id": "ben"})
    assert bring_in(stores, row).new == 1
    file = pl.concat([row, other, row, row])
    assert bring_in(stores, file[:cut], file[cut:]) == ImportCounts(new=3, duplicates=1, conflicts=0, erased=0)
    assert bring_in(stores, file[cut:], file[:cut]) == ImportCounts(new=0, duplicates=4, conflicts=0, erased=0)
    assert [line.customer_id for line in stores.log.of_person(ANNA)] == ["anna"] * 3


@pytest.mark.parametrize("state", [ConsentState.OBJECTED, ConsentState.WITHDRAWN])
def test_nothing_is_imported_of_who_objected_to_being_kept_or_withdrew(stores: Stores, state: ConsentState) -> None:
    stores.log.append(
        [event("1", 1, "x", customer_id="anna", visitor_id="hers"), event("2", 1, "x", visitor_id="v3")], BY_API
    )
    file = rows(
        {"customer_id": "anna", "item_id": "a"},
        {"customer_id": "anna", "visitor_id": "v2", "item_id": "b"},
        {"visitor_id": "hers", "item_id": "c"},
        {"customer_id": "ben", "visitor_id": "hers", "item_id": "d"},
        {"visitor_id": "v3", "item_id": "e"},
        {"visitor_id": "v4", "item_id": "f"},
        {"customer_id": "carl", "item_id": "g"},
    )
    words = [(Person(customer_id="anna"), state), (Person(visitor_id="v3"), state)]
    words += [(Person(customer_id="carl"), state), (Person(customer_id="carl"), ConsentState.GRANTED)]
    words += [(Person(visitor_id="v4"), ConsentState.DENIED)]
    stores.consent.record(
        ConsentRecord(
            person=person,
            purpose=Purpose.ANALYTICS_PROFILE,
            state=word,
            time=datetime(2026, 1, 1, minute=minute, tzinfo=UTC),
            source="test",
        )
        for minute, (person, word) in enumerate(words)
    )
    assert bring_in(stores, file) == ImportCounts(new=3, duplicates=0, conflicts=0, erased=0, refused=4)
    assert sorted(whole(stores)["item_id"]) == ["d", "f", "g", "x", "x"]
    assert [visitor for visitor, _ in stores.log.links()] == ["hers"]


def test_the_same_id_with_other_content_is_a_conflict_and_the_first_stays(stores: Stores) -> None:
    first = rows({"event_id": "x", "customer_id": "anna", "quantity": 1})
    other = rows({"event_id": "x", "customer_id": "anna", "quantity": 2})
    assert bring_in(stores, first, first, other) == ImportCounts(new=1, duplicates=1, conflicts=1, erased=0)
    assert bring_in(stores, pl.concat([other, first])) == ImportCounts(new=0, duplicates=1, conflicts=1, erased=0)
    assert whole(stores)["quantity"].to_list() == [1]


def test_an_imported_event_may_have_several_lines(stores: Stores) -> None:
    order = rows({"event_id": "o", "item_id": "a"}, {"event_id": "o", "item_id": "b"}).with_columns(
        line=pl.Series([0, 1])
    )
    assert bring_in(stores, order).new == 2
    assert bring_in(stores, order).duplicates == 2
    assert whole(stores).select("line", "item_id").rows() == [(0, "a"), (1, "b")]


def test_an_event_the_service_stored_is_known_to_an_import_with_its_id(stores: Stores) -> None:
    stores.log.append([event("e1", customer_id="anna")], BY_API)
    same = rows({"event_id": "e1", "customer_id": "anna", "type": "view_item", "quantity": 1})
    assert bring_in(stores, same) == ImportCounts(new=0, duplicates=1, conflicts=0, erased=0)
    assert stores.log.append([event("e1", customer_id="anna")], BY_API).new == (False,)


def test_empty_text_counts_as_missing(stores: Stores) -> None:
    bring_in(stores, rows({"customer_id": "anna", "order_id": ""}))
    assert bring_in(stores, rows({"customer_id": "anna"})).duplicates == 1
    assert whole(stores)["order_id"].to_list() == [None]


def test_rows_without_optional_columns_and_empty_chunks_are_fine(stores: Stores) -> None:
    bare = pl.DataFrame({"type": ["purchase"], "time_us": [5], "customer_id": ["anna"]})
    assert bring_in(stores, bare, bare[:0], rows()) == ImportCounts(new=1, duplicates=0, conflicts=0, erased=0)


def test_an_import_that_fails_leaves_nothing(stores: Stores) -> None:
    class Stop(Exception):  # noqa: N818
        pass

    def half_an_import() -> None:
        with stores.log.importing(BY_IMPORT) as session:
            session.write(rows({"customer_id": "anna"}))
            raise Stop

    with pytest.raises(Stop):
        half_an_import()
    assert stores.log.position() == 0
    assert list(stores.log.frames()) == []
    assert bring_in(stores, rows({"customer_id": "anna"})).new == 1


def test_a_control_character_is_refused_and_named(stores: Stores) -> None:
    with pytest.raises(BadInputError, match="'item_id'"):
        bring_in(stores, rows({"customer_id": "anna", "item_id": "a\nb"}))
    assert stores.log.position() == 0


@pytest.mark.parametrize("name", ["type", "time_us"])
def test_a_row_without_type_or_time_is_refused_not_swallowed(stores: Stores, name: str) -> None:
    with pytest.raises(BadInputError, match=name):
        bring_in(stores, rows({"customer_id": "anna"}, {"customer_id": "ben", name: None}))
    assert stores.log.position() == 0


@pytest.mark.parametrize("bad", ["", "a\nb", "a\x00", "\ud800"])
def test_an_event_whose_id_cannot_be_stored_is_refused_with_its_batch(stores: Stores, bad: str) -> None:
    with pytest.raises(InvalidEventError, match="Event 1"):
        stores.log.append([event("e1", customer_id="anna"), event(bad, customer_id="ben")], BY_API)
    assert stores.log.position() == 0


def test_a_derived_id_begins_with_the_time_and_does_not_name_the_person(stores: Stores) -> None:
    bring_in(stores, rows({"customer_id": "anna"}))
    (event_id,) = whole(stores)["event_id"].to_list()
    assert event_id.startswith(f"{START_US:014x}")
    assert "anna" not in event_id
    assert len(event_id) == 34


def test_an_erased_person_comes_back_neither_by_import_nor_by_event_nor_by_file(stores: Stores) -> None:
    stores.tombstones.add(Person(customer_id="anna", visitor_id="v"))
    assert stores.tombstones.count() == 2
    assert stores.tombstones.covers([ANNA, BEN, Person(visitor_id="v"), Person(visitor_id="anna")]) == [
        True,
        False,
        True,
        False,
    ]
    counts = bring_in(stores, rows({"customer_id": "anna"}, {"customer_id": "ben"}, {"visitor_id": "v"}))
    assert counts == ImportCounts(new=1, duplicates=0, conflicts=0, erased=2)
    sent = [
        event("1", customer_id="anna"),
        event("2", visitor_id="v", customer_id="ben"),
        event("3", customer_id="ben"),
    ]
    assert stores.log.append(sent, BY_API).new == (False, False, True)
    assert list(stores.log.people()) == [BEN]


def test_times_before_1970_and_far_ahead_are_kept_exactly(stores: Stores) -> None:
    old, far = datetime(1901, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    us = [int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000) for moment in (old,)]
    bring_in(
        stores,
        rows({"customer_id": "anna", "time_us": us[0]}, {"customer_id": "anna", "time_us": 253_370_764_799_999_999}),
    )
    assert stores.log.span() == (old, far)


def test_closed_and_opened_again_everything_is_there(
    stores: Stores, home: Path, request: pytest.FixtureRequest
) -> None:
    stores.log.append([event("e1", customer_id="anna")], BY_API)
    stores.tombstones.add(BEN)
    before = said(stores)
    stores.close()
    again: Stores = request.getfixturevalue("open_at")(home)
    assert said(again) == before
    assert again.tombstones.covers([BEN]) == [True]


def test_an_event_is_taken_back_by_its_person_and_by_nobody_else(stores: Stores) -> None:
    stores.log.append([event("e1", 0, "a", "b", customer_id="anna"), event("e2", visitor_id="v")], BY_API)
    assert stores.log.take_back(BEN, ["e1", "e2"]) == 0
    assert stores.log.take_back(ANNA, ["e1", "e2"]) == 2
    assert ids(stores, ANNA) == []
    assert ids(stores, Person(visitor_id="v")) == ["e2"]
    assert stores.log.take_back(Person(), ["e2"]) == 0
