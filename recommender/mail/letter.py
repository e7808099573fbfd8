"""One newsletter before it takes a form: what it says, in whose language, where its links lead."""

from dataclasses import dataclass, field
from enum import StrEnum


class Standing(StrEnum):
    """What became of the address a letter was asked for by."""

    CURRENT = "current"
    OLD = "old"  # expired, or of nobody (any more): everybody's list
    GENERAL = "general"  # of somebody whose list rests on nothing personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One item of the letter; all texts are plain, not HTML. None where the catalogue does not say.

    Attributes
    ----------
    title : str
    url : str or None
        Where picture, title and price lead together.
    image : str or None
        A picture mail programs show: whole address, no SVG.
    price : str or None
        As it is written in the letter's language.
    reason : str
        One sentence; empty for none.
    """

    title: str
    url: str | None = None
    image: str | None = None
    price: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where the foot of the letter leads; None leaves the link out.

    ``stop`` is the sending tool's own link (or the merge tag it replaces); ``sender`` is the shop's postal address.
    """

    why: str | None = None
    general: str | None = None
    stop: str | None = None
    sender: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a letter says.

    Attributes
    ----------
    language : str
        ``en``, ``pl`` or ``ru``.
    shop : str
        The word mark; empty for none.
    subject, heading, opening, preheader : str
        The subject, the same as a heading, one sentence below it, and the line mail programs show beside the subject.
    personal : bool
        Whether anything of the reader's shaped the list.
    """

    language: str
    shop: str
    subject: str
    heading: str
    opening: str
    preheader: str
    personal: bool
    places: tuple[Place, ...]
    links: Links = field(default_factory=Links)
