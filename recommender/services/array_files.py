"""Arrays in a folder: written whole or not at all, mapped by every process that reads them.

Unlike a bundle such a folder is a cache of what a store holds: it is thrown away when in doubt, never repaired.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from mmap import ACCESS_COPY, ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from recommender.bundle import npy
from recommender.bundle.disk import sync_folder

MANIFEST = "manifest.json"
HEADER_BYTES = 128
"""Room left for the header of a file whose length is not known yet; that of every one-dimensional array fits."""


class _Described(msgspec.Struct, frozen=True):
    dtype: str
    length: int


class ArrayWriter:
    """A :class:`~recommender.ranking.listing.Store` in a folder; nothing counts before :meth:`finish`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True)
        self._folder = folder
        self._described: dict[str, _Described] = {}

    def write(self, name: str, piece: NDArray[Any]) -> None:
        """Put a piece behind what the array holds already."""
        values = npy.canonical(piece)
        before = self._described.get(name, _Described(values.dtype.str, 0))
        with (self._folder / f"{name}.npy").open("ab") as file:
            if not file.tell():
                file.write(bytes(HEADER_BYTES))
            file.write(values.data)
        self._described[name] = _Described(before.dtype, before.length + len(values))

    def finish(self) -> None:
        """Complete the headers, list the arrays, and bring everything to the disk."""
        for name, about in self._described.items():
            with (self._folder / f"{name}.npy").open("r+b") as file:
                file.write(npy.header(np.dtype(about.dtype), (about.length,)))
                os.fsync(file.fileno())
        with (self._folder / MANIFEST).open("wb") as file:
            file.write(msgspec.json.encode(self._described))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._folder)


class MappedArrays(Mapping[str, NDArray[Any]]):
    """The arrays of a finished folder, read-only; they stay usable when the folder is removed.

    Raises
    ------
    OSError
        The folder is not there or cannot be read.
    ValueError
        It is not what its list says; throw it away.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        described = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=dict[str, _Described])
        self._arrays = {name: _mapped(folder / f"{name}.npy", about) for name, about in described.items()}

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def private(self, name: str) -> NDArray[Any]:
        """An array to write to; only the pages written to are copied, the file never changes."""
        shared = self._arrays[name]
        try:
            with (self._folder / f"{name}.npy").open("rb") as file:
                pages = mmap(file.fileno(), 0, access=ACCESS_COPY)
        except OSError:  # the folder has been swept since: another process has written a newer one
            return shared.copy()
        return np.frombuffer(pages, dtype=shared.dtype, count=len(shared), offset=HEADER_BYTES)


def _mapped(path: Path, about: _Described) -> NDArray[Any]:
    dtype = npy.dtype_from(about.dtype)
    with path.open("rb") as file:
        found, wanted = os.fstat(file.fileno()).st_size, HEADER_BYTES + about.length * dtype.itemsize
        if found != wanted or file.read(HEADER_BYTES) != npy.header(dtype, (about.length,)):
            raise ValueError(f"{path.name} is not the array its folder's list describes")
        pages = mmap(file.fileno(), 0, access=ACCESS_READ)
    return np.frombuffer(pages, dtype=dtype, count=about.length, offset=HEADER_BYTES)


def write_folder(folder: Path, fill: Callable[[ArrayWriter, Path], None]) -> None:
    """Make a folder of arrays beside its place and move it there in one step.

    Parameters
    ----------
    folder
        Where it is to stand; must not exist. The caller keeps other writers away.
    fill
        Writes the arrays; also told where the folder is while it is made, to put others into it.

    Raises
    ------
    OSError
        The disk is full or may not be written; nothing is left behind.
    """
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        writer = ArrayWriter(fresh)
        fill(writer, fresh)
        writer.finish()
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    sync_folder(folder.parent)
