"""Lists of people and reports with examples that we wrote into the home folder, remembered so that erasure reaches them.

A list written elsewhere has left our hands and is not tracked.
"""

import fcntl
import json
import logging
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recommender.domain.errors import StoreUnavailableError
from recommender.services.list_rows import mentions, replaced, rewriter_of, temporaries_of

log = logging.getLogger("recommender.exports")

REGISTER = "exports.json"
LOCK = "exports.lock"
SET_ASIDE = f"{REGISTER}.unreadable-"
"""A register that could not be read is kept under this name and a time."""
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


def is_register(name: str) -> bool:
    """Whether a file is one of :func:`set_aside`, not a list."""
    return Path(name).name.startswith(SET_ASIDE)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What became of the lists: those that were changed, and those that may name the person still, for somebody to delete."""

    changed: tuple[str, ...]
    left: tuple[str, ...]


def forget(home: Path, ids: frozenset[str]) -> Forgotten:
    """Take the rows of these people out of every remembered list, whatever becomes of the others; see :func:`known`.

    What an unfinished run left beside its list is deleted whole: it can be made again.
    """
    changed, left = list[str](), list[str]()
    with _held(home) as names:
        for name in names:
            for one, forgetting in ((f"{name}{UNFINISHED}", _delete_unfinished), (name, _take_out)):
                try:
                    if forgetting(home / one, ids):
                        changed.append(one)
                except Exception as error:  # noqa: BLE001 - the other files must be reached
                    log.warning("%s could not be rewritten: %s", one, type(error).__name__)
                    left.append(one)
    return Forgotten(changed=tuple(changed), left=(*left, *set_aside(home)))


def _delete_unfinished(folder: Path, ids: frozenset[str]) -> bool:
    del ids
    if not folder.is_dir():
        return False
    shutil.rmtree(folder)
    return True


def _take_out(path: Path, ids: frozenset[str]) -> bool:
    """Whether the list named one of them; an error where it may name them still."""
    for temporary in temporaries_of(path):
        temporary.unlink(missing_ok=True)
    if not path.is_file():
        return False
    rewrite = rewriter_of(path)
    if rewrite is not None:
        return rewrite(path, ids)
    if mentions(path, ids):
        raise ValueError(f"Nothing takes rows out of {path.suffix or 'such files'}.")
    return False


def _write(path: Path, content: bytes) -> None:
    try:
        with replaced(path) as draft:
            draft.write_bytes(content)
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be written: {error.strerror}.") from error
