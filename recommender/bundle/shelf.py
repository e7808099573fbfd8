"""The folder of all bundles: which run is served, which was before it, which may go."""

import fcntl
import os
import shutil
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recommender.bundle.disk import (
    READ_FLAGS,
    NotPlainError,
    Step,
    disk_errors,
    no_step,
    open_folder,
    plain_file,
    read_up_to,
    replace_file,
    sync_folder,
)
from recommender.bundle.load import Bundle, load_bundle, read_manifest
from recommender.bundle.lock import only_one
from recommender.bundle.manifest import RUN_ID, Manifest
from recommender.bundle.write import WRITING
from recommender.domain.errors import BundleRefusedError, NoBundleError

CURRENT = "CURRENT"
HISTORY = "HISTORY"

_REMOVED = ".removed-"
_POINTER_BYTES = 200
_HISTORY_BYTES = 1 << 16
_REMEMBERED = 100

Stamp = tuple[int, int, int, bytes]
"""Changes whenever ``CURRENT`` does; only good for comparing."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All runs of one home.

    ``CURRENT`` is one line, the run being served. ``HISTORY`` lists the runs published before it, oldest first, each
    once; whatever it holds after the current run does not count, so a rollback is one write, of ``CURRENT``.
    """

    folder: Path

    def path(self, run_id: str) -> Path:
        """The folder of a run."""
        return self.folder / run_id

    def runs(self) -> tuple[str, ...]:
        """Every complete run, oldest first."""
        if not self.folder.exists():
            return ()
        with disk_errors(f"Reading {self.folder}"), os.scandir(self.folder) as entries:
            return tuple(
                sorted(e.name for e in entries if RUN_ID.fullmatch(e.name) and e.is_dir(follow_symlinks=False))
            )

    def current(self) -> str | None:
        """The run being served; None before the first publish. An unreadable pointer raises ``BundleRefusedError``."""
        line = self._read(CURRENT, _POINTER_BYTES)
        if line is None:
            return None
        run_id = line.decode("ascii", "replace").strip()
        if not RUN_ID.fullmatch(run_id):
            raise BundleRefusedError(
                f"{self.folder / CURRENT} holds {run_id[:40]!a}, expected the name of one run; publish a run again."
            )
        return run_id

    def history(self) -> tuple[str, ...]:
        """The runs served, oldest first, the current one last."""
        current = self.current()
        return () if current is None else (*self._before(current), current)

    def previous(self) -> str | None:
        """The run served before the current one and still on the shelf; None if there is none."""
        here = set(self.runs())
        return next((run for run in reversed(self.history()[:-1]) if run in here), None)

    def stamp(self) -> Stamp | None:
        """A value that changes when another run is published: a few microseconds, made for polling. None: no ``CURRENT``."""
        try:
            descriptor = os.open(self.folder / CURRENT, READ_FLAGS)
        except OSError:
            return None
        try:
            found = os.fstat(descriptor)
            line = os.read(descriptor, _POINTER_BYTES) if stat.S_ISREG(found.st_mode) else b""
            return found.st_ino, found.st_mtime_ns, found.st_size, line
        finally:
            os.close(descriptor)

    def manifest(self, run_id: str) -> Manifest:
        """What a run says of itself, without reading its arrays; raises as :meth:`load`."""
        return read_manifest(self.path(run_id))

    def load(self, run_id: str, *, mmap: bool = True) -> Bundle:
        """A run's bundle, verified; ``NoBundleError`` or ``BundleRefusedError`` otherwise."""
        return load_bundle(self.path(run_id), mmap=mmap)

    def load_current(self, *, mmap: bool = True) -> Bundle:
        """The published bundle, verified; ``NoBundleError`` before the first publish.

        Where another run is published (and this one removed) while it is being read, the other one is read.
        """
        run_id = self._current_or_none_yet()
        while True:
            try:
                return self.load(run_id, mmap=mmap)
            except (BundleRefusedError, NoBundleError):
                tried, run_id = run_id, self._current_or_none_yet()
                if run_id == tried:
                    raise

    def load_last_good(self, refused: Callable[[BundleRefusedError | NoBundleError], None]) -> Bundle:
        """The newest bundle of the history that can be used: what a server starts with when the current one is damaged.

        Each one passed over is told to ``refused``. ``NoBundleError`` if none is left.
        """
        self._current_or_none_yet()
        for run_id in reversed(self.history()):
            try:
                return self.load(run_id)
            except (BundleRefusedError, NoBundleError) as error:
                refused(error)
        raise NoBundleError(f"None of the published runs in {self.folder} can be used; train again.")

    def publish(self, run_id: str, *, step: Step = no_step) -> None:
        """Serve a run from now on.

        It is verified first; a refused one changes nothing. Killed at any moment, the old or the new run is served.
        """
        self.load(run_id)
        step("verified")
        with self._changing():
            kept = [run for run in self._published() if run != run_id][-_REMEMBERED:]
            with disk_errors(f"Publishing {run_id}"):
                replace_file(self.folder / HISTORY, "".join(f"{run}\n" for run in (*kept, run_id)).encode(), step=step)
                replace_file(self.folder / CURRENT, f"{run_id}\n".encode(), step=step)
        step("published")

    def rollback(self) -> str:
        """Serve the run that was served before the current one; returns it.

        A run that is gone or damaged is passed over. Called again it goes further back; :meth:`publish` goes forward.
        Raises ``NoBundleError`` if nothing earlier can be served; the current run then stays.
        """
        with self._changing():
            current = self._current_or_none_yet()
            for run_id in reversed(self._before(current)):
                try:
                    self.load(run_id)
                except (BundleRefusedError, NoBundleError):
                    continue
                with disk_errors(f"Rolling back to {run_id}"):
                    replace_file(self.folder / CURRENT, f"{run_id}\n".encode())
                return run_id
        raise NoBundleError(
            f"No usable run was published before {current}; `recommender models list` shows what there is."
        )

    def new_run_id(self, now: datetime) -> str:
        """A name that sorts after every run there is: the moment in UTC, numbered if taken."""
        moment = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        newest = max(self.runs(), default="")
        base, _, number = newest.partition("-")
        if moment > base:
            return moment
        return f"{base}-{int(number) + 1 if number.isdigit() else 1:03d}"

    def training(self, now: datetime) -> AbstractContextManager[None]:
        """Be the only one training here; ``BusyError`` says who is and since when."""
        return only_one(self.folder / ".train.lock", what="A training", now=now)

    def prune(self, keep: int = 5) -> tuple[str, ...]:
        """Remove all but the newest ``keep`` runs; the current and the previous one always stay. Returns what went."""
        with self._changing():
            runs = self.runs()
            stay = {self.current(), self.previous(), *runs[len(runs) - min(keep, len(runs)) :]}
            gone = tuple(run for run in runs if run not in stay)
            with disk_errors(f"Removing old runs from {self.folder}"):
                for run in gone:
                    hidden = self.folder / f"{_REMOVED}{run}"
                    self.path(run).rename(hidden)
                    shutil.rmtree(hidden)
                if gone:
                    sync_folder(self.folder)
        return gone

    def sweep(self) -> tuple[str, ...]:
        """Remove what killed runs left behind; what somebody is still writing stays. Returns the names."""
        if not self.folder.is_dir():
            return ()
        with disk_errors(f"Cleaning {self.folder}"), self._changing():
            left = [
                p for p in sorted(self.folder.iterdir()) if p.name.startswith((WRITING, _REMOVED)) and _abandoned(p)
            ]
            for path in left:
                shutil.rmtree(path)
        return tuple(path.name for path in left)

    def _before(self, current: str | None) -> tuple[str, ...]:
        """What ``HISTORY`` lists before the run, or all of it where it does not list the run."""
        text = (self._read(HISTORY, _HISTORY_BYTES) or b"").decode("ascii", "replace")
        known = list(dict.fromkeys(line for line in text.split() if RUN_ID.fullmatch(line)))
        return tuple(known[: known.index(current)] if current in known else known)

    def _published(self) -> tuple[str, ...]:
        """:meth:`history`, also where ``CURRENT`` cannot be read: publishing again is the way out of that."""
        try:
            return self.history()
        except BundleRefusedError:
            return self._before(None)

    def _current_or_none_yet(self) -> str:
        current = self.current()
        if current is None:
            raise NoBundleError(f"Nothing is published in {self.folder} yet; run `recommender train` first.")
        return current

    def _changing(self) -> AbstractContextManager[None]:
        return only_one(
            self.folder / ".shelf.lock", what="Another change of models", now=datetime.now(UTC), wait_seconds=5
        )

    def _read(self, name: str, limit: int) -> bytes | None:
        try:
            with open_folder(self.folder, may_be_link=True) as folder, plain_file(name, folder=folder) as descriptor:
                return read_up_to(descriptor, limit)
        except FileNotFoundError:
            return None
        except NotPlainError as error:
            raise BundleRefusedError(f"{self.folder / name} {error}; publish a run again.") from error
        except OSError as error:
            raise BundleRefusedError(
                f"{self.folder / name} cannot be read: {error.strerror}; publish a run again."
            ) from error


def _abandoned(path: Path) -> bool:
    """Whether nobody holds the folder: its writer locks it while alive."""
    if path.is_symlink() or not path.is_dir():
        return False
    with open_folder(path) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
