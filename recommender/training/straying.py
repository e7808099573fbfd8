"""Clocks that jump: a handful of events years away from all others must not make the others old."""

from dataclasses import dataclass, field
from datetime import date

import polars as pl

DAY_US = 86_400_000_000
EPOCH_DAY = date(1970, 1, 1).toordinal()

LEAST_GAP_DAYS = 365
"""A shop may rest for a season; a gap is strange if it is longer than this and than all else together."""

FEW = 3
FEW_SHARE = 0.001
FEW_OF_SMALL = 0.1
"""Strays are at most three moments or one in a thousand, and never more than a tenth."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Events of any type by day since 1970 UTC: how many moments, and the last of them.

    The lines of an order have one moment: an order of fifty lines is as easily a stray as a look.
    """

    days: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, frame: pl.DataFrame) -> None:
        """Count the different ``time_us`` of some lines."""
        told = frame.group_by(day=pl.col("time_us") // DAY_US).agg(
            n=pl.col("time_us").n_unique(), last=pl.col("time_us").max()
        )
        for day, n, last in told.iter_rows():
            before, latest = self.days.get(day, (0, last))
            self.days[day] = (before + n, max(latest, last))

    def believed(self) -> tuple[int, int]:
        """First and last day (inclusive) beyond which lines are strays.

        From the core, all moments but the :data:`FEW` first and last, days are joined outwards until one lies further off
        than a year and than the core is long. Without any line (0, -1).
        """
        if not self.days:
            return 0, -1
        days = sorted(self.days)
        counts = [self.days[day][0] for day in days]
        few = min(max(FEW, FEW_SHARE * sum(counts)), FEW_OF_SMALL * sum(counts))
        low = _core(counts, few)
        high = len(days) - 1 - _core(counts[::-1], few)
        low, high = min(low, high), max(low, high)
        far = max(LEAST_GAP_DAYS, days[high] - days[low])
        while low > 0 and days[low] - days[low - 1] <= far:
            low -= 1
        while high < len(days) - 1 and days[high + 1] - days[high] <= far:
            high += 1
        return days[low], days[high]

    def pauses(self) -> list[str]:
        """A sentence for a pause of more than a year within what is believed: a shop that rested, or a clock that was wrong."""
        first, last = self.believed()
        days = [day for day in sorted(self.days) if first <= day <= last]
        after = max(range(1, len(days)), key=lambda place: days[place] - days[place - 1], default=0)
        if not after or days[after] - days[after - 1] <= LEAST_GAP_DAYS:
            return []
        ends = [date.fromordinal(EPOCH_DAY + days[place]).isoformat() for place in (after - 1, after)]
        told = [sum(self.days[day][0] for day in some) for some in (days[:after], days[after:])]
        said = f"Nothing happened between {ends[0]} and {ends[1]}: {told[0]:,} moments lie before, {told[1]:,} after."
        return [f"{said} All are believed; if a clock was wrong, take these events out of the log and train again."]

    def last_us(self, day: int) -> int:
        """The last moment of a day that has lines; -1 of another."""
        return self.days.get(day, (0, -1))[1]


def _core(counts: list[int], few: float) -> int:
    """The place of the first day with which more than ``few`` moments have been seen."""
    seen = 0
    for place, n in enumerate(counts):
        seen += n
        if seen > few:
            return place
    return len(counts) - 1
