"""A click in a letter as an event for the log."""

from hashlib import blake2b

from recommender.domain.events import EventType
from recommender.domain.incoming import Delivery, Incoming
from recommender.domain.ports import Source
from recommender.services.newsletter_links import Click

CLICK_SECONDS = 600
"""Clicks on the same link within so many seconds are one."""


def delivery_of(click: Click, text: str, customer_id: str, *, now_us: int, source: Source) -> Delivery:
    """The click as ``email_click``; ``text`` is the link's own, by which it is counted once."""
    part = now_us // (CLICK_SECONDS * 1_000_000)
    event_id = "m" + blake2b(f"{text}:{part}".encode(), digest_size=16, person=b"email-click").hexdigest()
    slate_id = click.slate_id or None
    kind = EventType.EMAIL_CLICK.value
    line = (
        event_id,
        0,
        kind,
        now_us,
        None,
        customer_id,
        None,
        click.item_id,
        1,
        None,
        None,
        None,
        None,
        slate_id,
        None,
    )
    event = Incoming(event_id, now_us, None, customer_id, (line,), {}, trusted=True, body=None)
    return Delivery(source=source, events=(event,), received_us=now_us)
