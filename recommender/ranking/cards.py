"""What a page shows of an item, ready to be joined into an answer: JSON made once, not per request."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import msgspec

from recommender.domain.entries import Entry

BLANK = b'"title":null,"url":null,"image":null,"price":null,"price_old":null,"currency":null'
"""The fragment of an item the catalogue does not know."""

encoded_text: Callable[[str | None], bytes] = msgspec.json.Encoder().encode
"""A text, or null, as JSON."""
_UNIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a page shows of an item; None where the catalogue does not say.

    ``price`` is what a customer pays now, so ``sale_price`` is left to None; ``price_old`` is what it cost before a sale. Links are
    such as a page may follow.
    """

    title: str | None = None
    url: str | None = None
    image: str | None = None
    price: Decimal | None = None
    price_old: Decimal | None = None
    sale_price: Decimal | None = None
    currency: str | None = None


BLANK_CARD = Card()


class _Shown(msgspec.Struct, frozen=True, kw_only=True):
    title: str | None
    url: str | None
    image: str | None
    price: Decimal | None
    currency: str | None
    price_old: Decimal | None = None


_decode = partial(msgspec.json.decode, type=_Shown)


def fragment_of(entry: Entry) -> bytes:
    """The members ``title`` to ``currency`` of an answer's item, as JSON without the braces around it."""
    return b'"title":%b,"url":%b,"image":%b,"price":%b,"price_old":%b,"currency":%b' % (
        encoded_text(entry.title),
        encoded_text(safe_link(entry.url)),
        encoded_text(safe_link(entry.image)),
        _money(entry.paid_e4),
        _money(entry.before_e4),
        encoded_text(entry.currency),
    )


def card_of(fragment: bytes) -> Card:
    """The card a fragment describes."""
    if fragment == BLANK:
        return BLANK_CARD
    shown: _Shown = _decode(b"{%b}" % fragment)
    return Card(
        title=shown.title,
        url=shown.url,
        image=shown.image,
        price=shown.price,
        price_old=shown.price_old,
        currency=shown.currency,
    )


def safe_link(link: str | None) -> str | None:
    """The link if a page may follow it: http(s) or a path of the shop's own site; anything else is left out."""
    if link is None:
        return None
    start = link[:8].lower()
    if start.startswith(("https://", "http://")) or (start.startswith("/") and not start.startswith(("//", "/\\"))):
        return link
    return None


def _money(amount_e4: int) -> bytes:
    """An amount with as many digits as it needs, at least two; null if it is unknown."""
    if amount_e4 < 0:
        return b"null"
    whole, part = divmod(amount_e4, _UNIT)
    if part % 100 == 0:
        return b"%d.%02d" % (whole, part // 100)
    return (b"%d.%04d" % (whole, part)).rstrip(b"0")
