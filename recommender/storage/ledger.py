"""The consent ledger: who allowed what, when; every row sealed together with the one before.

A row's hash covers a digest of what it says and the hash of the row before. After an erasure the row keeps only
its digest and its hash, so that the chain can still be walked from end to end while nothing of the person is left:
the digest is salted, and the salt is deleted with the row's words.
"""

import hashlib
import secrets as randomness
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose, Stands, newest
from recommender.domain.people import Person
from recommender.storage.counting import CONSENT_NUMBER, next_number, set_number
from recommender.storage.database import Database
from recommender.storage.erasing import CONSENT_SAYS, erase_consent, of_either
from recommender.storage.forgetting import Forgotten
from recommender.storage.secret import Secrets
from recommender.storage.tables import consent, links
from recommender.storage.times import from_us, to_us

REFUSING = (ConsentState.DENIED, ConsentState.WITHDRAWN, ConsentState.OBJECTED)
SALT_BYTES = 16
ROWS_AT_ONCE = 5_000
IDS_AT_ONCE = 2_000
OF_CUSTOMER = "SELECT purpose, state, time_us FROM consent WHERE customer_id = {mark} ORDER BY time_us, number"
OF_BROWSER = (
    "SELECT purpose, state, time_us, number, NULL FROM consent WHERE visitor_id = {mark} UNION ALL "
    "SELECT said.purpose, said.state, said.time_us, said.number, links.customer_id "
    "FROM links LEFT JOIN consent AS said ON said.customer_id = links.customer_id WHERE links.visitor_id = {mark}"
)
"""What the browser's own rows say, and those of the customer it belongs to: one without a purpose if there are none."""


class SqlConsentLedger:
    """:class:`~recommender.domain.ports.ConsentLedger` in the table ``consent``.

    What stands is the newest row of the person for the purpose, by time, then by order of recording; a grant
    recorded for the same moment as an objection does not lift it. A person asked for by both ids is refused when
    either id refuses, and a browser when the customer it belongs to does (see ``links``). Records of erased people are not stored.
    """

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets

    def record(self, records: Iterable[ConsentRecord]) -> int:
        """Append in one transaction; returns how many."""
        every = list(records)
        with self._database.writing() as connection:
            forgotten = Forgotten(connection, self._secrets)
            customers = forgotten.among("c", (one.person.customer_id for one in every))
            visitors = forgotten.among("v", (one.person.visitor_id for one in every))
            kept = [r for r in every if r.person.customer_id not in customers and r.person.visitor_id not in visitors]
            number = next_number(connection, CONSENT_NUMBER)
            last = connection.execute(sa.select(consent.c.hash).where(consent.c.number == number - 1)).scalar()
            rows = sealed(kept, number, bytes(last) if last is not None else b"")
            if rows:
                connection.execute(consent.insert(), rows)
                set_number(connection, CONSENT_NUMBER, number + len(rows) - 1)
        return len(kept)

    def allows(self, person: Person, purpose: Purpose, *, default: bool) -> bool:
        """The state on record; ``default`` where there is none."""
        states = [stands[purpose] for stands in self._of(person) if purpose in stands]
        if not states:
            return default
        return all(state is ConsentState.GRANTED for state in states)

    def refused(self, person: Person) -> frozenset[Purpose]:
        """The purposes for which either id of the person refuses, or the customer the browser belongs to."""
        return _refusing(self._of(person))

    def refused_in(self, visitor_id: str) -> tuple[str | None, frozenset[Purpose]]:
        """The customer a browser belongs to, and :meth:`refused` of the browser: one question."""
        owner, own, above = self._of_browser(visitor_id)
        return owner, _refusing((own, above))

    def _of(self, person: Person) -> list[Stands]:
        """What stands for each id, by purpose. Asked for with each list: the driver's own way is quick."""
        found: list[Stands] = []
        if person.customer_id is not None:
            with self._database.raw() as cursor:
                cursor.execute(OF_CUSTOMER.format(mark=self._database.mark), (person.customer_id,))
                found.append(newest(cursor.fetchall()))
        if person.visitor_id is not None:
            found += self._of_browser(person.visitor_id)[1:]
        return found

    def _of_browser(self, visitor_id: str) -> tuple[str | None, Stands, Stands]:
        """The browser's customer, what stands for the browser, and what the customer refuses: a grant of theirs is not the browser's."""
        with self._database.raw() as cursor:
            cursor.execute(OF_BROWSER.format(mark=self._database.mark), (visitor_id, visitor_id))
            rows = cursor.fetchall()
        if not rows:
            return None, {}, {}
        owner = next((row[4] for row in rows if row[4] is not None), None)
        said = sorted((row for row in rows if row[0] is not None), key=lambda row: row[2:4])
        above = newest(row[:3] for row in said if row[4] is not None)
        refused = {purpose: state for purpose, state in above.items() if state in REFUSING}
        return owner, newest(row[:3] for row in said if row[4] is None), refused

    def refusals(self, purpose: Purpose, *, browsers: bool = False) -> tuple[frozenset[str], frozenset[str]]:
        """(customer ids, visitor ids) whose recorded state refuses the purpose; with ``browsers``, also those of these customers."""
        customers, visitors = (
            frozenset(one for one, state in self._states(column, purpose).items() if state in REFUSING)
            for column in (consent.c.customer_id, consent.c.visitor_id)
        )
        return customers, visitors | self._browsers_of(customers, purpose) if browsers else visitors

    def _browsers_of(self, customers: frozenset[str], purpose: Purpose) -> frozenset[str]:
        """The browsers that belong to these customers, of whom each has a record for the purpose."""
        theirs = sa.select(links.c.visitor_id, links.c.customer_id).join(
            consent, consent.c.customer_id == links.c.customer_id
        )
        with self._database.reading() as connection:
            rows = connection.execute(theirs.where(consent.c.purpose == purpose.value).distinct())
            return frozenset(visitor for visitor, customer in rows if customer in customers)

    def _states(self, column: sa.Column[Any], purpose: Purpose) -> Stands:
        """What stands, by id."""
        chosen = sa.select(column, consent.c.state, consent.c.time_us).where(
            consent.c.purpose == purpose.value, column.is_not(None)
        )
        with self._database.reading() as connection:
            return newest(connection.execute(chosen.order_by(consent.c.time_us, consent.c.number)))

    def history(self, person: Person) -> list[ConsentRecord]:
        """All rows of one person (either id), oldest first."""
        with self._database.reading() as connection:
            chosen = sa.select(consent).where(of_either(person)).order_by(consent.c.time_us, consent.c.number)
            return [_record(row) for row in connection.execute(chosen).mappings()]

    def histories(self, customer_ids: Iterable[str]) -> dict[str, list[ConsentRecord]]:
        """:meth:`history` of many customers, by id; who was erased is not among them."""
        wanted = sorted(set(customer_ids))
        with self._database.reading() as connection:
            gone = Forgotten(connection, self._secrets).among("c", wanted)
            found: dict[str, list[ConsentRecord]] = {one: [] for one in wanted if one not in gone}
            for start in range(0, len(wanted), IDS_AT_ONCE):
                asked = consent.c.customer_id.in_(wanted[start : start + IDS_AT_ONCE])
                chosen = sa.select(consent).where(asked)
                for row in connection.execute(chosen.order_by(consent.c.time_us, consent.c.number)).mappings():
                    if row["customer_id"] in found:
                        found[row["customer_id"]].append(_record(row))
        return found

    def erase(self, person: Person) -> int:
        """Delete what the person's rows say; their digests stay, so that the chain can be verified. Returns how many."""
        with self._database.writing() as connection:
            return erase_consent(connection, person)

    def broken_at(self) -> int | None:
        """The number of the first row that was changed or is missing; None when the chain holds."""
        before, expected = b"", 1
        with self._database.streamed(sa.select(consent).order_by(consent.c.number), ROWS_AT_ONCE) as rows:
            for row in rows.mappings():
                content = bytes(row["digest"])
                changed = row["salt"] is not None and _digest(bytes(row["salt"]), row) != content
                if row["number"] != expected or changed or _seal(before, content) != bytes(row["hash"]):
                    return expected
                before, expected = bytes(row["hash"]), expected + 1
        return None


