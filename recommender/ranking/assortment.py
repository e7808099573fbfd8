"""The shop's catalogue as arrays in the model's row numbers, so that rules are gathers and not look-ups."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import cast, overload

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.domain.entries import EPOCH, EVER_US, NEVER_US, TICK, Entry, entry_of, micros
from recommender.domain.items import CATEGORY_SEPARATOR, Item
from recommender.ranking.aligning import Aligned, Columns, align
from recommender.ranking.cards import BLANK, card_of, encoded_text
from recommender.ranking.changes import NOTHING, Changes, Names
from recommender.ranking.keeping import remember
from recommender.ranking.listing import build_listing, top_level
from recommender.ranking.orders import replaced

__all__ = [
    "EPOCH",
    "EVER_US",
    "NEVER_US",
    "TICK",
    "Assortment",
    "Columns",
    "build_assortment",
    "micros",
    "top_level",
]

KEPT_ATTRIBUTES = 16
KEPT_PATHS = 256

Cells = tuple[
    NDArray[np.bool_], NDArray[np.int64] | None, NDArray[np.int64] | None, NDArray[np.int32], NDArray[np.int32]
]
"""The columns offered, starts_us, ends_us, group and category."""


class Assortment:
    """One version of the catalogue, aligned to one model. Never changes; a new version is a new object.

    Rows below ``len(model.item_ids)`` are the model's; items only the catalogue knows follow.

    Attributes
    ----------
    aligned : Aligned
        The written arrays.
    changes : Changes
        What is newer than these.
    ids : sequence of str
        Row number to item id.
    items : mapping of str to Item
        What answers need of the catalogue's items, by id: title, links, price now, category, brand, group, dates, and
        whether it is taken out or hidden. Each is made when it is asked for.
    columns : Columns
        As long as ``ids``.
    dated : bool
        Whether any row has dates (if not, they need not be looked at).
    """

    def __init__(
        self,
        aligned: Aligned,
        model_ids: Sequence[str] = (),
        find: Callable[[str], int | None] = lambda _: None,
        changes: Changes = NOTHING,
    ) -> None:
        self.aligned = aligned
        self.changes = changes
        self.columns = changes.columns(aligned)
        self.ids: Sequence[str] = _Ids(aligned, model_ids, changes.fresh)
        self.items: Mapping[str, Item] = _Items(self)
        self._model_ids = model_ids
        self._find = find
        self._place = aligned.arrays["place"].data
        self._attributes: dict[str, tuple[NDArray[np.int32], Sequence[str]]] = {}
        self._under: dict[str, NDArray[np.int32]] = {}

    def row(self, item_id: str) -> int | None:
        """Row number of an item; None if neither the model nor the catalogue knows it."""
        row = self._find(item_id)
        if row is not None:
            return row
        place = self.aligned.listing.ids.index_of(item_id)
        if place is not None:
            return self.aligned.row(place)
        change = self.changes.by_id.get(item_id)
        return None if change is None else change.row

    def code(self, kind: str, text: str | None) -> int:
        """The number of a ``group``, ``shelf``, ``category`` or ``brand``; -1 if no item has it."""
        if not text:
            return -1
        known = self.aligned.listing.names[kind].index_of(text)
        return self.changes.names[kind].get(text, -1) if known is None else known

    def names(self, kind: str) -> Sequence[str]:
        """The texts behind the numbers of a ``group``, ``shelf``, ``category`` or ``brand``."""
        return Names(self.aligned.listing.names[kind], list(self.changes.names[kind]))

    def brand_code(self, name: str) -> int:
        """The number of a brand; -1 if no item has it."""
        return self.code("brand", name)

    def shelf_codes_under(self, path: str) -> NDArray[np.int32]:
        """The numbers (int32, sorted) of a category path and of every path below it; empty if there is none.

        Spaces around the separators do not count.
        """
        known = self._under.get(path)
        if known is None:
            wanted = _parts(path)
            codes = [n for n, text in enumerate(self.names("shelf")) if _parts(text)[: len(wanted)] == wanted]
            made = np.array(codes if wanted else [], dtype=np.int32)
            known = remember(self._under, path, made, most=KEPT_PATHS)
        return known

    def attribute(self, name: str) -> tuple[NDArray[np.int32], Sequence[str]]:
        """Each row's value of an attribute as a number (-1: none) and the texts of the numbers; the last few are kept.

        ``color``, ``size`` and ``availability`` are attributes too. Truth is written ``true`` or ``false``.
        """
        known = self._attributes.get(name)
        if known is None:
            made = self.changes.attribute(self.aligned, name)
            known = remember(self._attributes, name, made, most=KEPT_ATTRIBUTES)
        return known

    def fragment(self, row: int) -> bytes:
        """What pages show of a row, as JSON (see :mod:`recommender.ranking.cards`)."""
        change = self.changes.by_row.get(row)
        if change is not None:
            return change.fragment
        place = self._place[row]
        return BLANK if place < 0 else self.aligned.listing.fragment(place)

    def item(self, row: int) -> Item | None:
        """What answers need of a row's item; None if the catalogue does not have it."""
        columns = self.columns
        if not columns.listed[row]:
            return None
        card, price = card_of(self.fragment(row)), int(columns.price_e4[row])
        starts, ends, added = (int(column[row]) for column in (columns.starts_us, columns.ends_us, columns.added_us))
        return Item(
            item_id=self.ids[row],
            title=card.title,
            url=card.url,
            image=card.image,
            price=None if price < 0 else Decimal(price) / 10_000,
            currency=card.currency,
            visible=None if columns.shown[row] else False,
            stock=None if columns.offered[row] or not columns.shown[row] else 0,
            category=_named(self.names("shelf"), int(columns.shelf[row])),
            brand=_named(self.names("brand"), int(columns.brand[row])),
            item_group_id=_named(self.names("group"), int(columns.group[row])),
            added_at=None if added == EVER_US else EPOCH + added * TICK,
            available_from=None if starts == EVER_US else EPOCH + starts * TICK,
            available_until=None if ends == NEVER_US else EPOCH + ends * TICK,
        )

    @cached_property
    def dated(self) -> bool:
        """Whether any row has dates."""
        return bool((self.columns.starts_us != EVER_US).any() or (self.columns.ends_us != NEVER_US).any())

    @cached_property
    def cells(self) -> Cells:
        """What every list looks at, row by row (:func:`recommender.kernels.plain.chosen`); dates only where any row has some."""
        columns = self.columns
        starts, ends = (columns.starts_us, columns.ends_us) if self.dated else (None, None)
        return columns.offered, starts, ends, columns.group, columns.category

    @cached_property
    def shelf_cells(self) -> memoryview:
        """The column shelf, for looking at single rows."""
        return self.columns.shelf.data

    def pieces(self, rows: list[int]) -> tuple[list[bytes], list[bytes]]:
        """Ids and cards of the rows of a list, as JSON."""
        ids, cards = kernels.pieces(rows, self.aligned.arrays["place"], *self.aligned.listing.packed)
        changed = self.changes.by_row
        if changed or None in ids:
            for at, row in enumerate(rows):
                if ids[at] is None or row in changed:
                    ids[at], cards[at] = encoded_text(self.ids[row]), self.fragment(row)
        return cast("tuple[list[bytes], list[bytes]]", (ids, cards))

    def sellable(self, rows: NDArray[np.int32], now_us: int) -> NDArray[np.bool_]:
        """Which of the rows may be shown at that moment (bool array as long as ``rows``)."""
        fit = self.columns.offered[rows]
        if self.dated:
            fit &= (self.columns.starts_us[rows] <= now_us) & (now_us < self.columns.ends_us[rows])
        return fit

    def newest(self) -> NDArray[np.int32]:
        """Rows of the catalogue's items, the newest first; unknown dates last, equal dates by id. Worked out once."""
        return self._newest

    def age_key(self, row: int) -> tuple[int, str]:
        """What rows of newest-first orders are sorted by."""
        return -int(self.columns.added_us[row]), self.ids[row]

    @cached_property
    def _newest(self) -> NDArray[np.int32]:
        moved = self.moved("listed", "added_us")
        return replaced(self.aligned.arrays["newest"], moved, moved.tolist(), self.age_key)

    def moved(self, *names: str) -> NDArray[np.int32]:
        """Changed rows for which one of these columns is not what was written (int32, by row)."""
        rows = np.array(sorted(self.changes.by_row), dtype=np.int32)
        written = self.aligned.n_rows
        old, new = rows[rows < written], rows[rows >= written]
        differs = np.zeros(len(old), dtype=np.bool_)
        for name in names:
            differs |= self.aligned.arrays[name][old] != getattr(self.columns, name)[old]
        return np.concatenate((old[differs], new))

    def with_changes(self, changed: Iterable[Item | Entry]) -> "Assortment":
        """The next version: these items as they are now."""
        entries = [entry_of(item) if isinstance(item, Item) else item for item in changed]
        changes = self.changes.plus(entries, self.aligned, self.row)
        return Assortment(self.aligned, self._model_ids, self._find, changes)


