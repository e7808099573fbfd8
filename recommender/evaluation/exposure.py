"""How evenly lists show the items they show."""

import numpy as np
from numpy.typing import NDArray


def gini(lists: NDArray[np.int32], *, k: int = 10) -> float:
    """Gini coefficient of how often each shown item stands in the first ``k`` of all lists; 0 if all stand equally often.

    Items that no list shows do not count: how many those are says the coverage. Places below 0 are empty; without any
    item shown it is 0.
    """
    shown = lists[:, :k]
    times = np.sort(np.unique(shown[shown >= 0], return_counts=True)[1].astype(np.float64))
    n = len(times)
    if not n:
        return 0.0
    rank = np.arange(1, n + 1)
    return float((2.0 * rank - n - 1.0) @ times / (n * times.sum()))
