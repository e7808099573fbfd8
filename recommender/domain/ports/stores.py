"""All stores of one home."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from recommender.domain.ports.catalogue import Catalogue
from recommender.domain.ports.changes import Changes
from recommender.domain.ports.keys import KeyStore, Meta
from recommender.domain.ports.letters import Readers
from recommender.domain.ports.log import EventLog
from recommender.domain.ports.people import ConsentLedger, Customers, Tombstones

if TYPE_CHECKING:
    from recommender.domain.incoming import DeadLetters, Intake


class Stores(Protocol):
    """All stores of one home, opened together."""

    @property
    def log(self) -> EventLog:
        """The events."""
        ...

    @property
    def catalogue(self) -> Catalogue:
        """The items."""
        ...

    @property
    def customers(self) -> Customers:
        """The customers."""
        ...

    @property
    def consent(self) -> ConsentLedger:
        """Who allowed what."""
        ...

    @property
    def keys(self) -> KeyStore:
        """Keys of the service."""
        ...

    @property
    def tombstones(self) -> Tombstones:
        """Whom to forget."""
        ...

    @property
    def meta(self) -> Meta:
        """Small facts."""
        ...

    @property
    def changes(self) -> Changes:
        """Who changed."""
        ...

    @property
    def dead_letters(self) -> "DeadLetters":
        """Events that were refused."""
        ...

    @property
    def readers(self) -> Readers:
        """Who reads newsletters."""
        ...

    def intake(self) -> "Intake":
        """A new way into the log for events that come in all day; one thread uses it."""
        ...

    def dump(self, directory: str) -> Mapping[str, int]:
        """Write every table at one consistent moment into ``directory`` in a form either backend reads; rows per table."""
        ...

    def load(self, directory: str) -> Mapping[str, int]:
        """Replace everything by a dump, all or nothing, then apply the tombstones known before and in the dump."""
        ...

    def compact(self) -> None:
        """Leave no deleted byte behind in the files we own (SQLite: checkpoint, secure delete, vacuum)."""
        ...

    def close(self) -> None:
        """Let go of connections and files."""
        ...
