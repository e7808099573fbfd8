"""The catalogue as arrays in rows of its own, sorted by id: what one process writes and all processes read."""

import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from recommender.bundle.ids import PackedTexts, bucket_arrays, pack_ids
from recommender.domain.entries import Entry
from recommender.domain.items import CATEGORY_SEPARATOR
from recommender.ranking.cards import fragment_of

AT_ONCE = 5_000
MAX_ATTRIBUTES = 64
"""Attributes a list can be narrowed by; what a feed names beyond these, in the order first met, cannot be asked for."""

NUMBERS: Final[Mapping[str, type[np.generic]]] = {
    "offered": np.bool_,
    "shown": np.bool_,
    "starts_us": np.int64,
    "ends_us": np.int64,
    "added_us": np.int64,
    "price_e4": np.int64,
}
"""Columns taken over as they are."""
KINDS: Final = ("group", "shelf", "category", "brand")
"""Columns of codes, int32, -1 none: the variant group, the whole category path, its first part, the brand."""

Arrays = Mapping[str, NDArray[Any]]


class Store(Protocol):
    """Where arrays that grow piece by piece are put."""

    def write(self, name: str, piece: NDArray[Any]) -> None:
        """Put a piece behind what the array holds already."""
        ...


class InMemory:
    """A :class:`Store` that keeps the pieces."""

    def __init__(self) -> None:
        self._pieces: dict[str, list[NDArray[Any]]] = {}

    def write(self, name: str, piece: NDArray[Any]) -> None:
        """Put a piece behind what the array holds already."""
        self._pieces.setdefault(name, []).append(piece)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Every array in one piece."""
        return {name: np.concatenate(pieces) for name, pieces in self._pieces.items()}


class _Codes:
    """Numbers for texts, in the order first met."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def of(self, texts: Iterable[str | None]) -> NDArray[np.int32]:
        known = self.known
        codes = (-1 if text is None else known.setdefault(text, len(known)) for text in texts)
        return np.fromiter(codes, dtype=np.int32)


class _Attribute:
    """One attribute: the rows that have it and the codes of what they say."""

    def __init__(self) -> None:
        self.rows, self.codes, self.known = array("i"), array("i"), dict[str, int]()

    def put(self, row: int, text: str) -> None:
        self.rows.append(row)
        self.codes.append(self.known.setdefault(text, len(self.known)))


def write_listing(entries: Iterable[Entry], store: Store) -> None:
    """Turn a catalogue into the arrays of a :class:`Listing`, some thousand items at a time.

    Parameters
    ----------
    entries
        By id, in the order of their bytes; each id once.
    store
        Takes the arrays; the large ones come in pieces.
    """
    codes = {kind: _Codes() for kind in KINDS}
    attributes: dict[str, _Attribute] = {}
    hashes: list[NDArray[np.uint32]] = [np.zeros(0, np.uint32)]
    n = id_end = card_end = 0
    _begin(store)
    every = iter(entries)
    while some := list(islice(every, AT_ONCE)):
        ids = [entry.item_id.encode() for entry in some]
        hashes.append(np.fromiter(map(zlib.crc32, ids), dtype=np.uint32, count=len(ids)))
        id_end = _write_texts(store, "ids", ids, id_end)
        card_end = _write_texts(store, "cards", [fragment_of(entry) for entry in some], card_end)
        for name, values in _numbers(some).items():
            store.write(name, values)
        for kind, texts in _texts(some).items():
            store.write(kind, codes[kind].of(texts))
        _note_attributes(attributes, some, n)
        n += len(some)
    for name, piece in bucket_arrays("ids", np.concatenate(hashes)).items():
        store.write(name, piece)
    for kind in KINDS:
        _write_names(store, kind, codes[kind].known)
    _write_attributes(store, attributes, n)


def _begin(store: Store) -> None:
    """Name every column, so that an empty catalogue has them, too."""
    for name in ("ids", "cards"):
        _write_texts(store, name, [], 0)
    for name, dtype in NUMBERS.items():
        store.write(name, np.zeros(0, dtype))
    for kind in KINDS:
        store.write(kind, np.zeros(0, np.int32))


