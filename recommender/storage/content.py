"""What a row of the log says, as bytes, and the id an imported row without one gets from it.

The bytes of a row are its filled fields in a fixed order, each as a separator, a letter and the value; an empty field
leaves no trace, so that a column added later changes no old id. The id is the time in hex (so that ids of one import
lie close together in the index) and a keyed BLAKE2b of those bytes and of the row's how-many-eth occurrence:
nobody without the home's secret can guess a person from it, and it is the same on every backend and forever.
"""

import hashlib
from collections.abc import Sequence

import polars as pl

from recommender.domain.errors import BadInputError

CONTENT_LETTERS = {
    "type": "t",
    "time_us": "m",
    "visitor_id": "v",
    "customer_id": "c",
    "session_id": "s",
    "item_id": "i",
    "quantity": "q",
    "price_e4": "p",
    "currency": "u",
    "order_id": "o",
    "value_e4": "w",
    "slate_id": "l",
    "properties": "x",
}
"""Letter of each field; never change one, only add."""

TEXT_COLUMNS = (
    "event_id",
    "type",
    "visitor_id",
    "customer_id",
    "session_id",
    "item_id",
    "currency",
    "order_id",
    "slate_id",
)

SEPARATOR = "\x1f"
CONTROL = r"[\x00-\x1f\x7f]"
DIGEST_BYTES = 10
TIME_MASK = (1 << 56) - 1


def content(rows: pl.DataFrame) -> pl.Series:
    """What each row says, as text (see the module); columns that are missing count as empty."""
    parts = [
        pl.lit(SEPARATOR + letter) + pl.col(name).cast(pl.String)
        for name, letter in CONTENT_LETTERS.items()
        if name in rows.columns
    ]
    return rows.select(pl.concat_str(parts, ignore_nulls=True).alias("content"))["content"]


def refuse_control_characters(rows: pl.DataFrame) -> None:
    """Text with control characters (a line break, a NUL) cannot be stored the same way everywhere.

    Raises
    ------
    BadInputError
        Naming the column.
    """
    names = [name for name in TEXT_COLUMNS if name in rows.columns]
    together = pl.concat_str(names, ignore_nulls=True).str.contains(CONTROL)
    if not rows.select(together.any()).item():
        return
    for name in names:
        if rows.select(pl.col(name).str.contains(CONTROL).any()).item():
            raise BadInputError(f"The column {name!r} has a value with a control character; clean it and try again.")


def derived_ids(texts: Sequence[str], times_us: Sequence[int], secret: bytes, occurrence: int = 1) -> list[str]:
    """Ids of rows that came without one (the ``occurrence``-th equal row of its import)."""
    start = hashlib.blake2b(digest_size=DIGEST_BYTES, key=secret, person=b"log-row-id")
    if occurrence > 1:
        start.update(f"{occurrence}{SEPARATOR}".encode())
    copy = start.copy
    ids = []
    for text, time_us in zip(texts, times_us, strict=True):
        digest = copy()
        digest.update(text.encode())
        ids.append(f"{time_us & TIME_MASK:014x}{digest.hexdigest()}")
    return ids
