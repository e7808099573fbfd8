"""Orders of rows that are the same for everybody: the most wanted, the newest, and both shelf by shelf.

They are made once per model and catalogue and lie beside the aligned columns; a request takes slices of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
PARTED = ("shelf", "category")
"""The kinds of codes an order is kept by."""


def order_arrays(
    name: str, order: Rows, codes: Mapping[str, NDArray[np.int32]], n_codes: Mapping[str, int]
) -> dict[str, NDArray[Any]]:
    """An order, and the same parted by shelf and by category.

    Parameters
    ----------
    order : int32 array
        Rows, best first.
    codes : mapping of str to int32 array
        For each kind of :data:`PARTED` the code of every row; -1 none.
    n_codes : mapping of str to int
        How many codes a kind has.

    Returns
    -------
    dict
        ``<name>``; for each kind ``<name>.<kind>`` (rows, parts one after the other) and ``<name>.<kind>.starts``
        (where each code's part begins, one more at the end).
    """
    out: dict[str, NDArray[Any]] = {name: order}
    for kind in PARTED:
        code = codes[kind][order]
        by_code = np.argsort(code, kind="stable")
        by_code = by_code[np.searchsorted(code[by_code], 0) :]
        out[f"{name}.{kind}"] = order[by_code]
        out[f"{name}.{kind}.starts"] = np.searchsorted(code[by_code], np.arange(n_codes[kind] + 1)).astype(np.int32)
    return out


def places_in(order: Rows, n: int) -> NDArray[np.int32]:
    """For each of ``n`` rows its place in the order; ``len(order)`` for a row that is not in it."""
    places = np.full(n, len(order), dtype=np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return places


def newest_first(added_us: NDArray[np.int64], rows: Rows) -> Rows:
    """Rows by the moment they were added, the newest first; ``rows`` come by id, which decides between equal moments."""
    return np.asarray(rows[np.argsort(-added_us[rows], kind="stable")])


def replaced(order: Rows, gone: Rows, come: Sequence[int], key: Callable[[int], Any]) -> Rows:
    """An order without ``gone`` and with ``come`` put where their keys belong; ``order`` is sorted by ``key``."""
    if not len(gone) and not come:
        return order
    kept = order[~np.isin(order, gone)] if len(gone) else order
    rows = sorted(come, key=key)
    at = [bisect_left(kept, key(row), key=lambda other: key(int(other))) for row in rows]
    return np.asarray(np.insert(kept, at, rows), dtype=np.int32)


def after(order: Rows, added_us: NDArray[np.int64], now_us: int) -> int:
    """How many rows at the beginning of a newest-first order are added only after that moment."""
    if not len(order) or added_us[order[0]] <= now_us:
        return 0
    return bisect_right(order, -now_us - 1, key=lambda row: -int(added_us[row]))
