"""JSON Lines: one object per line; an event's ``items`` become one row each."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import msgspec
import polars as pl

from recommender.domain.errors import BadInputError
from recommender.importing.files import FoundFile, open_plain
from recommender.importing.report import Progress, Step
from recommender.importing.tables import Broken, Chunk, regroup

_LINES = 8_192
_ITEMS = "items"
NESTED_LINE = "items[]"
"""The column that rows from nested ``items`` get: the item's place in its event, from 0."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Cells = dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonlTable:
    """An opened JSON Lines file; ``columns`` are all keys that occur in it, in order of appearance."""

    found: FoundFile
    columns: tuple[str, ...]
    lines: int
    separator: None = None

    def chunks(self, rows: int, progress: Progress) -> Iterator[Chunk]:
        """See :class:`~recommender.importing.tables.Table`."""
        return regroup(self._blocks(progress), rows)

    def _blocks(self, progress: Progress) -> Iterator[Chunk]:
        for first, lines in _line_blocks(self.found):
            chunk = _chunk(first, lines, self.columns)
            progress(Step(stage="reading", rows=first + len(lines) - 1, rows_total=self.lines))
            yield chunk


def _chunk(first: int, lines: list[str], columns: tuple[str, ...]) -> Chunk:
    rows: list[Cells] = []
    places: list[int] = []
    broken: list[Broken] = []
    for line, text in enumerate(lines, first):
        if not text.strip():
            continue
        try:
            cells = flatten(text)
        except ValueError as error:
            broken.append(Broken(line=line, code="bad_json", message=str(error), raw=text.rstrip("\n")))
            continue
        rows += cells
        places += [line] * len(cells)
    return Chunk(
        frame=pl.DataFrame([pl.Series(name, [row.get(name) for row in rows], dtype=pl.String) for name in columns]),
        lines=pl.Series(places, dtype=pl.Int64),
        raw=pl.Series([lines[place - first] for place in places], dtype=pl.String),
        broken=tuple(broken),
    )


_DECODER = msgspec.json.Decoder(float_hook=str)


def flatten(text: str) -> list[Cells]:
    """One line as rows of text cells: one row, or one for each of its ``items``.

    The order's ``value`` stays with the first of them only. Numbers keep their spelling. Raises ``ValueError`` with the reason.
    """
    try:
        found: Json = _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"the line is not JSON ({error})") from None
    if not isinstance(found, dict):
        raise ValueError("the line is not a JSON object")  # noqa: TRY004 - one kind of error for the caller
    items = found.pop(_ITEMS, None)
    order = {key: _cell(value) for key, value in found.items()}
    if not isinstance(items, list) or not items:
        return [order]
    rows: list[Cells] = []
    for place, item in enumerate(items):
        if not isinstance(item, dict):
            raise ValueError("an entry of items is not an object")  # noqa: TRY004 - as above
        rows.append({**order, **{key: _cell(value) for key, value in item.items()}, NESTED_LINE: str(place)})
        order["value"] = None
    return rows


def _cell(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    return str(value)


def is_nested(line: str, key: str, cell: str) -> bool:
    """Whether this cell of a line was a list or an object there, not a text that looks like one."""
    found = _DECODER.decode(line)
    items = found.get(_ITEMS)
    rows = [found, *(items if isinstance(items, list) else [])]
    return any(isinstance(row.get(key), list | dict) and _cell(row[key]) == cell for row in rows)


def _line_blocks(found: FoundFile) -> Iterator[tuple[int, list[str]]]:
    first = 1
    with _text(found) as stream:
        while lines := list(islice(stream, _LINES)):
            yield first, lines
            first += len(lines)


@contextmanager
def _text(found: FoundFile) -> Iterator[io.TextIOWrapper]:
    with (
        open_plain(found.path, found.compression) as stream,
        io.TextIOWrapper(stream, encoding=found.encoding, newline="\n") as text,
    ):
        yield text


def open_jsonl(found: FoundFile) -> JsonlTable:
    """Read every line once for its keys; raises ``BadInputError`` if no line is an object."""
    keys: dict[str, None] = {}
    count = 0
    for _, lines in _line_blocks(found):
        count += len(lines)
        for text in lines:
            try:
                for row in flatten(text):
                    keys.update(dict.fromkeys(row))
            except ValueError:
                continue
    if not keys:
        raise BadInputError(f"{found.path.name}: no line is a JSON object with keys.")
    return JsonlTable(found=found, columns=tuple(keys), lines=count)
