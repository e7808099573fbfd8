"""Lines of the log, and records made of them, as histories: the one place where a request's ids become row numbers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from recommender.algorithms.person import MINUTE_US
from recommender.domain.events import Line
from recommender.features.record import Record
from recommender.interactions import KIND_OF, Histories
from recommender.model.contract import Naming
from recommender.model.item_ids import Rows

if TYPE_CHECKING:
    import polars as pl

_KIND_CODE: Mapping[str, int] = {str(name): int(kind) for name, kind in KIND_OF.items()}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Ints = NDArray[np.int64]
_Rows = tuple[NDArray[np.int32], NDArray[np.int8], Ints, NDArray[np.float32], Ints]


class _Whole(NamedTuple):
    """A person's lines: those with items of the model; the ids of other items, and their lines in rows of these ids."""

    rows: _Rows
    other_ids: tuple[str, ...]
    others: _Rows
    memory: dict[Any, Any] | None


_NOTHING: _Rows = (
    np.empty(0, np.int32),
    np.empty(0, np.int8),
    np.empty(0, np.int64),
    np.empty(0, np.float32),
    np.empty(0, np.int64),
)
_ROWS = "rows"
"""What a record keeps the columns of its lines under, with the model whose rows they are."""
_HISTORIES = "histories"
"""What it keeps the histories of one person under, with the model, the minute and the country: within it nothing sees a difference."""
_NOBODY = _Whole(_NOTHING, (), _NOTHING, None)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 UTC of an aware moment, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def histories_of_records(
    records: Sequence[Record | None],
    countries: Sequence[int],
    now: Sequence[datetime],
    items: Mapping[str, int],
    model: object = None,
    *,
    naming: Naming | None = None,
) -> Histories:
    """One person per record (None: nothing known), as :func:`histories_of_lines` makes them of the same lines.

    A record that is cut to the newest lines gives what it has: whoever asks about a moment before its end must ask the log.
    ``model`` stands for the model whose ``items`` these are: with it columns stay with their record, for as long as the same
    model asks, and cannot be written to. With one person whose record is whole at that moment the histories have its memory.
    """
    moments = [microseconds(moment) for moment in now]
    if model is not None and len(records) == 1 and records[0] is not None:
        kept = _kept(records[0], (model, moments[0] // MINUTE_US, countries[0]), moments[0])
        if kept is not None:
            return kept
    wholes = [_NOBODY if record is None else _of_record(record, items, model) for record in records]
    parts = [_until(whole.rows, moment) for whole, moment in zip(wholes, moments, strict=True)]
    memory = wholes[0].memory if len(parts) == 1 and parts[0] is wholes[0].rows else None
    found = _joined(parts, countries, moments, memory)
    if not any(whole.other_ids for whole in wholes):
        if memory is not None and records[0] is not None:
            records[0].memory[_HISTORIES] = ((model, moments[0] // MINUTE_US, countries[0]), found)
        return found
    if naming is None:
        return found
    new = [_until(_named(whole, naming), moment) for whole, moment in zip(wholes, moments, strict=True)]
    return (
        structs.replace(found, newcomers=_joined(new, countries, moments, None))
        if any(len(one[0]) for one in new)
        else found
    )


def _kept(record: Record, key: tuple[object, int, int], moment_us: int) -> Histories | None:
    """The histories of the same minute, if the person's last event is before this moment, too."""
    known: tuple[tuple[object, int, int], Histories] | None = record.memory.get(_HISTORIES)
    if known is None or known[0] != key:
        return None
    times = known[1].time_us
    return known[1] if not len(times) or times.item(-1) < moment_us else None


def _joined(
    parts: Sequence[_Rows], countries: Sequence[int], moments: Sequence[int], memory: dict[Any, Any] | None
) -> Histories:
    alone = len(parts) == 1
    item, kind, time_us, quantity, order = parts[0] if alone else map(np.concatenate, zip(*parts, strict=True))
    ends = (0, len(item)) if alone else (0, *accumulate([len(part[0]) for part in parts]))
    return Histories(
        indptr=np.array(ends, np.int64),
        item=item,
        kind=kind,
        time_us=time_us,
        quantity=quantity,
        order=order,
        country=np.array(countries, np.int32),
        now_us=np.array(moments, np.int64),
        memory=memory,
    )


def _named(whole: _Whole, naming: Naming) -> _Rows:
    """Lines with items the model does not know, in the rows somebody else has for them; without those nobody knows."""
    rows = np.array([-1 if (row := naming(one)) is None else row for one in whole.other_ids], np.int32)
    place, kind, time_us, quantity, order = whole.others
    item = rows.take(place)
    found = item, kind, time_us, quantity, order
    return _those(found, item >= 0) if len(item) and int(item.min()) < 0 else found


def _of_record(record: Record, items: Mapping[str, int], model: object) -> _Whole:
    """The columns of one person's rows, and the memory beside them."""
    if model is None:
        return _made(record, items)
    known: tuple[object, _Whole] | None = record.memory.get(_ROWS)
    if known is not None and known[0] is model:
        return known[1]
    whole = _made(record, items, {})
    for column in whole.rows:
        column.setflags(write=False)
    record.memory[_ROWS] = (model, whole)
    return whole


def _made(record: Record, items: Mapping[str, int], memory: dict[Any, Any] | None = None) -> _Whole:
    ids = record.item_ids
    known = items.many(ids) if isinstance(items, Rows) else np.array([items.get(one, -1) for one in ids], np.int32)
    item = known.take(record.item)
    rows = item, record.kind, record.time_us, record.quantity.astype(np.float32), record.order
    if not len(item) or known.item(known.argmin()) >= 0:
        return _Whole(rows, (), _NOTHING, memory)
    others = (known < 0).nonzero()[0]
    place = others.searchsorted(record.item).astype(np.int32)
    return _Whole(
        _those(rows, item >= 0),
        tuple([ids[one] for one in others.tolist()]),
        _those((place, *rows[1:]), item < 0),
        memory,
    )


def _until(rows: _Rows, moment_us: int) -> _Rows:
    """Those before a moment; usually all are, and the last one tells."""
    times = rows[2]
    return rows if not len(times) or times.item(-1) < moment_us else _those(rows, times < moment_us)


def _those(rows: _Rows, keep: NDArray[np.bool_]) -> _Rows:
    """Some of the rows; orders are numbered anew, so that they run from 0 as they appear."""
    item, kind, time_us, quantity, order = rows
    return item[keep], kind[keep], time_us[keep], quantity[keep], _renumbered(order[keep])


def _renumbered(order: Ints) -> Ints:
    codes: dict[int, int] = {}
    return np.array([-1 if one < 0 else codes.setdefault(one, len(codes)) for one in order.tolist()], np.int64)


def histories_of_lines(
    lines: Sequence[Sequence[Line]],
    countries: Sequence[int],
    now: Sequence[datetime],
    items: Mapping[str, int],
    naming: Naming | None = None,
) -> Histories:
    """One person per sequence; see :meth:`recommender.model.contract.Model.histories`."""
    moments = [microseconds(moment) for moment in now]
    found = _of_lines(lines, countries, moments, items)
    if naming is None:
        return found
    ids = {
        line.item_id for theirs in lines for line in theirs if line.item_id is not None and line.item_id not in items
    }
    rows = {one: row for one in ids if (row := naming(one)) is not None}
    new = _of_lines(lines, countries, moments, rows) if rows else None
    return structs.replace(found, newcomers=new) if new is not None and len(new.item) else found


def _of_lines(
    lines: Sequence[Sequence[Line]], countries: Sequence[int], moments: Sequence[int], items: Mapping[str, int]
) -> Histories:
    rows: list[tuple[int, int, int, int, int]] = []
    indptr = [0]
    for theirs, until in zip(lines, moments, strict=True):
        rows.extend(_rows(theirs, until, items))
        indptr.append(len(rows))
    table = np.array(rows, np.int64).reshape(-1, 5)
    return Histories(
        indptr=np.array(indptr, np.int64),
        item=table[:, 0].astype(np.int32),
        kind=table[:, 1].astype(np.int8),
        time_us=table[:, 2].copy(),
        quantity=np.maximum(table[:, 3], 1).astype(np.float32),
        order=table[:, 4].copy(),
        country=np.array(countries, np.int32),
        now_us=np.array(moments, np.int64),
    )


def _rows(lines: Sequence[Line], until_us: int, items: Mapping[str, int]) -> list[tuple[int, int, int, int, int]]:
    kept = [line for line in lines if line.time_us < until_us and line.type in _KIND_CODE and line.item_id in items]
    kept.sort(key=lambda line: (line.time_us, line.seq))
    orders: dict[str, int] = {}
    return [
        (
            items[line.item_id or ""],
            _KIND_CODE[line.type],
            line.time_us,
            line.quantity or 1,
            orders.setdefault(name, len(orders)) if (name := line.order_id or line.session_id) else -1,
        )
        for line in kept
    ]


def histories_of_columns(
    frame: "pl.DataFrame",
    countries: Sequence[int],
    now: Sequence[datetime],
    items: "pl.DataFrame",
    naming: Naming | None = None,
) -> Histories:
    """The same from columns with ``who``; ``items`` has ``item_id`` and ``item`` (int32)."""
    import polars as pl  # only here: a worker that reads people one by one never needs it

    moments = np.array([microseconds(moment) for moment in now], np.int64)
    found = _of_columns(frame, countries, moments, items)
    if naming is None:
        return found
    ids = (
        frame.select("item_id").drop_nulls().unique().join(items, on="item_id", how="anti")["item_id"].sort().to_list()
    )
    rows = {one: row for one in ids if (row := naming(one)) is not None}
    if not rows:
        return found
    named = pl.DataFrame({"item_id": list(rows), "item": np.array(list(rows.values()), np.int32)})
    new = _of_columns(frame, countries, moments, named)
    return structs.replace(found, newcomers=new) if len(new.item) else found


def _of_columns(frame: "pl.DataFrame", countries: Sequence[int], moments: Ints, items: "pl.DataFrame") -> Histories:
    import polars as pl

    clocks = pl.DataFrame({"who": np.arange(len(moments), dtype=np.int32), "until": moments})
    kinds = pl.DataFrame({"type": list(_KIND_CODE), "kind": np.array(list(_KIND_CODE.values()), np.int8)})
    name = pl.coalesce(
        pl.when(pl.col("order_id") != "").then("order_id"), pl.when(pl.col("session_id") != "").then("session_id")
    )
    rows = (
        frame.lazy()
        .join(kinds.lazy(), on="type")
        .join(items.lazy(), on="item_id")
        .join(clocks.lazy(), on="who")
        .filter(pl.col("time_us") < pl.col("until"))
        .sort("who", "time_us", "seq", "line", maintain_order=True)
        .with_columns(visit=name, place=pl.int_range(pl.len(), dtype=pl.Int64))
        .collect()
    )
    return Histories(
        indptr=np.searchsorted(rows["who"].to_numpy(), np.arange(len(moments) + 1)).astype(np.int64),
        item=rows["item"].to_numpy().astype(np.int32),
        kind=rows["kind"].to_numpy().astype(np.int8),
        time_us=rows["time_us"].to_numpy().astype(np.int64),
        quantity=rows["quantity"].fill_null(1).clip(lower_bound=1).to_numpy().astype(np.float32),
        order=_orders(rows),
        country=np.array(countries, np.int32),
        now_us=moments,
    )


def _orders(rows: "pl.DataFrame") -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Each person's orders (or visits) numbered from 0 as they appear; -1 where neither is told."""
    import polars as pl

    first = (
        rows.filter(pl.col("visit").is_not_null())
        .group_by("who", "visit")
        .agg(pl.col("place").min())
        .sort("who", "place")
        .with_columns(code=pl.int_range(pl.len(), dtype=pl.Int64).over("who"))
        .drop("place")
    )
    coded = rows.select("who", "visit", "place").join(first, on=["who", "visit"], how="left").sort("place")
    return coded["code"].fill_null(-1).to_numpy().astype(np.int64)
