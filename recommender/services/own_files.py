"""The shop's own files under a home: which of them name a person."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

SKIPPED_FOLDERS = frozenset({".venv", ".git", "node_modules", "__pycache__"})
OUR_FOLDERS = frozenset({"models", "var"})
"""Of the home: what is in them is ours, and forgotten store by store."""
SHORTEST_ID = 4
"""Bytes; shorter ids would match by chance and are not looked for."""
PIECE = 1 << 20
_WORD = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_") | frozenset(range(0x80, 0x100))


class _OutOfTime(Exception):  # noqa: N818 - a verdict, not a failure
    """Raised where the search is to end unfinished."""


def named_in(home: Path, person_id: str, *, seconds: float | None = None) -> tuple[tuple[str, ...], bool]:
    """Files of the shop's own under the home that still hold the id: its input files, above all; and whether that is all.

    Our ``models/`` and ``var/`` are not looked through: they are erased from store by store, models hold no person, reports
    pseudonyms only, and an item may have the same id. Only the whole id counts, not a part of a longer word or number.

    Parameters
    ----------
    seconds : float, optional
        After so long the search ends with what it has found; default: it goes on to the end.
    """
    needle, found = person_id.encode(), list[str]()
    if len(needle) < SHORTEST_ID:
        return (), True
    until = None if seconds is None else time.monotonic() + seconds
    try:
        for path in _files(home):
            if _holds(path, needle, until):
                found.append(str(path.relative_to(home)))
    except _OutOfTime:
        return tuple(found), False
    return tuple(found), True


def _files(home: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(home):
        skipped = SKIPPED_FOLDERS | OUR_FOLDERS if Path(folder) == home else SKIPPED_FOLDERS
        folders[:] = sorted(name for name in folders if name not in skipped)
        for name in sorted(files):
            path = Path(folder) / name
            if not path.is_symlink() and path.is_file():
                yield path


def _holds(path: Path, needle: bytes, until: float | None) -> bool:
    """Whether the file has the word anywhere; read in pieces that overlap by the word and the byte before it."""
    try:
        with path.open("rb", buffering=0) as stream:
            piece = tail = b"\n"
            while piece:
                if until is not None and time.monotonic() >= until:
                    raise _OutOfTime
                piece = stream.read(PIECE)
                window = tail + (piece or b"\n")
                if _whole_in(window, needle):
                    return True
                tail = window[-len(needle) - 1 :]
    except OSError:
        return False
    return False


def _whole_in(window: bytes, needle: bytes) -> bool:
    """Whether the word stands after the first byte and before the last, with no part of a word on either side."""
    at = window.find(needle, 1)
    while at != -1:
        after = at + len(needle)
        if after < len(window) and window[at - 1] not in _WORD and window[after] not in _WORD:
            return True
        at = window.find(needle, at + 1)
    return False