def build_assortment(
    items: Mapping[str, Item], model_ids: Sequence[str] = (), find: Callable[[str], int | None] = lambda _: None
) -> Assortment:
    """Align a catalogue to a model, in memory.

    Parameters
    ----------
    items : mapping of str to Item
        The whole catalogue by id, removed items included.
    model_ids : sequence of str
        The model's rows; empty without a model.
    find : function of an item id
        ``Model.index_of``.
    """
    aligned = align(build_listing(map(entry_of, items.values())), model_ids, find)
    return Assortment(aligned, model_ids, find)


class _Ids(Sequence[str]):
    """Ids by row, wherever they lie: the model's, the listing's, those that came since."""

    def __init__(self, aligned: Aligned, model_ids: Sequence[str], fresh: Sequence[str]) -> None:
        self._model_ids, self._fresh = model_ids, fresh
        self._listed, self._place = aligned.listing.ids, aligned.arrays["place"].data
        self._n_model, self._n_rows = aligned.n_model, aligned.n_rows

    def __len__(self) -> int:
        return self._n_rows + len(self._fresh)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        if 0 <= row < self._n_model:
            return self._model_ids[row]
        if row < 0:
            return self[row + len(self)]
        return self._listed[self._place[row]] if row < self._n_rows else self._fresh[row - self._n_rows]


class _Items(Mapping[str, Item]):
    """The catalogue's items by id, each made when it is asked for."""

    def __init__(self, assortment: Assortment) -> None:
        self._assortment = assortment

    def __getitem__(self, item_id: str) -> Item:
        row = self._assortment.row(item_id)
        item = None if row is None else self._assortment.item(row)
        if item is None:
            raise KeyError(item_id)
        return item

    def __iter__(self) -> Iterator[str]:
        listed = self._assortment.aligned.listing.ids
        yield from listed
        yield from (item_id for item_id in self._assortment.changes.by_id if item_id not in listed)

    def __len__(self) -> int:
        return len(self._assortment.aligned.listing) + len(self._assortment.moved("listed"))


def _named(names: Sequence[str], code: int) -> str | None:
    return None if code < 0 else names[code]


def _parts(path: str) -> list[str]:
    return [part.strip() for part in path.split(CATEGORY_SEPARATOR.strip()) if part.strip()]
