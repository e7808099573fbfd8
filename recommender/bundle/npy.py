"""The one form of ``.npy`` a bundle holds: version 1.0, C order, little-endian, plain numbers or fixed bytes.

The header of an array follows from its dtype and shape alone, so a file is checked against the header it must have,
byte for byte; nothing in a file is parsed. ``numpy.load`` reads these files.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_DIMENSIONS = 8
MAX_ITEM_BYTES = 4096

_ALIGN = 64
_MAGIC = b"\x93NUMPY\x01\x00"
_DTYPE = re.compile(r"\|b1|\|[iu]1|<[iu][248]|<f[248]|\|S[1-9][0-9]{0,3}")


def dtype_from(text: str) -> np.dtype[Any]:
    """Read a dtype a bundle may hold (``<f4``, ``|b1``, ``|S12``); anything else is a ``ValueError``."""
    if not _DTYPE.fullmatch(text):
        raise ValueError(f"dtype {text[:40]!a} is not one a bundle may hold (bool, integers, floats, fixed bytes)")
    dtype = np.dtype(text)
    if dtype.itemsize > MAX_ITEM_BYTES:
        raise ValueError(f"dtype {text!a} is wider than {MAX_ITEM_BYTES:,} bytes")
    return dtype


def canonical(array: NDArray[Any]) -> NDArray[Any]:
    """The same values in the form we store: C order, little-endian; ``ValueError`` for a dtype a bundle may not hold."""
    dtype = array.dtype.newbyteorder("<")
    dtype_from(dtype.str)
    if array.ndim > MAX_DIMENSIONS:
        raise ValueError(f"{array.ndim} dimensions are more than {MAX_DIMENSIONS}")
    return np.asarray(array, dtype=dtype, order="C")


def header(dtype: np.dtype[Any], shape: Sequence[int]) -> bytes:
    """The bytes every file of this dtype and shape begins with."""
    text = f"{{'descr': '{dtype.str}', 'fortran_order': False, 'shape': {tuple(shape)!r}, }}".encode("ascii")
    padding = -(len(_MAGIC) + 2 + len(text) + 1) % _ALIGN
    text += b" " * padding + b"\n"
    return _MAGIC + len(text).to_bytes(2, "little") + text


def file_bytes(dtype: np.dtype[Any], shape: Sequence[int]) -> int:
    """Exact size of the file: header and values. Python integers: no claim, however large, overflows."""
    return len(header(dtype, shape)) + math.prod(shape) * dtype.itemsize


def values_of(buffer: memoryview, dtype: np.dtype[Any], shape: Sequence[int]) -> NDArray[Any]:
    """The array in a whole file's bytes, as a plain read-only ndarray; nothing is copied."""
    flat = np.frombuffer(buffer, dtype=dtype, count=math.prod(shape), offset=len(header(dtype, shape)))
    array = flat.reshape(tuple(shape))
    array.flags.writeable = False
    return array


def odd_value(array: NDArray[Any]) -> str | None:
    """What is wrong with the values, in words: a float that is no number, a bool that is neither; None if nothing."""
    if array.dtype.kind not in "fb":
        return None
    flat = array.reshape(-1)
    for start in range(0, flat.size, 1 << 20):
        part = flat[start : start + (1 << 20)]
        bad = ~np.isfinite(part) if array.dtype.kind == "f" else part.view(np.uint8) > 1
        if bad.any():
            where = start + int(bad.argmax())
            return f"value {where:,} (counted from 0, row by row) is {_shown(flat, where)}"
    return None


def _shown(flat: NDArray[Any], where: int) -> str:
    if flat.dtype.kind == "f":
        return f"{flat[where]}, expected a finite number"
    return f"the byte {int(flat.view(np.uint8)[where])}, expected 0 or 1"
