"""Addresses in mails: short, unreadable, impossible to forge, and telling nothing about who reads them.

What an address holds is sealed: a keyed check made from the content, and the content under a key stream made from that
check. Equal content gives equal letters, so that writing a campaign again writes the same addresses. The content names
the reader by a random number only (see ``Readers``), so that even an opened seal is nobody once the person is erased.

References
----------
Rogaway, Shrimpton (2006), "Deterministic Authenticated-Encryption": the check serves as the starting value (SIV); here
both come from BLAKE2b with keys of their own, and the content is shorter than three of its blocks.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest

from recommender.domain.ports import NUMBER_BYTES
from recommender.domain.requests import Language

CHECK_BYTES = 16
BLOCK_BYTES = 64
LONGEST = 1_024
"""Letters of the longest address anybody looks at."""
TICKET, CLICK = 1, 2
"""First byte of what is sealed: what the address is for."""
HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LANGUAGES = ("en", "pl", "ru")
"""Their places stand in addresses; never reorder them."""
_TICKET = struct.Struct(f">B{NUMBER_BYTES}sIBB")
_CLICK = struct.Struct(f">B{NUMBER_BYTES}sI18s")
_SLATE_LETTERS = 24


class Seal:
    """Closes and opens short contents.

    Parameters
    ----------
    secret : bytes
        The home's; every process and host of a shop must have the same.
    """

    def __init__(self, secret: bytes) -> None:
        check_key = blake2b(secret, digest_size=32, person=b"mail-check").digest()
        stream_key = blake2b(secret, digest_size=32, person=b"mail-stream").digest()
        self._checks = blake2b(digest_size=CHECK_BYTES, key=check_key)
        self._streams = blake2b(digest_size=BLOCK_BYTES, key=stream_key)

    def close(self, content: bytes) -> str:
        """The content as letters, digits, ``-`` and ``_``."""
        check = self._check(content)
        return _letters(check + self._mixed(content, check))

    def open(self, text: str) -> bytes | None:
        """The content; None if it was not closed here, or not exactly so."""
        if not text.isascii() or len(text) > LONGEST:
            return None
        try:
            whole = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (NotBase64, ValueError):
            return None
        check, mixed = whole[:CHECK_BYTES], whole[CHECK_BYTES:]
        content = self._mixed(mixed, check)
        if not compare_digest(check, self._check(content)):
            return None
        return content if _letters(whole) == text else None  # other letters may stand for the same bytes

    def _check(self, content: bytes) -> bytes:
        keyed = self._checks.copy()
        keyed.update(content)
        return keyed.digest()

    def _mixed(self, content: bytes, check: bytes) -> bytes:
        """The content under the key stream; doing it twice gives the content back."""
        n, stream = len(content), b""
        while len(stream) < n:
            keyed = self._streams.copy()
            keyed.update(b"%b%c" % (check, len(stream) // BLOCK_BYTES))
            stream += keyed.digest()
        return (int.from_bytes(content) ^ int.from_bytes(stream[:n])).to_bytes(n)


def _letters(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a letter's address stands for; ``until`` is wall time, to the hour."""

    reader: bytes
    until: datetime
    size: int
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """What an item's address in a letter stands for. A click after ``until`` leads there still and is not counted."""

    reader: bytes
    until: datetime
    slate_id: str
    item_id: str


def ticket_text(seal: Seal, ticket: Ticket) -> str:
    """The address's only part that differs from reader to reader."""
    language = LANGUAGES.index(ticket.language.value)
    return seal.close(_TICKET.pack(TICKET, ticket.reader, _hours(ticket.until), ticket.size, language))


def ticket_of(seal: Seal, text: str) -> Ticket | None:
    """What an address stands for; None for one that was not given out here."""
    content = seal.open(text)
    if content is None or len(content) != _TICKET.size or content[0] != TICKET:
        return None
    _, reader, hours, size, language = _TICKET.unpack(content)
    spoken = LANGUAGES[language] if language < len(LANGUAGES) else LANGUAGES[0]
    return Ticket(reader=reader, until=EPOCH + hours * HOUR, size=size, language=Language(spoken))


def click_texts(seal: Seal, reader: bytes, until: datetime, slate_id: str) -> Callable[[str], str]:
    """What makes the addresses of one letter's items out of their ids; the name of the slate must be one of ours (24 letters)."""
    slate = urlsafe_b64decode(slate_id) if len(slate_id) == _SLATE_LETTERS else bytes(18)
    packed = _CLICK.pack(CLICK, reader, _hours(until), slate)
    return lambda item_id: seal.close(packed + item_id.encode())


def click_of(seal: Seal, text: str) -> Click | None:
    """What an item's address stands for; None for one that was not given out here."""
    content = seal.open(text)
    if content is None or len(content) <= _CLICK.size or content[0] != CLICK:
        return None
    _, reader, hours, slate = _CLICK.unpack(content[: _CLICK.size])
    return Click(
        reader=reader,
        until=EPOCH + hours * HOUR,
        slate_id=urlsafe_b64encode(slate).decode() if any(slate) else "",
        item_id=content[_CLICK.size :].decode(),
    )


def _hours(moment: datetime) -> int:
    """Whole hours since 1970, the hour that has begun included."""
    return -((EPOCH - moment) // HOUR)
