"""Engagement: what a person does with the lists and mails we show."""

from collections.abc import Mapping

from recommender.domain.events import EventType
from recommender.features.facet import Facet, Moment, Values, described, share
from recommender.features.primitives import Cell, counted, last

NAME = "engagement"
PRIMITIVES = (
    counted("seen", "slate", EventType.VIEW_ITEM_LIST),
    counted("clicked", "slate", EventType.SELECT_ITEM, EventType.VIEW_ITEM),
    counted("opened", "event", EventType.EMAIL_OPEN),
    counted("followed", "event", EventType.EMAIL_CLICK),
    last("last_opened", EventType.EMAIL_OPEN, EventType.EMAIL_CLICK),
)

ATTRIBUTES = described(
    NAME,
    ("slates_seen", "int", "lists", "Lists of ours that were shown", "never missing"),
    ("slate_clicks", "int", "clicks", "Clicks on items of our lists", "never missing"),
    ("clicks_per_slate", "float", "clicks", "Clicks a list shown", "no list was shown"),
    ("emails_opened", "int", "mails", "Mails opened, as often as they were", "never missing"),
    ("email_clicks", "int", "clicks", "Links of mails that were followed", "never missing"),
    ("last_email_days", "float", "days", "Days since a mail was last opened or followed", "none was"),
)


def values(cells: Mapping[str, Cell], moment: Moment) -> Values:
    """The attributes of this facet."""
    return {
        "slates_seen": cells["seen"],
        "slate_clicks": cells["clicked"],
        "clicks_per_slate": share(cells["clicked"], cells["seen"]),
        "emails_opened": cells["opened"],
        "email_clicks": cells["followed"],
        "last_email_days": moment.days_since(cells["last_opened"]),
    }


FACET = Facet(name=NAME, primitives=PRIMITIVES, attributes=ATTRIBUTES, values=values)
