"""What the use cases need from the outside, as small interfaces. ``storage`` implements them.

Every store that keeps anything of a person has ``erase``: a store without it cannot be wired.
All methods raise :class:`~recommender.domain.errors.StoreUnavailableError` when the store is down, full or locked.
"""

from collections.abc import Awaitable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from recommender.domain.consent import ConsentRecord, Purpose
from recommender.domain.entries import Entry
from recommender.domain.events import Event, Line
from recommender.domain.items import Item
from recommender.domain.keys import KeyRecord
from recommender.domain.people import Customer, Person, Stay

if TYPE_CHECKING:
    import polars as pl

    from recommender.domain.incoming import DeadLetters, Intake


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a group of events came from and the legal basis it was stored under (``contract``, ``consent``, …)."""

    kind: str  # "import" or "api"
    legal_basis: str
    name: str = ""  # the file's base name, or the key's id


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """How an append went, event by event, in the order given: True was new, False was there already."""

    new: tuple[bool, ...]
    position: int = 0  # of the log after it; 0 where nothing was stored


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """How an import went: rows that were ``new``, ``duplicates`` of stored ones, ``conflicts`` (same id, other content;
    the stored one wins) and ``erased`` (of people whose tombstone refuses them).
    """

    new: int
    duplicates: int
    conflicts: int
    erased: int


class ReadyRows(Protocol):
    """A chunk an :class:`ImportSession` made ready; what else is in it is the session's."""

    @property
    def lines(self) -> "pl.DataFrame":
        """The rows."""
        ...


class ImportSession(Protocol):
    """One file on its way into the log, in one transaction: leaving the ``with`` block normally commits, an error undoes all."""

    def ready(self, rows: "pl.DataFrame") -> "pl.DataFrame | ReadyRows":
        """Do for a chunk what needs no database; another thread may call it while this one writes.

        Returns
        -------
        DataFrame or ReadyRows
            What :meth:`write` takes in place of the rows, and stores faster.
        """
        ...

    def write(self, rows: "pl.DataFrame | ReadyRows") -> ImportCounts:
        """Store one chunk of lines.

        ``rows`` has the columns of :data:`~recommender.domain.events.LINE_COLUMNS` without ``seq`` and ``line``
        (missing columns are null). ``event_id`` null: the store derives one from the row's content and its
        how-many-eth occurrence in this session, so that a second import of the same file adds nothing while
        two equal rows of one file stay two. Rows of erased people are counted, not stored.
        A column ``line`` may number the lines of an event that names its id (missing: 0), a column ``properties`` hold JSON.
        """
        ...


class EventLog(Protocol):
    """The durable truth: what happened, once each, in the order it was written."""

    def append(self, events: Sequence[Event], source: Source) -> Appended:
        """Store events (each with its lines) in one transaction; returns after the commit. Idempotent by ``event_id``."""
        ...

    def importing(self, source: Source) -> AbstractContextManager[ImportSession]:
        """Open one import (see :class:`ImportSession`)."""
        ...

    def frames(
        self, *, until: datetime | None = None, columns: Sequence[str] | None = None
    ) -> "Iterator[pl.DataFrame]":
        """The whole log in columns (of ``LINE_COLUMNS``, typed as said there), in chunks, ordered by ``seq``; ``until`` is exclusive."""
        ...

    def of_person(self, person: Person, *, until: datetime | None = None, limit: int = 2_000) -> list[Line]:
        """The newest ``limit`` lines of one person (either id), oldest first by (time_us, seq)."""
        ...

    def of_people(
        self, people: Sequence[Person], *, until: datetime | None = None, limit: int = 2_000
    ) -> "pl.DataFrame":
        """:meth:`of_person` for many at once, in columns.

        The same lines for each, with a column ``who`` (int32, the place in ``people``) before those of
        ``LINE_COLUMNS``; ordered by (who, time_us, seq).
        """
        ...

    def people(self) -> Iterator[Person]:
        """Everyone the log knows: customers first, then visitors without a customer id, each sorted by id."""
        ...

    def browsers_of(self, customer_id: str) -> list[str]:
        """The visitor ids that belong to the customer, sorted."""
        ...

    def stays_of(self, customer_id: str) -> list[Stay]:
        """When browsers that belong to somebody else now were the customer's, by browser and time."""
        ...

    def links(self) -> Iterator[tuple[str, str]]:
        """(visitor_id, customer_id) pairs that stood together in an event, the newest customer per visitor."""
        ...

    def position(self) -> int:
        """The last ``seq``; 0 for an empty log."""
        ...

    def span(self) -> tuple[datetime, datetime] | None:
        """First and last event time; None for an empty log."""
        ...

    def erase(self, person: Person) -> int:
        """Delete every line of the person (either id), those without a customer of :meth:`stays_of` too; returns how many."""
        ...

    def take_back(self, person: Person, event_ids: Sequence[str]) -> int:
        """Delete the lines of these events that name the person by either id; returns how many."""
        ...


