"""Lists as files: Parquet, CSV that no spreadsheet takes for formulas, and JSON Lines; written whole or not at all."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from recommender.domain.errors import UsageError
from recommender.domain.slates import Slate
from recommender.services.whole_files import FORMULA, whole

SCHEMA: Mapping[str, pl.DataType] = {
    "person_id": pl.String(),
    "item_id": pl.String(),
    "rank": pl.Int32(),
    "score": pl.Float64(),
    "source": pl.String(),
    "reason": pl.String(),
}
"""Columns of the output, one row per item; ``rank`` counts from 1, ``reason`` is the sentence."""

FORMATS: Sequence[str] = ("parquet", "csv", "jsonl")
ROW_GROUP = 65_536


def format_of(out: Path) -> str:
    """The format an output file's name asks for.

    Raises
    ------
    UsageError
        Naming the endings there are.
    """
    ending = out.suffix.removeprefix(".").lower()
    if ending not in FORMATS:
        raise UsageError(f"{out.name} does not say its format; let the name end in .{', .'.join(FORMATS)}.")
    return ending


def frame_of(people: Sequence[str], slates: Sequence[Slate]) -> pl.DataFrame:
    """One row per item of the slates, in order; ``people`` labels them."""
    rows = [(label, place) for label, slate in zip(people, slates, strict=True) for place in slate.items]
    return pl.DataFrame(
        {
            "person_id": [label for label, _ in rows],
            "item_id": [place.item_id for _, place in rows],
            "rank": [place.rank for _, place in rows],
            "score": [place.score for _, place in rows],
            "source": [place.source for _, place in rows],
            "reason": [place.reason.text for _, place in rows],
        },
        schema=SCHEMA,
    )


def write_block(frame: pl.DataFrame, path: Path, kind: str) -> None:
    """Write one block of rows; the file has its name only once it is whole and on the disk."""
    with whole(path) as draft:
        if kind == "parquet":
            frame.write_parquet(draft, row_group_size=ROW_GROUP)
        elif kind == "csv":
            safe = frame.with_columns(pl.col(pl.String).str.replace(FORMULA, "'${1}"))
            safe.write_csv(draft, include_header=False)
        else:
            frame.write_ndjson(draft)


def join_blocks(blocks: Sequence[Path], out: Path, kind: str) -> None:
    """Put the blocks, in order, into the one file ``out``."""
    with whole(out) as draft:
        if kind == "parquet":
            parts = pl.scan_parquet(list(blocks)) if blocks else pl.LazyFrame(schema=SCHEMA)
            parts.sink_parquet(draft, row_group_size=ROW_GROUP, maintain_order=True)
            return
        with draft.open("wb") as whole_file:
            if kind == "csv":
                whole_file.write((",".join(SCHEMA) + "\n").encode())
            for block in blocks:
                with block.open("rb") as part:
                    shutil.copyfileobj(part, whole_file)
