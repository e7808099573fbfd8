"""Keys of the HTTP service: making, listing and revoking them, and telling a true one from a false one."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from recommender.domain.errors import BadInputError, StoreUnavailableError
from recommender.domain.keys import KeyClass, KeyRecord
from recommender.domain.ports import KeyStore

PREFIX_LETTERS = 8
"""Letters after the class that name a key in lists; the other 35 (210 bits) are the secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made. ``token`` is shown once; only ``record`` is kept."""

    token: str
    record: KeyRecord


def create_key(store: KeyStore, *, key_class: KeyClass, name: str = "", now: datetime) -> NewKey:
    """Make a key and store its salted hash.

    Parameters
    ----------
    now : datetime
        Wall time (aware UTC), kept as the time of creation.
    """
    token = f"{key_class}_{secrets.token_urlsafe(32)}"
    salt = secrets.token_bytes(16)
    record = KeyRecord(
        key_id=f"key-{secrets.token_hex(4)}",
        key_class=key_class,
        name=name,
        prefix=_prefix(token),
        salt=salt,
        digest=_digest(token, salt),
        created_at=now,
    )
    store.put(record)
    return NewKey(token=token, record=record)


def list_keys(store: KeyStore) -> list[KeyRecord]:
    """Every key, oldest first, revoked ones included. The keys themselves are not kept, so they cannot be shown."""
    return store.all()


def revoke_key(store: KeyStore, key_id: str, *, now: datetime) -> None:
    """Refuse a key from now on; running services notice within a second.

    Raises
    ------
    BadInputError
        If no key has this id.
    """
    if not store.revoke(key_id, now):
        known = ", ".join(record.key_id for record in store.all()) or "none"
        raise BadInputError(f"There is no key {key_id}. Known keys: {known}.")


class KeyRing:
    """The keys that are in force, held in memory; safe to share between threads.

    :meth:`refresh` reads the store; the service's watch calls it twice a second, so that a request never waits for
    the store and a revoked key dies within a second. While the store is down the last state read stays in force.
    """

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._by_prefix: Mapping[str, tuple[KeyRecord, ...]] = {}
        self._read = False
        self._verified: dict[bytes, KeyRecord] = {}
        self._pepper = secrets.token_bytes(16)

    def refresh(self) -> None:
        """Read the store and swap the keys in force."""
        found: dict[str, tuple[KeyRecord, ...]] = {}
        for record in self._store.all():
            if record.revoked_at is None:
                found[record.prefix] = (*found.get(record.prefix, ()), record)
        if found != self._by_prefix:
            self._by_prefix, self._verified = found, {}
        self._read = True

    def __len__(self) -> int:
        return sum(len(records) for records in self._by_prefix.values())

    def verify(self, token: str) -> KeyRecord | None:
        """Whose key this is; None for a false or revoked one. The time it takes tells nothing of the secret part.

        A key that was verified once is known again by a hash of it that only this process can make.

        Raises
        ------
        StoreUnavailableError
            The store has not answered since the process began, so that nobody's key can be told.
        """
        if not self._read:
            raise StoreUnavailableError("The database has not answered since the service began: keys cannot be told.")
        if not token.isascii():
            return None
        seen = self._verified  # before the keys in force are looked at: a refresh meanwhile starts a new one
        mark = hashlib.blake2b(token.encode(), digest_size=16, key=self._pepper).digest()
        known = seen.get(mark)
        if known is not None:
            return known
        match = self._match(token)
        if match is not None:
            seen[mark] = match
        return match

    def _match(self, token: str) -> KeyRecord | None:
        match = None
        for record in self._by_prefix.get(_prefix(token), (_NOBODY,)):
            if hmac.compare_digest(_digest(token, record.salt), record.digest):
                match = record
        return match


def _prefix(token: str) -> str:
    """The part that names a key: the class and the first letters after it."""
    head, _, rest = token.partition("_")
    return f"{head}_{rest[:PREFIX_LETTERS]}"


def _digest(token: str, salt: bytes) -> bytes:
    """One round is enough: the secret is random and long, so there is nothing to guess."""
    return hashlib.blake2b(token.encode(), salt=salt, person=b"api key", digest_size=32).digest()


_NOBODY = KeyRecord(
    key_id="",
    key_class=KeyClass.PK,
    name="",
    prefix="",
    salt=bytes(16),
    digest=bytes(31),  # one byte short: no token can ever match it
    created_at=datetime.min,  # noqa: DTZ901 - never read
)
