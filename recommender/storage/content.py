"""What a row of the log says, as bytes, and the id an imported row without one gets from it.

The bytes of a row are its filled fields in a fixed order, each as a separator, a letter and the value; an empty field
leaves no trace, so that a column added later changes no old id. The id is the time in hex (so that ids of one import
lie close together in the index) and a keyed BLAKE2b of those bytes and of the row's how-many-eth occurrence:
nobody without the home's secret can guess a person from it, and it is the same on every backend and forever.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
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
"""Control characters; in what a row says, the separator stands before each filled field."""
DELETE = 0x7F

DIGEST_BYTES = 10
TIME_BYTES = 7


def content(rows: pl.DataFrame) -> pl.Series:
    """What each row says, as text (see the module); columns that are missing count as empty."""
    parts = [
        pl.lit(SEPARATOR + letter) + pl.col(name).cast(pl.String)
        for name, letter in CONTENT_LETTERS.items()
        if name in rows.columns
    ]
    return rows.select(pl.concat_str(parts, ignore_nulls=True).alias("content"))["content"]


def refuse_control_characters(rows: pl.DataFrame, contents: pl.Series) -> None:
    """Text with control characters (a line break, a NUL) cannot be stored the same way everywhere.

    Raises
    ------
    BadInputError
        Naming the column.
    """
    filled = sum(len(rows) - rows[name].null_count() for name in CONTENT_LETTERS if name in rows.columns)
    if _controls(contents) == filled and not _controls(rows["event_id"]):
        return
    for text in (rows[name] for name in TEXT_COLUMNS if name in rows.columns):
        if text.str.contains(CONTROL).any():
            raise BadInputError(
                f"The column {text.name!r} has a value with a control character; clean it and try again."
            )


def _controls(texts: pl.Series) -> int:
    """How many control characters there are in all; as bytes, no other character of UTF-8 has theirs."""
    if texts.null_count() == len(texts):
        return 0
    said = np.frombuffer(texts.str.join("").item().encode(), dtype=np.uint8)
    return int(np.count_nonzero(said < ord(" ")) + np.count_nonzero(said == DELETE))


def refuse_gaps(rows: pl.DataFrame) -> None:
    """Every row needs a type and a time.

    Raises
    ------
    BadInputError
        Naming the column.
    """
    for name in ("type", "time_us"):
        if name not in rows.columns or rows[name].null_count():
            raise BadInputError(f"A row has no {name!r}; every event needs a type and a time.")


def _numbered_contents(contents: pl.Series, occurrences: Sequence[int] | None) -> list[bytes]:
    """What is hashed of each row: from the second occurrence on its number stands before what the row says."""
    said: list[bytes] = contents.cast(pl.Binary).to_list()
    if occurrences is None:
        return said
    return [
        text if number == 1 else f"{number}{SEPARATOR}".encode() + text
        for text, number in zip(said, occurrences, strict=True)
    ]


def derived_ids(
    contents: pl.Series, times_us: pl.Series, secret: bytes, occurrences: Sequence[int] | None = None
) -> list[str]:
    """Ids of rows that came without one: 34 hex digits.

    ``occurrences`` tells of each row which of the equal rows of its import it is, counted from 1; None: all are the first.
    """
    start = hashlib.blake2b(digest_size=DIGEST_BYTES, key=secret, person=b"log-row-id")
    fresh = start.copy
    digests = []
    for said in _numbered_contents(contents, occurrences):
        digest = fresh()
        digest.update(said)
        digests.append(digest.digest())
    packed = np.empty((len(digests), TIME_BYTES + DIGEST_BYTES), dtype=np.uint8)
    times = times_us.to_numpy().astype(">i8").view(np.uint8).reshape(-1, 8)
    packed[:, :TIME_BYTES] = times[:, 8 - TIME_BYTES :]
    packed[:, TIME_BYTES:] = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, DIGEST_BYTES)
    digits, width = packed.tobytes().hex(), 2 * packed.shape[1]
    return [digits[at : at + width] for at in range(0, len(digits), width)]
