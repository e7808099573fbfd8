"""What the shop's own files say of its customers. Personal data: here and nowhere else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

import sqlalchemy as sa

from recommender.domain.people import Customer, Person
from recommender.domain.ports import ImportCounts
from recommender.storage.counting import CUSTOMERS_VERSION, next_number, set_number
from recommender.storage.database import Database
from recommender.storage.erasing import erase_customer
from recommender.storage.forgetting import Forgotten
from recommender.storage.secret import Secrets
from recommender.storage.tables import customers
from recommender.storage.times import from_json, to_json

AT_ONCE = 2_000
PLAIN = (
    "email",
    "name",
    "first_name",
    "last_name",
    "phone",
    "gender",
    "country",
    "city",
    "postal_code",
    "language",
)

STORED = ("customer_id", "birth_date", "attributes", *PLAIN)
ONE_CUSTOMER = "SELECT {columns} FROM customers WHERE customer_id = {mark}"

Row = dict[str, Any]


class SqlCustomers:
    """:class:`~recommender.domain.ports.Customers` in the table ``customers``.

    Counts of :meth:`put`: ``new`` rows, ``duplicates`` for customers that were there already, and ``erased``.
    """

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets

    def put(self, customers: Iterable[Customer]) -> ImportCounts:
        """Insert or update in one transaction; None leaves a stored value; attributes are merged by name."""
        new = known = erased = 0
        every = iter(customers)
        with self._database.writing() as connection:
            forgotten = Forgotten(connection, self._secrets)
            version = next_number(connection, CUSTOMERS_VERSION)
            while some := list(islice(every, AT_ONCE)):
                gone = forgotten.among("c", (customer.customer_id for customer in some))
                kept = [customer for customer in some if customer.customer_id not in gone]
                erased += len(some) - len(kept)
                fresh = self._put(connection, kept, version)
                new, known = new + fresh, known + len(kept) - fresh
            if new or known:
                set_number(connection, CUSTOMERS_VERSION, version)
        return ImportCounts(new=new, duplicates=known, conflicts=0, erased=erased)

    def _put(self, connection: sa.Connection, some: Sequence[Customer], version: int) -> int:
        if not some:
            return 0
        stored = {row["customer_id"]: dict(row) for row in _rows(connection, [one.customer_id for one in some])}
        there, before = len(stored), {one: dict(row) for one, row in stored.items()}
        for customer in some:
            stored[customer.customer_id] = _merged(stored.get(customer.customer_id), customer)
        insert = self._database.insert(customers)
        fields = {c.name: insert.excluded[c.name] for c in customers.c if not c.primary_key}
        upsert = insert.on_conflict_do_update(index_elements=["customer_id"], set_=fields)
        changed = [{**row, "version": version} for one, row in stored.items() if before.get(one) != row]
        if changed:
            connection.execute(upsert, changed)
        return len(stored) - there

    def get(self, customer_ids: Sequence[str]) -> dict[str, Customer]:
        """The customers that are known, by id."""
        if len(customer_ids) == 1:
            return self._one(customer_ids[0])
        with self._database.reading() as connection:
            return {row["customer_id"]: _customer(row) for row in _rows(connection, customer_ids)}

    def _one(self, customer_id: str) -> dict[str, Customer]:
        """One customer, asked for with each list: the driver's own way is quick."""
        with self._database.raw() as cursor:
            cursor.execute(ONE_CUSTOMER.format(columns=", ".join(STORED), mark=self._database.mark), (customer_id,))
            return {row[0]: _customer(dict(zip(STORED, row, strict=True))) for row in cursor.fetchall()}

    def countries(self) -> dict[str, str]:
        """customer_id to country, for those whose country is known."""
        chosen = sa.select(customers.c.customer_id, customers.c.country).where(customers.c.country.is_not(None))
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(chosen)}

    def ids(self) -> Iterator[str]:
        """Every customer id, sorted."""
        chosen = sa.select(customers.c.customer_id).order_by(customers.c.customer_id)
        with self._database.streamed(chosen, AT_ONCE) as rows:
            yield from rows.scalars()

    def erase(self, person: Person) -> int:
        """Delete the record; returns how many."""
        with self._database.writing() as connection:
            return erase_customer(connection, person)


def _rows(connection: sa.Connection, customer_ids: Sequence[str]) -> Iterator[Row]:
    for start in range(0, len(customer_ids), AT_ONCE):
        asked = customers.c.customer_id.in_(customer_ids[start : start + AT_ONCE])
        for row in connection.execute(sa.select(customers).where(asked)).mappings():
            yield {str(name): value for name, value in row.items()}


def _merged(stored: Row | None, customer: Customer) -> Row:
    nothing: Row = {**dict.fromkeys((*PLAIN, "birth_date")), "attributes": "{}", "version": 0}
    row = stored or {**nothing, "customer_id": customer.customer_id}
    said: Row = {name: getattr(customer, name) for name in PLAIN}
    said["birth_date"] = customer.birth_date.isoformat() if customer.birth_date is not None else None
    attributes = {name: value for name, value in customer.attributes.items() if value is not None}
    return {
        **row,
        **{name: value for name, value in said.items() if value is not None},
        "attributes": to_json({**from_json(row["attributes"]), **attributes}),
    }


def _customer(row: Mapping[str, Any]) -> Customer:
    return Customer(
        customer_id=row["customer_id"],
        birth_date=None if row["birth_date"] is None else date.fromisoformat(row["birth_date"]),
        attributes=from_json(row["attributes"]),
        **{name: row[name] for name in PLAIN},
    )
