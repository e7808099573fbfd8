"""Many short texts (ids, names) as two plain arrays: their UTF-8 bytes one after the other, and where each ends.

The manifest is for descriptions; a million ids in it would be refused. These two arrays hold any number of texts of any length.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.domain.errors import BundleRefusedError


def pack_texts(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The arrays ``<name>.utf8`` (uint8, all bytes) and ``<name>.ends`` (int64, one end per text)."""
    parts = [text.encode() for text in texts]
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    return {f"{name}.utf8": np.frombuffer(b"".join(parts), dtype=np.uint8), f"{name}.ends": ends}


def unpack_texts(name: str, arrays: Mapping[str, NDArray[Any]]) -> tuple[str, ...]:
    """The texts :func:`pack_texts` packed; ``BundleRefusedError`` if the two arrays do not fit together."""
    data, ends = arrays[f"{name}.utf8"].tobytes(), arrays[f"{name}.ends"]
    if ends.ndim != 1 or ends.dtype.kind != "i" or (ends.size and int(ends[-1]) != len(data)):
        raise BundleRefusedError(f"The texts {name} are refused: their ends do not fit their bytes; train again.")
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if ends.size else ends
    if (starts > ends).any() or (starts < 0).any():
        raise BundleRefusedError(f"The texts {name} are refused: their ends go backwards; train again.")
    try:
        return tuple(data[a:b].decode() for a, b in zip(starts.tolist(), ends.tolist(), strict=True))
    except UnicodeDecodeError as error:
        raise BundleRefusedError(f"The texts {name} are refused: they are not UTF-8; train again.") from error
