"""Identity, as far as events tell it: since when we know somebody, and on how many browsers."""

from collections.abc import Mapping

from recommender.features.facet import Facet, Moment, Values, described
from recommender.features.primitives import Cell, counted, first, last
from recommender.features.tables import Newest

NAME = "identity"
MOST_BROWSERS = 16
PRIMITIVES = (
    first("first_event"),
    last("last_event"),
    counted("named", "named"),
    Newest(name="browsers", num="visitor", cap=MOST_BROWSERS),
)

ATTRIBUTES = described(
    NAME,
    ("known_days", "float", "days", "Days since the first event", "no event at all"),
    ("last_event_days", "float", "days", "Days since the last event of any kind", "no event at all"),
    ("is_customer", "bool", "", "Whether any event named a customer", "never missing"),
    ("browsers", "int", "browsers", f"Different browsers (visitor ids), up to {MOST_BROWSERS}", "never missing"),
)


def values(cells: Mapping[str, Cell], moment: Moment) -> Values:
    """The attributes of this facet."""
    return {
        "known_days": moment.days_since(cells["first_event"]),
        "last_event_days": moment.days_since(cells["last_event"]),
        "is_customer": cells["named"] > 0,
        "browsers": len(cells["browsers"]),
    }


FACET = Facet(name=NAME, primitives=PRIMITIVES, attributes=ATTRIBUTES, values=values)
