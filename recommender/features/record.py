"""The record of a person's items: what generators fold a person in from, without asking the log.

The newest interactions in the order of the log (time, then arrival), with item ids, so that it outlives every model.
Lines that arrive later are appended; as they come after everything the log held before, the result is that of all
lines at once. Numpy and msgspec only: this is read for every answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, overload
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.domain.errors import BadInputError
from recommender.domain.events import Line
from recommender.interactions import KIND_OF

MOST_LINES = 2_000
"""Interactions that are kept, unless told otherwise."""

MOST_QUANTITY = (1 << 32) - 1
MANY = 255
"""Quantities from here on are kept apart."""

VERSION = 1
KIND_CODE: Mapping[str, int] = {str(name): int(kind) for name, kind in KIND_OF.items()}
SECOND_US = 1_000_000

Ints = NDArray[np.int64]


class ItemIds(Sequence[str]):
    """Item ids as they lie in a record's bytes: texts are made when somebody asks for one."""

    __slots__ = ("_n", "_texts", "packed")

    def __init__(self, packed: bytes, n: int) -> None:
        self.packed, self._n = packed, n
        self._texts: list[str] | None = None

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if self._texts is None:
            self._texts = _TEXTS.decode(self.packed)
        return self._texts[place]


class Record(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Interactions of one person, oldest first. Row i of the arrays is one line of the log.

    Integer arrays are as wide as they were read; a msgspec struct because it is made for every answer.

    Attributes
    ----------
    item_ids : sequence of str
        The different items, sorted.
    item : integer array
        Index into ``item_ids``.
    kind : int8 array
        A :class:`~recommender.interactions.Kind`.
    time_us : int64 array
        Microseconds since 1970 UTC.
    quantity : integer array
        Units, at least 1.
    order : int64 array
        Orders (visits, where the shop tells no order) numbered from 0 as they appear; -1 unknown.
    order_names : integer array
        CRC-32 of the name of each order.
    complete : bool
        False when older interactions were left out.
    memory : dict
        For what others work out from these very rows.
    """

    item_ids: Sequence[str]
    item: NDArray[Any]
    kind: NDArray[np.int8]
    time_us: Ints
    quantity: NDArray[Any]
    order: Ints
    order_names: NDArray[Any]
    complete: bool = True
    memory: dict[str, Any] = msgspec.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.item)


Row = tuple[int, str, int, int, int]
"""(time_us, item id, kind, quantity, CRC-32 of the order or -1)."""


def record_of_lines(lines: Iterable[Line], limit: int = MOST_LINES, *, complete: bool = True) -> Record:
    """The record of these lines, given in any order.

    Parameters
    ----------
    limit : int
        The most interactions to keep, the newest.
    complete : bool
        False if the lines themselves are not all there are.
    """
    return _record(_rows(lines), limit, complete=complete)


def append(record: Record, lines: Iterable[Line], limit: int = MOST_LINES) -> Record:
    """The record with lines that the log got after all of its own (their times may be older)."""
    new = _rows(lines)
    return _record([*_rows_of(record), *new], limit, complete=record.complete) if new else record


def _rows(lines: Iterable[Line]) -> list[Row]:
    kept = [line for line in lines if line.item_id and line.type in KIND_CODE]
    kept.sort(key=lambda line: (line.seq, line.line))
    return [
        (
            line.time_us,
            line.item_id or "",
            KIND_CODE[line.type],
            min(max(line.quantity or 1, 1), MOST_QUANTITY),
            crc32(name.encode()) if (name := line.order_id or line.session_id) else -1,
        )
        for line in kept
    ]


def _rows_of(record: Record) -> list[Row]:
    names = np.append(record.order_names.astype(np.int64), -1)[record.order]
    columns = (array.tolist() for array in (record.time_us, record.item, record.kind, record.quantity, names))
    return [
        (time, record.item_ids[item], kind, units, name) for time, item, kind, units, name in zip(*columns, strict=True)
    ]


def _record(rows: list[Row], limit: int, *, complete: bool) -> Record:
    if not 0 < limit < 1 << 15:
        raise ValueError(f"a record holds 1 to 32767 interactions, not {limit}")
    newest = sorted(rows, key=itemgetter(0))[-limit:]
    ids = sorted({row[1] for row in newest})
    places = {item_id: place for place, item_id in enumerate(ids)}
    orders: dict[int, int] = {}
    table = np.array(
        [
            (time, places[item], kind, units, -1 if name < 0 else orders.setdefault(name, len(orders)))
            for time, item, kind, units, name in newest
        ],
        np.int64,
    ).reshape(-1, 5)
    return Record(
        item_ids=ids,
        item=table[:, 1].copy(),
        kind=table[:, 2].astype(np.int8),
        time_us=table[:, 0].copy(),
        quantity=table[:, 3].copy(),
        order=table[:, 4].copy(),
        order_names=np.array(list(orders), np.int64),
        complete=complete and len(newest) == len(rows),
    )


class Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The record in bytes, little-endian. Neighbours with one time, kind and order are one run, as orders are.

    Attributes
    ----------
    version : int
    complete : bool
    item_ids : list of str
    item : uint16 of each interaction
    length : uint16 of each run; empty if every run is of one
    start : int
        The earliest second.
    second : uint32 of each run
        Seconds since ``start``.
    fraction : uint32 of each run, microseconds; empty if all are 0
    kind : uint8 of each run
    order : int16 of each run; empty if none is known
    quantity : uint8 of each interaction, 255 where it stands in ``many``; empty if all are 1
    many : uint32 of each quantity from 255 upwards
    order_names : uint32 of each order
    """

    version: int
    complete: bool
    item_ids: list[str]
    item: bytes
    length: bytes
    start: int
    second: bytes
    fraction: bytes
    kind: bytes
    order: bytes
    quantity: bytes
    many: bytes
    order_names: bytes


class _Read(Packed, frozen=True, array_like=True, gc=False):
    """The same as it is read: its ids stay bytes."""

    item_ids: msgspec.Raw  # type: ignore[assignment] # the bytes of what stands there otherwise


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Read)
_TEXTS = msgspec.msgpack.Decoder(list[str])
_U1, _U2, _I2, _U4 = np.dtype("<u1"), np.dtype("<u2"), np.dtype("<i2"), np.dtype("<u4")


