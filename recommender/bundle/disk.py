"""Files that are whole or not there: opening without following links, replacing in one step, reaching the disk."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from recommender.domain.errors import StoreUnavailableError

Step = Callable[[str], None]
"""Told the name of each step once it is done: a progress line, or where a test pulls the plug."""

READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
"""Never follows a link, never waits for the other end of a pipe."""


def no_step(_: str) -> None:
    """Nobody is watching the steps."""


class NotPlainError(Exception):
    """The name does not stand for a plain file (or folder) of its own; the message says what it is."""


def kind_of(mode: int) -> str:
    """What a file mode stands for, in words."""
    kinds = {
        stat.S_IFREG: "a plain file",
        stat.S_IFDIR: "a folder",
        stat.S_IFLNK: "a link",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")


def open_plain(name: str, *, folder: int) -> int:
    """Open a plain file of the folder for reading.

    Parameters
    ----------
    name : str
        A bare file name.
    folder : int
        Descriptor of the folder.

    Returns
    -------
    int
        A descriptor; the caller closes it.

    Raises
    ------
    NotPlainError
        If the name is a link, a pipe, a folder or the like, or one of several hard links to one file.
    OSError
        If it is not there or may not be read.
    """
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(found.st_mode):
        raise NotPlainError(f"is {kind_of(found.st_mode)}, expected a plain file")
    descriptor = os.open(name, READ_FLAGS, dir_fd=folder)
    opened = os.fstat(descriptor)
    if not stat.S_ISREG(opened.st_mode) or opened.st_nlink > 1:
        os.close(descriptor)
        what = "hard-linked" if stat.S_ISREG(opened.st_mode) else kind_of(opened.st_mode)
        raise NotPlainError(f"is {what}, expected a plain file with one name: others could change it")
    return descriptor


@contextmanager
def plain_file(name: str, *, folder: int) -> Iterator[int]:
    """:func:`open_plain`, closed at the end of the block."""
    descriptor = open_plain(name, folder=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_folder(path: Path, *, may_be_link: bool = False) -> Iterator[int]:
    """Open a folder; everything inside is then reached from the descriptor.

    A link as the last part of the path is refused unless it may be one: the folder of all bundles may stand on another
    disk, a bundle may not stand elsewhere.
    """
    flags = READ_FLAGS & ~os.O_NOFOLLOW if may_be_link else READ_FLAGS
    descriptor = os.open(path, flags | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read_up_to(descriptor: int, limit: int) -> bytes:
    """Read a descriptor to its end, at most ``limit`` bytes; more is the caller's to notice by asking for one more."""
    parts: list[bytes] = []
    left = limit
    while left > 0 and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write every byte; a full disk raises, never leaves a silent rest."""
    view = memoryview(data)
    while view.nbytes:
        view = view[os.write(descriptor, view) :]


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut."""
    with open_folder(path, may_be_link=True) as descriptor:
        os.fsync(descriptor)


def replace_file(path: Path, data: bytes, *, step: Step = no_step) -> None:
    """Put new content in place of a small file in one step: readers see all of the old or all of the new.

    Two writers at once must hold a lock: the temporary name is fixed, so that a killed writer leaves one file at most.
    """
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
        step(f"{path.name} written")
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    step(f"{path.name} replaced")
    sync_folder(path.parent)


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Say a failing disk in one sentence: ``what`` could not be done, why, and what to look at."""
    try:
        yield
    except OSError as error:
        hints = {
            errno.ENOSPC: "free some space and try again",
            errno.EDQUOT: "free some space and try again",
            errno.EACCES: "check who may read and write there",
            errno.EPERM: "check who may read and write there",
            errno.EROFS: "the disk is mounted read-only",
        }
        hint = hints.get(error.errno or 0, "check the disk and try again")
        reason = error.strerror or str(error)
        raise StoreUnavailableError(f"{what} failed: {reason}; {hint}.") from error
