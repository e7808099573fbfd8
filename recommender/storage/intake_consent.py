"""Consent at the door of the log: who may not be kept, and what events say of consent that is news."""

import json
from collections.abc import Iterable, Sequence

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.incoming import Incoming, Verdict, change, gate
from recommender.domain.people import Person
from recommender.storage.counting import CONSENT_NUMBER
from recommender.storage.intake_group import Group, Place, Who
from recommender.storage.ledger import sealed
from recommender.storage.pens import Pen
from recommender.storage.times import from_us

PROFILE = Purpose.ANALYTICS_PROFILE
TOLD_BY = "event"
SEVERITY = (ConsentState.GRANTED, ConsentState.DENIED, ConsentState.WITHDRAWN, ConsentState.OBJECTED)

Stand = dict[tuple[Who, str], tuple[ConsentState, int]]
"""(person, purpose) to the state on record and its time."""


def ask_consent(group: Group, stand: Stand) -> None:
    """Mark events that may not be kept; note what events say of consent that is news."""
    for place in group.places:
        if place.verdict is None and (stand or place.event.consent or not place.event.trusted):
            place.verdict = _consent_of(place, stand, group.consents)


def on_record(pen: Pen, people: Iterable[Who]) -> Stand:
    """What is on record for these people: the newest row, by time, then by number; see ``ledger``."""
    known = list(people)
    asked = []
    for letter, column in (("c", "customer_id"), ("v", "visitor_id")):
        ids = {one for who, one in known if who == letter}
        if not ids:
            continue
        ask = f"SELECT '{letter}', {column}, purpose, state, time_us, number FROM consent WHERE {column} IN "  # noqa: S608
        asked.append((f"{ask}({pen.json_list})", json.dumps(sorted(ids))))
    if not asked:
        return {}
    rows = pen.ask(" UNION ALL ".join(ask for ask, _ in asked), [ids for _, ids in asked])
    stand: Stand = {}
    for letter, one, purpose, said, time_us, _ in sorted(rows, key=lambda row: row[4:6]):
        key, state = ((letter, one), purpose), ConsentState(said)
        tied = stand.get(key) == (ConsentState.OBJECTED, time_us)
        if not (tied and state is ConsentState.GRANTED):
            stand[key] = (state, time_us)
    return stand


def _consent_of(place: Place, stand: Stand, consents: list[ConsentRecord]) -> Verdict | None:
    """The gate for one event; what it says of consent is noted (and counts for the events after it)."""
    event, people = place.event, place.people
    told = event.consent.get(PROFILE)
    states = [stand[who, PROFILE] for who in people if (who, PROFILE) in stand]
    if told is not None and any(time_us > event.time_us for _, time_us in states):
        told = None  # an older word than what is on record
    verdict = gate(_strictest([state for state, _ in states]), told, trusted=event.trusted)
    for name, word in event.consent.items():
        known = [stand.get((who, name)) for who in people]
        if any(one is not None and one[1] > event.time_us for one in known):
            continue
        state = change([None if one is None else one[0] for one in known], word, kept=verdict is None)
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


def record(pen: Pen, records: Sequence[ConsentRecord]) -> None:
    """Append to the consent ledger."""
    mark = pen.mark
    counter = f"UPDATE counters SET value = value + {mark} WHERE name = {mark} RETURNING value"  # noqa: S608
    first = int(pen.ask(counter, (len(records), CONSENT_NUMBER))[0][0]) - len(records) + 1
    before = pen.ask(f"SELECT hash FROM consent WHERE number = {mark}", (first - 1,))  # noqa: S608
    rows = sealed(records, first, bytes(before[0][0]) if before else b"")
    names = list(rows[0])
    insert = f"INSERT INTO consent ({','.join(names)}) VALUES ({','.join([mark] * len(names))})"  # noqa: S608
    pen.many(insert, [tuple(row[name] for name in names) for row in rows])
