"""Browsing: when a person was last seen, how often, how long and how deep."""

from collections.abc import Mapping

from recommender.domain.events import EventType
from recommender.features.columns import DAY_S
from recommender.features.facet import Facet, Moment, Values, described, median
from recommender.features.periods import Sessions
from recommender.features.primitives import Cell, counted, last

NAME = "browsing"
ELSEWHERE = frozenset({EventType.PURCHASE, EventType.REFUND, EventType.IDENTIFY, EventType.EMAIL_OPEN})
"""Events that need not happen on the shop's pages (orders come from tills, too) and make no session."""

MOST_SLOTS = 64
SESSIONS = Sessions(name="sessions", types=frozenset(EventType) - ELSEWHERE, num="slot", views="viewed", cap=MOST_SLOTS)
PRIMITIVES = (
    SESSIONS,
    last("last_view", EventType.VIEW_ITEM),
    counted("views", "event", EventType.VIEW_ITEM),
    counted("searches", "event", EventType.SEARCH),
)

KEPT = f"of the newest {MOST_SLOTS} half hours of browsing"
ATTRIBUTES = described(
    NAME,
    ("last_visit_days", "float", "days", "Days since the last event on the shop's pages", "never seen there"),
    ("last_view_days", "float", "days", "Days since an item was last looked at", "never looked at one"),
    ("sessions_7d", "int", "sessions", f"Sessions of the last 7 days, {KEPT}; one ends after 30 quiet minutes", "never missing"),
    ("sessions_30d", "int", "sessions", "The same for 30 days", "never missing"),
    ("sessions_90d", "int", "sessions", "The same for 90 days", "never missing"),
    ("views_per_session", "float", "views", f"Items looked at a session, {KEPT}: the mean", "never seen there"),
    ("session_minutes", "float", "minutes", f"Length of a session, {KEPT}: the median", "never seen there"),
    ("views", "int", "views", "Items looked at, ever", "never missing"),
    ("searches", "int", "searches", "Searches, ever", "never missing"),
)  # fmt: skip


def values(cells: Mapping[str, Cell], moment: Moment) -> Values:
    """The attributes of this facet."""
    visits = SESSIONS.visits(cells["sessions"])

    def begun(days: int) -> int:
        return sum(visit.start > moment.now_s - days * DAY_S for visit in visits)

    return {
        "last_visit_days": moment.days_since(visits[-1].end if visits else None),
        "last_view_days": moment.days_since(cells["last_view"]),
        "sessions_7d": begun(7),
        "sessions_30d": begun(30),
        "sessions_90d": begun(90),
        "views_per_session": sum(visit.views for visit in visits) / len(visits) if visits else None,
        "session_minutes": median([(visit.end - visit.start) / 60 for visit in visits]),
        "views": cells["views"],
        "searches": cells["searches"],
    }


FACET = Facet(name=NAME, primitives=PRIMITIVES, attributes=ATTRIBUTES, values=values)
