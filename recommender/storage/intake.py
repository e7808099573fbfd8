"""Events that come in all day, many requests in one transaction: consent, tombstones, lines, links, dead letters."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.incoming import DeadLetter, Delivery, Incoming, Receipt, Verdict, change, gate
from recommender.domain.people import Person
from recommender.domain.ports import Source
from recommender.storage.counting import CONSENT_NUMBER, LOG_POSITION, SOURCE_NUMBER
from recommender.storage.database import Database
from recommender.storage.dead_letters import insert_letters, letter_of
from recommender.storage.forgetting import FLOCK, digest
from recommender.storage.ledger import sealed
from recommender.storage.links import newest
from recommender.storage.pens import Pen
from recommender.storage.secret import Secrets
from recommender.storage.times import from_us, to_us

PROFILE = Purpose.ANALYTICS_PROFILE
TOLD_BY = "event"
SAYS = (
    "event_id,line,type,visitor_id,customer_id,session_id,item_id,quantity,price_e4,currency,order_id,value_e4,"
    "slate_id,properties"
)
"""What two events of one id must agree in to be the same; the time may differ: it is corrected on arrival."""

Who = tuple[str, str]
"""``c`` or ``v``, and the id."""

BEGIN = (
    "UPDATE counters SET value = value + {mark} WHERE name = {mark} "
    "RETURNING value, (SELECT min(secret_print) FROM tombstones)"
)
"""Takes the numbers of the lines to come; says where they end, and whether anybody was ever erased."""

SEVERITY = (ConsentState.GRANTED, ConsentState.DENIED, ConsentState.WITHDRAWN, ConsentState.OBJECTED)

Stand = dict[tuple[Who, str], tuple[ConsentState, int]]
"""(person, purpose) to the state on record and its time."""


@dataclass(slots=True)
class _Place:
    """One event on its way: which request it belongs to, and what becomes of it."""

    event: Incoming
    source_id: int
    source: str
    received_us: int
    people: tuple[Who, ...]
    verdict: Verdict | None = None
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class _Group:
    """What one transaction has to do."""

    places: list[_Place] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    consents: list[ConsentRecord] = field(default_factory=list)


class SqlIntake:
    """:class:`~recommender.domain.incoming.Intake` over a connection of its own. One thread uses it."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._pen = database.pen()
        self._secrets = secrets
        self._sources: dict[tuple[Source, int], int] = {}

    def store(self, deliveries: Sequence[Delivery]) -> list[Receipt]:
        """All deliveries in one transaction; see the port."""
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
        pen, group = self._pen, _Group()
        wanted = sum(len(event.lines) for delivery in deliveries for event in delivery.events)
        position, tombstones = pen.ask(BEGIN.format(mark=pen.mark), (wanted, LOG_POSITION))[0]
        for delivery in deliveries:
            number = self._source_number(delivery.source)
            name, at = delivery.source.name, delivery.received_us
            group.places += [_Place(one, number, name, at, _people(one)) for one in delivery.events]
            group.letters += delivery.letters
        if tombstones is not None:
            _refuse_forgotten(pen, self._secrets, group)
        if group.places:
            _ask_consent(pen, group)
            _insert(pen, group, position - wanted + 1)
            _link(pen, group.places)
        if group.consents:
            _record(pen, group.consents)
        if group.letters:
            insert_letters(pen, group.letters)
        verdicts = iter([place.verdict or Verdict.NEW for place in group.places])
        return [
            Receipt(verdicts=tuple(next(verdicts) for _ in delivery.events), position=position)
            for delivery in deliveries
        ]

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


def _people(sent: Incoming | DeadLetter) -> tuple[Who, ...]:
    if sent.customer_id is None:
        return () if sent.visitor_id is None else (("v", sent.visitor_id),)
    return (("c", sent.customer_id),) if sent.visitor_id is None else (("c", sent.customer_id), ("v", sent.visitor_id))


def _refuse_forgotten(pen: Pen, secrets: Secrets, group: _Group) -> None:
    """Mark events of erased people; letters about them are not kept."""
    prints = _prints(pen)
    named = {who for place in group.places for who in place.people}
    everyone = sorted(named.union(*(_people(letter) for letter in group.letters)))
    by_digest = {digest(secrets.named(name), *who): who for name in prints for who in everyone}
    digests, gone = list(by_digest), set[Who]()
    for at in range(0, len(digests), FLOCK):
        some = digests[at : at + FLOCK]
        listed = ",".join([pen.mark] * len(some))
        rows = pen.ask(f"SELECT digest FROM tombstones WHERE digest IN ({listed})", some)  # noqa: S608
        gone.update(by_digest[bytes(row[0])] for row in rows)
    for place in group.places:
        if gone.intersection(place.people):
            place.verdict = Verdict.ERASED
    group.letters = [letter for letter in group.letters if not gone.intersection(_people(letter))]


def _prints(pen: Pen) -> list[str]:
    """The secrets tombstones were made with: one step in the index for each."""
    found: list[str] = []
    while True:
        least = f"SELECT min(secret_print) FROM tombstones WHERE secret_print > {pen.mark}"  # noqa: S608
        named = pen.ask(least, (found[-1] if found else "",))[0][0]
        if named is None:
            return found
        found.append(named)


