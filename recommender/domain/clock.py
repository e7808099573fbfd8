"""The shop's clock: the wall clock, set back where a shop shows old data as if it were new."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

CLOCK_SHIFT = "clock_shift_days"
"""Name in a home's :class:`~recommender.domain.ports.Meta` of the days its dates are shown later."""


@dataclass(frozen=True, slots=True)
class ShopClock:
    """Shop time is wall time minus ``shift``; everything inside counts in shop time, only edges convert.

    A real shop's shift is zero. The demo shop keeps its orders' true dates (2010-2011) in the log and
    shows every date ``shift`` later, so that its last order was placed yesterday.
    """

    shift: timedelta = timedelta(0)

    def now(self) -> datetime:
        """This moment in shop time (aware UTC)."""
        return datetime.now(UTC) - self.shift

    def shown(self, moment: datetime) -> datetime:
        """A shop-time moment as people see it."""
        return moment + self.shift

    def inside(self, moment: datetime) -> datetime:
        """A moment people told us, in shop time."""
        return moment - self.shift
