"""Whatever comes out of a log, training gets what can be true, and says what it got rid of."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.interactions import Interactions, Kind
from recommender.training.capping import Caps
from recommender.training.catalogue import CatalogueFacts
from recommender.training.cleaning import COLUMNS, NUMBERS
from recommender.training.reading import REASONS, Reading, read_interactions

DAY_US = 86_400_000_000
DAY = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp()) * 1_000_000
NOW = datetime(2026, 11, 1, tzinfo=UTC)
LOOSE = Caps(share=1.0)


def log(*rows: Mapping[str, object]) -> pl.DataFrame:
    """Lines with defaults: anna buys the mug at the start of the day."""
    usual = {"type": "purchase", "time_us": DAY, "item_id": "mug", "customer_id": "anna", "line": 0}
    filled = [{**dict.fromkeys(COLUMNS), "seq": n, **usual, **row} for n, row in enumerate(rows, start=1)]
    types = {name: pl.Int64 if name in NUMBERS else pl.String for name in COLUMNS}
    return pl.DataFrame(filled, schema=types)


def left_out(reading: Reading) -> dict[str, int]:
    """The reasons that were needed."""
    return {why: n for why, n in reading.left_out.items() if n}


def days(made: Interactions) -> list[int]:
    """Days since the usual one."""
    return [int(t) for t in (made.time_us - DAY) // DAY_US]


def test_one_event_of_2035_does_not_make_the_others_old() -> None:
    stray = {"time_us": int(datetime(2035, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000}
    reading = read_interactions(iter([log({}, {"item_id": "tea"}, stray)]), now=NOW)
    assert reading.interactions.now_us == DAY + 1
    assert left_out(reading) == {"in the future": 1}


def test_a_shop_whose_clock_is_a_day_ahead_is_believed() -> None:
    reading = read_interactions(
        iter([log({"time_us": DAY}, {"time_us": DAY + DAY_US})]), now=datetime.fromtimestamp(DAY / 1e6, UTC)
    )
    assert len(reading.interactions.item) == 2


def test_a_log_that_ended_long_ago_stays_whole_and_keeps_its_own_clock() -> None:
    old = int(datetime(2011, 12, 9, tzinfo=UTC).timestamp()) * 1_000_000
    frame = log(*({"time_us": old - n * DAY_US, "order_id": f"o{n}"} for n in range(370)))
    reading = read_interactions(iter([frame]), now=NOW)
    assert reading.interactions.now_us == old + 1
    assert not left_out(reading)


def test_a_stray_line_years_before_or_after_all_others_is_left_out() -> None:
    month = [{"time_us": DAY + n * DAY_US, "order_id": f"o{n}"} for n in range(30)]
    early, late = {"time_us": DAY - 5000 * DAY_US}, {"time_us": DAY + 2000 * DAY_US}
    reading = read_interactions(iter([log(early, *month, late)]))
    assert days(reading.interactions) == list(range(30))
    assert left_out(reading) == {"years away from all others": 2}
    assert reading.interactions.now_us == DAY + 29 * DAY_US + 1


def test_an_event_of_another_type_with_a_stray_time_does_not_move_the_clock() -> None:
    month = [{"time_us": DAY + n * DAY_US} for n in range(30)]
    search = {"type": "search", "item_id": None, "time_us": DAY + 2000 * DAY_US}
    assert read_interactions(iter([log(*month, search)])).interactions.now_us == DAY + 29 * DAY_US + 1


def test_a_shop_that_sells_at_christmas_only_keeps_every_year() -> None:
    frame = log(*({"time_us": DAY + (year * 365 + n) * DAY_US} for year in range(4) for n in range(20)))
    assert not left_out(read_interactions(iter([frame])))


def test_three_orders_years_apart_are_all_a_tiny_shop_has_and_all_stay() -> None:
    frame = log({}, {"time_us": DAY + 900 * DAY_US}, {"time_us": DAY + 3000 * DAY_US})
    assert days(read_interactions(iter([frame])).interactions) == [0, 900, 3000]


def test_test_people_and_test_orders_teach_nothing() -> None:
    real: list[Mapping[str, object]] = [{"customer_id": f"c{n}"} for n in range(60)]
    tests: list[Mapping[str, object]] = [
        {"customer_id": "test@example.com"},
        {"order_id": "TEST-17"},
        {"visitor_id": "e2e_3", "customer_id": None},
    ]
    reading = read_interactions(iter([log(*real, *tests, {"customer_id": "testa"})]))
    assert left_out(reading) == {"test person or test order": 3}
    assert reading.interactions.n_people == 61


def test_where_most_ids_look_like_tests_that_is_how_the_shop_names_people() -> None:
    reading = read_interactions(iter([log({"customer_id": "test-1"}, {"customer_id": "test-2"})]))
    assert reading.interactions.n_people == 2
    assert list(reading.noticed.values()) == [2]


def test_an_order_told_by_browser_and_server_counts_once_for_the_customer() -> None:
    browser = {"customer_id": None, "visitor_id": "v1", "order_id": "7"}
    server = {"order_id": "7", "time_us": DAY + 4_000_000}
    made = read_interactions(iter([log(browser, server, {**server, "item_id": "tea"})]))
    assert made.interactions.n_people == 1
    assert [made.interactions.item_ids[i] for i in made.interactions.item] == ["mug", "tea"]
    assert left_out(made) == {"order told twice": 1}


def test_a_visitors_part_of_an_order_of_somebody_who_refuses_training_is_left_out() -> None:
    browser = {"customer_id": None, "visitor_id": "v1", "order_id": "7"}
    reading = read_interactions(iter([log(browser, {"order_id": "7"})]), excluded_customers={"anna"})
    assert len(reading.interactions.item) == 0
    assert left_out(reading) == {"excluded": 2}


def test_two_equal_lines_of_one_order_stay_two() -> None:
    assert len(read_interactions(iter([log({"order_id": "7"}, {"order_id": "7"})])).interactions.item) == 2


def test_order_numbers_that_begin_anew_each_week_are_not_one_order_told_twice() -> None:
    frame = log({"order_id": "7"}, {"order_id": "7", "time_us": DAY + 7 * DAY_US})
    assert len(read_interactions(iter([frame])).interactions.item) == 2


def test_an_absurd_quantity_is_taken_as_the_most_and_counted() -> None:
    reading = read_interactions(iter([log({"quantity": 10**15}, {"quantity": 2})]))
    assert sorted(reading.interactions.quantity) == [2, 10_000]
    assert sum(reading.noticed.values()) == 1


def test_a_refund_may_be_written_with_a_minus() -> None:
    made = read_interactions(iter([log({"quantity": 3}, {"type": "refund", "quantity": -2, "time_us": DAY + 1})]))
    assert list(made.interactions.kind) == [Kind.PURCHASE, Kind.REFUND]
    assert list(made.interactions.quantity) == [3, 2]


def test_a_price_that_cannot_be_true_is_not_told_and_the_line_stays() -> None:
    prices = (50_000, 60_000, 50_000, 99_999_990_000, 0, -40_000)
    frame = log(*({"price_e4": price, "time_us": DAY + n} for n, price in enumerate(prices)))
    reading = read_interactions(iter([frame]))
    assert len(reading.interactions.item) == 6
    assert reading.interactions.price[0] == np.float32(5.0)
    assert reading.noticed == {"price not believed": 3}


def test_lines_of_an_item_taken_out_since_teach_and_are_counted() -> None:
    reading = read_interactions(iter([log({})]), catalogue=CatalogueFacts(gone=frozenset({"mug"})))
    assert len(reading.interactions.item) == 1
    assert reading.noticed == {"item taken out of the catalogue since": 1}


def test_a_customer_with_half_of_all_orders_tells_each_item_once() -> None:
    others = [{"customer_id": f"c{n % 40}", "order_id": f"o{n}", "item_id": f"i{n % 9}"} for n in range(200)]
    giant = [
        {"customer_id": "giant", "order_id": f"g{n}", "item_id": f"g{n % 3}", "time_us": DAY + n} for n in range(200)
    ]
    reading = read_interactions(iter([log(*others, *giant)]))
    assert left_out(reading) == {"one person's part": 197}
    theirs = reading.interactions.time_us[-3:] - DAY
    assert list(theirs) == [197, 198, 199]


def test_in_a_shop_of_five_customers_everybody_may_be_loud() -> None:
    frame = log(*({"customer_id": f"c{n % 5}", "order_id": f"o{n}"} for n in range(500)))
    assert not left_out(read_interactions(iter([frame])))


def test_a_log_read_in_pieces_is_capped_as_one_read_whole() -> None:
    rng = np.random.default_rng(0)
    rows = [
        {
            "type": str(rng.choice(["view_item", "purchase"])),
            "customer_id": f"c{rng.integers(4)}",
            "item_id": f"i{rng.integers(50)}",
            "time_us": DAY + int(rng.integers(5 * DAY_US)),
        }
        for _ in range(600)
    ]
    frame, caps = log(*rows), Caps(looks_per_day=10, lines=80, share=1.0)
    whole = read_interactions(iter([frame]), caps=caps)
    pieces = read_interactions((frame[n : n + 50] for n in range(0, 600, 50)), caps=caps, at_once=100)
    assert sum(whole.left_out.values()) == sum(pieces.left_out.values()) > 0
    np.testing.assert_array_equal(whole.interactions.time_us, pieces.interactions.time_us)
    np.testing.assert_array_equal(whole.interactions.item, pieces.interactions.item)


def test_lines_that_may_not_teach_push_out_none_that_may_however_the_log_is_read() -> None:
    mine = [{"visitor_id": "home", "item_id": item, "time_us": DAY + n} for n, item in enumerate("ab")]
    theirs = [{"visitor_id": "work", "item_id": item, "time_us": DAY + 9 + n} for n, item in enumerate("cdef")]
    frame = log(*(one | {"customer_id": "c1", "type": "view_item"} for one in [*mine, *theirs]))
    for at_once in (1, 1_000):
        reading = read_interactions(
            iter([frame]), excluded_visitors={"work"}, caps=Caps(looks_per_day=2, lines=2, share=1.0), at_once=at_once
        )
        assert sorted(reading.interactions.item_ids) == ["a", "b"]


def test_a_robot_does_not_make_a_customer_with_half_of_all_orders_look_quiet() -> None:
    others = [{"customer_id": f"c{n % 120}", "order_id": f"o{n}", "item_id": f"i{n % 9}"} for n in range(600)]
    giant = [{"customer_id": "giant", "order_id": f"g{n}", "item_id": f"g{n % 3}"} for n in range(600)]
    robot = [{"visitor_id": "bot", "type": "view_item", "item_id": f"i{n % 9}"} for n in range(20_000)]
    caps = Caps(lines=700)
    for frame in (log(*others, *giant), log(*others, *giant, *robot)):
        assert read_interactions(iter([frame]), caps=caps).left_out["one person's part"] >= 597


def test_more_than_a_few_events_years_later_are_believed_and_the_gap_is_told() -> None:
    years = 13 * 365 * DAY_US
    orders = [{"order_id": f"o{n}", "time_us": DAY + n * DAY_US} for n in range(100)]
    late = [{"order_id": f"l{n}", "time_us": DAY + years + n} for n in range(10)]
    reading = read_interactions(iter([log(*orders, *late)]))
    [note] = reading.notes
    assert re.match(
        r"Nothing happened between \d{4}-\d\d-\d\d and \d{4}-\d\d-\d\d: 100 moments lie before, 10 after\.", note
    )
    assert read_interactions(iter([log(*orders)])).notes == ()


NUMBER = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1).map(float),
    st.floats(),
    st.sampled_from([0.0, -1.0, 1.0, 2.0, 1e30, -1e30, math.nan, math.inf, -math.inf, DAY + 0.0, DAY + 9.0]),
)
WORD = st.one_of(st.none(), st.sampled_from(["", "a", "b", "null", "test-1", "0", "undefined"]), st.text(max_size=5))
TYPE = st.one_of(st.sampled_from(["view_item", "purchase", "refund", "add_to_cart", "search"]), WORD)
LINE = st.fixed_dictionaries(
    {name: NUMBER if name in NUMBERS else TYPE if name == "type" else WORD for name in COLUMNS}
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(LINE, max_size=6), max_size=3))
def test_no_garbage_stops_a_reading_and_all_that_comes_out_is_finite(chunks: list[list[dict[str, object]]]) -> None:
    types = {name: pl.Float64 if name in NUMBERS else pl.String for name in COLUMNS}
    reading = read_interactions((pl.DataFrame(rows, schema=types) for rows in chunks), now=NOW)
    made = reading.interactions
    n = len(made.item)
    for column, dtype in (
        (made.person, np.int32),
        (made.item, np.int32),
        (made.kind, np.int8),
        (made.time_us, np.int64),
        (made.quantity, np.float32),
        (made.order, np.int64),
    ):
        assert column.dtype == dtype
        assert column.shape == (n,)
    assert np.isfinite(made.quantity).all()
    assert ((made.quantity >= 1) & (made.quantity <= 10_000)).all()
    assert (np.diff(made.time_us) >= 0).all()
    assert (made.time_us < made.now_us).all()
    assert not np.isinf(made.price).any()
    assert not (made.price < 0).any()
    assert ((made.person >= 0) & (made.person < made.n_people)).all()
    assert ((made.item >= 0) & (made.item < len(made.item_ids))).all()
    assert set(reading.left_out) == set(REASONS)
    assert n + sum(reading.left_out.values()) <= sum(len(rows) for rows in chunks)
