"""The whole shop as one file, and back: log, catalogue, customers, consent, keys, secret and models.

A restore is verified before anything is touched, and all that can fail is done or staged before the rows are replaced;
whoever the home or the backup was asked to forget stays forgotten.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recommender.bundle import Shelf
from recommender.bundle.disk import disk_errors, replace_file, sync_folder
from recommender.bundle.lock import only_one
from recommender.bundle.shelf import CURRENT, HISTORY
from recommender.bundle.write import WRITING
from recommender.domain.errors import BadInputError
from recommender.domain.ports import Stores
from recommender.services.archive import pack, unpack
from recommender.services.catalogue_shelf import forget_catalogues

STAGING = ".backup-"
DUMP, MODELS = "dump", "models"
POINTERS = (CURRENT, HISTORY)
WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """What was written or read: rows per table, the runs of ``models/``, which of them is served."""

    rows: Mapping[str, int]
    runs: tuple[str, ...]
    current: str | None


def backup(stores: Stores, home: Path, file: Path) -> BackupReport:
    """Write everything of the home into ``file`` (``.tar.zst``), at one moment of the log, while the shop runs.

    Raises
    ------
    BadInputError
        If the folder of ``file`` does not exist.
    BusyError
        If another backup or restore is under way.
    StoreUnavailableError
        If a store or a disk fails; ``file`` is then as before.
    """
    if not file.parent.is_dir():
        raise BadInputError(f"The folder {file.parent} does not exist; {file.name} was not written.")
    with _staging(home, "A backup") as staged:
        rows = dict(stores.dump(str(staged / DUMP)))
        shelf = _copied_models(Shelf(home / MODELS), staged / MODELS)
        report = BackupReport(rows=rows, runs=shelf.runs(), current=shelf.current())
        pack(staged, file, {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "rows": rows})
    return report


def restore(stores: Stores, home: Path, file: Path) -> BackupReport:
    """Replace everything of the home by a backup.

    A service that runs meanwhile takes up the restored catalogue and model by itself.

    Raises
    ------
    BadInputError
        If the file is not a whole, undamaged backup; the home is then as before.
    BundleRefusedError
        If the model the backup serves cannot be used; the home is then as before.
    BusyError
        If another backup or restore, a training or a publish is under way.
    StoreUnavailableError
        If a store or a disk fails. Until the rows are loaded, all at once, the home is then as before. After that renames
        within ``models/`` are left, and wiping what was deleted from files: the same restore again does what is missing.
    """
    with _staging(home, "A restore") as staged:
        unpack(file, staged)
        fresh, live = Shelf(staged / MODELS), Shelf(home / MODELS)
        current = fresh.current()
        if current is not None:
            fresh.load(current, mmap=False)
        now = datetime.now(UTC)
        with (
            live.training(now),
            only_one(live.folder / ".shelf.lock", what="Another change of models", now=now, wait_seconds=WAIT_SECONDS),
        ):
            rows = _replaced(stores, staged, fresh, live)
        forget_catalogues(home / "var")
        stores.compact()
        return BackupReport(rows=rows, runs=live.runs(), current=live.current())


def _replaced(stores: Stores, staged: Path, fresh: Shelf, live: Shelf) -> dict[str, int]:
    """Put the backup's runs on the shelf, then the rows (all or nothing), then the pointers; undo the first if the second fails.

    Everything is on the disk of ``models/`` by the time the rows are loaded: renames within that folder are left.
    """
    wanted = fresh.runs()
    moved: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        source.rename(target)
        moved.append((source, target))

    with _room(live) as (new, old):
        try:
            with disk_errors(f"Restoring {live.folder}"):
                _bring(fresh, new)
                for name in POINTERS:
                    if (live.folder / name).is_dir():  # no file could replace it
                        move(live.folder / name, old / name)
                for run in wanted:
                    if os.path.lexists(live.path(run)):
                        move(live.path(run), old / run)
                    move(new / run, live.path(run))
                sync_folder(live.folder)
            rows = dict(stores.load(str(staged / DUMP)))
        except BaseException:
            for source, target in reversed(moved):
                target.rename(source)
            raise
        with disk_errors(f"The rows are restored, but putting {live.folder} right"):
            _point(live, new, old, wanted)
    return rows


def _point(live: Shelf, new: Path, old: Path, wanted: Collection[str]) -> None:
    """Serve what the backup served, and take out the runs it does not have."""
    for name in reversed(POINTERS):
        if (new / name).is_file():
            (new / name).replace(live.folder / name)
        else:
            (live.folder / name).unlink(missing_ok=True)
    for run in set(live.runs()) - set(wanted):
        live.path(run).rename(old / run)
    sync_folder(live.folder)


def _bring(fresh: Shelf, new: Path) -> None:
    """Move the runs and copy the pointers of the backup, perhaps from another disk; they have reached the new one then."""
    for name in POINTERS:
        if (fresh.folder / name).is_file():
            replace_file(new / name, (fresh.folder / name).read_bytes())
    for run in fresh.runs():
        try:
            fresh.path(run).rename(new / run)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            shutil.copytree(fresh.path(run), new / run)
            for path in (new / run, *(new / run).rglob("*")):
                _sync(path)


def _sync(path: Path) -> None:
    if path.is_dir():
        sync_folder(path)
        return
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


@contextmanager
def _room(live: Shelf) -> Iterator[tuple[Path, Path]]:
    """Two folders beside the runs, for what comes and for what goes; a training sweeps what a killed run left there."""
    room = live.folder / f"{WRITING}restore"
    new, old = room / "new", room / "old"
    with disk_errors(f"Preparing {live.folder}"):
        shutil.rmtree(room, ignore_errors=True)
        for folder in (room, new, old):
            folder.mkdir()
    try:
        yield new, old
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _copied_models(live: Shelf, target: Path) -> Shelf:
    """The runs and the pointers, copied while nobody publishes or prunes."""
    target.mkdir()
    if live.folder.is_dir():
        lock = live.folder / ".shelf.lock"
        with (
            only_one(lock, what="A change of models", now=datetime.now(UTC), wait_seconds=WAIT_SECONDS),
            disk_errors(f"Copying {live.folder}"),
        ):
            for run in live.runs():
                shutil.copytree(live.path(run), target / run, ignore=shutil.ignore_patterns(".*"))
            for name in POINTERS:
                if (live.folder / name).is_file():
                    shutil.copyfile(live.folder / name, target / name)
    return Shelf(target)


@contextmanager
def _staging(home: Path, what: str) -> Iterator[Path]:
    """A private folder on the home's disk, gone at the end; what a killed run left there goes first."""
    var = home / "var"
    with disk_errors(f"Preparing {var}"):
        var.mkdir(parents=True, exist_ok=True)
    with only_one(var / "backup.lock", what=what, now=datetime.now(UTC)):
        for left in var.glob(f"{STAGING}*"):
            shutil.rmtree(left, ignore_errors=True)
        with disk_errors(f"Preparing {var}"):
            staged = Path(tempfile.mkdtemp(dir=var, prefix=STAGING))
        try:
            yield staged
        finally:
            shutil.rmtree(staged, ignore_errors=True)
