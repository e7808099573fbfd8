"""Keys of the service, and small facts about the home."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from recommender.domain.keys import KeyClass, KeyRecord
from recommender.storage.database import Database
from recommender.storage.tables import keys, meta
from recommender.storage.times import from_us, to_us


class SqlKeyStore:
    """:class:`~recommender.domain.ports.KeyStore` in the table ``keys``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, record: KeyRecord) -> None:
        """Store a new key's record."""
        row = {
            "key_id": record.key_id,
            "key_class": record.key_class.value,
            "name": record.name,
            "prefix": record.prefix,
            "salt": record.salt,
            "digest": record.digest,
            "created_us": to_us(record.created_at),
            "revoked_us": None if record.revoked_at is None else to_us(record.revoked_at),
        }
        with self._database.writing() as connection:
            connection.execute(keys.insert(), row)

    def all(self) -> list[KeyRecord]:
        """Every key, revoked ones included, oldest first."""
        with self._database.reading() as connection:
            chosen = sa.select(keys).order_by(keys.c.created_us, keys.c.key_id)
            return [_key(row) for row in connection.execute(chosen).mappings()]

    def revoke(self, key_id: str, at: datetime) -> bool:
        """Mark a key revoked (the first time counts); False if there is none with this id."""
        with self._database.writing() as connection:
            first = sa.func.coalesce(keys.c.revoked_us, to_us(at))
            return (
                connection.execute(keys.update().where(keys.c.key_id == key_id).values(revoked_us=first)).rowcount > 0
            )


class SqlMeta:
    """:class:`~recommender.domain.ports.Meta` in the table ``meta``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> str | None:
        """The value, or None."""
        with self._database.reading() as connection:
            return connection.execute(sa.select(meta.c.value).where(meta.c.name == name)).scalar()

    def set(self, name: str, value: str) -> None:
        """Store a value."""
        insert = self._database.insert(meta).values(name=name, value=value)
        with self._database.writing() as connection:
            connection.execute(
                insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
            )


def _key(row: Mapping[Any, Any]) -> KeyRecord:
    return KeyRecord(
        key_id=row["key_id"],
        key_class=KeyClass(row["key_class"]),
        name=row["name"],
        prefix=row["prefix"],
        salt=bytes(row["salt"]),
        digest=bytes(row["digest"]),
        created_at=from_us(row["created_us"]),
        revoked_at=None if row["revoked_us"] is None else from_us(row["revoked_us"]),
    )
