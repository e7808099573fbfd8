"""The lines of one person, and of many."""

import json
from collections.abc import Sequence

import polars as pl

from recommender.domain.events import LINE_COLUMNS, Line
from recommender.domain.people import Person
from recommender.storage.database import Database, line_schema

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
    return [Line(*row) for row in rows]


CONDITIONS = {
    "customer": "customer_id = w.value",
    "browsers": "visitor_id IN (SELECT visitor_id FROM links WHERE customer_id = w.value) AND customer_id IS NULL",
    "this browser": "visitor_id = w.value AND customer_id IS NULL",
    "visitor": "visitor_id = w.value",
}
"""Whose lines, said of ``w.value``, an id of a list: the four parts a history is put together from."""

PEOPLE_PER_QUESTION = 500


def lines_of_people(database: Database, people: Sequence[Person], until_us: int | None, limit: int) -> pl.DataFrame:
    """:func:`lines_of_person` for many, in columns, ordered by (who, time_us, seq)."""
    before = FOREVER_US if until_us is None else until_us
    schema: dict[str, pl.DataType] = {"who": pl.Int32(), **line_schema()}
    found = [pl.DataFrame(schema=schema)]
    with database.reading() as connection:
        for start in range(0, len(people), PEOPLE_PER_QUESTION):
            for part, ids in _asked(people[start : start + PEOPLE_PER_QUESTION]).items():
                if any(one is not None for one in ids):
                    lines = database.lines_of_list(
                        connection, CONDITIONS[part], json.dumps(ids, ensure_ascii=False), before, limit
                    )
                    found.append(lines.with_columns((pl.col("who") + start).cast(pl.Int32)))
    lines = pl.concat(found).unique(["who", "seq"]).sort("who", "time_us", "seq")
    return lines.filter(pl.len().over("who") - pl.int_range(pl.len()).over("who") <= limit)


def _asked(people: Sequence[Person]) -> dict[str, list[str | None]]:
    """Which id of each person is asked for in which part of the history."""
    customers = [person.customer_id for person in people]
    return {
        "customer": customers,
        "browsers": customers,
        "this browser": [person.visitor_id if person.customer_id is not None else None for person in people],
        "visitor": [person.visitor_id if person.customer_id is None else None for person in people],
    }
