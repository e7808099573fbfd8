"""Read a bundle: everything is checked before anything is used, and what was checked is what is used.

All files are opened once, from the opened folder; size, header, checksum and mapping all go through those descriptors.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ
from mmap import mmap as map_file
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from numpy.typing import NDArray

from recommender.bundle import npy
from recommender.bundle.disk import NotPlainError, open_folder, open_plain, plain_file, read_up_to
from recommender.bundle.manifest import (
    MANIFEST,
    MAX_FILES,
    MAX_MANIFEST_BYTES,
    RUN_ID,
    SEAL,
    ArrayFile,
    ListedFile,
    Manifest,
    parse,
    seal,
)
from recommender.domain.errors import BundleRefusedError, NoBundleError

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One run's arrays and description, verified.

    Attributes
    ----------
    run_id : str
    arrays : mapping of str to read-only ndarray
        Plain ndarrays over the files' pages (``mmap=True``) or over private memory.
    meta : mapping
        The trainer's description: recipe, metrics, data window, parent run.
    manifest : Manifest
        The whole manifest: versions, files, checksums.
    """

    run_id: str
    arrays: Mapping[str, NDArray[Any]]
    meta: Mapping[str, Any]
    manifest: Manifest


def load_bundle(path: Path, *, mmap: bool = True) -> Bundle:
    """Verify a bundle and open its arrays.

    Parameters
    ----------
    path : Path
        The bundle's folder; its name is the run id.
    mmap : bool
        True maps the files: all processes of a host share one copy. False reads them into memory of one's own,
        which is then immune to a later change of the files.

    Returns
    -------
    Bundle

    Raises
    ------
    NoBundleError
        If there is no such folder.
    BundleRefusedError
        If anything in the folder is not exactly what the manifest says, or not what a bundle may hold; the message
        names the file, what was expected and what was found.
    """
    with _opened(path) as (folder, manifest), ExitStack() as held:
        arrays = [(file, _open_listed(path, held, folder, file)) for file in manifest.files]
        documents = [(file, _open_listed(path, held, folder, file)) for file in manifest.documents]
        for file, descriptor in arrays:
            _check_header(path, file, descriptor)
        for document, descriptor in documents:
            _check_sum(path, document, _chunks(descriptor))
        found = {file.array: _array(path, file, descriptor, mmap=mmap) for file, descriptor in arrays}
    return Bundle(
        run_id=manifest.run_id,
        arrays=MappingProxyType(found),
        meta=MappingProxyType(manifest.meta),
        manifest=manifest,
    )


def read_manifest(path: Path) -> Manifest:
    """What a bundle says of itself: seal, manifest and file names are checked, the arrays are not read.

    Enough for lists and comparisons; serve nothing from it. Raises as :func:`load_bundle`.
    """
    with _opened(path) as (_, manifest):
        return manifest


def refuse(path: Path, where: str, why: str) -> NoReturn:
    """Say no in one sentence: which bundle, which file, what was expected, what was found."""
    place = f"{where} " if where else ""
    raise BundleRefusedError(f"The bundle {path.name} is refused: {place}{why}; use another run or train again.")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[int, Manifest]]:
    if not RUN_ID.fullmatch(path.name):
        raise NoBundleError(
            f"{path.name[:80]!a} is not a run's name; `recommender models list` shows the runs there are."
        )
    try:
        with open_folder(path) as folder:
            names = _names(path, folder)
            manifest = _manifest(path, folder, names)
            _check_names(path, names, manifest)
            yield folder, manifest
    except FileNotFoundError as error:
        raise NoBundleError(
            f"There is no run {path.name} in {path.parent}; `recommender models list` shows the runs."
        ) from error
    except OSError as error:
        refuse(path, "", f"it cannot be read: {_reason(path, error)}")


def _reason(path: Path, error: OSError) -> str:
    if path.is_symlink():
        return "its folder is a link, expected a folder"
    return error.strerror or str(error)


def _names(path: Path, folder: int) -> set[str]:
    found: set[str] = set()
    with os.scandir(folder) as entries:
        for entry in entries:
            found.add(entry.name)
            if len(found) > MAX_FILES + 2:
                refuse(path, "", f"it holds more than {MAX_FILES + 2} files")
    return found


