"""What a storefront, a mail builder or the command line asks for."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from recommender.domain.people import Person


class Repeat(StrEnum):
    """Whether items the person bought before may come back."""

    AUTO = "auto"
    ALLOW = "allow"
    FORBID = "forbid"


class Language(StrEnum):
    """Languages reasons are written in."""

    EN = "en"
    PL = "pl"
    RU = "ru"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which items a list may hold; all that is said must be known to hold of an item, on every rung.

    ``category`` is a path or its beginning (up to a `` > ``). Prices are what a customer pays now, both ends included.
    ``where`` holds (attribute, value) pairs: different attributes must all match, of one attribute any value given.
    """

    category: str | None = None
    brand: str | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    where: tuple[tuple[str, str], ...] = ()


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One list that is asked for, at one moment (``now`` is aware UTC, in the shop's clock).

    ``item_ids`` is what the page shows (``similar``), ``cart`` what the basket holds, ``exclude`` what must not appear.
    ``country`` overrides the customer's own (ISO name or code as the shop writes it); None leaves it to the record.
    ``only`` narrows the list to some items; None is no narrowing. ``explain`` asks for how the list came about.
    """

    scenario: str
    now: datetime
    person: Person = Person()
    item_ids: tuple[str, ...] = ()
    cart: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    repeat: Repeat = Repeat.AUTO
    size: int = 12
    language: Language = Language.EN
    country: str | None = None
    only: Filter | None = None
    explain: bool = False
