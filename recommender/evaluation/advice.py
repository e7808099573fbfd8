"""Which numbers of last days a log can be judged on."""

import numpy as np

from recommender.evaluation.visits import looks_after
from recommender.interactions import Interactions, Kind

DAY_US = 86_400_000_000


def last_wanted(interactions: Interactions) -> int | None:
    """The latest moment (µs) a cut may lie at with anything left to find; None where there is nothing at all.

    That of the last purchase; where nobody ever bought anything, the beginning of the last visit with a next look.
    """
    bought = interactions.time_us[interactions.kind == Kind.PURCHASE]
    if len(bought):
        return int(bought.max())
    first = int(interactions.time_us.min(initial=0))
    starts = looks_after(interactions, first, None, np.random.default_rng(0)).start_us
    return int(starts.max()) if len(starts) else None


def days_to_judge(interactions: Interactions) -> range:
    """Every number of whole last days with anything to learn from before them and anything to find in them; may be empty."""
    last = last_wanted(interactions)
    if last is None:
        return range(0)
    first, end = int(interactions.time_us.min()), interactions.now_us
    fewest = max(1, -((last - end) // DAY_US))
    most = (end - first - 1) // DAY_US
    return range(fewest, max(most + 1, fewest))
