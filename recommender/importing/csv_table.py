"""CSV and its kin: any separator, quoted newlines, ragged rows found, physical line numbers.

Blocks of plain rows go through the columnar reader; a block with anything odd in it (quotes amid a cell, a row that is too
short or too long, quoted newlines) goes through the standard library's reader, row by row, which tells where each row began.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import polars as pl

from recommender.domain.errors import BadInputError
from recommender.importing.files import FoundFile, open_plain
from recommender.importing.report import Progress, Step
from recommender.importing.tables import Broken, Chunk, regroup

_SEPARATORS = (",", ";", "\t", "|")
_BLOCK_CHARS = 1 << 18
_SNIFF_CHARS = 1 << 16
_QUOTED = r'"(?<=[{0}\n]")[^"\n]*(?:""[^"\n]*)*"(?=[{0}\n]|\Z)'
"""A well-formed quoted cell on one line; the literal quote comes first because that is quick to search for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvTable:
    """An opened CSV file. ``preamble`` is the number of lines up to and including the header."""

    found: FoundFile
    columns: tuple[str, ...]
    separator: str
    preamble: int

    def chunks(self, rows: int, progress: Progress) -> Iterator[Chunk]:
        """See :class:`~recommender.importing.tables.Table`."""
        return regroup(self._blocks(progress), rows)

    def _blocks(self, progress: Progress) -> Iterator[Chunk]:
        with _text(self.found) as stream:
            source = _Source(stream, list(islice(stream, self.preamble)))
            done = 0
            while block := source.block():
                fast = _plain_block(block, self.columns, self.separator)
                chunk = source.counted(fast) if fast is not None else self._careful(source, block)
                done += chunk.frame.height
                progress(Step(stage="reading", rows=done, bytes_done=source.chars, bytes_total=self.found.size))
                yield chunk

    def _careful(self, source: "_Source", block: str) -> Chunk:
        reader = csv.reader(source.feed(block), delimiter=self.separator)
        width = len(self.columns)
        good: list[list[str]] = []
        lines: list[int] = []
        broken: list[Broken] = []
        while True:
            start = source.line + 1
            source.begin_row()
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise BadInputError(
                    f"{self.found.path.name}, line {start}: the row cannot be read ({error}); is a quote left open?"
                ) from None
            if row is None:
                break
            if len(row) == width:
                good.append(row)
                lines.append(start)
            elif any(cell.strip() for cell in row):
                broken.append(_ragged(row, start, width))
        return _chunk_of_rows(self.columns, good, lines, tuple(broken))


class _Source:
    """Hands out the text in blocks that end with a line, and single lines to a reader that is amid a row."""

    def __init__(self, stream: io.TextIOWrapper, preamble: list[str]) -> None:
        self._stream = stream
        self._rest = ""
        self._fresh = True
        self.line = len(preamble)
        self.chars = sum(map(len, preamble))

    def block(self) -> str:
        """The next lines, about ``_BLOCK_CHARS`` of them; an empty string at the end."""
        text = self._rest + self._stream.read(_BLOCK_CHARS)
        if len(text) > len(self._rest):
            text += self._stream.readline() if not text.endswith("\n") else ""
        self._rest = ""
        self.chars += len(text)
        return text

    def counted(self, frame: pl.DataFrame) -> Chunk:
        """A chunk whose rows stand on one line each."""
        lines = pl.int_range(self.line + 1, self.line + frame.height + 1, eager=True, dtype=pl.Int64)
        self.line += frame.height
        empty = frame.select(pl.all_horizontal(pl.all().is_null()).alias("empty"))["empty"]
        if empty.any():
            frame, lines = frame.filter(~empty), lines.filter(~empty)
        return Chunk(frame=frame, lines=lines)

    def begin_row(self) -> None:
        """The reader is about to ask for a new row."""
        self._fresh = True

    def feed(self, block: str) -> Iterator[str]:
        """The block's lines, then further ones while a quoted cell is still open."""
        for line in io.StringIO(block):
            yield self._counted_line(line)
        while not self._fresh:
            line = self._stream.readline()
            if not line:
                return
            self.chars += len(line)
            yield self._counted_line(line)

    def _counted_line(self, line: str) -> str:
        self._fresh = False
        self.line += 1
        return line


