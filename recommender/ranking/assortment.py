"""The shop's catalogue as arrays in the model's row numbers, so that rules are gathers and not look-ups."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.domain.events import PRICE_SCALE
from recommender.domain.items import CATEGORY_SEPARATOR, Item

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TICK: Final = timedelta(microseconds=1)
EVER_US: Final = -(2**62)
"""Before every date: stands for an unknown first moment."""
NEVER_US: Final = 2**62
"""After every date: stands for an unknown last moment."""


def micros(moment: datetime) -> int:
    """An aware moment as whole microseconds since 1970 UTC."""
    return (moment - EPOCH) // TICK


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What rules look at, one entry per row of the assortment.

    Attributes
    ----------
    listed : bool array
        Whether the catalogue has the item; False for one seen only in events.
    offered : bool array
        Sellable but for the dates: not removed, hidden or out of stock.
    starts_us, ends_us : int64 arrays
        First moment on sale, first moment no more on sale; ``EVER_US`` and ``NEVER_US`` where the shop says nothing.
    added_us : int64 array
        ``added_at``; ``EVER_US`` where unknown.
    group : int32 array
        Code of ``item_group_id``; -1 none.
    shelf, category : int32 arrays
        Code of the whole category path and of its first part; -1 unknown.
    brand : int32 array
        Code of the brand; -1 unknown.
    price_e4 : int64 array
        What a customer pays now, in 1/10,000 of the currency unit; -1 unknown.
    """

    listed: NDArray[np.bool_]
    offered: NDArray[np.bool_]
    starts_us: NDArray[np.int64]
    ends_us: NDArray[np.int64]
    added_us: NDArray[np.int64]
    group: NDArray[np.int32]
    shelf: NDArray[np.int32]
    category: NDArray[np.int32]
    brand: NDArray[np.int32]
    price_e4: NDArray[np.int64]

    @classmethod
    def blank(cls, n: int) -> "Columns":
        """Rows nobody has said anything about: sellable, without dates, group or category."""
        return cls(
            listed=np.zeros(n, dtype=np.bool_),
            offered=np.ones(n, dtype=np.bool_),
            starts_us=np.full(n, EVER_US, dtype=np.int64),
            ends_us=np.full(n, NEVER_US, dtype=np.int64),
            added_us=np.full(n, EVER_US, dtype=np.int64),
            group=np.full(n, -1, dtype=np.int32),
            shelf=np.full(n, -1, dtype=np.int32),
            category=np.full(n, -1, dtype=np.int32),
            brand=np.full(n, -1, dtype=np.int32),
            price_e4=np.full(n, -1, dtype=np.int64),
        )

    def grown(self, n: int) -> "Columns":
        """A copy with ``n`` blank rows at the end."""
        more = Columns.blank(n)
        return Columns(**{f.name: np.concatenate((getattr(self, f.name), getattr(more, f.name))) for f in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assortment:
    """One version of the catalogue, aligned to one model. Never changes; a new version is a new object.

    Rows below ``len(model.item_ids)`` are the model's; items only the catalogue knows follow.

    Attributes
    ----------
    ids : list of str
        Row number to item id.
    items : mapping of str to Item
        What the catalogue says, by id.
    find : function of an id
        The model's row, or None.
    extra : mapping of str to int
        Rows of the items only the catalogue knows.
    columns : Columns
        As long as ``ids``.
    codes : mapping of str to int
        Numbers of the texts behind ``group``, ``shelf``, ``category`` and ``brand``.
    dated : bool
        Whether any row has dates (if not, they need not be looked at).
    """

    ids: list[str]
    items: Mapping[str, Item]
    find: Callable[[str], int | None]
    extra: Mapping[str, int]
    columns: Columns
    codes: Mapping[str, int]
    dated: bool
    named: dict[str, tuple[NDArray[np.int32], tuple[str, ...]]] = field(default_factory=dict, compare=False, repr=False)

    def row(self, item_id: str) -> int | None:
        """Row number of an item; None if neither the model nor the catalogue knows it."""
        row = self.find(item_id)
        return self.extra.get(item_id) if row is None else row

    def code(self, kind: str, text: str | None) -> int:
        """The number of a ``group``, ``shelf`` or ``category``; -1 if no item has it."""
        return -1 if not text else self.codes.get(f"{kind}\0{text}", -1)

    def brand_code(self, name: str) -> int:
        """The number of a brand; -1 if no item has it."""
        return self.code("brand", name)

    def shelf_codes_under(self, path: str) -> NDArray[np.int32]:
        """The numbers of a category path and of every path below it, sorted; empty if there is none."""
        under = f"shelf\0{path}{CATEGORY_SEPARATOR}"
        found = [code for text, code in self.codes.items() if text == f"shelf\0{path}" or text.startswith(under)]
        return np.array(sorted(found), dtype=np.int32)

    def attribute(self, name: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """Each row's value of an attribute as a number (-1: none) and the texts of the numbers; worked out once.

        ``color``, ``size`` and ``availability`` are attributes too. Truth is written ``true`` or ``false``.
        """
        known = self.named.get(name)
        if known is None:
            known = self.named[name] = _attribute(self, name)
        return known

    def sellable(self, rows: NDArray[np.int32], now_us: int) -> NDArray[np.bool_]:
        """Which of the rows may be shown at that moment (bool array as long as ``rows``)."""
        fit = self.columns.offered[rows]
        if self.dated:
            fit &= (self.columns.starts_us[rows] <= now_us) & (now_us < self.columns.ends_us[rows])
        return fit

    def newest(self) -> NDArray[np.int32]:
        """Rows of the catalogue's items, the newest first; unknown dates last, equal dates by id."""
        rows = np.flatnonzero(self.columns.listed).astype(np.int32)
        names = np.array([self.ids[row] for row in rows.tolist()], dtype=np.str_)
        return rows[np.lexsort((names, -self.columns.added_us[rows]))]

    def with_changes(self, changed: Sequence[Item], items: Mapping[str, Item]) -> "Assortment":
        """The next version: ``changed`` items filled in anew, ``items`` being the whole catalogue after the change."""
        fresh = list(dict.fromkeys(item.item_id for item in changed if self.row(item.item_id) is None))
        extra = {**self.extra, **{item_id: len(self.ids) + place for place, item_id in enumerate(fresh)}}
        columns, codes = self.columns.grown(len(fresh)), dict(self.codes)
        _fill(columns, codes, changed, lambda item_id: _row(self.find, extra, item_id))
        ids = self.ids + fresh if fresh else self.ids
        return _assortment(ids=ids, items=items, find=self.find, extra=extra, columns=columns, codes=codes)


def build_assortment(
    items: Mapping[str, Item], model_ids: Sequence[str] = (), find: Callable[[str], int | None] = lambda _: None
) -> Assortment:
    """Align a catalogue to a model.

    Parameters
    ----------
    items : mapping of str to Item
        The whole catalogue by id, removed items included.
    model_ids : sequence of str
        The model's rows; empty without a model.
    find : function of an item id
        ``Model.index_of``.
    """
    fresh = [item_id for item_id in items if find(item_id) is None]
    ids = [*model_ids, *fresh]
    extra = {item_id: len(model_ids) + place for place, item_id in enumerate(fresh)}
    columns, codes = Columns.blank(len(ids)), dict[str, int]()
    _fill(columns, codes, items.values(), lambda item_id: _row(find, extra, item_id))
    return _assortment(ids=ids, items=items, find=find, extra=extra, columns=columns, codes=codes)


def _assortment(
    *,
    ids: list[str],
    items: Mapping[str, Item],
    find: Callable[[str], int | None],
    extra: Mapping[str, int],
    columns: Columns,
    codes: Mapping[str, int],
) -> Assortment:
    dated = bool((columns.starts_us != EVER_US).any() or (columns.ends_us != NEVER_US).any())
    return Assortment(ids=ids, items=items, find=find, extra=extra, columns=columns, codes=codes, dated=dated)


def _row(find: Callable[[str], int | None], extra: Mapping[str, int], item_id: str) -> int:
    row = find(item_id)
    return extra[item_id] if row is None else row


def _fill(columns: Columns, codes: dict[str, int], items: Iterable[Item], row_of: Callable[[str], int]) -> None:
    """Write items into columns nobody else holds yet; ``codes`` learns new texts."""
    for item in items:
        row = row_of(item.item_id)
        columns.listed[row] = True
        columns.offered[row] = _offered(item)
        columns.starts_us[row] = EVER_US if item.available_from is None else micros(item.available_from)
        columns.ends_us[row] = NEVER_US if item.available_until is None else micros(item.available_until)
        columns.added_us[row] = EVER_US if item.added_at is None else micros(item.added_at)
        columns.group[row] = _code(codes, "group", item.item_group_id)
        columns.shelf[row] = _code(codes, "shelf", item.category)
        columns.category[row] = _code(codes, "category", top_level(item.category))
        columns.brand[row] = _code(codes, "brand", item.brand)
        columns.price_e4[row] = _paid(item)


def _offered(item: Item) -> bool:
    """Whether the item's state lets it be sold at some moment of its dates; the dates themselves are columns."""
    if item.available_from is not None:
        return item.sellable(item.available_from)
    return item.sellable(EPOCH if item.available_until is None else item.available_until - TICK)


def _paid(item: Item) -> int:
    price = item.price if item.sale_price is None else item.sale_price
    return -1 if price is None or not price.is_finite() else int(price * PRICE_SCALE)


def _attribute(assortment: Assortment, name: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    codes, texts = np.full(len(assortment.ids), -1, dtype=np.int32), dict[str, int]()
    for item_id, item in assortment.items.items():
        value = getattr(item, name) if name in ("color", "size", "availability") else item.attributes.get(name)
        row = assortment.row(item_id)
        if value is not None and row is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            codes[row] = texts.setdefault(text, len(texts))
    return codes, tuple(texts)


def _code(codes: dict[str, int], kind: str, text: str | None) -> int:
    return -1 if not text else codes.setdefault(f"{kind}\0{text}", len(codes))


@lru_cache(maxsize=4096)
def top_level(category: str | None) -> str | None:
    """The first part of a category path; None if there is no category."""
    return None if category is None else category.split(CATEGORY_SEPARATOR.strip(), 1)[0].strip() or None
