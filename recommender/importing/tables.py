"""A table on disk as a stream of chunks, whatever its format; every row knows where it stands in the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from recommender.importing.files import FoundFile
from recommender.importing.report import Progress

REASON = "reject_reason"
"""The column a rejects file adds; ignored when such a file is fed in again."""

_LARGEST_CHUNK_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A row that could not even be read into columns; ``raw`` is what stands there (cells, or the line's text)."""

    line: int
    code: str
    message: str
    raw: tuple[str, ...] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows in a row.

    ``frame`` has the file's columns (text formats: all strings, null = empty), ``lines`` (int64) where each row stands,
    ``raw`` the text of each row where a rejects file needs it (JSON Lines), ``broken`` the unreadable rows among them.
    """

    frame: pl.DataFrame
    lines: pl.Series
    raw: pl.Series | None = None
    broken: tuple[Broken, ...] = ()


class Table(Protocol):
    """One opened file."""

    @property
    def found(self) -> FoundFile:
        """What the file is."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns, in its order."""
        ...

    @property
    def separator(self) -> str | None:
        """Between cells; None where the format has none."""
        ...

    def chunks(self, rows: int, progress: Progress) -> Iterator[Chunk]:
        """The whole file from the top, in chunks of ``rows`` (fewer at the end, or where rows are very long)."""
        ...


def regroup(chunks: Iterable[Chunk], rows: int) -> Iterator[Chunk]:
    """The same rows in chunks of ``rows`` each."""
    waiting: list[Chunk] = []
    height = size = 0
    for chunk in chunks:
        waiting.append(chunk)
        height += chunk.frame.height
        size += int(chunk.frame.estimated_size())
        if height >= rows or size >= _LARGEST_CHUNK_BYTES:
            whole = _joined(waiting)
            for start in range(0, height - height % rows if size < _LARGEST_CHUNK_BYTES else height, rows):
                yield _part(whole, start, rows)
            rest = height % rows if size < _LARGEST_CHUNK_BYTES else 0
            waiting = [_part(whole, height - rest, rest)] if rest else []
            height, size = rest, int(waiting[0].frame.estimated_size()) if rest else 0
    if waiting:
        yield _joined(waiting)


def _joined(chunks: list[Chunk]) -> Chunk:
    if len(chunks) == 1:
        return chunks[0]
    raw = [chunk.raw for chunk in chunks if chunk.raw is not None]
    return Chunk(
        frame=pl.concat([chunk.frame for chunk in chunks]),
        lines=pl.concat([chunk.lines for chunk in chunks]),
        raw=pl.concat(raw) if raw else None,
        broken=tuple(broken for chunk in chunks for broken in chunk.broken),
    )


def _part(chunk: Chunk, start: int, rows: int) -> Chunk:
    return Chunk(
        frame=chunk.frame.slice(start, rows),
        lines=chunk.lines.slice(start, rows),
        raw=None if chunk.raw is None else chunk.raw.slice(start, rows),
        broken=chunk.broken if start == 0 else (),
    )
