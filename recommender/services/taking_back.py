"""Taking events back that somebody sent by mistake: gone from the log, and from everything made of it."""

from collections.abc import Sequence

from recommender.domain.people import Person
from recommender.domain.ports import Stores
from recommender.services.privacy import Cache


def take_back(stores: Stores, person: Person, event_ids: Sequence[str], *, cache: Cache) -> int:
    """Delete the person's events by id; returns how many lines that were.

    The next look at the person, of any process, is made anew from the log. An event that is sent again is stored again.

    Raises
    ------
    StoreUnavailableError
        If a store does not answer.
    """
    gone = stores.log.take_back(person, event_ids)
    if gone:
        one = [Person(customer_id=person.customer_id)] if person.customer_id is not None else []
        other = [Person(visitor_id=person.visitor_id)] if person.visitor_id is not None else []
        cache.forget([*one, *other])
    return gone
