"""How evenly lists show the items there are."""

import numpy as np
from numpy.typing import NDArray


def gini(lists: NDArray[np.int32], n_items: int, *, k: int = 10) -> float:
    """Gini coefficient of how often each item stands in the first ``k`` of all lists; 0 if all stand equally often.

    Items that no list shows count with 0 times: ten bestsellers for everybody are as uneven as lists can be. Places below 0 are
    empty; without any item shown it is 0.

    Parameters
    ----------
    n_items : int
        Items that were known; fewer than are shown count as these.
    """
    shown = lists[:, :k]
    times = np.sort(np.unique(shown[shown >= 0], return_counts=True)[1].astype(np.float64))
    n = max(n_items, len(times))
    if not len(times):
        return 0.0
    rank = np.arange(n - len(times) + 1, n + 1)  # those that are not shown come first, with nothing
    return float((2.0 * rank - n - 1.0) @ times / (n * times.sum()))
