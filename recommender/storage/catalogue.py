"""The catalogue: what is on sale, in stock, at what price, and what changed since when."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from recommender.domain.entries import EVER_US, NEVER_US, UNKNOWN_E4, Entry, before_sale
from recommender.domain.items import Availability, Item
from recommender.domain.ports import ImportCounts
from recommender.storage.counting import CATALOGUE_VERSION, next_number, set_number
from recommender.storage.database import Database
from recommender.storage.tables import items
from recommender.storage.times import from_e4, from_json, from_us, to_e4, to_json, to_us

AT_ONCE = 2_000
MONEY = {"price": "price_e4", "sale_price": "sale_price_e4", "margin": "margin_e4"}
MOMENTS = {"added_at": "added_us", "available_from": "available_from_us", "available_until": "available_until_us"}
PLAIN = (
    "title",
    "url",
    "image",
    "currency",
    "stock",
    "visible",
    "category",
    "brand",
    "item_group_id",
    "color",
    "size",
    "description",
)

ENTRY_COLUMNS = (
    "item_id",
    "title",
    "url",
    "image",
    "currency",
    "price_e4",
    "sale_price_e4",
    "availability",
    "stock",
    "visible",
    "removed",
    "available_from_us",
    "available_until_us",
    "added_us",
    "item_group_id",
    "category",
    "brand",
    "color",
    "size",
    "attributes",
)
ORDERABLE = frozenset({Availability.PREORDER.value, Availability.BACKORDER.value})

Row = dict[str, Any]


class SqlCatalogue:
    """:class:`~recommender.domain.ports.Catalogue` in the table ``items``.

    Counts of :meth:`put`: ``new`` rows, and ``duplicates`` for items that were there already, changed or not.
    Attributes are merged by name; one that is None is left as it stands. The version moves once per call that
    changed something. An item that was removed comes back when it is put again with ``removed=False``.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        items: Iterable[Item],
        *,
        replace: bool = False,
        clear: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> ImportCounts:
        """Insert or update in one transaction; with ``replace`` the items not given become removed."""
        with self._database.writing() as connection:
            version = next_number(connection, CATALOGUE_VERSION)
            change = _Change(self._database, connection, version, clear)
            every = iter(items)
            while some := list(islice(every, AT_ONCE)):
                change.put(some)
            if replace:
                change.remove_others()
            if change.touched:
                set_number(connection, CATALOGUE_VERSION, version)
            change.close()
        return ImportCounts(new=change.new, duplicates=change.known, conflicts=0, erased=0)

    def get(self, item_ids: Sequence[str]) -> dict[str, Item]:
        """The items that are known, by id."""
        with self._database.reading() as connection:
            return {row["item_id"]: to_item(row) for row in _rows(connection, item_ids)}

    def all(self) -> Iterator[Item]:
        """Every item, removed ones included, by id."""
        with self._database.streamed(sa.select(items).order_by(items.c.item_id), AT_ONCE) as rows:
            for row in rows.mappings():
                yield to_item(row)

    def facts(self) -> Iterator[tuple[str, str | None, str | None, int | None]]:
        """What facets read of every item, by id; the price is the sale's where there is one."""
        paid = sa.func.coalesce(items.c.sale_price_e4, items.c.price_e4)
        chosen = sa.select(items.c.item_id, items.c.category, items.c.brand, paid).order_by(items.c.item_id)
        with self._database.streamed(chosen, AT_ONCE) as rows:
            yield from map(tuple, rows)

    def version(self) -> int:
        """Grows with every change; one row by its key."""
        with self._database.raw() as cursor:
            cursor.execute(f"SELECT value FROM counters WHERE name = {self._database.mark}", (CATALOGUE_VERSION,))  # noqa: S608
            found: tuple[int] = cursor.fetchone()
            return found[0]

    def entries(self, since: int = -1) -> Iterator[Entry]:
        """What answers need of every item, by id (in the order of bytes); of those changed after that version, the oldest first."""
        every = sa.select(*(items.c[name] for name in ENTRY_COLUMNS))
        # changes go by their index: asked for by id, SQLite would read the whole table to find a few
        newer = every.where(items.c.version > since).order_by(items.c.version)
        chosen = every.order_by(items.c.item_id) if since < 0 else newer
        with self._database.reading() as connection:
            with connection.execution_options(yield_per=AT_ONCE).execute(chosen) as rows:
                for row in rows:
                    yield _entry(*row)
            if since < 0:
                self._database.forget_pages(connection)


given = sa.Table(
    "given_items", sa.MetaData(), sa.Column("item_id", sa.Text(), primary_key=True), prefixes=["TEMPORARY"]
)
"""Ids seen in one call, on disk; what is not in it is removed by ``replace``."""


