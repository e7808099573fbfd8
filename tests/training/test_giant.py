"""One customer with half of all orders does not decide what the others are shown."""

import numpy as np
import polars as pl
import pytest

from recommender.demo.shop import DATA
from recommender.evaluation.asking import ask
from recommender.evaluation.judging import judge_lists
from recommender.evaluation.split import GROUPS, HOLDOUT, WINDOWS, Group, before, clock_cut, truth_after
from recommender.training.capping import DEFAULT_CAPS, Caps
from recommender.training.cleaning import COLUMNS
from recommender.training.fitting import DEFAULTS, fit, lean
from recommender.training.reading import read_interactions

CUSTOMERS = 400
ITEMS = 20
WORST = -0.02
"""Share of their NDCG@10 the others may lose."""


@pytest.fixture(scope="module")
def small_shop() -> pl.DataFrame:
    """Some customers of the bundled shop, as the log holds them."""
    events = pl.read_parquet(DATA / "events.parquet").filter(pl.col("type") == "purchase")
    people = events["customer_id"].unique().sort()
    chosen = people.gather(np.random.default_rng(0).permutation(len(people))[:CUSTOMERS])
    told = events.filter(pl.col("customer_id").is_in(chosen.to_list()))
    return _as_log(told.with_columns(time_us=pl.col("timestamp").dt.epoch("us")))


def _as_log(told: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None).alias(name) for name in COLUMNS if name not in told.columns and name not in ("seq", "line")]
    return told.sort("time_us").with_row_index("seq").with_columns(*missing, line=pl.lit(0)).select(COLUMNS)


def with_giant(log: pl.DataFrame) -> pl.DataFrame:
    """As many orders as all others have, of the same few items, up to the moment the lists are for."""
    n = log["order_id"].n_unique()
    items = log["item_id"].value_counts().sort("count", "item_id")["item_id"][:ITEMS].to_list()
    first, last = (int(log["time_us"].to_numpy().take(place)) for place in (0, -1))
    times = np.linspace(first, first + (1 - HOLDOUT) * (last - first) - 1, n).astype(np.int64)
    orders = pl.DataFrame(
        {
            "type": "purchase",
            "time_us": times.repeat(ITEMS),
            "customer_id": "giant",
            "item_id": items * n,
            "order_id": [f"giant-{number}" for number in range(n) for _ in items],
        }
    )
    return _as_log(pl.concat([log.select(orders.columns).cast(orders.schema), orders]))


def others(log: pl.DataFrame, caps: Caps) -> dict[str, float]:
    """NDCG@10 of everybody but the giant by track, of those nobody knows yet too."""
    reading = read_interactions(iter([log]), caps=caps)
    cut = clock_cut(reading.interactions)
    past = before(reading.interactions, cut)
    model, names = fit(past, lean(DEFAULTS, places="home.")).model, reading.people
    out = {}
    for track in WINDOWS:
        truth = truth_after(reading.interactions, cut)[track]
        truth = truth.of((names != "c:giant").to_numpy()[truth.person])
        lists = ask(model, past, truth.person, track)
        found = judge_lists(lists, truth, len(past.item_ids)).by_metric["ndcg_at_10"]
        out[str(track)] = float(found.mean())
        out[f"{track}, unknown"] = float(found[truth.group == GROUPS.index(Group.NEW)].mean())
    return out


def test_a_giant_takes_hardly_anything_from_the_others(small_shop: pl.DataFrame) -> None:
    alone, beside = others(small_shop, DEFAULT_CAPS), others(with_giant(small_shop), DEFAULT_CAPS)
    for track, value in alone.items():
        assert beside[track] / value - 1 >= WORST


def test_without_the_rule_the_giant_would_be_heard(small_shop: pl.DataFrame) -> None:
    """So that the test above can fail."""
    alone, beside = others(small_shop, DEFAULT_CAPS), others(with_giant(small_shop), Caps(share=1.0))
    assert any(beside[track] / value - 1 < WORST for track, value in alone.items())