def encode_record(record: Record) -> bytes:
    """The record as bytes (msgpack); equal records give equal bytes."""
    size = len(record)
    begins = run_begins(record.time_us, record.kind, record.order)
    length = np.diff(np.append(begins, size))
    seconds, fraction = np.divmod(record.time_us[begins], SECOND_US)
    start, order = int(seconds.min()) if size else 0, record.order[begins]
    units = record.quantity
    return encode_packed(
        Packed(
            version=VERSION,
            complete=record.complete,
            item_ids=list(record.item_ids),
            item=record.item.astype(_U2).tobytes(),
            length=b"" if len(begins) == size else length.astype(_U2).tobytes(),
            start=start,
            second=(seconds - start).astype(_U4).tobytes(),
            fraction=fraction.astype(_U4).tobytes() if fraction.any() else b"",
            kind=record.kind[begins].astype(_U1).tobytes(),
            order=order.astype(_I2).tobytes() if len(record.order_names) else b"",
            quantity=np.minimum(units, MANY).astype(_U1).tobytes() if (units > 1).any() else b"",
            many=units[units >= MANY].astype(_U4).tobytes(),
            order_names=record.order_names.astype(_U4).tobytes(),
        )
    )


def encode_packed(packed: Packed) -> bytes:
    """The bytes of a record that is packed already."""
    return _ENCODER.encode(packed)


def run_begins(*columns: NDArray[Any]) -> Ints:
    """Where any of the columns changes, the first row included."""
    size = len(columns[0])
    changed = np.zeros(size, np.bool_)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changed)


def decode_record(blob: bytes) -> Record:
    """Back again.

    Raises
    ------
    BadInputError
        If the bytes are no record of this version: it has to be made anew from the log.
    """
    try:
        packed = _DECODER.decode(blob)
        if packed.version != VERSION:
            raise BadInputError("The record was written by another version; rebuild it from the log.")
        return _unpacked(packed)
    except (msgspec.DecodeError, ValueError, IndexError, OverflowError) as error:
        raise BadInputError(f"The record cannot be read ({error}); rebuild it from the log.") from error


def _unpacked(packed: _Read) -> Record:
    ids, names = _ids(bytes(packed.item_ids)), np.frombuffer(packed.order_names, _U4)
    runs = packed.second, packed.start, packed.kind, packed.order, packed.fraction, packed.length
    time_us, kind, order, item, quantity = kernels.spread(*runs, packed.item, packed.quantity, len(ids), len(names))
    return Record(
        item_ids=ids,
        item=item,
        kind=kind,
        time_us=time_us,
        quantity=_wide(quantity, packed.many) if packed.many else quantity,
        order=order,
        order_names=names,
        complete=packed.complete,
    )


def _ids(packed: bytes) -> Sequence[str]:
    """The ids in these bytes; read at once only where they are more than ASCII."""
    n = kernels.texts_in(packed)
    return ItemIds(packed, n) if n >= 0 else _TEXTS.decode(packed)


def _wide(quantity: NDArray[np.uint8], many: bytes) -> Ints:
    wide = quantity.astype(np.int64)
    wide[quantity == MANY] = np.frombuffer(many, _U4)
    return wide
