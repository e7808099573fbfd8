"""Stores of a database that is away: every question is answered by the error that says so."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, cast

from recommender.domain.errors import StoreUnavailableError
from recommender.domain.ports import (
    Catalogue,
    Changes,
    ConsentLedger,
    Customers,
    EventLog,
    KeyStore,
    Meta,
    ProfileStore,
    Stores,
    Tombstones,
)


class _Absent:
    """Has every method, and each raises."""

    def __init__(self, why: str) -> None:
        self._why = why

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        if name.startswith("_"):
            raise AttributeError(name)

        def refuse(*_: object, **__: object) -> NoReturn:
            raise StoreUnavailableError(self._why)

        return refuse

    def close(self) -> None:
        """There is nothing to let go of."""


def absent_stores(why: str) -> Stores:
    """Stores that raise :class:`StoreUnavailableError` with this sentence, whatever they are asked."""
    return cast("Stores", _AbsentStores(why))


def absent_profiles(why: str) -> ProfileStore:
    """A profile cache that raises the same."""
    return cast("ProfileStore", _Absent(why))


class _AbsentStores:
    def __init__(self, why: str) -> None:
        nothing: Any = _Absent(why)
        self.log: EventLog = nothing
        self.catalogue: Catalogue = nothing
        self.customers: Customers = nothing
        self.consent: ConsentLedger = nothing
        self.keys: KeyStore = nothing
        self.tombstones: Tombstones = nothing
        self.meta: Meta = nothing
        self.changes: Changes = nothing
        self.dead_letters = nothing
        self.readers = nothing
        self._why = why

    def intake(self) -> NoReturn:
        """Raises."""
        raise StoreUnavailableError(self._why)

    def dump(self, directory: str) -> Mapping[str, int]:
        """Raises."""
        raise StoreUnavailableError(f"{self._why} {directory} stays as it is.")

    def load(self, directory: str) -> Mapping[str, int]:
        """Raises."""
        raise StoreUnavailableError(f"{self._why} {directory} stays as it is.")

    def compact(self) -> None:
        """Raises."""
        raise StoreUnavailableError(self._why)

    def close(self) -> None:
        """There is nothing to let go of."""
