"""The purchase cycle: how often a person comes back to buy, and when the next purchase is due."""

import itertools
from collections.abc import Mapping

from recommender.domain.events import EventType
from recommender.features.columns import DAY_S
from recommender.features.facet import Facet, Moment, Values, described, median
from recommender.features.primitives import Cell
from recommender.features.tables import Histogram, Newest

NAME = "cycle"
MOST_DAYS = 64
BOUGHT = frozenset({EventType.PURCHASE})
FEW = "fewer than two purchase days"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LATE, GONE = 1.5, 3.0
"""Times the usual interval after which a returning customer is late, and about to leave."""

ONE_TIME_DAYS = 180
"""Days after which somebody who bought on one day only is about to leave."""

STAGES = "`none`, `one-time`, `returning`, `late` (after 1.5 intervals) or `leaving` (after 3, or 180 days if one-time)"
PRIMITIVES = (
    Newest(name="days", types=BOUGHT, num="day", cap=MOST_DAYS),
    Histogram(name="weekdays", types=BOUGHT, num="weekday", column="units"),
)

ATTRIBUTES = described(
    NAME,
    ("purchase_days", "int", "days", f"Different days (UTC) with a purchase, up to the newest {MOST_DAYS}", "never missing"),
    ("interval_days", "float", "days", "Days between purchase days: the median", FEW),
    ("mean_interval_days", "float", "days", "Days between purchase days: the mean", FEW),
    ("regularity", "float", "0–1", "1 is like clockwork; less the more intervals differ", "fewer than three purchase days"),
    ("due_in_days", "float", "days", "Days until the next purchase is due (last day and median interval); negative is overdue", FEW),
    ("cycle_stage", "str", "", STAGES, "never missing"),
    ("usual_weekday", "str", "", "The weekday (UTC) most pieces were bought on", "never bought"),
)  # fmt: skip


def values(cells: Mapping[str, Cell], moment: Moment) -> Values:
    """The attributes of this facet."""
    days = sorted(cells["days"])
    gaps = [float(after - before) for before, after in itertools.pairwise(days)]
    interval = median(gaps)
    since = moment.now_s / DAY_S - days[-1] if days else None
    weekdays: Mapping[int, int] = cells["weekdays"]
    return {
        "purchase_days": len(days),
        "interval_days": interval,
        "mean_interval_days": sum(gaps) / len(gaps) if gaps else None,
        "regularity": _regularity(gaps, interval),
        "due_in_days": None if interval is None or since is None else interval - max(since, 0.0),
        "cycle_stage": _stage(since, interval),
        "usual_weekday": WEEKDAYS[min(weekdays, key=lambda day: (-weekdays[day], day))] if weekdays else None,
    }


def _regularity(gaps: list[float], interval: float | None) -> float | None:
    if interval is None or len(gaps) < 2:
        return None
    departure = median([abs(gap - interval) for gap in gaps]) or 0.0
    return max(0.0, 1.0 - departure / interval)


def _stage(since: float | None, interval: float | None) -> str:
    if since is None:
        return "none"
    if interval is None:
        return "one-time" if since <= ONE_TIME_DAYS else "leaving"
    if since > GONE * interval:
        return "leaving"
    return "late" if since > LATE * interval else "returning"


FACET = Facet(name=NAME, primitives=PRIMITIVES, attributes=ATTRIBUTES, values=values)
