"""What a campaign picked for one reader, as it is kept: items, and what the sentences beside them rest on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from recommender.domain.entries import micros

KEPT_FOR = timedelta(days=7)
"""Older picks are not used: lists are made anew, as without any."""
STEP_US = 15 * 60 * 1_000_000
"""Moments are kept to the quarter of an hour: sentences name months, and zones differ by no less."""


class KeptPick(msgspec.Struct, frozen=True, array_like=True):
    """One item.

    Attributes
    ----------
    score, source
        As the list had them.
    own : bool
        Whether the reader bought it before.
    picked : bool
        Whether it was there because the shop wished so.
    code, related, count, when_us
        The evidence, see :class:`~recommender.model.contract.Evidence`; ``related`` is an item's id.
    """

    item_id: str
    score: float
    source: str
    own: bool
    picked: bool
    code: str = ""
    related: str | None = None
    count: int | None = None
    when_us: int | None = None


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[KeptPick, ...])


def packed(picks: Sequence[KeptPick]) -> bytes:
    """The picks as they are kept."""
    return _ENCODER.encode(picks)


def unpacked(content: bytes) -> tuple[KeptPick, ...] | None:
    """The picks that were kept; None for what another version kept."""
    try:
        return _DECODER.decode(content)
    except msgspec.MsgspecError:
        return None


def usable(made_us: int | None, now: datetime) -> bool:
    """Whether picks of that moment may still be shown."""
    return made_us is not None and made_us > micros(now - KEPT_FOR)


def coarse(when_us: int | None) -> int | None:
    """A moment as it is kept."""
    return None if when_us is None else when_us - when_us % STEP_US
