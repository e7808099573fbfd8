"""What goes back: an ordered list of items, each with where it came from and why."""

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """What the list rests on: the person's record, what this request told, or nothing personal."""

    PERSONAL = "personal"
    SESSION = "session"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an item is there: a stable ``code`` and a sentence that is true of the evidence used."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlateItem:
    """One place of the list. ``rank`` counts from 1; ``score`` orders within the list and means nothing across lists."""

    item_id: str
    rank: int
    score: float
    source: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Slate:
    """An answered request. ``model`` is the run id, None without one; ``fallback`` names why a lower rung answered."""

    slate_id: str
    scenario: str
    model: str | None
    fallback: str | None
    basis: Basis
    items: tuple[SlateItem, ...]
