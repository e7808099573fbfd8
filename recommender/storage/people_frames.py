"""The lines of many people, in columns."""

import json
from collections.abc import Sequence

import polars as pl

from recommender.domain.people import Person
from recommender.storage.columns import who_schema
from recommender.storage.database import Database
from recommender.storage.people_lines import FOREVER_US

CONDITIONS = {
    "customer": "customer_id = w.value",
    "browsers": "visitor_id IN (SELECT visitor_id FROM links WHERE customer_id = w.value) AND customer_id IS NULL",
    "this browser": "visitor_id = w.value AND customer_id IS NULL",
    "visitor": "visitor_id = w.value",
}
"""Whose lines, said of ``w.value``, an id of a list: the four parts a history is put together from."""

PEOPLE_PER_QUESTION = 500


def lines_of_people(database: Database, people: Sequence[Person], until_us: int | None, limit: int) -> pl.DataFrame:
    """:func:`~recommender.storage.people_lines.lines_of_person` for many, in columns, ordered by (who, time_us, seq)."""
    before = FOREVER_US if until_us is None else until_us
    found = [pl.DataFrame(schema=who_schema())]
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
