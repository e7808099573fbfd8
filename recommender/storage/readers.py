"""Who reads newsletters, by a random number each: all that an address in a mail ever holds of a person."""

import secrets as randomness
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import sqlalchemy as sa

from recommender.domain.people import Person
from recommender.domain.ports import NUMBER_BYTES, ReaderRow
from recommender.storage.database import Database
from recommender.storage.erasing import erase_reader
from recommender.storage.forgetting import Forgotten
from recommender.storage.secret import Secrets
from recommender.storage.tables import newsletter_readers

AT_ONCE = 2_000
WHOSE = "SELECT customer_id FROM newsletter_readers WHERE number = {mark}"
ROW = (
    "SELECT r.customer_id, r.picks, r.made_us, EXISTS "
    "(SELECT 1 FROM events e WHERE e.customer_id = r.customer_id AND e.time_us > r.made_us), EXISTS "
    "(SELECT 1 FROM consent c WHERE c.customer_id = r.customer_id AND c.purpose = 'email_personalisation' "
    "AND c.state <> 'granted') FROM newsletter_readers r WHERE r.number = {mark}"
)


class SqlReaders:
    """:class:`~recommender.domain.ports.Readers` in the table ``newsletter_readers``."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets

    def numbers(self, customer_ids: Sequence[str]) -> Mapping[str, bytes]:
        """Each customer's number, given now to who has none; erased people get none."""
        wanted = list(dict.fromkeys(customer_ids))
        with self._database.reading() as connection:
            found = self._there(connection, wanted)
        missing = [one for one in wanted if one not in found]
        if not missing:
            return found
        with self._database.writing() as connection:
            gone = Forgotten(connection, self._secrets).among("c", missing)
            rows = [
                {"number": randomness.token_bytes(NUMBER_BYTES), "customer_id": one}
                for one in missing
                if one not in gone
            ]
            if rows:
                connection.execute(self._database.insert(newsletter_readers).on_conflict_do_nothing(), rows)
            return found | self._there(connection, missing)

    def whose(self, number: bytes) -> str | None:
        """The customer with this number; None if nobody has it (any more)."""
        with self._database.raw() as cursor:
            cursor.execute(WHOSE.format(mark=self._database.mark), (number,))
            row = cursor.fetchone()
        return None if row is None else str(row[0])

    def row(self, number: bytes) -> ReaderRow | None:
        """The reader with this number and what is kept for them; None if nobody has it (any more)."""
        with self._database.raw() as cursor:
            cursor.execute(ROW.format(mark=self._database.mark), (number,))
            found = cursor.fetchone()
        if found is None:
            return None
        customer_id, picks, made_us, acted, refused = found
        return ReaderRow(str(customer_id), None if picks is None else bytes(picks), made_us, bool(acted), bool(refused))

    def keep(self, picks: Mapping[bytes, bytes | None], made_us: int) -> None:
        """Keep what was picked, by number, in one transaction."""
        if not picks:
            return
        whose = newsletter_readers.c.number == sa.bindparam("whose")
        changed = newsletter_readers.update().where(whose).values(picks=sa.bindparam("new"), made_us=made_us)
        with self._database.writing() as connection:
            connection.execute(changed, [{"whose": number, "new": new} for number, new in picks.items()])

    def held(self, customer_id: str) -> tuple[bytes, bytes | None, int | None] | None:
        """Number, picks and their moment of one customer; None if they have no number."""
        table = newsletter_readers.c
        chosen = sa.select(table.number, table.picks, table.made_us).where(table.customer_id == customer_id)
        with self._database.reading() as connection:
            row = connection.execute(chosen).first()
        return None if row is None else (bytes(row.number), row.picks and bytes(row.picks), row.made_us)

    def erase(self, person: Person) -> int:
        """Take the person's number away; every address made with it is nobody's from then on."""
        with self._database.writing() as connection:
            return erase_reader(connection, person)

    def _there(self, connection: sa.Connection, wanted: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for some in _flocks(wanted):
            chosen = sa.select(newsletter_readers.c.number, newsletter_readers.c.customer_id).where(
                newsletter_readers.c.customer_id.in_(some)
            )
            found.update((row.customer_id, bytes(row.number)) for row in connection.execute(chosen))
        return found


def _flocks(ids: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, AT_ONCE)):
        yield some
