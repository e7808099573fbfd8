"""Many texts that are looked up by what they say, without an object per text: ids, brands, category paths.

The bytes stay where they are (usually a memory-mapped file, shared by all processes); a look-up hashes the text,
goes to one bucket and compares the bytes of the few texts in it. Nothing is made that grows with their number.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.domain.errors import BundleRefusedError

PARTS = ("utf8", "ends", "buckets", "members")
"""Names of the four arrays behind ``<name>.``: the bytes, where each text ends, where each bucket begins, who is in it."""
AT_ONCE = 65_536


def bucket_arrays(name: str, hashes: NDArray[np.uint32]) -> dict[str, NDArray[np.int32]]:
    """The look-up table ``<name>.buckets`` and ``<name>.members`` (int32 both) of texts with these CRC-32 of their UTF-8."""
    n_buckets = 1 << (max(len(hashes), 1) - 1).bit_length()
    bucket = (hashes & np.uint32(n_buckets - 1)).astype(np.int32)
    members = np.argsort(bucket, kind="stable").astype(np.int32)
    starts = np.searchsorted(bucket[members], np.arange(n_buckets + 1, dtype=np.int32)).astype(np.int32)
    return {f"{name}.buckets": starts, f"{name}.members": members}


def pack_texts(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The arrays ``<name>.utf8`` (uint8, all bytes) and ``<name>.ends`` (int64, one end per text)."""
    parts = [text.encode() for text in texts]
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    return {f"{name}.utf8": np.frombuffer(b"".join(parts), dtype=np.uint8), f"{name}.ends": ends}


def pack_ids(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The arrays of :class:`PackedTexts`, ready for a bundle: those of :func:`pack_texts` and the look-up table."""
    hashes = np.fromiter((zlib.crc32(text.encode()) for text in texts), dtype=np.uint32, count=len(texts))
    return {**pack_texts(name, texts), **bucket_arrays(name, hashes)}


class PackedTexts(Sequence[str]):
    """Texts by number, numbers by text. Immutable; safe to share between threads.

    Parameters
    ----------
    name : str
        What the arrays are called before the dot.
    arrays : mapping of str to array
        At least the four of :func:`pack_ids`.

    Raises
    ------
    BundleRefusedError
        If the four arrays do not fit together.
    """

    __slots__ = ("_arrays", "_buckets", "_data", "_ends", "_last", "_members")

    def __init__(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        data, ends, buckets, members = (arrays[f"{name}.{part}"] for part in PARTS)
        typed = ends.dtype == np.int64 and buckets.dtype == members.dtype == np.int32 and data.dtype == np.uint8
        sized = members.size == ends.size and (int(ends[-1]) if ends.size else 0) == data.size
        n_buckets = buckets.size - 1
        whole = typed and sized and n_buckets > 0 and n_buckets & (n_buckets - 1) == 0
        if not whole or int(buckets[-1]) != members.size:
            raise BundleRefusedError(
                f"The texts {name} are refused: their four arrays do not fit together; train again."
            )
        self._arrays = data, ends, buckets, members
        self._data, self._ends = data.data, ends.data
        self._buckets, self._members = buckets.data, members.data
        self._last = n_buckets - 1

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self._ends)))]
        return str(self.encoded(row), "utf-8")

    def encoded(self, row: int) -> memoryview:
        """The UTF-8 bytes of one text; nothing is copied."""
        if row < 0:
            row += len(self._ends)
        return self._data[self._ends[row - 1] if row else 0 : self._ends[row]]

    def __iter__(self) -> Iterator[str]:
        start = 0
        for first in range(0, len(self._ends), AT_ONCE):
            ends = self._ends[first : first + AT_ONCE].tolist()
            data, base = bytes(self._data[start : ends[-1]]), start
            for end in ends:
                yield data[start - base : end - base].decode()
                start = end

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and self.index_of(text) is not None

    def index_of(self, text: str) -> int | None:
        """The number of a text; None if it is not among them. A text with lone surrogates is not."""
        try:
            return self.index_of_encoded(text.encode())
        except UnicodeEncodeError:
            return None

    def index_of_encoded(self, text: bytes) -> int | None:
        """The same for a text given as UTF-8."""
        bucket = zlib.crc32(text) & self._last
        ends, members = self._ends, self._members
        for place in range(self._buckets[bucket], self._buckets[bucket + 1]):
            row = members[place]
            if self._data[ends[row - 1] if row else 0 : ends[row]] == text:
                return row
        return None

    def index_of_many(self, texts: Iterable[str]) -> NDArray[np.int32]:
        """The numbers of many texts (int32); -1 where one is not among them."""
        return kernels.rows_of(list(texts), *self._arrays)

    def index_of_packed(self, texts: bytes) -> NDArray[np.int32]:
        """The same of texts in MessagePack.

        Raises
        ------
        ValueError
            The bytes are no array of texts.
        """
        return kernels.rows_of_packed(texts, *self._arrays)