class Catalogue(Protocol):
    """What is on sale, in stock, at what price."""

    def put(
        self,
        items: Iterable[Item],
        *,
        replace: bool = False,
        clear: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> ImportCounts:
        """Insert or update items in one transaction. A field that is None leaves the stored value as it is.

        ``clear`` names, by item id, fields and attributes whose stored value goes.

        ``replace`` makes the given items the whole catalogue: the others become ``removed``.
        """
        ...

    def get(self, item_ids: Sequence[str]) -> dict[str, Item]:
        """The items that are known, by id."""
        ...

    def all(self) -> Iterator[Item]:
        """Every item, removed ones included, by id."""
        ...

    def facts(self) -> Iterator[tuple[str, str | None, str | None, int | None]]:
        """(item_id, category, brand, what it costs times PRICE_SCALE) of every item, removed ones included, by id."""
        ...

    def version(self) -> int:
        """A number that grows with every change; cheap enough to ask on each request."""
        ...

    def changed_since(self, version: int) -> list[Item]:
        """Items changed after that version."""
        ...

    def entries(self, since: int = -1) -> Iterator[Entry]:
        """What answers need of every item, by id; or of those changed after a version. Streamed, so any number fits."""
        ...


class Customers(Protocol):
    """What the shop's own files say of its customers. Personal data."""

    def put(self, customers: Iterable[Customer]) -> ImportCounts:
        """Insert or update in one transaction; None leaves a stored value; erased people are counted, not stored."""
        ...

    def get(self, customer_ids: Sequence[str]) -> dict[str, Customer]:
        """The customers that are known, by id."""
        ...

    def countries(self) -> dict[str, str]:
        """customer_id to country, for those whose country is known."""
        ...

    def ids(self) -> Iterator[str]:
        """Every customer id, sorted."""
        ...

    def erase(self, person: Person) -> int:
        """Delete the record; returns how many."""
        ...


class ConsentLedger(Protocol):
    """Proof of who allowed what; append-only and hash-chained."""

    def record(self, records: Iterable[ConsentRecord]) -> int:
        """Append; returns how many."""
        ...

    def allows(self, person: Person, purpose: Purpose, *, default: bool) -> bool:
        """The state on record; ``default`` where there is none. An objection beats a grant made before or at the same time."""
        ...

    def refused(self, person: Person) -> frozenset[Purpose]:
        """The purposes for which :meth:`allows` is False whatever the default: either id refuses, or the browser's customer."""
        ...

    def refused_in(self, visitor_id: str) -> tuple[str | None, frozenset[Purpose]]:
        """The customer a browser belongs to (None: nobody), and :meth:`refused` of the browser, in one question."""
        ...

    def refusals(self, purpose: Purpose, *, browsers: bool = False) -> tuple[frozenset[str], frozenset[str]]:
        """(customer ids, visitor ids) whose recorded state refuses the purpose; with ``browsers``, also those of these customers."""
        ...

    def history(self, person: Person) -> list[ConsentRecord]:
        """All rows of one person, oldest first."""
        ...

    def erase(self, person: Person) -> int:
        """Delete the person's rows, keeping the chain verifiable for the rest; returns how many."""
        ...


NUMBER_BYTES = 12
"""How long the number of a newsletter's reader is."""


class ReaderRow(NamedTuple):
    """What is kept of one reader of newsletters.

    Attributes
    ----------
    picks : bytes or None
        What the last campaign picked; None if nothing is kept.
    made_us : int or None
        When, in shop time.
    acted : bool
        Whether an event of the customer is newer than that.
    refused : bool
        Whether the customer ever refused personal picks by mail; whether that still stands says the ledger.
    """

    customer_id: str
    picks: bytes | None
    made_us: int | None
    acted: bool
    refused: bool


class Readers(Protocol):
    """Random numbers that stand for customers in the addresses of mails, so that no address tells who it is for."""

    def numbers(self, customer_ids: Sequence[str]) -> Mapping[str, bytes]:
        """Each customer's number (``NUMBER_BYTES`` long), given now to who has none; erased people get none."""
        ...

    def whose(self, number: bytes) -> str | None:
        """The customer with this number; None if nobody has it (any more)."""
        ...

    def row(self, number: bytes) -> ReaderRow | None:
        """The reader with this number and what is kept for them, in one question; None if nobody has it (any more)."""
        ...

    def keep(self, picks: Mapping[bytes, bytes | None], made_us: int) -> None:
        """Keep what was picked, by number, in the place of what was kept; who has no such number (any more) is passed over."""
        ...

    def held(self, customer_id: str) -> tuple[bytes, bytes | None, int | None] | None:
        """Number, picks and their moment of one customer; None if they have no number."""
        ...

    def erase(self, person: Person) -> int:
        """Take the person's number away; returns how many."""
        ...


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


class Tombstones(Protocol):
    """Whom we were asked to forget, as keyed hashes only, so that a replay does not bring them back."""

    def add(self, person: Person) -> None:
        """Remember to forget; idempotent."""
        ...

    def covers(self, people: Sequence[Person]) -> list[bool]:
        """Whether each is to be forgotten."""
        ...

    def count(self) -> int:
        """How many ids are covered."""
        ...

    def pseudonym(self, person: Person) -> str:
        """A keyed hash (hex) that stands for the person in logs and reports; the key never leaves the home."""
        ...

    def pseudonyms(self, people: Sequence[Person]) -> list[str]:
        """:meth:`pseudonym` of many at once."""
        ...

    def former_pseudonyms(self, person: Person) -> list[str]:
        """What stood for the person under every key this home has had, today's included."""
        ...


class Meta(Protocol):
    """Small facts about this home that must travel with its data (clock shift, schema, …)."""

    def get(self, name: str) -> str | None:
        """The value, or None."""
        ...

    def set(self, name: str, value: str) -> None:
        """Store a value."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the growing numbers of the stores of people are: the log's position, the ledger's last row, the customers' version."""

    position: int
    consent: int
    customers: int

    @property
    def facts(self) -> int:
        """Grows with every change of consent or of a customer's record."""
        return self.consent + self.customers


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Whom changes concern: of the log (``lines``), of consent and customer records (``facts``); None: too many to name."""

    standing: Standing
    lines: "Sequence[Person] | None"
    facts: "Sequence[Person] | None"


class Changes(Protocol):
    """What changed in the stores of people since when, whoever changed it."""

    def standing(self) -> Standing:
        """Where the stores are now; one quick question."""
        ...

    def since(self, standing: Standing, *, limit: int = 20_000) -> Changed:
        """Whom the changes after ``standing`` concern, and up to where they were looked at."""
        ...


class StoredProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one person to answer quickly; all of it can be made anew from the log.

    Attributes
    ----------
    position : int
        Every line of the log up to this ``seq`` is in it.
    state, items, facts : bytes
        Facets; the record of the person's items; what answers need beside events.
    """

    position: int
    state: bytes
    items: bytes
    facts: bytes


class ProfileStore(Protocol):
    """A cache of profiles by person key (``c:<customer_id>`` or ``v:<visitor_id>``).

    What is damaged or of another version counts as not there.
    """

    def get(self, keys: Sequence[str]) -> list[StoredProfile | None]:
        """The profiles in the order of the keys, in one round trip; None for what is not there."""
        ...

    def begin(self, keys: Sequence[str]) -> Awaitable[list[StoredProfile | None]] | None:
        """The same without holding up the event loop that runs; None where there is nothing to wait for, or no way yet.

        Awaiting it raises :class:`~recommender.domain.errors.StoreUnavailableError`.
        """
        ...

    def put(self, key: str, profile: StoredProfile, expected: int | None) -> bool:
        """Store if the position that stands is ``expected`` (None: nothing stands); False if somebody was quicker."""
        ...

    def put_many(self, profiles: Iterable[tuple[str, StoredProfile]], *, replace: bool = False) -> int:
        """Store all, whatever stands; returns how many. With ``replace`` they are all there is afterwards, from one moment on."""
        ...

    def erase(self, person: Person) -> int:
        """Forget the person's profiles (both ids), leaving no byte of them in files we own; returns how many."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def check(self) -> None:
        """Whether lists can use it at this moment: raises :class:`~recommender.domain.errors.StoreUnavailableError` if not."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Freshness(Protocol):
    """Up to where something of a person may have changed, shared by all processes of the host; never too low."""

    def mark(self, people: Iterable[Person | str], position: int) -> None:
        """The log up to ``position`` holds something new of these people (of both their ids), or of these person keys."""
        ...

    def mark_all(self, position: int) -> None:
        """The log up to ``position`` may hold something new of anybody."""
        ...

    def mark_facts(self, people: Iterable[Person | str], facts: int) -> None:
        """Consent or the customer's record of these people may have changed, up to ``facts`` (:attr:`Standing.facts`)."""
        ...

    def mark_all_facts(self, facts: int) -> None:
        """The same of anybody."""
        ...

    def of(self, person: Person) -> int:
        """The largest position at which something of this person (either id) may have changed."""
        ...

    def lines_of(self, keys: Sequence[str]) -> int:
        """:meth:`of` by person keys, the largest of them."""
        ...

    def facts_of(self, key: str) -> int:
        """Up to where consent or the record of one person key may have changed."""
        ...

    @property
    def generation(self) -> int:
        """Moves when somebody was forgotten or everything was replaced; what was read before must not be kept."""
        ...

    def forget(self) -> None:
        """Move the generation."""
        ...

    @property
    def seen(self) -> Standing:
        """Up to where the stores' changes have been marked."""
        ...

    def saw(self, standing: Standing) -> None:
        """Changes up to here are marked now."""
        ...

    def advance(self, first: int, last: int) -> bool:
        """Lines from ``first`` to ``last`` are marked; whether everything before them is, too, so that it counts as seen."""
        ...

    def begin_anew(self, standing: Standing) -> None:
        """Everything was replaced: nobody's profile counts as fresh that is not from here."""
        ...


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