def _manifest(path: Path, folder: int, names: set[str]) -> Manifest:
    for name in (SEAL, MANIFEST):
        if name not in names:
            refuse(path, name, "is missing")
    sealed = _small(path, folder, SEAL, 200)
    data = _small(path, folder, MANIFEST, MAX_MANIFEST_BYTES)
    if sealed != seal(data):
        refuse(path, MANIFEST, f"does not have the checksum {SEAL} says: one of the two was changed")
    try:
        manifest = parse(data)
    except ValueError as error:
        refuse(path, MANIFEST, f"cannot be used: {error}")
    if manifest.run_id != path.name:
        refuse(path, MANIFEST, f"belongs to the run {manifest.run_id}, expected {path.name}")
    return manifest


def _small(path: Path, folder: int, name: str, limit: int) -> bytes:
    try:
        with plain_file(name, folder=folder) as descriptor:
            size = os.fstat(descriptor).st_size
            if size > limit:
                refuse(path, name, f"has {size:,} bytes, at most {limit:,} are allowed")
            return read_up_to(descriptor, limit)
    except NotPlainError as error:
        refuse(path, name, str(error))
    except OSError as error:
        refuse(path, name, f"cannot be read: {error.strerror}")


def _check_names(path: Path, names: set[str], manifest: Manifest) -> None:
    listed = {MANIFEST, SEAL, *(file.name for file in manifest.listed)}
    for name in sorted(listed - names):
        refuse(path, name, "is missing, the manifest lists it")
    for name in sorted(names - listed):
        refuse(path, ascii(name[:80]), "is not listed in the manifest")


def _open_listed(path: Path, held: ExitStack, folder: int, file: ListedFile) -> int:
    try:
        descriptor = open_plain(file.name, folder=folder)
    except NotPlainError as error:
        refuse(path, file.name, str(error))
    except OSError as error:
        refuse(path, file.name, f"cannot be read: {error.strerror}")
    held.callback(os.close, descriptor)
    size = os.fstat(descriptor).st_size
    if size != file.bytes:
        refuse(path, file.name, f"has {size:,} bytes, expected {file.bytes:,}")
    return descriptor


def _check_header(path: Path, file: ArrayFile, descriptor: int) -> None:
    try:
        dtype = npy.dtype_from(file.dtype)
    except ValueError as error:
        refuse(path, file.name, f"cannot be used: {error}")
    if len(file.shape) > npy.MAX_DIMENSIONS:
        refuse(path, file.name, f"has {len(file.shape)} dimensions, at most {npy.MAX_DIMENSIONS} are allowed")
    needed = npy.file_bytes(dtype, file.shape)
    if needed != file.bytes:
        refuse(path, file.name, f"has {file.bytes:,} bytes, its dtype and shape need {needed:,}")
    expected = npy.header(dtype, file.shape)
    if os.pread(descriptor, len(expected), 0) != expected:
        refuse(path, file.name, f"does not begin with the header of {file.dtype} {list(file.shape)} in C order")


def _array(path: Path, file: ArrayFile, descriptor: int, *, mmap: bool) -> NDArray[Any]:
    dtype = npy.dtype_from(file.dtype)
    if mmap:
        _check_sum(path, file, _chunks(descriptor))
        buffer = memoryview(map_file(descriptor, file.bytes, access=ACCESS_READ))
    else:
        buffer = _copied(descriptor, file.bytes)
        _check_sum(path, file, iter((buffer,)))
    try:
        array = npy.values_of(buffer, dtype, file.shape)
    except ValueError as error:
        refuse(path, file.name, f"cannot be used: {error}")
    odd = npy.odd_value(array)
    if odd:
        refuse(path, file.name, f"cannot be used: {odd}")
    return array


def _chunks(descriptor: int) -> Iterator[bytes]:
    """The file's bytes from its beginning, by reading: a file cut short meanwhile ends early instead of faulting."""
    offset = 0
    while part := os.pread(descriptor, _CHUNK, offset):
        yield part
        offset += len(part)


def _copied(descriptor: int, size: int) -> memoryview:
    """``size`` bytes of the file in memory of our own; zeros where it was cut short meanwhile."""
    whole = memoryview(bytearray(size))
    offset = 0
    while offset < size and (count := os.preadv(descriptor, [whole[offset:]], offset)):
        offset += count
    return whole.toreadonly()


def _check_sum(path: Path, file: ListedFile, parts: Iterator[bytes | memoryview]) -> None:
    digest = hashlib.sha256()
    size = 0
    for part in parts:
        size += len(part)
        if size > file.bytes:
            break
        digest.update(part)
    if size != file.bytes or digest.hexdigest() != file.sha256:
        found = digest.hexdigest()
        refuse(path, file.name, f"was changed: expected the checksum {file.sha256[:12]}…, found {found[:12]}…")
