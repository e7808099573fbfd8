"""People we were asked to forget: only keyed hashes of their ids, enough to refuse them when they come back."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from recommender.domain.people import Person
from recommender.storage.database import Database
from recommender.storage.secret import Secrets, current_secret, print_of
from recommender.storage.tables import tombstones

FLOCK = 500
"""Digests one question asks about."""


def digest(secret: bytes, letter: str, person_id: str) -> bytes:
    """HMAC-SHA256 of an id; ``letter`` is ``c`` for a customer's, ``v`` for a visitor's."""
    return hmac.digest(secret, f"{letter}:{person_id}".encode(), "sha256")


class Forgotten:
    """Which ids are refused, as seen by one connection; asks the database nothing when nobody was erased."""

    def __init__(self, connection: sa.Connection, secrets: Secrets) -> None:
        self._connection = connection
        self._secrets = [secrets.named(name) for name in _prints(connection)]

    @property
    def nobody(self) -> bool:
        """Whether no tombstone stands."""
        return not self._secrets

    def among(self, letter: str, ids: Iterable[str | None]) -> set[str]:
        """Those of the ids that are to be forgotten."""
        if self.nobody:
            return set()
        wanted = sorted({one for one in ids if one is not None})
        by_digest = {digest(secret, letter, one): one for secret in self._secrets for one in wanted}
        digests = list(by_digest)
        found: set[str] = set()
        for start in range(0, len(digests), FLOCK):
            some = digests[start : start + FLOCK]
            rows = self._connection.execute(sa.select(tombstones.c.digest).where(tombstones.c.digest.in_(some)))
            found.update(by_digest[bytes(row)] for row in rows.scalars())
        return found


def _prints(connection: sa.Connection) -> Iterator[str]:
    """The secrets tombstones were made with: one step in the index for each, however many tombstones there are."""
    before = ""
    while True:
        least = sa.select(sa.func.min(tombstones.c.secret_print)).where(tombstones.c.secret_print > before)
        found = connection.execute(least).scalar()
        if found is None:
            return
        yield found
        before = found


class SqlTombstones:
    """:class:`~recommender.domain.ports.Tombstones` in the table ``tombstones``."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets

    def add(self, person: Person) -> None:
        """Remember to forget both ids of the person; idempotent."""
        ids = [(letter, one) for letter, one in (("c", person.customer_id), ("v", person.visitor_id)) if one]
        if not ids:
            return
        with self._database.writing() as connection:
            secret = current_secret(connection, self._secrets)
            named = print_of(secret)
            rows = [{"digest": digest(secret, letter, one), "secret_print": named} for letter, one in ids]
            connection.execute(self._database.insert(tombstones).on_conflict_do_nothing(), rows)

    def covers(self, people: Sequence[Person]) -> list[bool]:
        """Whether each person is to be forgotten by either id."""
        with self._database.reading() as connection:
            forgotten = Forgotten(connection, self._secrets)
            if forgotten.nobody:
                return [False] * len(people)
            customers = forgotten.among("c", (person.customer_id for person in people))
            visitors = forgotten.among("v", (person.visitor_id for person in people))
        return [person.customer_id in customers or person.visitor_id in visitors for person in people]

    def pseudonym(self, person: Person) -> str:
        """A keyed hash (32 hex digits) of the customer's id, or else the visitor's; equal for equal people."""
        return self.pseudonyms([person])[0]

    def pseudonyms(self, people: Sequence[Person]) -> list[str]:
        """The same of many, with one look at the database."""
        with self._database.reading() as connection:
            secret = current_secret(connection, self._secrets)
        return [_pseudonym(secret, person) for person in people]

    def former_pseudonyms(self, person: Person) -> list[str]:
        """What stood for the person under each secret that is here: a restore may have changed the current one."""
        return sorted({_pseudonym(secret, person) for secret in self._secrets.known.values()})

    def count(self) -> int:
        """How many ids are covered."""
        with self._database.reading() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(tombstones)).scalar_one()


def _pseudonym(secret: bytes, person: Person) -> str:
    letter, one = ("c", person.customer_id) if person.customer_id is not None else ("v", person.visitor_id or "")
    return hashlib.blake2b(f"{letter}:{one}".encode(), key=secret, digest_size=16, person=b"pseudonym").hexdigest()
