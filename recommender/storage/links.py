"""Which customer a browser belongs to: the newest one it was seen with."""

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from recommender.domain.people import Stay
from recommender.storage.database import Database
from recommender.storage.tables import events, links

Seen = tuple[str, str, int]
"""visitor id, customer id, time in microseconds."""


def newest(seen: Iterable[Seen]) -> list[dict[str, object]]:
    """The last sighting of each visitor (equal times: the greater customer id, so that order does not matter)."""
    best: dict[str, tuple[int, str]] = {}
    for visitor_id, customer_id, time_us in seen:
        sighting = (time_us, customer_id)
        if visitor_id not in best or best[visitor_id] < sighting:
            best[visitor_id] = sighting
    return [
        {"visitor_id": visitor_id, "customer_id": customer_id, "time_us": time_us}
        for visitor_id, (time_us, customer_id) in sorted(best.items())
    ]


def remember(database: Database, connection: sa.Connection, seen: Iterable[Seen]) -> None:
    """Keep sightings that are newer than what stands."""
    rows = newest(seen)
    if not rows:
        return
    insert = database.insert(links)
    given = insert.excluded
    statement = insert.on_conflict_do_update(
        index_elements=[links.c.visitor_id],
        set_={"customer_id": given.customer_id, "time_us": given.time_us},
        where=sa.tuple_(given.time_us, given.customer_id) > sa.tuple_(links.c.time_us, links.c.customer_id),
    )
    connection.execute(statement, rows)


def visitors_of(connection: sa.Connection, customer_id: str) -> list[str]:
    """Browsers that belong to the customer."""
    chosen = sa.select(links.c.visitor_id).where(links.c.customer_id == customer_id).order_by(links.c.visitor_id)
    return list(connection.execute(chosen).scalars())


EVER = (-(1 << 63), (1 << 63) - 1)


def stays_of(connection: sa.Connection, customer_id: str) -> list[Stay]:
    """When browsers that belong to somebody else now were the customer's.

    From each time a browser was seen with the customer until it was seen with another one. The first customer a browser
    was seen with also has what came before, as ``identify`` brings a browser's past along.
    """
    met = sa.select(events.c.visitor_id).where(events.c.customer_id == customer_id, events.c.visitor_id.is_not(None))
    others = set(connection.execute(met.distinct()).scalars()) - set(visitors_of(connection, customer_id))
    return [stay for visitor_id in sorted(others) for stay in _stays(connection, visitor_id, customer_id)]


def _stays(connection: sa.Connection, visitor_id: str, customer_id: str) -> Iterator[Stay]:
    seen = sa.select(events.c.time_us, sa.func.max(events.c.customer_id)).where(
        events.c.visitor_id == visitor_id, events.c.customer_id.is_not(None)
    )
    since: int | None = None
    first = True
    for time_us, owner in connection.execute(seen.group_by(events.c.time_us).order_by(events.c.time_us)):
        if owner == customer_id and since is None:
            since = EVER[0] if first else time_us
        elif owner != customer_id and since is not None:
            yield Stay(visitor_id, since, time_us)
            since = None
        first = False
    if since is not None:
        yield Stay(visitor_id, since, EVER[1])


def look_again(database: Database, connection: sa.Connection, visitor_ids: Sequence[str]) -> None:
    """Derive the links of these visitors afresh from what is left of the log."""
    for visitor_id in visitor_ids:
        connection.execute(links.delete().where(links.c.visitor_id == visitor_id))
        lines = sa.select(events.c.visitor_id, events.c.customer_id, events.c.time_us).where(
            events.c.visitor_id == visitor_id, events.c.customer_id.is_not(None)
        )
        remember(database, connection, ((row[0], row[1], row[2]) for row in connection.execute(lines)))