class _Change:
    """One call of ``put``, chunk by chunk."""

    def __init__(
        self, database: Database, connection: sa.Connection, version: int, clear: Mapping[str, Collection[str]]
    ) -> None:
        self._clear = clear
        self._database = database
        self._connection = connection
        self._version = version
        self.new = self.known = self.touched = 0
        given.create(connection)

    def put(self, some: Sequence[Item]) -> None:
        stored = {row["item_id"]: dict(row) for row in _rows(self._connection, [item.item_id for item in some])}
        before = {item_id: dict(row) for item_id, row in stored.items()}
        for item in some:
            self.new += item.item_id not in stored
            self.known += item.item_id in stored
            stood = stored.get(item.item_id)
            if stood is not None and item.item_id in self._clear:
                stood = _cleared(stood, self._clear[item.item_id])
            stored[item.item_id] = _merged(stood, item)
        changed = [{**row, "version": self._version} for key, row in stored.items() if before.get(key) != row]
        if changed:
            insert = self._database.insert(items)
            fields = {c.name: insert.excluded[c.name] for c in items.c if not c.primary_key}
            self._connection.execute(insert.on_conflict_do_update(index_elements=["item_id"], set_=fields), changed)
        self.touched += len(changed)
        ids = [{"item_id": item_id} for item_id in stored]
        self._connection.execute(self._database.insert(given).on_conflict_do_nothing(), ids)

    def remove_others(self) -> None:
        others = sa.and_(items.c.removed.is_(False), items.c.item_id.not_in(sa.select(given.c.item_id)))
        gone = items.update().where(others).values(removed=True, version=self._version)
        self.touched += self._connection.execute(gone).rowcount

    def close(self) -> None:
        given.drop(self._connection)


def _rows(connection: sa.Connection, item_ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for start in range(0, len(item_ids), AT_ONCE):
        asked = items.c.item_id.in_(item_ids[start : start + AT_ONCE])
        for row in connection.execute(sa.select(items).where(asked)).mappings():
            yield {str(name): value for name, value in row.items()}


def _cleared(row: Row, names: Collection[str]) -> Row:
    """The row without the values of these fields and attributes."""
    columns = {MONEY.get(name) or MOMENTS.get(name) or name for name in names}
    plain = {*PLAIN, "availability", *MONEY.values(), *MOMENTS.values()}
    kept = {name: value for name, value in from_json(row["attributes"]).items() if name not in names}
    return {**row, **dict.fromkeys(columns & plain), "attributes": to_json(kept)}


def _merged(stored: Row | None, item: Item) -> Row:
    """The row after this item was put on top of what stood."""
    empty: Row = {c.name: None for c in items.c}
    row = dict(stored) if stored is not None else {**empty, "item_id": item.item_id, "attributes": "{}", "version": 0}
    said: Row = {name: getattr(item, name) for name in PLAIN}
    said["availability"] = item.availability.value if item.availability is not None else None
    for name, column in MONEY.items():
        amount = getattr(item, name)
        said[column] = None if amount is None else to_e4(amount)
    for name, column in MOMENTS.items():
        moment = getattr(item, name)
        said[column] = None if moment is None else to_us(moment)
    row.update({column: value for column, value in said.items() if value is not None})
    attributes = {name: value for name, value in item.attributes.items() if value is not None}
    row["attributes"] = to_json({**from_json(row["attributes"]), **attributes})
    row["removed"] = item.removed
    return row


def to_item(row: Mapping[Any, Any]) -> Item:
    """The item a row of the table describes."""
    money: Row = {name: None if row[column] is None else from_e4(row[column]) for name, column in MONEY.items()}
    moments: Row = {name: None if row[column] is None else from_us(row[column]) for name, column in MOMENTS.items()}
    return Item(
        item_id=row["item_id"],
        availability=None if row["availability"] is None else Availability(row["availability"]),
        removed=bool(row["removed"]),
        attributes=from_json(row["attributes"]),
        **{name: row[name] for name in PLAIN},
        **money,
        **moments,
    )


def _entry(*row: Any) -> Entry:
    """The entry of a row of :data:`ENTRY_COLUMNS`: what ``entry_of(to_item(row))`` gives, without the way round."""
    item_id, title, url, image, currency, price, sale, availability, stock, visible, removed, *rest = row
    starts, ends, added, group, category, brand, color, size, attributes = rest
    shown = not removed and (visible is None or bool(visible))
    paid = price if sale is None else sale
    known = {} if attributes == "{}" else from_json(attributes)
    known |= {"color": color, "size": size, "availability": availability}
    return Entry(
        item_id,
        title,
        url,
        image,
        currency,
        UNKNOWN_E4 if paid is None or paid < 0 else paid,
        UNKNOWN_E4 if paid is None or price is None else before_sale(price, paid),
        shown
        and availability != Availability.OUT_OF_STOCK.value
        and (stock is None or stock > 0 or availability in ORDERABLE),
        shown,
        EVER_US if starts is None else starts,
        NEVER_US if ends is None else ends,
        EVER_US if added is None else added,
        group or None,
        category or None,
        brand or None,
        {name: value for name, value in known.items() if value is not None},
    )
