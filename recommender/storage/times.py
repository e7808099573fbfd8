"""Moments, days and money as the columns hold them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from recommender.domain.events import PRICE_SCALE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Scalar = str | int | float | bool | None


def to_us(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC.

    Raises
    ------
    ValueError
        If the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return (moment - EPOCH) // MICROSECOND


def from_us(time_us: int) -> datetime:
    """The aware UTC moment."""
    return EPOCH + timedelta(microseconds=time_us)


def to_e4(amount: Decimal) -> int:
    """Money as an integer of 1/10,000, halves to even."""
    return int((amount * PRICE_SCALE).to_integral_value(rounding=ROUND_HALF_EVEN))


def from_e4(amount: int) -> Decimal:
    """Money with as many digits as it needs, at least two."""
    exact = Decimal(amount) / PRICE_SCALE
    cents = exact.quantize(Decimal("0.01"))
    return cents if cents == exact else exact


def to_json(values: Mapping[str, Scalar]) -> str:
    """Attributes as text that is equal for equal attributes."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> dict[str, Scalar]:
    """The attributes of such a text."""
    loaded: dict[str, Scalar] = json.loads(text)
    return loaded
