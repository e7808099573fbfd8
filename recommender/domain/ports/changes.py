"""What changed since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from recommender.domain.people import Person


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