def _refusing(stands: Iterable[Stands]) -> frozenset[Purpose]:
    return frozenset(Purpose(purpose) for one in stands for purpose, state in one.items() if state in REFUSING)


def _digest(salt: bytes, row: Mapping[Any, Any]) -> bytes:
    said = hashlib.sha256(salt)
    for name in CONSENT_SAYS:
        value = row[name]
        said.update(b"\x00" if value is None else b"\x01" + str(value).encode() + b"\x1f")
    return said.digest()


def _seal(before: bytes, digest: bytes) -> bytes:
    return hashlib.sha256(before + digest).digest()


def sealed(records: Iterable[ConsentRecord], number: int, before: bytes) -> list[dict[str, Any]]:
    """The rows of these records, numbered from ``number`` on, each sealed with the hash ``before`` it."""
    rows = []
    for place, record in enumerate(records, start=number):
        said = {
            "visitor_id": record.person.visitor_id,
            "customer_id": record.person.customer_id,
            "purpose": record.purpose.value,
            "state": record.state.value,
            "time_us": to_us(record.time),
            "source": record.source,
            "actor": record.actor,
            "text_version": record.text_version,
        }
        salt = randomness.token_bytes(SALT_BYTES)
        digest = _digest(salt, said)
        before = _seal(before, digest)
        rows.append({"number": place, "salt": salt, "digest": digest, "hash": before, **said})
    return rows


def _record(row: Mapping[Any, Any]) -> ConsentRecord:
    return ConsentRecord(
        person=Person(customer_id=row["customer_id"], visitor_id=row["visitor_id"]),
        purpose=Purpose(row["purpose"]),
        state=ConsentState(row["state"]),
        time=from_us(row["time_us"]),
        source=row["source"],
        actor=row["actor"],
        text_version=row["text_version"],
    )
