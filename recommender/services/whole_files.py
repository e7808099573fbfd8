"""Files that are written whole or not at all, and cells that no spreadsheet takes for formulas.

Without Polars, which a process that answers does not load.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path

from recommender.domain.errors import StoreUnavailableError

FORMULA = r"^('*[=+\-@\t\r\n\x00])"
"""How a cell begins that a spreadsheet may run, or that was made safe once already. One quote goes before it."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A draft to write to; it takes its place under ``path`` when the block ends well, flushed to the disk.

    Raises
    ------
    StoreUnavailableError
        The disk is full or refuses.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        yield draft
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        draft.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        full = error.errno == ENOSPC or "No space left" in str(error)
        why = "the disk is full" if full else error.strerror or str(error)
        raise StoreUnavailableError(f"{path.name} could not be written: {why}.") from error
    finally:
        draft.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
