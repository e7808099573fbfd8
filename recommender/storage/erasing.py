"""Deleting a person's rows, inside a transaction somebody else holds."""

import sqlalchemy as sa

from recommender.domain.people import Person, normal_id
from recommender.storage.database import Database
from recommender.storage.dead_letters import erase_letters
from recommender.storage.forgetting import Forgotten
from recommender.storage.links import look_again, stays_of, visitors_of
from recommender.storage.tables import consent, customers, dead_letters, events, links, newsletter_readers

IDS_AT_ONCE = 10_000
CONSENT_SAYS = ("visitor_id", "customer_id", "purpose", "state", "time_us", "source", "actor", "text_version")
"""What a row of the consent ledger says; an erasure empties it (and the salt) and leaves digest and hash."""


def erase_lines(database: Database, connection: sa.Connection, person: Person) -> int:
    """Delete the lines that are the person's history or were it (see ``SqlEventLog``) and the links that rest on them."""
    customer_id, visitor_id = person.customer_id, person.visitor_id
    if customer_id is None:
        if visitor_id is None:
            return 0
        gone = connection.execute(events.delete().where(events.c.visitor_id == visitor_id)).rowcount
        look_again(database, connection, [visitor_id])
        return gone
    own = {*visitors_of(connection, customer_id), *([visitor_id] if visitor_id is not None else [])}
    seen_with = sa.select(events.c.visitor_id).where(
        events.c.customer_id == customer_id, events.c.visitor_id.is_not(None)
    )
    touched = own | set(connection.execute(seen_with.distinct()).scalars())
    stays = stays_of(connection, customer_id)
    gone = connection.execute(events.delete().where(events.c.customer_id == customer_id)).rowcount
    for browser in sorted(own):
        nobody = sa.and_(events.c.visitor_id == browser, events.c.customer_id.is_(None))
        gone += connection.execute(events.delete().where(nobody)).rowcount
    for stay in stays:
        during = events.c.time_us.between(stay.since_us, stay.until_us - 1)
        nobody = sa.and_(events.c.visitor_id == stay.visitor_id, events.c.customer_id.is_(None), during)
        gone += connection.execute(events.delete().where(nobody)).rowcount
    look_again(database, connection, sorted(touched))
    return gone


def erase_customer(connection: sa.Connection, person: Person) -> int:
    """Delete the customer's record, and the number addresses in mails know them by; returns how many records."""
    if person.customer_id is None:
        return 0
    erase_reader(connection, person)
    return connection.execute(customers.delete().where(customers.c.customer_id == person.customer_id)).rowcount


def erase_reader(connection: sa.Connection, person: Person) -> int:
    """Delete the number that stands for the customer in mails."""
    whose = newsletter_readers.c.customer_id == person.customer_id
    return connection.execute(newsletter_readers.delete().where(whose)).rowcount


def of_either(person: Person) -> sa.ColumnElement[bool]:
    """Rows of the consent ledger that name the person by either id."""
    either: list[sa.ColumnElement[bool]] = [sa.false()]
    if person.customer_id is not None:
        either.append(consent.c.customer_id == person.customer_id)
    if person.visitor_id is not None:
        either.append(consent.c.visitor_id == person.visitor_id)
    return sa.or_(*either)


def erase_consent(connection: sa.Connection, person: Person) -> int:
    """Empty the person's rows of the consent ledger."""
    nothing = dict.fromkeys((*CONSENT_SAYS, "salt"))
    return connection.execute(consent.update().where(of_either(person)).values(nothing)).rowcount


def erase_forgotten(database: Database, connection: sa.Connection, forgotten: Forgotten) -> int:
    """Erase everyone a tombstone covers, wherever they stand; returns how many ids that were."""
    if forgotten.nobody:
        return 0
    gone = [Person(customer_id=one) for one in _covered(connection, forgotten, "c", "customer_id")]
    gone += [Person(visitor_id=one) for one in _covered(connection, forgotten, "v", "visitor_id")]
    for person in gone:
        erase_lines(database, connection, person)
        erase_customer(connection, person)
        erase_consent(connection, person)
    erase_letters(connection, [person.label for person in gone])
    return len(gone)


def _covered(connection: sa.Connection, forgotten: Forgotten, letter: str, name: str) -> list[str]:
    places = [
        table.c[name]
        for table in (events, customers, consent, links, dead_letters, newsletter_readers)
        if name in table.c
    ]
    named = sa.union(*(sa.select(place.label("one")).where(place.is_not(None)) for place in places)).subquery()
    found = set[str]()
    result = connection.execute(sa.select(named.c.one))
    while some := result.fetchmany(IDS_AT_ONCE):
        found |= forgotten.among(letter, (one for row in some for one in (row[0], normal_id(row[0]))))
    return sorted(found)
