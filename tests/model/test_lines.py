"""Lines of the log as histories: one by one and in columns alike."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from interaction_samples import interactions

from recommender.domain.events import Line
from recommender.features.record import record_of_lines
from recommender.interactions import Histories, Kind
from recommender.training.fitting import fit

NOW = datetime(2026, 10, 5, tzinfo=UTC)
MODEL = fit(interactions([(n % 3, n % 4, Kind.PURCHASE, float(n)) for n in range(8)], country=[0, 1, -1])).model


def line(
    seq: int,
    item_id: str | None,
    *,
    kind: str = "view_item",
    hours: float = 1.0,
    order_id: str | None = None,
    session_id: str | None = None,
    quantity: int | None = None,
) -> Line:
    return Line(
        seq=seq,
        event_id=f"e{seq}",
        line=0,
        type=kind,
        time_us=int((NOW - timedelta(hours=hours)).timestamp() * 1_000_000),
        visitor_id=None,
        customer_id=None,
        session_id=session_id,
        item_id=item_id,
        quantity=quantity,
        price_e4=None,
        currency=None,
        order_id=order_id,
        value_e4=None,
        slate_id=None,
    )


def in_columns(people: list[list[Line]]) -> pl.DataFrame:
    rows = [
        {"who": who} | {name: getattr(one, name) for name in Line.__dataclass_fields__}
        for who, theirs in enumerate(people)
        for one in theirs
    ]
    integers = {
        "who": pl.Int32,
        "seq": pl.Int64,
        "line": pl.Int32,
        "time_us": pl.Int64,
        "quantity": pl.Int64,
        "price_e4": pl.Int64,
        "value_e4": pl.Int64,
    }
    names = ["who", *Line.__dataclass_fields__]
    return pl.DataFrame(rows, schema={name: integers.get(name, pl.String) for name in names})


PEOPLE = [
    [
        line(1, "i0000", kind="purchase", hours=9, order_id="A", quantity=4),
        line(2, "i0001", kind="purchase", hours=9, order_id="A"),
        line(3, "i0002", kind="add_to_cart", hours=2, session_id="s"),
        line(4, "gone", hours=2),
        line(5, "i0001", hours=1),
        line(6, None, kind="search", hours=1),
        line(7, "i0003", hours=-1),
        line(8, "i0000", kind="refund", hours=3, order_id="A", quantity=1),
    ],
    [],
    [line(9, "i0003", kind="select_item", hours=5, order_id="", session_id="")],
]


ARRAYS = [name for name in Histories.__struct_fields__ if name not in {"memory", "attributes", "newcomers"}]


def arrays(histories: Histories) -> dict[str, list[float]]:
    return {name: getattr(histories, name).tolist() for name in ARRAYS}


def test_lines_and_columns_give_equal_arrays() -> None:
    countries = ["Poland", None, "Atlantis"]
    one = MODEL.histories(PEOPLE, countries, [NOW] * 3)
    two = MODEL.histories_of_frame(in_columns(PEOPLE), countries, [NOW] * 3)
    assert arrays(one) == arrays(two)
    dtypes = [getattr(one, name).dtype == getattr(two, name).dtype for name in ARRAYS]
    assert all(dtypes)


def test_what_is_unknown_later_or_no_interaction_is_left_out() -> None:
    histories = MODEL.histories(PEOPLE, [None] * 3, [NOW] * 3)
    assert histories.indptr.tolist() == [0, 5, 5, 6]
    assert histories.kind.tolist() == [Kind.PURCHASE, Kind.PURCHASE, Kind.REFUND, Kind.CART, Kind.VIEW, Kind.VIEW]
    assert histories.country.tolist() == [-1, -1, -1]


def test_an_order_is_numbered_and_nothing_told_is_unknown() -> None:
    assert MODEL.histories(PEOPLE, [None] * 3, [NOW] * 3).order.tolist() == [0, 0, 0, 1, -1, -1]


def test_the_order_the_lines_come_in_does_not_matter() -> None:
    shuffled = [list(reversed(theirs)) for theirs in PEOPLE]
    assert arrays(MODEL.histories(shuffled, [None] * 3, [NOW] * 3)) == arrays(
        MODEL.histories(PEOPLE, [None] * 3, [NOW] * 3)
    )


def test_items_are_found_by_id() -> None:
    assert MODEL.index_of("i0002") == 2
    assert MODEL.index_of("nowhere") is None


def test_microseconds_are_kept_exactly() -> None:
    moment = datetime(2026, 10, 1, 12, 0, 0, 123_457, tzinfo=UTC)
    histories = MODEL.histories([[]], [None], [moment])
    assert int(histories.now_us[0]) % 1_000_000 == 123_457
    assert histories.now_us.dtype == np.int64


def named(item_id: str) -> int | None:
    return {"gone": 77, "later": 9}.get(item_id)


def test_items_that_came_after_the_training_stand_beside_the_others_in_the_rows_they_are_given() -> None:
    people = [[*PEOPLE[0], line(10, "later", hours=3), line(11, "nowhere", hours=1)], PEOPLE[1], PEOPLE[2]]
    records = [record_of_lines(theirs) for theirs in people]
    asked = ([None] * 3, [NOW] * 3, named)
    one = MODEL.histories(people, *asked)
    two = MODEL.histories_of_frame(in_columns(people), *asked)
    three = MODEL.histories_of_records(records, *asked)
    alone = MODEL.histories_of_records(records[:1], [None], [NOW], named)
    for each in (one, two, three, alone):
        assert each.newcomers is not None
        assert each.newcomers.item.tolist() == [9, 77]
        assert each.newcomers.kind.tolist() == [Kind.VIEW, Kind.VIEW]
    assert one.newcomers is not None
    assert one.newcomers.indptr.tolist() == [0, 2, 2, 2]
    assert arrays(one) == arrays(two) == arrays(three) == arrays(MODEL.histories(people, [None] * 3, [NOW] * 3))


def test_who_touched_nothing_new_has_no_newcomers_and_a_moment_cuts_them_off_too() -> None:
    assert MODEL.histories(PEOPLE, [None] * 3, [NOW] * 3).newcomers is None
    assert MODEL.histories([PEOPLE[2]], [None], [NOW], named).newcomers is None
    before = [NOW - timedelta(hours=2)]
    assert MODEL.histories([PEOPLE[0]], [None], before, named).newcomers is None
    assert MODEL.histories_of_records([record_of_lines(PEOPLE[0])], [None], before, named).newcomers is None
