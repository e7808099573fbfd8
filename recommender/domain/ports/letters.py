"""Who newsletters' addresses stand for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from recommender.domain.people import Person

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
