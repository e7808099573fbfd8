"""Kernels of texts: rows of ids among packed ones."""

import zlib
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from recommender.kernels.plain.rows import Ints

_decode = msgspec.msgpack.Decoder(list[str]).decode


def rows_of(
    texts: Sequence[str],
    data: NDArray[np.uint8],
    ends: Ints,
    buckets: NDArray[np.int32],
    members: NDArray[np.int32],
) -> NDArray[np.int32]:
    """The number of each text among packed ones (:class:`recommender.bundle.ids.PackedTexts`), int32; -1 where it is none of them.

    Parameters
    ----------
    data, ends
        The UTF-8 bytes of all texts, and where each ends.
    buckets, members
        The texts by the low bits of the CRC-32 of their bytes: bucket b has ``members[buckets[b]:buckets[b + 1]]``.
    """
    # lone surrogates give bytes that are nobody's
    wanted = [text.encode("utf-8", "surrogatepass") for text in texts]
    if not wanted or not len(ends):
        return np.full(len(wanted), -1, np.int32)
    bucket = np.fromiter(map(zlib.crc32, wanted), np.uint32, len(wanted)) & np.uint32(len(buckets) - 2)
    view: Any = data.data
    rows = []
    for text, begin, end in zip(wanted, buckets.take(bucket).tolist(), buckets.take(bucket + 1).tolist(), strict=True):
        row = -1
        for one in members[begin:end].tolist():
            if view[ends[one - 1] if one else 0 : ends[one]] == text:
                row = one
                break
        rows.append(row)
    return np.array(rows, np.int32)


def texts_in(packed: bytes) -> int:
    """How many texts an array of texts in MessagePack holds; -1 if the bytes are none, or hold more than ASCII."""
    try:
        texts = _decode(packed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return -1
    return len(texts) if all(text.isascii() for text in texts) else -1


def rows_of_packed(
    packed: bytes,
    data: NDArray[np.uint8],
    ends: Ints,
    buckets: NDArray[np.int32],
    members: NDArray[np.int32],
) -> NDArray[np.int32]:
    """:func:`rows_of` of texts in MessagePack, without an object for each. Ask :func:`texts_in` first whether they are ASCII.

    Raises
    ------
    ValueError
        The bytes are no array of texts.
    """
    try:
        texts = _decode(packed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ValueError("these bytes hold no texts") from None
    return rows_of(texts, data, ends, buckets, members)
