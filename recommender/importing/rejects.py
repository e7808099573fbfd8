"""The rejected rows beside the input, in its own format, with the reason as first column: mend it and feed it in again."""

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec
import polars as pl

from recommender.importing.files import create_packed
from recommender.importing.tables import REASON, Broken, Chunk, Table


def rejects_path(table: Table) -> Path:
    """``orders.csv.gz`` gives ``orders.rejects.csv.gz``; a Parquet file is never packed."""
    path, packing = table.found.path, table.found.compression
    name = path.name
    tail = ""
    if packing and name.lower().endswith(f".{packing}"):
        name, tail = name[: -len(packing) - 1], name[-len(packing) - 1 :]
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, table.found.format
    return path.with_name(f"{stem}.rejects.{extension}{'' if table.found.format == 'parquet' else tail}")


class RejectsFile:
    """Collects at most ``limit`` rejected rows and writes them at the end; memory grows with the rejects only."""

    def __init__(self, table: Table, limit: int) -> None:
        self._table = table
        self._limit = limit
        self._rows: list[tuple[int, str, Sequence[str | None] | str]] = []
        self._frames: list[pl.DataFrame] = []
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether further rows are not taken."""
        return self._count >= self._limit

    def add(self, chunk: Chunk, places: pl.Series, reasons: list[str]) -> None:
        """Take the rows at these places of a chunk."""
        room = self._limit - self._count
        places, reasons = places.head(room), reasons[:room]
        self._count += len(reasons)
        frame = chunk.frame[places]
        if self._table.found.format == "parquet":
            self._frames.append(frame.drop(REASON, strict=False).insert_column(0, pl.Series(REASON, reasons)))
            return
        lines = chunk.lines[places].to_list()
        kept = chunk.raw[places].to_list() if chunk.raw is not None else frame.rows()
        self._rows += zip(lines, reasons, kept, strict=True)

    def add_broken(self, broken: Sequence[Broken]) -> None:
        """Take rows that could not be read into columns."""
        some = broken[: self._limit - self._count]
        self._count += len(some)
        self._rows += [(one.line, one.message, one.raw) for one in some]

    def write(self) -> Path | None:
        """Write the file in one piece; None if there is nothing to write or the folder takes no file."""
        if not self._count:
            return None
        target = rejects_path(self._table)
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            self._write_to(draft)
            draft.replace(target)
        except OSError:
            draft.unlink(missing_ok=True)
            return None
        return target

    def _write_to(self, path: Path) -> None:
        if self._table.found.format == "parquet":
            pl.concat(self._frames).write_parquet(path)
            return
        self._rows.sort(key=lambda row: row[0])
        with create_packed(path, self._table.found.compression) as stream, _text(stream, self._table) as text:
            if self._table.found.format == "jsonl":
                text.writelines(_json_lines(self._rows))
            else:
                self._write_csv(text)

    def _write_csv(self, text: io.TextIOWrapper) -> None:
        writer = csv.writer(text, delimiter=self._table.separator or ",", lineterminator="\r\n")
        columns = self._table.columns
        again = columns.index(REASON) if REASON in columns else None
        writer.writerow([REASON, *_without(columns, again)])
        for _, reason, row in self._rows:
            writer.writerow([reason, *_without(row, again)])


def _without(cells: Sequence[str | None], place: int | None) -> list[str | None]:
    return [cell for number, cell in enumerate(cells) if number != place]


def _json_lines(rows: Sequence[tuple[int, str, Sequence[str | None] | str]]) -> Iterator[str]:
    seen = 0
    for line, reason, raw in rows:
        if line == seen:
            continue
        seen = line
        try:
            found = msgspec.json.decode(str(raw))
        except msgspec.DecodeError:
            found = str(raw)
        fields = found if isinstance(found, dict) else {"raw": found}
        yield msgspec.json.encode({REASON: reason, **{k: v for k, v in fields.items() if k != REASON}}).decode() + "\n"


@contextmanager
def _text(stream: IO[bytes], table: Table) -> Iterator[io.TextIOWrapper]:
    text = io.TextIOWrapper(stream, encoding=table.found.encoding, newline="", errors="replace")
    try:
        yield text
    finally:
        text.flush()
        text.detach()
