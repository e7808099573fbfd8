"""Rows that share an event id are the lines of one event: one line per item, in the order of the file."""

from collections.abc import Iterator

import polars as pl

_LONGEST_EVENT = 10_000


def numbered(frames: Iterator[pl.DataFrame], *, nested: bool) -> Iterator[pl.DataFrame]:
    """Add ``line`` to rows that name their event; neighbouring rows with one id are one event's, even across chunks.

    Two rows with the same event and item get the same line, so that the log tells a repetition from a conflict.
    With ``nested`` the rows already know their line (they come from one JSON object).
    """
    held: pl.DataFrame | None = None
    for frame in frames:
        if nested or (held is None and frame["event_id"].null_count() == frame.height):
            yield frame
            continue
        whole = frame if held is None else pl.concat([held, frame])
        tail = _tail(whole)
        held = whole.tail(tail) if tail else None
        yield _lines(whole.head(whole.height - tail))
    if held is not None:
        yield _lines(held)


def _tail(frame: pl.DataFrame) -> int:
    """How many rows at the end may belong to an event that goes on in the next chunk."""
    if not frame.height:
        return 0
    last = frame["event_id"][-1]
    if last is None:
        return 0
    others = (frame["event_id"].ne_missing(pl.Series([last]))).arg_true()
    length = frame.height - (int(others[-1]) + 1 if len(others) else 0)
    return length if length <= _LONGEST_EVENT else 0


def _lines(frame: pl.DataFrame) -> pl.DataFrame:
    run = pl.col("event_id").rle_id()
    marked = frame.with_columns(run.alias("=run"))
    if marked.height and marked["=run"][-1] + 1 == marked.height:
        return frame
    fresh = marked.with_columns(pl.struct("=run", "item_id").is_first_distinct().cast(pl.Int64).alias("=fresh"))
    place = fresh.with_columns((pl.col("=fresh").cum_sum().over("=run") - 1).alias("=place"))
    line = pl.col("=place").first().over("=run", "item_id")
    kept = place.with_columns(pl.when(pl.col("event_id").is_not_null()).then(line).otherwise(0).alias("line"))
    return kept.drop("=run", "=fresh", "=place")