def _ask_consent(pen: Pen, group: _Group) -> None:
    """Mark events that may not be kept; note what events say of consent that is news."""
    stand = _stand(pen, group.places)
    for place in group.places:
        if place.verdict is None and (stand or place.event.consent or not place.event.trusted):
            place.verdict = _consent_of(place, stand, group.consents)


def _stand(pen: Pen, places: Sequence[_Place]) -> Stand:
    """What is on record for everyone in the group: the newest row, by time, then by number; see ``ledger``."""
    asked = []
    for letter, column in (("c", "customer_id"), ("v", "visitor_id")):
        ids = {one for place in places for who, one in place.people if who == letter}
        if not ids:
            continue
        ask = f"SELECT '{letter}', {column}, purpose, state, time_us, number FROM consent WHERE {column} IN "  # noqa: S608
        asked.append((f"{ask}({pen.json_list})", json.dumps(sorted(ids))))
    rows = pen.ask(" UNION ALL ".join(ask for ask, _ in asked), [ids for _, ids in asked])
    stand: Stand = {}
    for letter, one, purpose, said, time_us, _ in sorted(rows, key=lambda row: row[4:6]):
        key, state = ((letter, one), purpose), ConsentState(said)
        tied = stand.get(key) == (ConsentState.OBJECTED, time_us)
        if not (tied and state is ConsentState.GRANTED):
            stand[key] = (state, time_us)
    return stand


def _consent_of(place: _Place, stand: Stand, consents: list[ConsentRecord]) -> Verdict | None:
    """The gate for one event; what it says of consent is noted (and counts for the events after it)."""
    event, people = place.event, place.people
    told = event.consent.get(PROFILE)
    on_record = [stand[who, PROFILE] for who in people if (who, PROFILE) in stand]
    if told is not None and any(time_us > event.time_us for _, time_us in on_record):
        told = None  # an older word than what is on record
    verdict = gate(_strictest([state for state, _ in on_record]), told, trusted=event.trusted)
    for name, word in event.consent.items():
        known = [stand.get((who, name)) for who in people]
        if any(one is not None and one[1] > event.time_us for one in known):
            continue
        state = change([None if one is None else one[0] for one in known], word)
        if state is not None:
            consents.append(_said(event, name, state))
            stand.update({(who, name): (state, event.time_us) for who in people})
    return verdict


def _strictest(states: Sequence[ConsentState]) -> ConsentState | None:
    """What two ids of one person come to: a refusal of either is a refusal."""
    return max(states, key=SEVERITY.index, default=None)


def _said(event: Incoming, purpose: str, state: ConsentState) -> ConsentRecord:
    return ConsentRecord(
        person=Person(customer_id=event.customer_id, visitor_id=event.visitor_id),
        purpose=Purpose(purpose),
        state=state,
        time=from_us(event.time_us),
        source=TOLD_BY,
    )


def _record(pen: Pen, records: Sequence[ConsentRecord]) -> None:
    """Append to the consent ledger."""
    mark = pen.mark
    counter = f"UPDATE counters SET value = value + {mark} WHERE name = {mark} RETURNING value"  # noqa: S608
    first = int(pen.ask(counter, (len(records), CONSENT_NUMBER))[0][0]) - len(records) + 1
    before = pen.ask(f"SELECT hash FROM consent WHERE number = {mark}", (first - 1,))  # noqa: S608
    rows = sealed(records, first, bytes(before[0][0]) if before else b"")
    names = list(rows[0])
    insert = f"INSERT INTO consent ({','.join(names)}) VALUES ({','.join([mark] * len(names))})"  # noqa: S608
    pen.many(insert, [tuple(row[name] for name in names) for row in rows])


def _insert(pen: Pen, group: _Group, first: int) -> None:
    """Store the lines of events that are to be kept, numbered from ``first``; tell new ones from those there already."""
    rows: list[tuple[object, ...]] = []
    kept = [place for place in group.places if place.verdict is None]
    for place in kept:
        place.first = first + len(rows)
        rows += [(number, place.source_id, *line) for number, line in enumerate(place.event.lines, start=place.first)]
        place.last = first + len(rows) - 1
    went_in = pen.insert_events(rows) if rows else None
    if went_in is None:
        return
    _take_back_halves(pen, [place for place in kept if place.first not in went_in], went_in)
    met = [place for place in kept if place.first not in went_in]
    stored = _stored(pen, [place.event.event_id for place in met])
    for place in met:
        same = stored.get(place.event.event_id) == [_content(line) for line in place.event.lines]
        place.verdict = Verdict.DUPLICATE if same else Verdict.CONFLICT
        if not same:
            group.letters.append(letter_of(place.event, place.source, place.received_us))


def _take_back_halves(pen: Pen, met: Sequence[_Place], went_in: set[int]) -> None:
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


def _link(pen: Pen, places: Sequence[_Place]) -> None:
    """Browsers that were seen with a customer belong to the newest one; see ``links``."""
    seen = [
        (event.visitor_id, event.customer_id, event.time_us)
        for event in (place.event for place in places if place.verdict is None)
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
