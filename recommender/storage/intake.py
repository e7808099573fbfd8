"""Events that come in all day, many requests in one transaction: consent, tombstones, lines, links, dead letters."""

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from recommender.domain.incoming import Delivery, Incoming, Receipt, Verdict
from recommender.domain.ports import Source
from recommender.storage.counting import LOG_POSITION, SOURCE_NUMBER
from recommender.storage.database import Database
from recommender.storage.dead_letters import insert_letters, letter_of
from recommender.storage.forgetting import FLOCK, digest
from recommender.storage.intake_consent import ask_consent, on_record, record
from recommender.storage.intake_group import Group, Place, Who, people_of
from recommender.storage.links import newest
from recommender.storage.pens import AlreadyStoredError, Pen
from recommender.storage.secret import Secrets
from recommender.storage.times import to_us

SAYS = (
    "event_id,line,type,visitor_id,customer_id,session_id,item_id,quantity,price_e4,currency,order_id,value_e4,"
    "slate_id,properties"
)
"""What two events of one id must agree in to be the same; the time may differ: it is corrected on arrival."""

BEGIN = (
    "UPDATE counters SET value = value + {mark} WHERE name = {mark} "
    "RETURNING value, (SELECT min(secret_print) FROM tombstones), (SELECT max(number) FROM consent)"
)
"""Takes the numbers of the lines to come; says where they end, and whether anybody was ever erased or asked for consent."""


class SqlIntake:
    """:class:`~recommender.domain.incoming.Intake` over a connection of its own. One thread uses it."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._pen = database.pen()
        self._secrets = secrets
        self._sources: dict[tuple[Source, int], int] = {}

    def store(self, deliveries: Sequence[Delivery]) -> list[Receipt]:
        """All deliveries in one transaction; see the port."""
        try:
            return self._in_one(deliveries)
        except AlreadyStoredError:
            return self._in_one(deliveries)

    def _in_one(self, deliveries: Sequence[Delivery]) -> list[Receipt]:
        try:
            with self._pen.transaction():
                return self._store(deliveries)
        except BaseException:
            self._sources.clear()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        self._pen.close()

    def _store(self, deliveries: Sequence[Delivery]) -> list[Receipt]:
        pen, group = self._pen, Group()
        wanted = sum(len(event.lines) for delivery in deliveries for event in delivery.events)
        position, tombstones, consents = pen.ask(BEGIN.format(mark=pen.mark), (wanted, LOG_POSITION))[0]
        sources = [self._source_number(delivery.source) for delivery in deliveries]
        first = position - wanted + 1
        people = _people(deliveries) if tombstones is not None or consents is not None else frozenset()
        gone = _forgotten(pen, self._secrets, people) if tombstones is not None else frozenset()
        stand = on_record(pen, people) if consents is not None else {}
        if gone or stand or not _ordinary(deliveries):
            group.take(deliveries, sources)
            group.refuse(gone)
            ask_consent(group, stand)
            _insert(pen, group, first)
        elif (went_in := pen.insert_events(_rows(deliveries, sources, first)) if wanted else None) is None:
            _link(pen, [event for delivery in deliveries for event in delivery.events])
            taken = [(Verdict.NEW,) * len(delivery.events) for delivery in deliveries]
            return [Receipt(verdicts=verdicts, position=position, first=first) for verdicts in taken]
        else:
            group.take(deliveries, sources)
            group.number(first)
            _settle(pen, group, went_in)
        self._finish(group)
        return [replace(receipt, first=first) for receipt in group.receipts(deliveries, position)]

    def _finish(self, group: Group) -> None:
        pen = self._pen
        _link(pen, [place.event for place in group.places if place.verdict is None])
        if group.consents:
            record(pen, group.consents)
        if group.letters:
            insert_letters(pen, group.letters)

    def _source_number(self, source: Source) -> int:
        """The row of ``sources`` for a key and a day."""
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        day_us = to_us(midnight)
        known = self._sources.get((source, day_us))
        if known is not None:
            return known
        pen, mark = self._pen, self._pen.mark
        said = (source.kind, source.name, source.legal_basis, day_us)
        where = f"kind = {mark} AND name = {mark} AND legal_basis = {mark} AND received_us = {mark}"
        found = pen.ask(f"SELECT max(source_id) FROM sources WHERE {where}", said)[0][0]  # noqa: S608
        if found is None:
            counter = f"UPDATE counters SET value = value + 1 WHERE name = {mark} RETURNING value"  # noqa: S608
            found = pen.ask(counter, (SOURCE_NUMBER,))[0][0]
            insert = "INSERT INTO sources (source_id, kind, name, legal_basis, received_us) VALUES "
            pen.ask(f"{insert}({','.join([mark] * 5)})", (found, *said))
        self._sources[source, day_us] = int(found)
        return int(found)


def _people(deliveries: Sequence[Delivery]) -> frozenset[Who]:
    """Everyone these deliveries name."""
    events = {who for delivery in deliveries for event in delivery.events for who in people_of(event)}
    return frozenset(events.union(*(people_of(letter) for delivery in deliveries for letter in delivery.letters)))


def _forgotten(pen: Pen, secrets: Secrets, people: Iterable[Who]) -> frozenset[Who]:
    """Those of these people who were erased."""
    prints, everyone = _prints(pen), sorted(people)
    by_digest = {digest(secrets.named(name), *who): who for name in prints for who in everyone}
    digests, gone = list(by_digest), set[Who]()
    for at in range(0, len(digests), FLOCK):
        some = digests[at : at + FLOCK]
        listed = ",".join([pen.mark] * len(some))
        rows = pen.ask(f"SELECT digest FROM tombstones WHERE digest IN ({listed})", some)  # noqa: S608
        gone.update(by_digest[bytes(row[0])] for row in rows)
    return frozenset(gone)


def _prints(pen: Pen) -> list[str]:
    """The secrets tombstones were made with: one step in the index for each."""
    found: list[str] = []
    while True:
        least = f"SELECT min(secret_print) FROM tombstones WHERE secret_print > {pen.mark}"  # noqa: S608
        named = pen.ask(least, (found[-1] if found else "",))[0][0]
        if named is None:
            return found
        found.append(named)


def _ordinary(deliveries: Sequence[Delivery]) -> bool:
    """Whether nothing was refused, and nobody's consent is asked for or told."""
    return not any(
        delivery.letters or any(event.consent or not event.trusted for event in delivery.events)
        for delivery in deliveries
    )


