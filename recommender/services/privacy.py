"""What the shop holds of one person: hand it over, or forget it.

Erasure goes tombstone first, then every store, then the files we wrote, so that a crash in between leaves a person
refused everywhere and a second call finishes the work.
"""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import structs, to_builtins

from recommender.domain.clock import ShopClock
from recommender.domain.consent import ConsentRecord
from recommender.domain.errors import BadInputError
from recommender.domain.events import Line
from recommender.domain.people import Person, Stay
from recommender.domain.ports import Freshness, ProfileStore, Standing, Stores
from recommender.services import exports
from recommender.services.backup import STAGING
from recommender.services.newsletter_kept import unpacked
from recommender.services.own_files import named_in

ALL_LINES = 10_000_000
LOG_NAME = "privacy-log.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an erasure did: rows per store, files rewritten, and files that may name the person still.

    Attributes
    ----------
    not_rewritten
        Of ours, to be deleted by the operator: lists that could not be rewritten, and registers of lists that could not be read.
    still_named_in
        The shop's own, which are not ours to change.
    searched_all
        False where the time ran out before all of the shop's own files were looked through.
    """

    deleted: dict[str, int]
    rewritten: tuple[str, ...]
    not_rewritten: tuple[str, ...]
    still_named_in: tuple[str, ...]
    searched_all: bool
    erased_at: str


def subject(stores: Stores, person_id: str) -> tuple[Person, ...]:
    """Everyone this id stands for: the customer, the customer's linked visitors, or the visitor.

    An id nobody has heard of is taken for a customer's and for a visitor's: both are then refused for good.
    """
    if not person_id or len(person_id.encode()) > 128 or not person_id.isprintable():
        raise BadInputError("An id is 1 to 128 bytes of printable text.")
    linked = sorted({visitor for visitor, customer in stores.log.links() if customer == person_id})
    return (
        Person(customer_id=person_id),
        Person(visitor_id=person_id),
        *(Person(visitor_id=visitor) for visitor in linked),
    )


def export(stores: Stores, person_id: str, out: Path, *, var: Path, clock: ShopClock) -> dict[str, int]:
    """Write everything held of one person into a ZIP of JSON files; returns rows per file.

    The file appears whole or not at all. Times are those of the log; the demo's shift is named in ``about.json``.
    """
    people = subject(stores, person_id)
    lines = [line for person in people for line in _lines(stores, person, person_id)]
    lines += [line for stay in stores.log.stays_of(person_id) for line in _sent_during(stores, stay)]
    events = sorted({(one.event_id, one.line): asdict(one) for one in lines}.values(), key=lambda row: row["seq"])
    customer = stores.customers.get([person_id]).get(person_id)
    ids = sorted({one for p in people for one in (p.customer_id, p.visitor_id) if one is not None})
    refused = [asdict(stored.letter) for stored in stores.dead_letters.naming(ids)]
    files: dict[str, Any] = {
        "events.json": events,
        "refused_events.json": refused,
        "customer.json": [asdict(customer)] if customer is not None else [],
        "consent.json": _said(stores, people),
        "newsletter.json": _as_reader(stores, person_id),
    }
    counts = {name: len(rows) for name, rows in files.items()}
    files["about.json"] = {
        "id": person_id,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": counts,
        "times": "fields whose names end in _us count microseconds since 1970-01-01 UTC; others are RFC 3339",
        "money": "price_e4 and value_e4 are amounts times 10,000",
        "dates_shown_later_by_days": clock.shift.days,
    }
    _write_zip(out, files)
    note(var, "export", stores, person_id, counts)
    return counts


def _lines(stores: Stores, person: Person, person_id: str) -> list[Line]:
    """One id's lines; of a linked browser none that name another customer."""
    lines = stores.log.of_person(person, limit=ALL_LINES)
    if person.visitor_id in (None, person_id):
        return lines
    return [line for line in lines if line.customer_id in (None, person_id)]


def _sent_during(stores: Stores, stay: Stay) -> list[Line]:
    """The lines without a customer that a browser sent while it was the person's."""
    lines = stores.log.of_person(Person(visitor_id=stay.visitor_id), limit=ALL_LINES)
    return [line for line in lines if line.customer_id is None and stay.since_us <= line.time_us < stay.until_us]


def _said(stores: Stores, people: Sequence[Person]) -> list[dict[str, Any]]:
    """What the ledger holds of the person, oldest first; a row that names two of their ids once."""
    customers, visitors, found = set[str | None](), set[str | None](), list[ConsentRecord]()
    for person in people:
        held = [(record, record.person) for record in stores.consent.history(person)]
        found += [record for record, of in held if of.customer_id not in customers and of.visitor_id not in visitors]
        customers |= {person.customer_id} - {None}
        visitors |= {person.visitor_id} - {None}
    return [
        {
            "customer_id": record.person.customer_id,
            "visitor_id": record.person.visitor_id,
            **{one.name: getattr(record, one.name) for one in fields(record) if one.name != "person"},
        }
        for record in sorted(found, key=lambda record: record.time)
    ]


def _as_reader(stores: Stores, customer_id: str) -> list[dict[str, Any]]:
    """The number addresses in mails know the customer by, and what the last campaign picked."""
    held = stores.readers.held(customer_id)
    if held is None:
        return []
    number, picks, made_us = held
    kept = None if picks is None else unpacked(picks)
    return [{"number": number.hex(), "picked_us": made_us, "picks": [structs.asdict(pick) for pick in kept or ()]}]


