"""Lists of people nobody knows, as a training chooses them."""

import numpy as np
from interaction_samples import Row, interactions

from recommender.interactions import Interactions, Kind, as_histories
from recommender.model.contract import Ask, Branch, Query
from recommender.training.fitting import fit
from recommender.training.tuning import tune

PRINTERS, INKS, DAYS = 10, 5, 150


def printers_and_ink() -> Interactions:
    """Two newcomers a day buy a printer each (items below :data:`PRINTERS`) and one of the inks every three weeks after it."""
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    for person in range(2 * DAYS):
        day = person / 2
        rows.append((person, int(rng.integers(PRINTERS)), Kind.PURCHASE, day))
        rows += [(person, PRINTERS + person % INKS, Kind.PURCHASE, later) for later in np.arange(day + 21, DAYS, 21)]
    return interactions(rows)


def test_newcomers_are_shown_what_newcomers_buy_where_regulars_refill() -> None:
    shop = printers_and_ink()
    model = fit(shop, tune(shop, clock=lambda: 0.0).settings).model
    nobody = as_histories(interactions([], n_people=1, n_items=len(shop.item_ids)))
    proposal = model.propose(nobody, [Query(ask=Ask.HOME)])[0]
    assert proposal.branch is Branch.UNKNOWN
    assert max(proposal.items.tolist()[:5]) < PRINTERS
