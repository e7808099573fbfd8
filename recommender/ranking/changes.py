"""What has changed in the catalogue since its arrays were written: a few items laid over them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from recommender.domain.entries import Entry
from recommender.ranking.aligning import COLUMNS, DTYPES, Aligned, Columns, blank
from recommender.ranking.cards import fragment_of
from recommender.ranking.listing import KINDS, Listing, said, top_level


class Change(NamedTuple):
    """One item as it is now: its row, the values of its columns (in the order of ``COLUMNS``) and its card."""

    row: int
    entry: Entry
    values: tuple[int, ...]
    fragment: bytes


class Names(Sequence[str]):
    """Texts behind codes: those of the written arrays, and new ones behind them."""

    def __init__(self, written: Sequence[str], more: Sequence[str]) -> None:
        self._written = written
        self._more = more

    def __len__(self) -> int:
        return len(self._written) + len(self._more)

    @overload
    def __getitem__(self, code: int) -> str: ...
    @overload
    def __getitem__(self, code: slice) -> list[str]: ...
    def __getitem__(self, code: int | slice) -> str | list[str]:
        if isinstance(code, slice):
            return [self[one] for one in range(*code.indices(len(self)))]
        known = len(self._written)
        return self._written[code] if code < known else self._more[code - known]


class Changes:
    """Changed items over one alignment. Immutable; :meth:`plus` gives the next.

    Attributes
    ----------
    by_id : mapping of str to Change
    by_row : mapping of int to Change
    fresh : list of str
        Ids that have no row in the written arrays; they follow its last one.
    names : mapping of str to mapping of str to int
        Codes, per kind, of texts the listing does not have.
    """

    def __init__(
        self,
        by_id: Mapping[str, Change],
        fresh: Sequence[str] = (),
        names: Mapping[str, Mapping[str, int]] | None = None,
    ) -> None:
        self.by_id = by_id
        self.by_row = {change.row: change for change in by_id.values()}
        self.fresh = list(fresh)
        self.names = names or {kind: {} for kind in KINDS}

    def plus(self, entries: Iterable[Entry], aligned: Aligned, row_of: Callable[[str], int | None]) -> "Changes":
        """These changes and newer ones; ``row_of`` gives the row an item has now."""
        by_id, fresh = dict(self.by_id), list(self.fresh)
        names = {kind: dict(known) for kind, known in self.names.items()}
        for entry in entries:
            row = row_of(entry.item_id)
            if row is None and entry.item_id in by_id:
                row = by_id[entry.item_id].row
            if row is None:
                row = aligned.n_rows + len(fresh)
                fresh.append(entry.item_id)
            by_id[entry.item_id] = Change(row, entry, _values(entry, aligned.listing, names), fragment_of(entry))
        return Changes(by_id, fresh, names)

    def columns(self, aligned: Aligned) -> Columns:
        """The columns with the changes in them. An array in which nothing differs is the shared one."""
        n = aligned.n_rows + len(self.fresh)
        rows = np.fromiter(self.by_row, dtype=np.int64, count=len(self.by_row))
        values = zip(*(change.values for change in self.by_row.values()), strict=True)
        now = dict(zip(COLUMNS, values, strict=True)) if self.by_row else {}
        return Columns(**{name: _column(aligned, name, n, rows, now.get(name, ())) for name in COLUMNS})

    def attribute(self, aligned: Aligned, name: str) -> tuple[NDArray[np.int32], Sequence[str]]:
        """Each row's value of an attribute as a number (-1: none), and the texts of the numbers."""
        codes = np.full(aligned.n_rows + len(self.fresh), -1, dtype=np.int32)
        written: Sequence[str] = ()
        if (known := aligned.listing.attribute(name)) is not None:
            codes[aligned.arrays["row_of"]], written = known
        more = dict[str, int]()
        for change in self.by_row.values():
            value = change.entry.attributes.get(name)
            codes[change.row] = -1 if value is None else _code(said(value), written, more)
        return codes, Names(written, list(more))


NOTHING = Changes({})


def _values(entry: Entry, listing: Listing, names: Mapping[str, dict[str, int]]) -> tuple[int, ...]:
    """In the order of :data:`COLUMNS`."""
    texts = {"group": entry.group, "shelf": entry.category, "category": top_level(entry.category), "brand": entry.brand}
    said_now: dict[str, int] = {
        "listed": True,
        "shown": entry.shown,
        "offered": entry.offered,
        "starts_us": entry.starts_us,
        "ends_us": entry.ends_us,
        "added_us": entry.added_us,
        "price_e4": entry.paid_e4,
        **{kind: _code(text, listing.names[kind], names[kind]) for kind, text in texts.items()},
    }
    return tuple(said_now[name] for name in COLUMNS)


def _code(text: str | None, written: Sequence[str], more: dict[str, int]) -> int:
    if text is None:
        return -1
    known: int | None = index_in(written, text)
    return more.setdefault(text, len(written) + len(more)) if known is None else known


def index_in(texts: Sequence[str], text: str) -> int | None:
    """Where a text stands among those of an alignment (which look it up) or in a short sequence."""
    find: Any = getattr(texts, "index_of", None)
    if find is not None:
        found: int | None = find(text)
        return found
    return texts.index(text) if text in texts else None


def _column(aligned: Aligned, name: str, n: int, rows: NDArray[np.int64], values: Sequence[int]) -> NDArray[Any]:
    shared = aligned.arrays[name]
    now = np.array(values, dtype=DTYPES[name])
    room = len(shared)
    if n > room:
        own = np.concatenate((shared, blank(name, n - room)))
    elif np.array_equal(shared[rows], now):
        return shared[:n]
    else:
        own = aligned.private(name)
    own[rows] = now
    return own[:n]
