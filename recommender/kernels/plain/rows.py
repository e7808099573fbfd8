"""What kernels in numpy share."""

import numpy as np
from numpy.typing import NDArray

DAY_US = 86_400_000_000

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def within(rows: Ints, n: int) -> None:
    """Refuse rows that none of ``n`` items has."""
    if len(rows) and (int(rows.min()) < 0 or int(rows.max()) >= n):
        raise IndexError(f"no item has row {int(rows.min()) if int(rows.min()) < 0 else int(rows.max())}")


def starts(item: Ints) -> Ints:
    """Where a new number begins among sorted ones."""
    new = np.ones(len(item), bool)
    np.not_equal(item[1:], item[:-1], out=new[1:])
    return new.nonzero()[0]


def begun(start: Ints, n: int) -> Ints:
    """Where groups of ``n`` entries begin; refuses what does not ascend from 0 to below ``n``."""
    if (start[:1] != 0).any() or len(start) < 1 or int(start[-1]) >= n or (start[1:] <= start[:-1]).any():
        raise IndexError("a group begins where none can")
    return start
