"""What goes back: an ordered list of items, each with where it came from and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Basis(StrEnum):
    """What the list rests on: the person's record, what this request told, or nothing personal."""

    PERSONAL = "personal"
    SESSION = "session"
    ANONYMOUS = "anonymous"


class Reason(NamedTuple):
    """Why an item is there: a stable ``code`` and a sentence that is true of the evidence used."""

    code: str
    text: str


class SlateItem(NamedTuple):
    """One place of the list. ``rank`` counts from 1; ``score`` orders within the list and means nothing across lists."""

    item_id: str
    rank: int
    score: float
    source: str
    reason: Reason


class Feature(NamedTuple):
    """One thing a forest was told of an item, and by how much it moved the item beside the list's other candidates."""

    value: float
    moved: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """How one place of the list came about.

    Attributes
    ----------
    generators : mapping of str to float
        Weighted share of each generator in the item's score, adding up to 1; empty for an item of a lower rung.
    signals : mapping of str to float
        What each signal added to the score, as a share of it (0.2: a fifth more).
    rules : tuple of str
        The shop's rules that touched the item, as they stand in the file: ``home.boost[0]``.
    factor : float
        What boosts and buries multiplied the score by; 1 without any.
    features : mapping of str to Feature
        Where a forest decided: what it was told of the item that moved it most, the strongest first; else empty.
    """

    item_id: str
    generators: Mapping[str, float]
    signals: Mapping[str, float]
    rules: tuple[str, ...]
    factor: float
    features: Mapping[str, "Feature"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """An item that would have come before the list's end, and what kept it out.

    ``why`` is a stable code; ``rule`` names the shop's rule where it is one.
    """

    item_id: str
    source: str
    why: str
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How a list came about: its places in order, and the first of what was left out.

    ``order`` is who put the model's proposals in order: ``blend``, ``forest``, or ``both``; None where it proposed none.
    """

    order: str | None
    items: tuple[Explained, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slate:
    """An answered request. ``model`` is the run id, None without one; ``fallback`` names why a lower rung answered."""

    slate_id: str
    scenario: str
    model: str | None
    fallback: str | None
    basis: Basis
    items: tuple[SlateItem, ...]
    explanation: Explanation | None = None
