"""Moments as people type them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from recommender.domain.errors import UsageError


def moment(text: str | None, timezone: str, option: str) -> datetime | None:
    """A day or a moment (RFC 3339); without an offset it is in the shop's time zone. None stays None.

    Raises
    ------
    UsageError
        The text is neither.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{option} is {text!r}, which is no time. Write 2026-11-20 or 2026-11-20T08:00:00+01:00."
        ) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(timezone))
    return found.astimezone(UTC)