def _write_zip(out: Path, files: dict[str, Any]) -> None:
    """Write the archive beside its place and rename it there. Times become RFC 3339; what JSON has no form for is a TypeError."""
    if not out.parent.is_dir():
        raise BadInputError(f"The folder {out.parent} does not exist; {out.name} was not written.")
    handle, temporary = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, rows in files.items():
                    archive.writestr(name, json.dumps(to_builtins(rows), indent=1, ensure_ascii=False))
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(out)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """What answers are made from beside the stores: forgotten with them, in every process of the host at once."""

    profiles: ProfileStore
    board: Freshness

    def forget(self, people: Iterable[Person]) -> int:
        """Drop the people's profiles; what a process read before now it will not keep."""
        self.board.forget()
        return sum(self.profiles.erase(person) for person in people)

    def begin_anew(self, standing: Standing) -> None:
        """Everything was replaced: nothing of what was made before may be used."""
        self.profiles.clear()
        self.board.begin_anew(standing)


def erase(
    stores: Stores,
    person_id: str,
    *,
    home: Path,
    cache: Cache | None = None,
    search_seconds: float | None = None,
) -> Receipt:
    """Forget one person everywhere; a later import or event does not bring them back.

    Idempotent. Models need no change: a bundle holds no person; what the person's orders taught it fades with the
    next training.

    Parameters
    ----------
    search_seconds : float, optional
        How long the shop's own files may be looked through; default: to the end.
    """
    people, stays = subject(stores, person_id), stores.log.stays_of(person_id)
    beside = () if cache is None else (*seen_with(stores, people), *_now_theirs(stores, stays))
    for person in people:
        stores.tombstones.add(person)
    letters = stores.dead_letters.delete(
        _letters_during(stores, stays)
    )  # first: what tells the stays goes with the lines
    deleted = {
        "events": sum(stores.log.erase(person) for person in people),
        "customers": sum(stores.customers.erase(person) for person in people),
        "consent": sum(stores.consent.erase(person) for person in people),
    }
    if cache is not None:
        deleted["profiles"] = cache.forget(people)
        cache.forget(beside)
    ids = frozenset({i for p in people for i in (p.customer_id, p.visitor_id) if i is not None})
    deleted["dead_letters"] = letters + stores.dead_letters.erase(sorted(ids))
    aliases = frozenset({one for person in people for one in stores.tombstones.former_pseudonyms(person)})
    try:
        lists = exports.forget(home, ids | aliases)
    finally:  # the rows are gone: whatever the register of lists says, their bytes must go and the log must tell
        for left in (home / "var").glob(f"{STAGING}*"):  # what a killed backup or restore left
            shutil.rmtree(left, ignore_errors=True)
        stores.compact()
        note(home / "var", "erase", stores, person_id, deleted)
    named, searched_all = named_in(home, person_id, seconds=search_seconds)
    return Receipt(
        deleted=deleted,
        rewritten=lists.changed,
        not_rewritten=lists.left,
        still_named_in=named,
        searched_all=searched_all,
        erased_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _letters_during(stores: Stores, stays: Sequence[Stay]) -> list[int]:
    """The numbers of letters without a customer that browsers sent while they were the person's."""
    return [
        stored.number
        for stay in stays
        for stored in stores.dead_letters.naming([stay.visitor_id])
        if stored.letter.visitor_id == stay.visitor_id
        and stored.letter.customer_id is None
        and stay.since_us <= stored.letter.received_us < stay.until_us
    ]


def _now_theirs(stores: Stores, stays: Sequence[Stay]) -> list[Person]:
    """Whose history the lines of these stays are in by now."""
    browsers = {stay.visitor_id for stay in stays}
    owners = {owner for visitor, owner in stores.log.links() if visitor in browsers} if browsers else ()
    return [Person(visitor_id=one) for one in sorted(browsers)] + [Person(customer_id=one) for one in sorted(owners)]


def seen_with(stores: Stores, people: Iterable[Person]) -> tuple[Person, ...]:
    """Whose events stand in the same lines: the lines go, so the profiles made of them must be made anew."""
    ids: set[tuple[str, str]] = set()
    for person in people:
        for line in stores.log.of_person(person, limit=ALL_LINES):
            ids |= {("c", line.customer_id or ""), ("v", line.visitor_id or "")}
    customers = [Person(customer_id=one) for letter, one in sorted(ids) if letter == "c" and one]
    return (*customers, *(Person(visitor_id=one) for letter, one in sorted(ids) if letter == "v" and one))


def note(var: Path, action: str, stores: Stores, person_id: str, counts: dict[str, int]) -> None:
    """Add a line to the privacy log: when, what, how much, and a keyed hash instead of the id."""
    var.mkdir(parents=True, exist_ok=True)
    entry = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "action": action,
        "subject": stores.tombstones.pseudonym(Person(customer_id=person_id)),
        "rows": counts,
    }
    with (var / LOG_NAME).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def log(var: Path) -> list[dict[str, Any]]:
    """The privacy log, oldest first."""
    path = var / LOG_NAME
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
