"""Consent at the door of the log: who may not be kept, and what events say of consent that is news."""

import json
from collections.abc import Iterable, Sequence

from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.incoming import FINAL, Incoming, Verdict, change, gate
from recommender.domain.people import Person
from recommender.storage.counting import CONSENT_NUMBER
from recommender.storage.intake_group import Group, Place, Who
from recommender.storage.ledger import sealed
from recommender.storage.pens import Pen
from recommender.storage.times import from_us

PROFILE = Purpose.ANALYTICS_PROFILE
TOLD_BY = "event"
NOTHING = (None, 0)
SEVERITY = (ConsentState.GRANTED, ConsentState.DENIED, ConsentState.WITHDRAWN, ConsentState.OBJECTED)

OWNER = "o"
Stand = dict[tuple[Who, str], tuple[ConsentState, int]]
"""(person, purpose) to the state on record and its time; under ``o`` and a visitor's id what the customer refuses whose browser it is."""

ASKS = {
    "c": "SELECT 'c', customer_id, purpose, state, time_us, number FROM consent WHERE customer_id IN ({ids})",
    "v": "SELECT 'v', visitor_id, purpose, state, time_us, number FROM consent WHERE visitor_id IN ({ids})",
    OWNER: "SELECT 'o', links.visitor_id, purpose, state, consent.time_us, number FROM links "
    "JOIN consent ON consent.customer_id = links.customer_id WHERE links.visitor_id IN ({ids})",
}


def ask_consent(group: Group, stand: Stand) -> None:
    """Mark events that may not be kept; note what events say of consent that is news."""
    for place in group.places:
        if place.verdict is None and (stand or place.event.consent or not place.event.trusted):
            place.verdict = _consent_of(place, stand, group.consents)


def on_record(pen: Pen, people: Iterable[Who]) -> Stand:
    """What is on record for these people: the newest row, by time, then by number; see ``ledger``. One question."""
    known = list(people)
    named = {letter: sorted({one for who, one in known if who == letter}) for letter in "cv"}
    asked = [(letter, json.dumps(named[of])) for letter, of in (("c", "c"), ("v", "v"), (OWNER, "v")) if named[of]]
    if not asked:
        return {}
    ask = " UNION ALL ".join(ASKS[letter] for letter, _ in asked).format(ids=pen.json_list)
    rows = pen.ask(ask, [ids for _, ids in asked])
    stand: Stand = {}
    for letter, one, purpose, said, time_us, _ in sorted(rows, key=lambda row: row[4:6]):
        key, state = ((letter, one), purpose), ConsentState(said)
        if state is ConsentState.GRANTED and stand.get(key) == (ConsentState.OBJECTED, time_us):
            continue
        if state is ConsentState.GRANTED and letter == OWNER:
            stand.pop(key, None)  # what a customer allows is said for the events that name the customer
        else:
            stand[key] = (state, time_us)
    return stand


def _consent_of(place: Place, stand: Stand, consents: list[ConsentRecord]) -> Verdict | None:
    """The gate for one event; what it says of consent is noted (and counts for the events after it).

    An event that names no customer is folded into the history of the one its browser belongs to, who may have refused.
    """
    event, people = place.event, place.people
    owner = (OWNER, event.visitor_id or "" if event.customer_id is None else "")
    told = event.consent.get(PROFILE)
    states = [stand[who, PROFILE] for who in (*people, owner) if (who, PROFILE) in stand]
    if told is not None and any(time_us > event.time_us for _, time_us in states):
        told = None  # an older word than what is on record
    verdict = gate(_strictest([state for state, _ in states]), told, trusted=event.trusted)
    for name, word in event.consent.items():
        known = [stand.get((who, name)) for who in people]
        if any(one is not None and one[1] > event.time_us for one in known):
            continue
        if word and stand.get((owner, name), NOTHING)[0] in FINAL:
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
