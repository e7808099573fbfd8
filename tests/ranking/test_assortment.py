from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from ranking_samples import NOW, WrittenModel, aligned, catalogue

from recommender.domain.items import Availability, Item
from recommender.ranking.aligning import SPARE
from recommender.ranking.assortment import micros, top_level


def test_the_models_rows_come_first_and_the_catalogues_own_items_follow() -> None:
    model = WrittenModel(item_ids=["a", "b"])
    stock = aligned(catalogue(Item(item_id="b"), Item(item_id="z")), model)
    assert list(stock.ids) == ["a", "b", "z"]
    assert [stock.row("a"), stock.row("b"), stock.row("z"), stock.row("nowhere")] == [0, 1, 2, None]


def test_an_item_seen_only_in_events_is_sellable() -> None:
    stock = aligned({}, WrittenModel(item_ids=["a"]))
    assert stock.sellable(np.array([0], np.int32), micros(NOW)).all()


@pytest.mark.parametrize(
    "item",
    [
        Item(item_id="a", removed=True),
        Item(item_id="a", visible=False),
        Item(item_id="a", availability=Availability.OUT_OF_STOCK),
        Item(item_id="a", stock=0),
        Item(item_id="a", available_from=NOW + timedelta(days=1)),
        Item(item_id="a", available_until=NOW),
        Item(item_id="a", available_from=NOW + timedelta(days=2), available_until=NOW - timedelta(days=2)),
        Item(item_id="a", stock=0, available_from=NOW - timedelta(days=1)),
    ],
)
def test_an_explicit_state_takes_an_item_out(item: Item) -> None:
    assert not aligned(catalogue(item)).sellable(np.array([0], np.int32), micros(NOW)).any()


def test_dates_are_judged_at_the_moment_of_the_list() -> None:
    spring = Item(item_id="a", available_from=NOW, available_until=NOW + timedelta(days=30))
    stock = aligned(catalogue(spring, Item(item_id="b")))
    rows = np.array([0, 1], np.int32)
    moments = (NOW - timedelta(days=1), NOW, NOW + timedelta(days=29), NOW + timedelta(days=30))
    assert [stock.sellable(rows, micros(at)).tolist() for at in moments] == [
        [False, True],
        [True, True],
        [True, True],
        [False, True],
    ]


@pytest.mark.parametrize("hours", range(-3, 4))
def test_the_columns_agree_with_the_items_own_word(hours: int) -> None:
    items = [
        Item(item_id="a", available_from=NOW, stock=3),
        Item(item_id="b", available_until=NOW, availability=Availability.PREORDER, stock=0),
        Item(item_id="c", available_from=NOW - timedelta(hours=2), available_until=NOW + timedelta(hours=2)),
        Item(item_id="d", visible=True, stock=-1),
    ]
    at = NOW + timedelta(hours=hours)
    stock = aligned(catalogue(*items))
    assert stock.sellable(np.arange(4, dtype=np.int32), micros(at)).tolist() == [item.sellable(at) for item in items]


def test_a_change_makes_a_new_version_and_leaves_the_old_one_as_it_was() -> None:
    before = catalogue(Item(item_id="a", category="Tea"), Item(item_id="b"))
    stock = aligned(before)
    changes = [Item(item_id="a", category="Tea", stock=0), Item(item_id="c", category="Coffee > Beans")]
    after = stock.with_changes(changes)
    assert stock.sellable(np.array([0], np.int32), micros(NOW)).all()
    assert list(after.ids) == ["a", "b", "c"]
    assert after.sellable(np.arange(3, dtype=np.int32), micros(NOW)).tolist() == [False, True, True]
    assert after.columns.category[2] == after.code("category", "Coffee") != after.code("category", "Tea")


def test_filling_in_changes_gives_what_building_anew_gives() -> None:
    model = WrittenModel(item_ids=["a", "b"])
    before = catalogue(Item(item_id="b", category="Tea"))
    changes = [Item(item_id="b", category="Coffee", available_until=NOW), Item(item_id="n", item_group_id="g")]
    step = aligned(before, model).with_changes(changes)
    whole = aligned(before | catalogue(*changes), model)
    rows = np.arange(3, dtype=np.int32)
    assert list(step.ids) == list(whole.ids)
    assert (
        step.sellable(rows, micros(NOW)).tolist() == whole.sellable(rows, micros(NOW)).tolist() == [True, False, True]
    )
    assert (step.columns.group >= 0).tolist() == (whole.columns.group >= 0).tolist()
    assert step.newest().tolist() == whole.newest().tolist()


def test_the_newest_come_first_and_equal_dates_go_by_id() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    stock = aligned(
        catalogue(
            Item(item_id="old", added_at=day),
            Item(item_id="unknown"),
            Item(item_id="new-b", added_at=day + timedelta(days=5)),
            Item(item_id="new-a", added_at=day + timedelta(days=5)),
        ),
        WrittenModel(item_ids=["only-in-events"]),
    )
    assert [stock.ids[row] for row in stock.newest()] == ["new-a", "new-b", "old", "unknown"]


@pytest.mark.parametrize(
    ("path", "first"),
    [("Home > Candles", "Home"), ("Home", "Home"), ("Home>Candles", "Home"), (None, None), ("", None)],
)
def test_the_category_that_is_capped_is_the_first_of_the_path(path: str | None, first: str | None) -> None:
    assert top_level(path) == first


def test_more_new_items_than_rows_were_kept_free_for_are_written_into_lists() -> None:
    shop = aligned(catalogue(Item(item_id="a", title="Tea"), Item(item_id="b")))
    grown = shop.with_changes([Item(item_id=f"c{number:03d}", title=f"Cup {number}") for number in range(SPARE + 50)])
    rows = [row for one in ("a", "c000", f"c{SPARE + 49}") if (row := grown.row(one)) is not None]
    ids, cards = grown.pieces(rows)
    assert ids == [b'"a"', b'"c000"', b'"c305"']
    assert cards == [grown.fragment(row) for row in rows]
    assert b'"Cup 305"' in cards[2]
