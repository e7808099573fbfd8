"""Cut points of everybody: those of the attributes the facets give."""

import numpy as np
from feature_samples import DAY_US, SHOP, START_US, line, log_frame

from recommender.domain.events import EventType, Line
from recommender.features import empty, fold, values
from recommender.features.population import FEWEST, Census

NOW_US = START_US + 100 * DAY_US


def bought(customers: int) -> list[Line]:
    """Customer n buys n % 7 + 1 times, on other days and for other sums each; every third returns something."""
    found: list[Line] = []
    for n in range(customers):
        told: dict[str, object] = {"customer_id": None, "visitor_id": "v0"} if n == 0 else {"customer_id": f"c{n}"}
        for order in range(n % 7 + 1):
            currency = "EUR" if (n + order) % 5 else "PLN"
            told |= {"currency": currency, "price_e4": 10_000 * (n + 1), "quantity": order + 1, "order_id": f"o{order}"}
            found.append(line(len(found) + 1, EventType.PURCHASE, day=n % 40 + order, item_id="tea", **told))
        if n % 3 == 0:
            found.append(line(len(found) + 1, EventType.REFUND, day=n % 40 + 9, item_id="tea", **told))
    return found


def test_cut_points_are_the_quantiles_of_what_profiles_say() -> None:
    history = bought(80)
    census = Census({"v0": "c0"})
    for start in range(0, len(history), 50):
        census.add(log_frame(history[start : start + 50]))
    whose: dict[str, list[Line]] = {}
    for one in history:
        whose.setdefault(one.customer_id or "c0", []).append(one)
    everybody = [values(fold(empty(), theirs, SHOP), NOW_US, facets=["rfm"]) for theirs in whose.values()]
    found = census.population(NOW_US // 1_000_000)
    assert set(found) == {"recency_days", "orders", "spend"}
    for name, cuts in found.items():
        told = [float(str(one[name])) for one in everybody]
        np.testing.assert_allclose(cuts, np.quantile(told, [0.2, 0.4, 0.6, 0.8]))


def test_of_few_customers_nothing_is_told() -> None:
    census = Census({})
    census.add(log_frame(bought(FEWEST)))  # the first of them is nobody's without the link
    assert census.population(NOW_US // 1_000_000) == {}


def test_who_refuses_is_not_counted() -> None:
    census = Census({"v0": "c0"}, ["c7"])
    census.add(log_frame(bought(FEWEST)))
    assert census.population(NOW_US // 1_000_000) == {}


def test_an_empty_log_has_no_population() -> None:
    assert Census({}).population(0) == {}
