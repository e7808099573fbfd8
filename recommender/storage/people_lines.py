"""The lines of one person."""

from collections import deque
from collections.abc import Sequence
from itertools import repeat

from recommender.domain.events import LINE_COLUMNS, Line
from recommender.domain.people import Person
from recommender.storage.database import Database

COLUMNS = ",".join(LINE_COLUMNS)
FOREVER_US = (1 << 63) - 1

OF_CUSTOMER = "SELECT {columns} FROM events WHERE customer_id = {mark} AND time_us < {mark}"
OF_BROWSERS = (
    "SELECT {columns} FROM events WHERE visitor_id IN (SELECT visitor_id FROM links WHERE customer_id = {mark}) "
    "AND customer_id IS NULL AND time_us < {mark}"
)
OF_THIS_BROWSER = (
    "SELECT {columns} FROM events WHERE visitor_id = {mark} AND customer_id IS NULL AND time_us < {mark} "
    "AND visitor_id NOT IN (SELECT visitor_id FROM links WHERE customer_id = {mark})"
)
OF_VISITOR = "SELECT {columns} FROM events WHERE visitor_id = {mark} AND time_us < {mark}"
FIELDS = tuple(getattr(Line, name).__set__ for name in LINE_COLUMNS)
NEWEST = " ORDER BY time_us DESC, seq DESC LIMIT {mark}"


def lines_of_person(database: Database, person: Person, until_us: int | None, limit: int) -> list[Line]:
    """The newest ``limit`` lines before ``until_us``, oldest first by (time_us, seq)."""
    before = FOREVER_US if until_us is None else until_us
    customer_id, visitor_id = person.customer_id, person.visitor_id
    values: list[object] = []
    parts: list[str] = []
    if customer_id is not None:
        parts += [OF_CUSTOMER, OF_BROWSERS]
        values += [customer_id, before, customer_id, before]
        if visitor_id is not None:
            parts.append(OF_THIS_BROWSER)
            values += [visitor_id, before, customer_id]
    elif visitor_id is not None:
        parts.append(OF_VISITOR)
        values += [visitor_id, before]
    else:
        return []
    statement = (" UNION ALL ".join(parts) + NEWEST).format(columns=COLUMNS, mark=database.mark)
    with database.raw() as cursor:
        cursor.execute(statement, (*values, limit))
        rows = cursor.fetchall()
    rows.reverse()
    return lines_of_rows(rows)


def lines_of_rows(rows: Sequence[Sequence[object]]) -> list[Line]:
    """Rows in the order of ``LINE_COLUMNS`` as lines.

    Set field by field over all rows, past the constructor: a frozen object's own takes four times as long, and this
    stands between a request and its list.
    """
    lines = list(map(object.__new__, repeat(Line, len(rows))))
    for put, column in zip(FIELDS, zip(*rows, strict=True), strict=False):
        deque(map(put, lines, column), maxlen=0)
    return lines
