"""What tests of kernels share: drawn numbers, and what counts as the same."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def same(one: Any, other: Any) -> None:
    """Integers equal, floating numbers to the last bits."""
    if isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            same(a, b)
        return
    if one is None or other is None:
        assert one is other
        return
    assert one.dtype == other.dtype
    assert one.shape == other.shape
    if one.dtype.kind == "f":
        np.testing.assert_allclose(one, other, rtol=1e-6 if one.dtype == np.float32 else 1e-12)
    else:
        np.testing.assert_array_equal(one, other)
