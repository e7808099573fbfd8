"""What is known of people beside their events: records, consent, whom to forget."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from recommender.domain.consent import ConsentRecord, Purpose
from recommender.domain.people import Customer, Person
from recommender.domain.ports.imports import ImportCounts


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

    def histories(self, customer_ids: Iterable[str]) -> dict[str, list[ConsentRecord]]:
        """:meth:`history` of many customers, by id; who was erased is not among them."""
        ...

    def erase(self, person: Person) -> int:
        """Delete the person's rows, keeping the chain verifiable for the rest; returns how many."""
        ...

    def broken_at(self) -> int | None:
        """The number of the first row that was changed or is missing; None while the chain holds. Reads every row."""
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
