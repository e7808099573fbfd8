"""The log becomes interactions: one person is one person, and whatever is left out is counted."""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from recommender.interactions import Kind
from recommender.training.catalogue import CatalogueFacts
from recommender.training.reading import COLUMNS, Caps, read_interactions

DAY_US = 86_400_000_000
DAY = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp()) * 1_000_000
TYPES = {
    "seq": pl.Int64,
    "line": pl.Int32,
    "time_us": pl.Int64,
    "quantity": pl.Int64,
    "price_e4": pl.Int64,
}


def log(*rows: dict[str, object]) -> pl.DataFrame:
    """Lines with defaults: a view of the mug at the start of the day."""
    filled = [
        {**dict.fromkeys(COLUMNS), "seq": n, "line": 0, "type": "view_item", "time_us": DAY, "item_id": "mug", **row}
        for n, row in enumerate(rows, start=1)
    ]
    return pl.DataFrame(filled, schema={name: TYPES.get(name, pl.String) for name in COLUMNS})


def test_a_customer_and_a_linked_visitor_are_one_person() -> None:
    frame = log({"customer_id": "anna"}, {"visitor_id": "v1"}, {"visitor_id": "v2"})
    made = read_interactions(iter([frame]), links=[("v1", "anna")]).interactions
    assert made.n_people == 2
    assert made.person[0] == made.person[1] != made.person[2]


def test_a_visitor_and_a_customer_of_the_same_name_stay_two() -> None:
    assert read_interactions(iter([log({"customer_id": "7"}, {"visitor_id": "7"})])).interactions.n_people == 2


def test_lines_come_out_in_the_order_of_time_with_the_clock_just_after_the_last() -> None:
    frame = log(
        {"customer_id": "a", "time_us": DAY + 9, "item_id": "tea"},
        {"customer_id": "a", "type": "search", "item_id": None, "time_us": DAY + 20},
        {"customer_id": "a", "time_us": DAY + 3},
    )
    reading = read_interactions(iter([frame[:2], frame[2:]]))
    assert [reading.interactions.item_ids[i] for i in reading.interactions.item] == ["mug", "tea"]
    assert reading.interactions.now_us == DAY + 21


def test_people_who_refuse_training_are_left_out_and_counted() -> None:
    frame = log({"customer_id": "a"}, {"visitor_id": "v1"}, {"visitor_id": "v2"}, {"customer_id": "b"})
    reading = read_interactions(iter([frame]), links=[("v1", "a")], excluded_customers={"a"}, excluded_visitors={"v2"})
    assert reading.interactions.n_people == 1
    assert reading.left_out["excluded"] == 3


def test_a_robot_is_capped_by_day_and_in_all_but_purchases_of_a_day_stay() -> None:
    looks = [{"visitor_id": "bot", "time_us": DAY + n} for n in range(5)]
    orders = [{"visitor_id": "bot", "type": "purchase", "time_us": DAY + 10 + n} for n in range(5)]
    reading = read_interactions(iter([log(*looks, *orders)]), caps=Caps(looks_per_day=2, lines=6))
    assert list(reading.interactions.kind) == [Kind.VIEW] + [Kind.PURCHASE] * 5
    assert sum(reading.left_out.values()) == 4


def test_one_order_is_one_code_then_the_visit_counts_and_without_either_it_is_unknown() -> None:
    frame = log(
        {"customer_id": "a", "order_id": "1"},
        {"customer_id": "a", "order_id": "1", "item_id": "tea"},
        {"customer_id": "a", "session_id": "1", "time_us": DAY + 1},
        {"customer_id": "a", "time_us": DAY + DAY_US},
    )
    order = read_interactions(iter([frame])).interactions.order
    assert order[0] == order[1] != order[2]
    assert order[3] == -1


def test_country_category_and_the_last_told_price_are_carried_over() -> None:
    frame = log(
        {"customer_id": "a", "price_e4": 75_000, "time_us": DAY + 5},
        {"customer_id": "a", "price_e4": 70_000, "time_us": DAY},
        {"customer_id": "b", "item_id": "tea"},
    )
    made = read_interactions(
        iter([frame]), countries={"b": "Poland"}, catalogue=CatalogueFacts(categories={"mug": "Kitchen > Mugs"})
    ).interactions
    assert made.countries == ("Poland",)
    assert sorted(made.country.tolist()) == [-1, 0]
    assert made.categories == ("Kitchen > Mugs",)
    assert made.price[0] == np.float32(7.5)
    assert np.isnan(made.price[1])


def test_an_empty_log_gives_empty_interactions() -> None:
    made = read_interactions(iter([])).interactions
    assert (made.n_people, made.item_ids, made.now_us, len(made.item)) == (0, (), 0, 0)


def test_lines_that_cannot_be_true_are_left_out_each_with_its_reason() -> None:
    frame = log(
        {"customer_id": "a"},
        {"customer_id": "null"},
        {"visitor_id": " Guest "},
        {},
        {"customer_id": "a", "item_id": None},
        {"customer_id": "a", "item_id": "Undefined"},
        {"customer_id": "a", "quantity": -3},
        {"customer_id": "a", "time_us": -5},
    )
    reading = read_interactions(iter([frame]))
    assert len(reading.interactions.item) == 1
    told = {why: n for why, n in reading.left_out.items() if n}
    assert told == {"illegal person": 2, "no person": 1, "no item": 1, "illegal item": 1} | dict.fromkeys(
        ("no time or before 1990", "quantity not above 0"), 1
    )


def test_an_illegal_customer_id_beside_a_good_visitor_leaves_the_visitor() -> None:
    frame = log({"customer_id": "undefined", "visitor_id": "v1"}, {"visitor_id": "v1"})
    assert read_interactions(iter([frame])).interactions.n_people == 1


def test_until_hides_what_came_later() -> None:
    frame = log({"customer_id": "a"}, {"customer_id": "a", "time_us": DAY + DAY_US, "item_id": "tea"})
    made = read_interactions(iter([frame]), until=datetime(2026, 10, 2, tzinfo=UTC)).interactions
    assert made.item_ids == ("mug",)
    assert made.now_us == DAY + 1