def _write_texts(store: Store, name: str, texts: Sequence[bytes], end: int) -> int:
    """Put texts behind those before; returns where the last one ends."""
    ends = end + np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)), dtype=np.int64)
    store.write(f"{name}.utf8", np.frombuffer(b"".join(texts), dtype=np.uint8))
    store.write(f"{name}.ends", ends)
    return int(ends[-1]) if len(ends) else end


def _write_names(store: Store, name: str, known: Iterable[str]) -> None:
    for part, piece in pack_ids(f"{name}.names", list(known)).items():
        store.write(part, piece)


def _numbers(some: Sequence[Entry]) -> dict[str, NDArray[Any]]:
    values = zip(*((e.offered, e.shown, e.starts_us, e.ends_us, e.added_us, e.paid_e4) for e in some), strict=True)
    return {name: np.array(column, dtype) for (name, dtype), column in zip(NUMBERS.items(), values, strict=True)}


def _texts(some: Sequence[Entry]) -> dict[str, list[str | None]]:
    return {
        "group": [entry.group for entry in some],
        "shelf": [entry.category for entry in some],
        "category": [top_level(entry.category) for entry in some],
        "brand": [entry.brand for entry in some],
    }


def _note_attributes(attributes: dict[str, _Attribute], some: Sequence[Entry], first: int) -> None:
    for row, entry in enumerate(some, start=first):
        for name, value in entry.attributes.items():
            column = attributes.get(name)
            if column is None:
                if len(attributes) >= MAX_ATTRIBUTES:
                    continue
                column = attributes[name] = _Attribute()
            if value is not None:
                column.put(row, said(value))


def _write_attributes(store: Store, attributes: Mapping[str, _Attribute], n: int) -> None:
    _write_names(store, "attributes", attributes)
    for number, column in enumerate(attributes.values()):
        codes = np.full(n, -1, dtype=np.int32)
        codes[np.frombuffer(column.rows, np.intc)] = np.frombuffer(column.codes, np.intc)
        store.write(f"attribute{number}", codes)
        _write_names(store, f"attribute{number}", column.known)


def said(value: str | float) -> str:
    """An attribute's value as it is written in a request: ``true``, ``40``, ``soy``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def top_level(category: str | None) -> str | None:
    """The first part of a category path; None if there is no category."""
    return None if category is None else category.split(CATEGORY_SEPARATOR.strip(), 1)[0].strip() or None


class Listing:
    """One written catalogue. Immutable, safe to share; a look-up makes nothing that grows with the catalogue.

    Attributes
    ----------
    ids : PackedTexts
        Row to item id, sorted.
    columns : mapping of str to array
        :data:`NUMBERS` and :data:`KINDS`, one entry per row.
    names : mapping of str to PackedTexts
        Texts behind the codes of each kind.
    """

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self.ids = PackedTexts("ids", arrays)
        self.columns = {name: arrays[name] for name in (*NUMBERS, *KINDS)}
        self.names = {kind: PackedTexts(f"{kind}.names", arrays) for kind in KINDS}
        self._attributes = PackedTexts("attributes.names", arrays)
        self._cards, self._card_ends = arrays["cards.utf8"].data, arrays["cards.ends"].data

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def packed(self) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64]]:
        """Bytes and ends of ids, and of cards."""
        arrays = self._arrays
        return arrays["ids.utf8"], arrays["ids.ends"], arrays["cards.utf8"], arrays["cards.ends"]

    def fragment(self, row: int) -> bytes:
        """The card of a row as JSON (see :func:`~recommender.ranking.cards.fragment_of`)."""
        ends = self._card_ends
        return self._cards[ends[row - 1] if row else 0 : ends[row]].tobytes()

    def attribute(self, name: str) -> tuple[NDArray[np.int32], Sequence[str]] | None:
        """Codes by row (-1: the item does not say) and their texts; None if no item has the attribute."""
        number = self._attributes.index_of(name)
        if number is None:
            return None
        return self._arrays[f"attribute{number}"], PackedTexts(f"attribute{number}.names", self._arrays)

    def attributes(self) -> Iterator[str]:
        """Names of the attributes."""
        return iter(self._attributes)


def build_listing(entries: Iterable[Entry]) -> Listing:
    """A listing in memory; the entries in any order."""
    store = InMemory()
    write_listing(sorted(entries, key=lambda entry: entry.item_id), store)
    return Listing(store.arrays())
