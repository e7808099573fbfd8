"""Written catalogues of one home: one process writes, all map the same files."""

import hashlib
import logging
import re
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Self

from recommender.bundle.lock import only_one
from recommender.domain.entries import Entry
from recommender.domain.errors import BundleRefusedError
from recommender.model.contract import Model
from recommender.ranking.aligning import Aligned, align
from recommender.ranking.listing import Listing, write_listing
from recommender.services.array_files import ArrayWriter, MappedArrays, write_folder

log = logging.getLogger("recommender.catalogue")

NAME = re.compile(r"([0-9]{1,19})-([0-9]{1,15})")
KEPT_ALIGNMENTS = 3
"""Models a written catalogue stays aligned to, before one more."""
KEPT = 2
"""Written catalogues that stay: the newest, and the one before it for processes that have not moved on yet."""
WAIT_SECONDS = 120.0
"""How long a process waits for another that writes."""
NO_MODEL = "no-model"
UNREADABLE = (OSError, ValueError, KeyError, BundleRefusedError)

FORM = b"2\0"
"""Changes with what is written of an item: what an older program wrote is then passed over."""


class Written:
    """One written catalogue, mapped.

    Attributes
    ----------
    version : int
        The store's version it was written at, or an earlier one than its newest item.
    listing : Listing
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version, self.number = _numbers(folder.name)
        self.listing = Listing(MappedArrays(folder))


class CatalogueShelf:
    """The folder of written catalogues. Safe to share between threads and processes.

    Parameters
    ----------
    folder : Path
        Made when something is written; mode 0700.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def at(cls, var: Path, database: str) -> Self:
        """The shelf of one database in a home's ``var`` folder; another database, or another form, never finds this one's."""
        return cls(var / "catalogue" / hashlib.blake2b(FORM + database.encode(), digest_size=8).hexdigest())

    def newest(self, *, known: str = "", since: int = 0) -> Written | None:
        """The newest written catalogue that is whole, mapped.

        None if it is the one called ``known``, or was written before the store had version ``since``.
        """
        for name in self._names():
            if name == known or _numbers(name)[0] < since:
                return None
            try:
                return Written(self.folder / name)
            except UNREADABLE as error:
                log.warning("The written catalogue %s is passed over: %s", name, error)
        return None

    def write(
        self, version: int, entries: Callable[[], Iterable[Entry]], models: Sequence[Model | None], *, wait: bool = True
    ) -> Written:
        """Write the catalogue as it is now, unless another process has just done so.

        Parameters
        ----------
        version
            The store's version, asked before ``entries`` is called.
        models
            The models it is aligned to at once.
        wait
            Whether to wait for another process that writes.

        Raises
        ------
        OSError, StoreUnavailableError
            The disk is full or may not be written, or the store failed; what was there stays.
        BusyError
            Another process is writing, and went on for longer than we wait.
        """
        with self._only_one(wait=wait):
            newest = self.newest()
            if newest is not None and newest.version == version:
                return newest
            last = max((_numbers(name)[1] for name in self._names()), default=0)
            folder = self.folder / f"{version}-{max(last + 1, time.time_ns() // 1_000_000)}"

            def fill(writer: ArrayWriter, place: Path) -> None:
                write_listing(entries(), writer)
                writer.finish()
                listing = Listing(MappedArrays(place))
                for name, model in {fingerprint(model): model for model in models}.items():
                    _write_alignment(place / name, listing, model)

            write_folder(folder, fill)
            self._sweep()
            return Written(folder)

    def aligned(self, written: Written, model: Model | None) -> Aligned:
        """A written catalogue in a model's rows; the first process that asks makes the files.

        Raises
        ------
        OSError, BusyError
            As :meth:`write`.
        """
        folder = written.folder / fingerprint(model)
        found = _alignment(folder, written.listing)
        if found is not None:
            return found
        with self._only_one(wait=True):
            found = _alignment(folder, written.listing)
            if found is None:
                shutil.rmtree(folder, ignore_errors=True)
                _sweep_alignments(written.folder)
                _write_alignment(folder, written.listing, model)
                found = _alignment(folder, written.listing)
            if found is None:
                raise OSError(f"{folder} cannot be read back")
            return found

    def clear(self, *, above: int) -> None:
        """Remove what was written after that version: the store has gone back to it, as when a backup is restored."""
        for name in self._names():
            if _numbers(name)[0] > above:
                shutil.rmtree(self.folder / name, ignore_errors=True)

    def _only_one(self, *, wait: bool) -> AbstractContextManager[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        patience = WAIT_SECONDS if wait else 0.0
        lock = self.folder / ".lock"
        return only_one(lock, what="Writing the catalogue", now=datetime.now(UTC), wait_seconds=patience)

    def _names(self) -> list[str]:
        """Names of written catalogues, the newest first."""
        try:
            names = [entry.name for entry in self.folder.iterdir() if NAME.fullmatch(entry.name)]
        except OSError:
            return []
        return sorted(names, key=lambda name: _numbers(name)[1], reverse=True)

    def _sweep(self) -> None:
        """Remove what nobody opens any more; who has it mapped keeps it."""
        for name in self._names()[KEPT:]:
            shutil.rmtree(self.folder / name, ignore_errors=True)


def forget_catalogues(var: Path) -> None:
    """Remove every written catalogue of a home; who serves from one reads the store again."""
    for folder in (var / "catalogue").glob("*"):
        CatalogueShelf(folder).clear(above=-1)


def fingerprint(model: Model | None) -> str:
    """Names what an alignment to a model depends on: its items and their popularity order."""
    if model is None:
        return NO_MODEL
    digest = hashlib.blake2b(digest_size=12)
    ids = iter(model.item_ids)
    while some := list(islice(ids, 65_536)):
        digest.update("\n".join([*some, ""]).encode())
    digest.update(model.popular().tobytes())
    return digest.hexdigest()


def _numbers(name: str) -> tuple[int, int]:
    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{name} is not the name of a written catalogue")
    return int(found[1]), int(found[2])


def _alignment(folder: Path, listing: Listing) -> Aligned | None:
    try:
        arrays = MappedArrays(folder)
        if len(arrays["row_of"]) != len(listing):
            return None
    except UNREADABLE:
        return None
    return Aligned(listing=listing, arrays=arrays, private=arrays.private)


def _write_alignment(folder: Path, listing: Listing, model: Model | None) -> None:
    made = align(listing) if model is None else align(listing, model.item_ids, model.index_of, model.popular())

    def fill(writer: ArrayWriter, _: Path) -> None:
        for name, values in made.arrays.items():
            writer.write(name, values)

    write_folder(folder, fill)


def _sweep_alignments(folder: Path) -> None:
    """Remove those to models long gone."""
    made = sorted((entry for entry in folder.iterdir() if entry.is_dir()), key=lambda entry: entry.stat().st_mtime)
    for old in made[: max(0, len(made) - KEPT_ALIGNMENTS)]:
        shutil.rmtree(old, ignore_errors=True)
