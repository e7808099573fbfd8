"""Lines that say much, little, or different things: what is stored is what was given, whatever else is in the group."""

from collections.abc import Sequence
from typing import Any

import pytest

from recommender.domain.ports import Stores
from recommender.storage.pen_columns import NUMBERED
from recommender.storage.pens import AlreadyStoredError, Pen


def line(seq: int, **told: Any) -> tuple[Any, ...]:
    plain = {"seq": seq, "source_id": 1, "event_id": f"e{seq}", "line": 0, "type": "view_item", "time_us": 5}
    return tuple({**plain, **told}.get(name) for name in NUMBERED)


FULL = {
    "visitor_id": "v1",
    "customer_id": "c1",
    "session_id": "s1",
    "item_id": "i1",
    "quantity": 2,
    "price_e4": 199_000,
    "currency": "PLN",
    "order_id": "o1",
    "value_e4": -1,
    "slate_id": "l1",
    "properties": '{"a":"b\\tc"}',
}
GROUPS = {
    "nothing but what is needed": [{}] * 300,
    "everything": [FULL] * 300,
    "some of it in some rows": [{name: FULL[name]} for name in FULL] * 30,
    "two currencies": [{"currency": "PLN"}, {"currency": "EUR"}] * 10,
    "a backslash": [{"item_id": "a\\b"}, {"item_id": "c"}] * 10,
    "a backslash beside a gap": [{"item_id": "a\\n"}, {}] * 10,
    "one row": [{"visitor_id": "v1"}],
}


@pytest.mark.parametrize("told", GROUPS.values(), ids=GROUPS)
def test_what_was_given_is_what_is_stored(stores: Stores, told: Sequence[dict[str, Any]]) -> None:
    rows = [line(seq, **one) for seq, one in enumerate(told, start=1)]
    pen = stores._database.pen()  # type: ignore[attr-defined]
    with pen.transaction():
        assert pen.insert_events(rows) is None
    with pen.transaction():
        found = pen.ask(f"SELECT {','.join(NUMBERED)} FROM events ORDER BY seq")
    pen.close()
    assert [tuple(row) for row in found] == rows


def inserted(pen: Pen, rows: Sequence[tuple[Any, ...]]) -> set[int] | None:
    """In a transaction, which is repeated once if the pen asks for it."""
    try:
        with pen.transaction():
            return pen.insert_events(rows)
    except AlreadyStoredError:
        with pen.transaction():
            return pen.insert_events(rows)


@pytest.mark.parametrize("told", GROUPS.values(), ids=GROUPS)
def test_events_that_are_there_already_do_not_go_in_beside_new_ones(
    stores: Stores, told: Sequence[dict[str, Any]]
) -> None:
    rows = [line(seq, **one) for seq, one in enumerate(told, start=1)]
    again = [line(row[0] + 1_000, event_id=row[2]) for row in rows]
    pen = stores._database.pen()  # type: ignore[attr-defined]
    with pen.transaction():
        pen.insert_events(rows)
    assert inserted(pen, [*again, line(5_000)]) == {5_000}
    pen.close()