def _rows(deliveries: Sequence[Delivery], sources: Sequence[int], first: int) -> list[tuple[object, ...]]:
    """All lines in order, numbered from ``first``."""
    numbers = itertools.count(first)
    return [
        (next(numbers), source, *line)
        for delivery, source in zip(deliveries, sources, strict=True)
        for event in delivery.events
        for line in event.lines
    ]


def _insert(pen: Pen, group: Group, first: int) -> None:
    """Store the lines of events that are to be kept, numbered from ``first``; tell new ones from those there already."""
    rows = [
        (number, place.source_id, *line)
        for place in group.number(first)
        for number, line in enumerate(place.event.lines, start=place.first)
    ]
    went_in = pen.insert_events(rows) if rows else None
    if went_in is not None:
        _settle(pen, group, went_in)


def _settle(pen: Pen, group: Group, went_in: set[int]) -> None:
    """Tell events that were stored already from those that share only their id with one; both are not stored again."""
    met = [place for place in group.places if place.verdict is None and place.first not in went_in]
    _take_back_halves(pen, met, went_in)
    stored = _stored(pen, [place.event.event_id for place in met])
    for place in met:
        same = stored.get(place.event.event_id) == [_content(line) for line in place.event.lines]
        place.verdict = Verdict.DUPLICATE if same else Verdict.CONFLICT
        if not same:
            group.letters.append(letter_of(place.event, place.source, place.received_us))


def _take_back_halves(pen: Pen, met: Sequence[Place], went_in: set[int]) -> None:
    """An event whose id was taken may have had more lines than the one that stands: those must not join it."""
    numbers = [number for place in met for number in range(place.first + 1, place.last + 1) if number in went_in]
    if numbers:
        pen.many(f"DELETE FROM events WHERE seq = {pen.mark}", [(number,) for number in numbers])  # noqa: S608


def _stored(pen: Pen, ids: Sequence[str]) -> dict[str, list[tuple[object, ...]]]:
    """What stands under these ids, line by line."""
    ask = f"SELECT {SAYS} FROM events WHERE event_id IN ({pen.json_list}) ORDER BY event_id, line"  # noqa: S608
    found: dict[str, list[tuple[object, ...]]] = {}
    for row in pen.ask(ask, (json.dumps(ids),)):
        found.setdefault(row[0], []).append(tuple(row))
    return found


def _content(line: tuple[object, ...]) -> tuple[object, ...]:
    """A line without its time."""
    return (*line[:3], *line[4:])


def _link(pen: Pen, events: Sequence[Incoming]) -> None:
    """Browsers that were seen with a customer belong to the newest one; see ``links``."""
    seen = [
        (event.visitor_id, event.customer_id, event.time_us)
        for event in events
        if event.visitor_id is not None and event.customer_id is not None
    ]
    if not seen:
        return
    mark = pen.mark
    upsert = (
        f"INSERT INTO links (visitor_id, customer_id, time_us) VALUES ({mark},{mark},{mark}) "  # noqa: S608
        "ON CONFLICT (visitor_id) DO UPDATE SET customer_id = excluded.customer_id, time_us = excluded.time_us "
        "WHERE (excluded.time_us, excluded.customer_id) > (links.time_us, links.customer_id)"
    )
    pen.many(upsert, [(row["visitor_id"], row["customer_id"], row["time_us"]) for row in newest(seen)])
