"""Lists of people and reports with examples that we wrote into the home folder, remembered so that erasure reaches them.

A list written elsewhere has left our hands and is not tracked.
"""

import csv
import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from recommender.domain.errors import StoreUnavailableError

REGISTER = "exports.json"
PERSON = "person_id"
CUSTOMER = "customer_id"
"""The column of who a row is about: of lists, and of campaigns."""
UNFINISHED = ".partial"


def _register(home: Path) -> Path:
    return home / "var" / REGISTER


def known(home: Path) -> list[str]:
    """Paths of written lists, relative to the home, in the order they were first written."""
    path = _register(home)
    if not path.exists():
        return []
    names: list[str] = json.loads(path.read_text(encoding="utf-8"))
    return names


def remember(home: Path, out: Path) -> None:
    """Note that ``out`` names people, if it lies under the home."""
    place = out.resolve()
    if not place.is_relative_to(home):
        return
    name = str(place.relative_to(home))
    names = known(home)
    if name not in names:
        _write(_register(home), json.dumps([*names, name]).encode())


def unremember(home: Path, gone: Sequence[Path]) -> None:
    """Take files that were deleted out of the register."""
    names = known(home)
    deleted = {str(file.resolve().relative_to(home)) for file in gone if file.resolve().is_relative_to(home)}
    if deleted & set(names):
        _write(_register(home), json.dumps([name for name in names if name not in deleted]).encode())


def forget(home: Path, ids: frozenset[str]) -> list[str]:
    """Take the rows of these people out of every remembered list; returns the files that were rewritten.

    What an unfinished run left beside its list is deleted whole: it can be made again.
    """
    changed = []
    for name in known(home):
        path = home / name
        unfinished = path.with_name(f"{path.name}{UNFINISHED}")
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
            changed.append(f"{name}{UNFINISHED}")
        rewrite = REWRITERS.get(path.suffix)
        if rewrite is not None and path.is_file() and rewrite(path, ids):
            changed.append(name)
    return changed


def _csv(path: Path, ids: frozenset[str]) -> bool:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    named = [name for name in (PERSON, CUSTOMER) if rows and name in rows[0]]
    if not named:
        return False
    at = rows[0].index(named[0])
    kept = [row for row in rows if row[at].removeprefix("'") not in ids and row[at] not in ids]
    if len(kept) == len(rows):
        return False
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(kept)
    _swap(temporary, path)
    return True


def _jsonl(path: Path, ids: frozenset[str]) -> bool:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if _named(json.loads(line)) not in ids]
    if len(kept) == len(lines):
        return False
    _write(path, "".join(kept).encode())
    return True


def _named(row: dict[str, object]) -> object:
    return row.get(PERSON, row.get(CUSTOMER))


def _parquet(path: Path, ids: frozenset[str]) -> bool:
    import polars as pl

    table = pl.read_parquet(path)
    kept = table.filter(~pl.col(PERSON).is_in(list(ids)))
    if len(kept) == len(table):
        return False
    temporary = path.with_name(f".{path.name}.tmp")
    kept.write_parquet(temporary)
    _swap(temporary, path)
    return True


def _html(path: Path, ids: frozenset[str]) -> bool:
    """Sections between ``<!-- person:ID -->`` and ``<!-- /person -->``."""
    text = path.read_text(encoding="utf-8")
    kept = _SECTION.sub(lambda section: "" if section[1] in ids else section[0], text)
    if kept == text:
        return False
    _write(path, kept.encode())
    return True


_SECTION = re.compile(r"<!-- person:(\S+) -->.*?<!-- /person -->\n?", re.DOTALL)

REWRITERS: dict[str, Callable[[Path, frozenset[str]], bool]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".html": _html,
}


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_bytes(content)
        _swap(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreUnavailableError(f"{path} cannot be written: {error.strerror}.") from error


def _swap(temporary: Path, path: Path) -> None:
    """Make a written file durable, then put it in place of the old one."""
    descriptor = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.replace(path)
