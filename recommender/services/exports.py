"""Lists of people and reports with examples that we wrote into the home folder, remembered so that erasure reaches them.

A list written elsewhere has left our hands and is not tracked.
"""

import csv
import fcntl
import glob
import json
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from recommender.domain.errors import StoreUnavailableError

log = logging.getLogger("recommender.exports")

REGISTER = "exports.json"
LOCK = "exports.lock"
SET_ASIDE = f"{REGISTER}.unreadable-"
"""A register that could not be read is kept under this name and a time."""
PERSON = "person_id"
CUSTOMER = "customer_id"
"""The column of who a row is about: of lists, and of campaigns."""
UNFINISHED = ".partial"


def _register(home: Path) -> Path:
    return home / "var" / REGISTER


def known(home: Path) -> list[str]:
    """Paths of written lists, relative to the home, in the order they were first written.

    Of a register that is damaged, those that can still be made out.

    Raises
    ------
    StoreUnavailableError
        The disk refuses.
    """
    return _read(_register(home))[0]


def remember(home: Path, out: Path) -> None:
    """Note that ``out`` names people, if it lies under the home; see :func:`known`."""
    place = out.resolve()
    if not place.is_relative_to(home):
        return
    name = str(place.relative_to(home))
    with _held(home) as names:
        if name not in names:
            _write(_register(home), json.dumps([*names, name]).encode())


def unremember(home: Path, gone: Sequence[Path]) -> None:
    """Take files that were deleted out of the register; see :func:`known`."""
    deleted = {str(file.resolve().relative_to(home)) for file in gone if file.resolve().is_relative_to(home)}
    if not deleted:
        return
    with _held(home) as names:
        if deleted & set(names):
            _write(_register(home), json.dumps([name for name in names if name not in deleted]).encode())


def set_aside(home: Path) -> list[str]:
    """Registers that could not be read: there may be lists of people that only they name."""
    return sorted(f"var/{path.name}" for path in (home / "var").glob(f"{SET_ASIDE}*"))


@contextmanager
def _held(home: Path) -> Iterator[list[str]]:
    """What the register holds, ours alone to change, and the lists with it. A damaged one is set aside and begun anew."""
    register = _register(home)
    with _alone(register.with_name(LOCK)):
        names, damaged = _read(register)
        if damaged is not None:
            aside = register.with_name(f"{SET_ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
            _write(aside, damaged)
            _write(register, json.dumps(names).encode())
            log.warning("%s was damaged and is kept as %s: lists that only it names are not tracked", REGISTER, aside)
        yield names


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock file; waits for its turn."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be opened: {error.strerror}.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read(register: Path) -> tuple[list[str], bytes | None]:
    """The names in the register, and its bytes where they are not what we wrote: the names are then what can be made out."""
    try:
        content = register.read_bytes()
    except FileNotFoundError:
        return [], None
    except OSError as error:
        raise StoreUnavailableError(f"{register} cannot be read: {error.strerror}.") from error
    try:
        names = json.loads(content)
    except ValueError:
        names = None
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return names, None
    return _made_out(content, register.parent.parent), content


def _made_out(content: bytes, home: Path) -> list[str]:
    """Names of files of the home that stand whole in a damaged register."""
    found = []
    for text in _TEXT.findall(content.decode("utf-8", "ignore")):
        try:
            name = json.loads(text)
            place = (home / name).resolve()
            if place.is_relative_to(home) and (
                place.is_file() or place.with_name(f"{place.name}{UNFINISHED}").is_dir()
            ):
                found.append(name)
        except (ValueError, OSError):
            continue
    return list(dict.fromkeys(found))


_TEXT = re.compile(r'"(?:[^"\\]|\\.)+"')


def forget(home: Path, ids: frozenset[str]) -> list[str]:
    """Take the rows of these people out of every remembered list; returns the files that were rewritten.

    What an unfinished run left beside its list is deleted whole: it can be made again.
    """
    with _held(home) as names:
        return [changed for name in names for changed in _forget_in(home, name, ids)]


def _forget_in(home: Path, name: str, ids: frozenset[str]) -> Iterator[str]:
    """One list and what is beside it; names what was changed."""
    path = home / name
    unfinished = path.with_name(f"{path.name}{UNFINISHED}")
    if unfinished.is_dir():
        shutil.rmtree(unfinished)
        yield f"{name}{UNFINISHED}"
    for left in path.parent.glob(f".{glob.escape(path.name)}*.tmp"):  # of a rewriting that was killed
        left.unlink(missing_ok=True)
    rewrite = REWRITERS.get(path.suffix)
    if rewrite is not None and path.is_file() and rewrite(path, ids):
        yield name


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
    temporary = _temporary(path)
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
    temporary = _temporary(path)
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


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary(path)
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