def _plain_block(block: str, columns: tuple[str, ...], separator: str) -> pl.DataFrame | None:
    """The block's rows if each is one line with a cell for every column and nothing odd; else None."""
    rows = block.count("\n") + (not block.endswith("\n"))
    width = len(columns)
    if block.startswith("\n") or "\n\n" in block or width == 1:
        return None
    bare = re.sub(_QUOTED.format(re.escape(separator)), "", "\n" + block)[1:] if '"' in block else block
    if '"' in bare or bare.count(separator) != rows * (width - 1):
        return None
    try:
        frame = pl.read_csv(
            block.encode(),
            has_header=False,
            separator=separator,
            schema=dict.fromkeys(columns, pl.String),
            quote_char='"',
        )
    except pl.exceptions.PolarsError:
        return None
    return frame if frame.height == rows else None


def _chunk_of_rows(
    columns: tuple[str, ...], rows: list[list[str]], lines: list[int], broken: tuple[Broken, ...]
) -> Chunk:
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    frame = pl.DataFrame([pl.Series(n, c, dtype=pl.String) for n, c in zip(columns, cells, strict=True)])
    places = pl.Series(lines, dtype=pl.Int64)
    filled = frame.select(pl.any_horizontal(pl.all().str.strip_chars() != "").alias("filled"))["filled"]
    return Chunk(frame=frame.filter(filled), lines=places.filter(filled), broken=broken)


def _ragged(row: list[str], line: int, width: int) -> Broken:
    what = "fewer" if len(row) < width else "more"
    hint = "; a quote may be left open" if any("\n" in cell for cell in row) else ""
    return Broken(
        line=line,
        code="ragged_row",
        message=f"the row has {len(row)} cells, {what} than the header's {width}{hint}",
        raw=tuple(row),
    )


@contextmanager
def _text(found: FoundFile) -> Iterator[io.TextIOWrapper]:
    with (
        open_plain(found.path, found.compression) as stream,
        io.TextIOWrapper(stream, encoding=found.encoding, newline=None) as text,
    ):
        yield text


def open_csv(found: FoundFile) -> CsvTable:
    """Find separator and header; raises ``BadInputError`` where there is none or a name stands twice."""
    with _text(found) as stream:
        head = stream.read(_SNIFF_CHARS)
        head += stream.readline() if len(head) == _SNIFF_CHARS else ""
    skipped = _lines_before_header(head)
    lines = head.splitlines(keepends=True)
    told = lines[skipped - 1].strip()[4:5] if skipped and lines[skipped - 1].lower().startswith("sep=") else ""
    separator = told or _best_separator(lines[skipped:])
    reader = csv.reader(iter(lines[skipped:]), delimiter=separator)
    names = _names(next(reader), found.path.name)
    return CsvTable(found=found, columns=names, separator=separator, preamble=skipped + reader.line_num)


def _lines_before_header(head: str) -> int:
    """Blank lines, and Excel's line that names the separator."""
    count = 0
    for line in head.splitlines():
        if line.strip() and not line.lower().startswith("sep="):
            break
        count += 1
    return count


def _best_separator(lines: list[str]) -> str:
    """The one that cuts the header into several cells and most rows into as many."""

    def fit(separator: str) -> tuple[float, int]:
        rows = [row for row in islice(csv.reader(iter(lines), delimiter=separator), 100) if row]
        width = len(rows[0])
        agreeing = sum(len(row) == width for row in rows) / len(rows)
        return (agreeing if width > 1 else 0.0, width)

    return max(_SEPARATORS, key=fit)


def _names(header: list[str], file: str) -> tuple[str, ...]:
    names = tuple(name.strip().lstrip("\ufeff") or f"column {place}" for place, name in enumerate(header, 1))
    for name in names:
        if names.count(name) > 1:
            raise BadInputError(f"{file}: the header names the column {name!r} twice; give each column its own name.")
    return names
