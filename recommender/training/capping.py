"""The most that is believed of one person, and an order that was told twice."""

from dataclasses import dataclass, replace

import polars as pl

from recommender.interactions import Kind
from recommender.training.cleaning import Tally
from recommender.training.straying import DAY_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that is believed of one person, so that a robot or a reseller does not speak for the shop.

    Attributes
    ----------
    looks_per_day : int
        Views and carts of one person on one day (UTC); the newest are kept. Purchases are paid for and stay.
    lines : int
        Lines of one person in all; the newest are kept.
    share : float
        Of a person with a larger part of all lines (nobody counted with more than ``lines``) only the newest line of each
        item and kind is kept. In a shop of few people everybody's part is large: there it is :attr:`ordinary` times the average.
    ordinary : float
    least : int
        Nobody with fewer lines than this is too loud.
    """

    looks_per_day: int = 200
    lines: int = 2_000
    share: float = 0.05
    ordinary: float = 5.0
    least: int = 50


DEFAULT_CAPS = Caps()


NOBODY = pl.lit(value=False)


def roomier(caps: Caps) -> Caps:
    """Caps for a part of the log: what is told twice is only seen in the whole, and must not push out what is told once."""
    return replace(caps, looks_per_day=2 * caps.looks_per_day, lines=2 * caps.lines)


def capped(lines: pl.DataFrame, caps: Caps, tally: Tally, *, apart: pl.Expr = NOBODY) -> pl.DataFrame:
    """The newest lines of each person and day, then of each person; lines come and go in time order.

    Capping a part of the log first, by :func:`roomier` caps, changes nothing: what is left out then has enough newer lines
    to be left out later.

    Parameters
    ----------
    apart : expression
        Lines that will be left out for another reason in the end: they are capped by themselves and push out no others.
    """
    day = pl.col("time_us") // DAY_US
    newest = pl.int_range(pl.len(), 0, -1)
    looks = pl.col("kind").is_in([int(Kind.VIEW), int(Kind.CART)])
    lines = lines.with_columns(nth=newest.over("person", apart, looks, day))
    lines = tally.without(lines, "daily cap", looks & (pl.col("nth") > caps.looks_per_day))
    lines = lines.with_columns(nth=newest.over("person", apart))
    return tally.without(lines, "person cap", pl.col("nth") > caps.lines).drop("nth")


def heard(lines: pl.DataFrame) -> pl.DataFrame:
    """How many lines (``n``) each person has; of such tables together, too."""
    told = lines if "n" in lines.columns else lines.with_columns(n=pl.lit(1, pl.Int64))
    return told.group_by("person").agg(pl.col("n").sum())


def hushed(lines: pl.DataFrame, voices: pl.DataFrame, caps: Caps, tally: Tally) -> pl.DataFrame:
    """Of people who are too loud each item once; lines come and go in time order.

    ``voices`` says how many lines each had before any cap (:func:`heard`). Nobody counts with more than :attr:`Caps.lines`
    among all lines, or a robot would make everybody else look quiet.
    """
    most = max(caps.share, caps.ordinary / max(len(voices), 1)) * float(voices["n"].clip(upper_bound=caps.lines).sum())
    loud = voices.filter(pl.col("n") > max(most, caps.least))["person"]
    lines = lines.with_columns(nth=pl.int_range(pl.len(), 0, -1).over("person", "item_id", "kind"))
    again = pl.col("person").is_in(loud.to_list()) & (pl.col("nth") > 1)
    return tally.without(lines, "one person's part", again).drop("nth")


def adopted(lines: pl.DataFrame) -> pl.DataFrame:
    """Purchases that name only a visitor, given to the customer whose order of that day they are part of.

    A browser tells an order without knowing the customer, the shop's server tells it again with them.
    """
    bought = pl.col("kind") == int(Kind.PURCHASE)
    owners = (
        lines.filter(bought & pl.col("customer").is_not_null() & pl.col("order_id").is_not_null())
        .group_by("order_id")
        .agg(owner=pl.col("customer").first(), owners=pl.col("customer").n_unique(), at=pl.col("time_us").min())
        .filter(pl.col("owners") == 1)
    )
    lines = lines.join(owners, on="order_id", how="left", maintain_order="left")
    theirs = bought & pl.col("customer").is_null() & ((pl.col("time_us") - pl.col("at")).abs() < DAY_US)
    customer = pl.when(theirs).then("owner").otherwise("customer")
    lines = lines.with_columns(customer=customer).drop("owner", "owners", "at")
    return lines.with_columns(person=pl.coalesce("c:" + pl.col("customer"), "person"))


def once(lines: pl.DataFrame, tally: Tally) -> pl.DataFrame:
    """Without an order's item told again at another moment within a day; equal lines of one moment stay as many as they are."""
    key = ("person", "order_id", "item_id")
    late = pl.col("time_us") - pl.col("time_us").min().over(key)
    bought = (pl.col("kind") == int(Kind.PURCHASE)) & pl.col("order_id").is_not_null()
    marked = lines.with_columns(again=bought & (late > 0) & (late < DAY_US))
    return tally.without(marked, "order told twice", pl.col("again")).drop("again")
