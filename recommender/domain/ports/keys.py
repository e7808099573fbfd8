"""Keys of the service, and small facts of a home."""

from datetime import datetime
from typing import Protocol

from recommender.domain.keys import KeyRecord


class KeyStore(Protocol):
    """Keys of the HTTP service."""

    def put(self, record: KeyRecord) -> None:
        """Store a new key's record."""
        ...

    def all(self) -> list[KeyRecord]:
        """Every key, revoked ones included, oldest first."""
        ...

    def revoke(self, key_id: str, at: datetime) -> bool:
        """Mark a key revoked; False if there is none with this id."""
        ...


class Meta(Protocol):
    """Small facts about this home that must travel with its data (clock shift, schema, …)."""

    def get(self, name: str) -> str | None:
        """The value, or None."""
        ...

    def set(self, name: str, value: str) -> None:
        """Store a value."""
        ...
