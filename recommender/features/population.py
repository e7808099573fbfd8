"""Everybody as cut points: what one person's recency, orders and spend are compared with. No person is in it."""

from collections.abc import Collection, Mapping

import numpy as np
import polars as pl

from recommender.domain.events import PRICE_SCALE, EventType
from recommender.features.columns import COLUMNS, DAY_S
from recommender.features.facet import Population
from recommender.features.rfm import MOST_ORDERS
from recommender.features.words import hashed

FEWEST = 50
"""Of fewer customers cut points would tell of single ones, and little of everybody."""

FIFTHS = (0.2, 0.4, 0.6, 0.8)
READ = (
    "type",
    "time_us",
    "visitor_id",
    "customer_id",
    "session_id",
    "quantity",
    "price_e4",
    "currency",
    "order_id",
    "value_e4",
)
"""The columns of the log that are looked at."""

_BOUGHT, _RETURNED = str(EventType.PURCHASE), str(EventType.REFUND)


class Census:
    """The purchases of all customers, growing chunk by chunk.

    Parameters
    ----------
    who : mapping
        visitor_id to the customer the browser belongs to.
    excluded : collection of str
        Customers who are left out.
    """

    def __init__(self, who: Mapping[str, str], excluded: Collection[str] = ()) -> None:
        pairs = {"visitor_id": list(who), "owner": list(who.values())}
        self._links = pl.DataFrame(pairs, schema={"visitor_id": pl.String, "owner": pl.String})
        self._excluded = pl.Series(list(excluded), dtype=pl.String)
        self._last: list[pl.DataFrame] = []
        self._orders: list[pl.DataFrame] = []
        self._money: list[pl.DataFrame] = []

    def add(self, lines: pl.DataFrame) -> None:
        """Count lines, which have the columns of :data:`READ`."""
        lines = lines.filter(pl.col("type").is_in([_BOUGHT, _RETURNED])).join(self._links, on="visitor_id", how="left")
        lines = lines.with_columns(who=pl.coalesce("customer_id", "owner"))
        lines = hashed(lines.filter(pl.col("who").is_not_null() & ~pl.col("who").is_in(self._excluded.implode())))
        names = ("second", "order", "money", "currency")
        rows = lines.select("who", "type", *(COLUMNS[name].expr().alias(name) for name in names))
        bought = rows.filter(pl.col("type") == _BOUGHT)
        self._last.append(bought.group_by("who").agg(pl.col("second").max()))
        self._orders.append(bought.select("who", "order").unique())
        self._money.append(rows.group_by("who", "currency", "type").agg(pl.col("money").sum()))

    def population(self, now_s: int) -> Population:
        """The cut points at a moment, for every attribute of :mod:`~recommender.features.rfm` that is compared.

        Returns
        -------
        mapping
            ``recency_days``, ``orders``, ``spend``: four floats each; empty for fewer than :data:`FEWEST` customers.
        """
        if not self._last:
            return {}
        last = pl.concat(self._last).group_by("who").agg(pl.col("second").max())
        if last.height < FEWEST:
            return {}
        orders = pl.concat(self._orders).unique().group_by("who").len()
        measured = {
            "recency_days": (now_s - last["second"]).clip(0) / DAY_S,
            "orders": orders["len"].clip(upper_bound=MOST_ORDERS),
            "spend": self._spend(),
        }
        return {name: np.quantile(values.to_numpy(), FIFTHS).tolist() for name, values in measured.items()}

    def _spend(self) -> pl.Series:
        """What each customer spent in the currency most was spent in, returns taken off."""
        sums = pl.concat(self._money).group_by("who", "currency", "type").agg(pl.col("money").sum())
        out = (
            sums.filter(pl.col("type") == _BOUGHT).sort("money", "currency").group_by("who", maintain_order=True).last()
        )
        back = sums.filter(pl.col("type") == _RETURNED).select("who", "currency", back="money")
        both = out.join(back, on=["who", "currency"], how="left")
        return both.select((pl.col("money") - pl.col("back").fill_null(0)) / PRICE_SCALE).to_series()
