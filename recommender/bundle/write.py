"""Write one run's bundle: a temporary folder, everything to the disk, one rename."""

import fcntl
import hashlib
import os
import platform
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import __version__
from recommender.bundle import npy
from recommender.bundle.disk import Step, disk_errors, no_step, open_folder, sync_folder, write_all
from recommender.bundle.manifest import (
    ARRAY_FILE,
    DOCUMENT_FILE,
    MANIFEST,
    MAX_FILES,
    RUN_ID,
    SCHEMA,
    SEAL,
    ArrayFile,
    DocumentFile,
    Manifest,
    content_of,
    render,
    seal,
)
from recommender.domain.errors import BundleRefusedError

WRITING = ".writing-"
"""A folder with this prefix is a bundle on its way, or what a killed run left of one."""

_LIBRARIES = ("implicit", "numpy", "polars", "scipy")
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_bundle(
    root: Path,
    run_id: str,
    arrays: Mapping[str, NDArray[Any]],
    meta: Mapping[str, Any],
    *,
    created: datetime,
    documents: Mapping[str, bytes] | None = None,
    step: Step = no_step,
) -> Path:
    """Store one run as the folder ``root/run_id``. Nobody ever sees a part of it.

    Parameters
    ----------
    root : Path
        The folder of all bundles (``models/``); made if missing.
    run_id : str
        The run's name, not yet on the shelf.
    arrays : mapping of str to ndarray
        Item-side arrays: bool, integers, floats (finite), fixed bytes. Missing values need a value of their own.
    meta : mapping
        Plain JSON: recipe, metrics, data window, parent run.
    created : datetime
        Aware moment of the run.
    documents : mapping of str to bytes, optional
        Files for people beside the arrays, e.g. ``metrics.json``.
    step : callable, optional
        Told each step.

    Returns
    -------
    Path
        The bundle's folder.

    Raises
    ------
    BundleRefusedError
        If a name, dtype, value or the description is not what a bundle may hold, or the run exists already.
    StoreUnavailableError
        If the disk is full or may not be written. Nothing is left behind.
    """
    files = dict(documents or {})
    target = root / run_id
    stored = _checked(run_id, arrays, files, target)
    with disk_errors(f"Writing the bundle {run_id} into {root}"):
        root.mkdir(parents=True, exist_ok=True)
        temporary = root / f"{WRITING}{run_id}-{os.getpid()}"
        temporary.mkdir()
        try:
            with open_folder(temporary) as folder:
                fcntl.flock(folder, fcntl.LOCK_EX)  # tells the sweeper that somebody is still writing
                step("folder made")
                listed, beside = _write_listed(folder, stored, files, step)
                _write_sealed(folder, _manifest(run_id, created, meta, listed, beside), step)
                os.fsync(folder)
                step("folder synced")
                temporary.rename(target)
            step("renamed")
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        sync_folder(root)
        step("shelf synced")
    return target


def _checked(
    run_id: str, arrays: Mapping[str, NDArray[Any]], documents: Mapping[str, bytes], target: Path
) -> dict[str, NDArray[Any]]:
    """The arrays as they will be stored; refuses before anything touches the disk."""
    if not RUN_ID.fullmatch(run_id):
        raise BundleRefusedError(f"{run_id[:80]!a} is not a run's name: use letters, digits, - and _.")
    if target.exists():
        raise BundleRefusedError(f"The run {run_id} exists already in {target.parent}; a bundle never changes.")
    if len(arrays) + len(documents) > MAX_FILES:
        raise BundleRefusedError(f"Bundle {run_id}: {len(arrays)} arrays are more than {MAX_FILES} files.")
    for name in documents:
        if not DOCUMENT_FILE.fullmatch(name):
            raise BundleRefusedError(f"Bundle {run_id}: {name[:80]!a} is not a name a document file may have.")
    return {name: _checked_array(run_id, name, arrays[name]) for name in sorted(arrays)}


def _checked_array(run_id: str, name: str, array: NDArray[Any]) -> NDArray[Any]:
    where = f"Bundle {run_id}: array {name[:80]!a}"
    if not ARRAY_FILE.fullmatch(f"{name}.npy"):
        raise BundleRefusedError(f"{where} has a name no file may have: use a-z, 0-9, _ and dots.")
    try:
        stored = npy.canonical(np.asarray(array))
    except ValueError as error:
        raise BundleRefusedError(f"{where} cannot be stored: {error}.") from error
    odd = npy.odd_value(stored)
    if odd:
        raise BundleRefusedError(f"{where} cannot be stored: {odd}.")
    return stored


def _write_listed(
    folder: int, arrays: Mapping[str, NDArray[Any]], documents: Mapping[str, bytes], step: Step
) -> tuple[tuple[ArrayFile, ...], tuple[DocumentFile, ...]]:
    files, beside = [], []
    for name, array in arrays.items():
        files.append(_write_array(folder, name, array))
        step(f"{name}.npy written")
    for name, data in sorted(documents.items()):
        _write_file(folder, name, data)
        beside.append(DocumentFile(name=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest()))
        step(f"{name} written")
    return tuple(files), tuple(beside)


def _manifest(
    run_id: str,
    created: datetime,
    meta: Mapping[str, Any],
    files: tuple[ArrayFile, ...],
    documents: tuple[DocumentFile, ...],
) -> Manifest:
    return Manifest(
        schema=SCHEMA,
        run_id=run_id,
        created=f"{created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        code_version=__version__,
        libraries=_libraries(),
        content=content_of(files),
        meta=dict(meta),
        files=files,
        documents=documents,
    )


def _write_sealed(folder: int, manifest: Manifest, step: Step) -> None:
    try:
        data = render(manifest)
    except ValueError as error:
        raise BundleRefusedError(f"Bundle {manifest.run_id}: {MANIFEST} cannot be written: {error}.") from error
    _write_file(folder, MANIFEST, data)
    step(f"{MANIFEST} written")
    _write_file(folder, SEAL, seal(data))
    step(f"{SEAL} written")


def _write_array(folder: int, name: str, array: NDArray[Any]) -> ArrayFile:
    head = npy.header(array.dtype, array.shape)
    values = array.reshape(-1).view(np.uint8).data
    digest = hashlib.sha256(head)
    digest.update(values)
    _write_file(folder, f"{name}.npy", head, values)
    return ArrayFile(
        name=f"{name}.npy",
        bytes=len(head) + values.nbytes,
        dtype=array.dtype.str,
        shape=array.shape,
        sha256=digest.hexdigest(),
    )


def _write_file(folder: int, name: str, *parts: bytes | memoryview) -> None:
    descriptor = os.open(name, _NEW_FILE, 0o644, dir_fd=folder)
    try:
        for part in parts:
            write_all(descriptor, part)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _libraries() -> dict[str, str]:
    """Versions of what shaped the arrays; those not installed are left out."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
