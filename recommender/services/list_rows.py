"""Rows of people taken out of files we wrote, whatever their format; a file changes whole or not at all."""

import csv
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PERSON = "person_id"
CUSTOMER = "customer_id"
"""The column of who a row is about: of lists, and of campaigns."""

Rewriter = Callable[[Path, frozenset[str]], bool]
"""Takes the rows of these people out of a file; whether there were any. Raises whatever is wrong with a file that is not as
we wrote it, and leaves it alone."""


def rewriter_of(path: Path) -> Rewriter | None:
    """What takes rows out of such a file; None: nothing can."""
    return _REWRITERS.get(path.suffix.lower())


def mentions(path: Path, ids: frozenset[str]) -> bool:
    """Whether one of the ids stands in the file as it is, be it as a part of something else."""
    content = path.read_bytes()
    return any(one.encode() in content for one in ids)


def temporaries_of(path: Path) -> Iterator[Path]:
    """What a rewriting that was killed left beside the file."""
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    return (one for one in beside if one.name.startswith(f".{path.name}.") and one.suffix == ".tmp")


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A file to write to, of this process alone; it takes the place of ``path``, durably, when the block ends well."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        descriptor = os.open(temporary, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _column(names: Sequence[str]) -> str:
    """The column of who a row is about; ValueError: there is none."""
    for name in (PERSON, CUSTOMER):
        if name in names:
            return name
    raise ValueError(f"There is neither {PERSON} nor {CUSTOMER}.")


def _csv(path: Path, ids: frozenset[str]) -> bool:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    if not rows:
        return False
    at = rows[0].index(_column(rows[0]))
    kept = [row for row in rows if not row or (row[at].removeprefix("'") not in ids and row[at] not in ids)]
    if len(kept) == len(rows):
        return False
    with replaced(path) as draft, draft.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(kept)
    return True


def _jsonl(path: Path, ids: frozenset[str]) -> bool:
    """Lines end at a line feed only: the other ends of lines that Unicode knows stand as they are inside texts."""
    lines = path.read_bytes().decode().split("\n")
    kept = [line for line in lines if not line.strip() or _named(json.loads(line)) not in ids]
    if len(kept) == len(lines):
        return False
    with replaced(path) as draft:
        draft.write_bytes("\n".join(kept).encode())
    return True


def _named(row: dict[str, object]) -> object:
    return row[_column(list(row))]


def _parquet(path: Path, ids: frozenset[str]) -> bool:
    import polars as pl

    table = pl.read_parquet(path)
    of = pl.col(_column(table.columns))
    kept = table.filter(of.is_null() | ~of.is_in(list(ids)))
    if len(kept) == len(table):
        return False
    with replaced(path) as draft:
        kept.write_parquet(draft)
    return True


def _html(path: Path, ids: frozenset[str]) -> bool:
    """Sections between ``<!-- person:ID -->`` and ``<!-- /person -->``."""
    text = path.read_text(encoding="utf-8")
    kept = _SECTION.sub(lambda section: "" if section[1] in ids else section[0], text)
    if kept == text:
        return False
    with replaced(path) as draft:
        draft.write_bytes(kept.encode())
    return True


_SECTION = re.compile(r"<!-- person:(\S+) -->.*?<!-- /person -->\n?", re.DOTALL)

_REWRITERS: dict[str, Rewriter] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".html": _html,
}
