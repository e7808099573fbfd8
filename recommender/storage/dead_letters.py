"""Refused events: stored with those that came with them, looked at and sent again by an operator, gone after a while."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from recommender.domain.incoming import DeadLetter, Incoming, StoredLetter, Verdict, body_of
from recommender.domain.people import normal_id
from recommender.storage.database import Database
from recommender.storage.pens import Pen
from recommender.storage.tables import dead_letters

MOST_LETTERS = 20_000
"""Beyond so many the oldest go."""
FIELDS = ("received_us", "code", "message", "source", "visitor_id", "customer_id", "body")
PEOPLE = ("visitor_id", "customer_id")
IDS_AT_ONCE = 500


def letter_of(event: Incoming, source: str, received_us: int) -> DeadLetter:
    """The letter of an event whose id is taken by another content."""
    return DeadLetter(
        code=Verdict.CONFLICT.value,
        message="Another event with this event_id is stored; that one stands.",
        received_us=received_us,
        source=source,
        visitor_id=event.visitor_id,
        customer_id=event.customer_id,
        body=body_of(event.body),
    )


def insert_letters(pen: Pen, letters: Sequence[DeadLetter]) -> None:
    """Store letters inside somebody's transaction; the oldest make room."""
    mark = pen.mark
    last = int(pen.ask("SELECT coalesce(max(number), 0) FROM dead_letters")[0][0])
    marks = ",".join([mark] * (1 + len(FIELDS)))
    insert = f"INSERT INTO dead_letters (number,{','.join(FIELDS)}) VALUES ({marks})"  # noqa: S608
    rows = [
        (number, *(getattr(letter, name) for name in FIELDS)) for number, letter in enumerate(letters, start=last + 1)
    ]
    pen.many(insert, rows)
    pen.ask(f"DELETE FROM dead_letters WHERE number <= {mark}", (last + len(rows) - MOST_LETTERS,))  # noqa: S608


class SqlDeadLetters:
    """:class:`~recommender.domain.incoming.DeadLetters` in the table ``dead_letters``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self) -> dict[str, int]:
        """How many there are, by code."""
        chosen = sa.select(dead_letters.c.code, sa.func.count()).group_by(dead_letters.c.code)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(chosen.order_by(dead_letters.c.code))}

    def newest(self, limit: int, *, code: str | None = None) -> list[StoredLetter]:
        """The newest first."""
        chosen = sa.select(dead_letters).order_by(dead_letters.c.number.desc()).limit(limit)
        return self._found(chosen if code is None else chosen.where(dead_letters.c.code == code))

    def naming(self, ids: Sequence[str]) -> list[StoredLetter]:
        """Letters whose sender named one of these people, oldest first."""
        return self._found(sa.select(dead_letters).where(_sent_by(ids)).order_by(dead_letters.c.number))

    def after(self, number: int, limit: int) -> list[StoredLetter]:
        """Letters with a greater number, oldest first."""
        chosen = sa.select(dead_letters).where(dead_letters.c.number > number)
        return self._found(chosen.order_by(dead_letters.c.number).limit(limit))

    def _found(self, chosen: sa.Select[Any]) -> list[StoredLetter]:
        with self._database.reading() as connection:
            return [
                StoredLetter(number=row["number"], letter=_letter(row)) for row in connection.execute(chosen).mappings()
            ]

    def delete(self, numbers: Sequence[int]) -> int:
        """Delete by number; returns how many."""
        with self._database.writing() as connection:
            return _delete(connection, numbers)

    def expire(self, before_us: int) -> int:
        """Delete those received before; returns how many."""
        old = dead_letters.c.received_us < before_us
        with self._database.reading() as connection:
            if connection.execute(sa.select(dead_letters.c.number).where(old).limit(1)).first() is None:
                return 0
        with self._database.writing() as connection:
            return connection.execute(dead_letters.delete().where(old)).rowcount

    def erase(self, ids: Sequence[str]) -> int:
        """Delete every letter that names one of these people, as sender or anywhere in its text; returns how many."""
        with self._database.writing() as connection:
            return erase_letters(connection, ids)


def erase_letters(connection: sa.Connection, ids: Sequence[str]) -> int:
    """:meth:`SqlDeadLetters.erase` inside somebody's transaction."""
    gone = 0
    for one in ids:
        gone += connection.execute(dead_letters.delete().where(_sent_by([one]))).rowcount
        gone += _delete(connection, _mentioning(connection, one))
    return gone


def _letter(row: sa.RowMapping) -> DeadLetter:
    """The letter of a row; those of older versions hold ids as they were sent."""
    found: dict[str, Any] = {name: row[name] for name in FIELDS}
    found |= {name: normal_id(row[name]) for name in PEOPLE if row[name] is not None}
    return DeadLetter(**found)


def _sent_by(ids: Iterable[str]) -> sa.ColumnElement[bool]:
    """Letters whose sender named one of these people, in whatever form."""
    forms = sorted({form for one in ids for form in _forms(one)})
    return sa.or_(*(sa.func.trim(dead_letters.c[name]).in_(forms) for name in PEOPLE))


def _forms(one: str) -> set[str]:
    return {one, unicodedata.normalize("NFC", one), unicodedata.normalize("NFD", one)}


def _mentioning(connection: sa.Connection, one: str) -> list[int]:
    """The numbers of letters with this id anywhere in their text, which escapes what is not ASCII or does not."""
    written = {json.dumps(form, ensure_ascii=escaped)[1:-1] for form in _forms(one) for escaped in (True, False)}
    near = sa.or_(*(dead_letters.c.body.contains(text, autoescape=True) for text in sorted(written)))
    found = connection.execute(sa.select(dead_letters.c.number, dead_letters.c.body).where(near))
    return [number for number, body in found if _names(body, normal_id(one))]


def _names(body: str, one: str) -> bool:
    """Whether the id stands there whole: as a text, as a name, or as the number of who the event is about."""
    try:
        waiting = [msgspec.json.decode(body)]
    except msgspec.DecodeError:
        return True
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values(), *(str(value[name]) for name in PEOPLE if name in value)]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and normal_id(value) == one:
            return True
    return False


def _delete(connection: sa.Connection, numbers: Sequence[int]) -> int:
    gone = 0
    for at in range(0, len(numbers), IDS_AT_ONCE):
        some = dead_letters.c.number.in_(numbers[at : at + IDS_AT_ONCE])
        gone += connection.execute(dead_letters.delete().where(some)).rowcount
    return gone
