"""Who a list is for: a visitor's browser, a known customer, or nobody we know."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import msgspec


def normal_id(told: str) -> str:
    """An id as people and items are known by it: without spaces around it, in NFC."""
    bare = told.strip()
    return bare if bare.isascii() else unicodedata.normalize("NFC", bare)


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """The ids one request or one profile goes by. Both None is a stranger.

    When both are set the customer's own events and the visitor's (this browser's) are one history.
    """

    customer_id: str | None = None
    visitor_id: str | None = None

    @property
    def label(self) -> str:
        """The id an export shows: the customer's if known, else the visitor's, else an empty string."""
        return self.customer_id or self.visitor_id or ""


class Stay(NamedTuple):
    """A browser was a customer's from ``since_us`` until before ``until_us`` (microseconds, shop time), and is somebody else's now."""

    visitor_id: str
    since_us: int
    until_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """What the shop's own files say of a customer. Missing is None (or absent from ``attributes``).

    Personal data: it lives in the customer store only, never in the log, a bundle or a log line.
    """

    customer_id: str
    email: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    gender: str | None = None
    country: str | None = None
    city: str | None = None
    postal_code: str | None = None
    language: str | None = None
    attributes: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
