"""Parquet, read batch by batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from recommender.domain.errors import BadInputError
from recommender.importing.files import FoundFile
from recommender.importing.report import Progress, Step
from recommender.importing.tables import Chunk, regroup


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetTable:
    """An opened Parquet file; ``plain`` is where it lies unpacked, ``rows`` how many it has."""

    found: FoundFile
    columns: tuple[str, ...]
    plain: Path
    rows: int
    separator: None = None

    def chunks(self, rows: int, progress: Progress) -> Iterator[Chunk]:
        """See :class:`~recommender.importing.tables.Table`."""
        return regroup(self._batches(rows, progress), rows)

    def _batches(self, rows: int, progress: Progress) -> Iterator[Chunk]:
        # Slices, not the engine's own batches: those read ahead, and memory grows with the file.
        scan = pl.scan_parquet(self.plain)
        try:
            for start in range(0, self.rows, rows):
                frame = scan.slice(start, rows).collect()
                lines = pl.int_range(start + 1, start + frame.height + 1, eager=True, dtype=pl.Int64)
                progress(Step(stage="reading", rows=start + frame.height, rows_total=self.rows))
                yield Chunk(frame=frame, lines=lines)
        except pl.exceptions.PolarsError:
            raise _damaged(self.found) from None


def _damaged(found: FoundFile) -> BadInputError:
    return BadInputError(
        f"{found.path.name} begins like Parquet but cannot be read to its end; it may be cut off. Copy or export it again."
    )


def open_parquet(found: FoundFile, plain: Path) -> ParquetTable:
    """Read the schema and the number of rows; raises ``BadInputError`` if the file is cut off or damaged."""
    try:
        scan = pl.scan_parquet(plain)
        columns = tuple(scan.collect_schema().names())
        rows = int(scan.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError):
        raise _damaged(found) from None
    return ParquetTable(found=found, columns=columns, plain=plain, rows=rows)
