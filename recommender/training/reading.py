"""From the log's columns to interactions: who is who, what counts, and what was left out and why."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from recommender.domain.events import ILLEGAL_IDS, PRICE_SCALE
from recommender.interactions import KIND_OF, Interactions, Kind
from recommender.model.lines import microseconds
from recommender.training.catalogue import CatalogueFacts

COLUMNS = (
    "seq",
    "line",
    "type",
    "time_us",
    "visitor_id",
    "customer_id",
    "session_id",
    "item_id",
    "quantity",
    "price_e4",
    "order_id",
)
"""Columns of the log that training reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that is believed of one person, so that a robot or a reseller does not speak for the shop.

    Attributes
    ----------
    looks_per_day : int
        Views and carts of one person on one day (UTC); the newest are kept. Purchases are paid for and stay.
    lines : int
        Lines of one person in all; the newest are kept.
    """

    looks_per_day: int = 200
    lines: int = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What training learns from. ``left_out`` counts lines by reason; zero counts are there too.

    ``people`` names the row numbers of people, ``c:`` before a customer's id and ``v:`` before a visitor's: for reports
    that lie in the home and name them by pseudonym.
    """

    interactions: Interactions
    left_out: Mapping[str, int]
    people: pl.Series


DEFAULT_CAPS = Caps()

NOTHING_TOLD = CatalogueFacts()

_LOWEST_TIME = 0
_HIGHEST_QUANTITY = 1_000_000


def read_interactions(
    frames: Iterator[pl.DataFrame],
    *,
    countries: Mapping[str, str] | None = None,
    catalogue: CatalogueFacts = NOTHING_TOLD,
    links: Iterable[tuple[str, str]] = (),
    excluded_customers: Collection[str] = (),
    excluded_visitors: Collection[str] = (),
    until: datetime | None = None,
    caps: Caps = DEFAULT_CAPS,
) -> Reading:
    """Read the log's lines into arrays.

    A person is the customer of a line, else the customer its visitor was linked to, else the visitor.

    Parameters
    ----------
    frames : iterator of polars.DataFrame
        Chunks of the log with at least :data:`COLUMNS`, in any number.
    countries : mapping, optional
        Country by customer id; missing is unknown.
    catalogue : CatalogueFacts, optional
        Titles and categories of items, prices where no line tells one; its items that wait for their first event get a row, too.
    links : iterable of (visitor_id, customer_id), optional
    excluded_customers, excluded_visitors : collections of str, optional
        Who must not be learned from (no consent for training, robots, the shop's own staff).
    until : aware datetime, optional
        Only earlier lines.
    caps : Caps, optional
        A person's lines beyond them are left out, the oldest first.

    Returns
    -------
    Reading
        In the order of time, then of the log, the clock just after the last event of any type. An empty log gives
        empty interactions with the clock at 0.
    """
    kinds = pl.DataFrame({"type": [str(t) for t in KIND_OF], "kind": np.array(list(KIND_OF.values()), np.int8)})
    end = None if until is None else microseconds(until)
    left_out = dict.fromkeys(REASONS, 0)
    chunks, last = [], -1
    for frame in frames:
        told = frame.select(COLUMNS) if end is None else frame.select(COLUMNS).filter(pl.col("time_us") < end)
        last = max(last, int(told["time_us"].to_numpy().max(initial=-1)))
        chunks.append(_chunk(told, kinds, left_out))
    lines = pl.concat(chunks) if chunks else _no_lines(kinds)
    lines = _with_person(lines, links)
    lines = _drop(lines, left_out, "excluded", _excluded(excluded_customers, excluded_visitors))
    lines = _capped(lines.sort("time_us", "seq", "line"), caps, left_out)
    interactions = _interactions(lines, countries or {}, catalogue, last + 1)
    return Reading(interactions=interactions, left_out=left_out, people=lines["person"].unique().sort())


REASONS = ("no item", "no person", "illegal person", "implausible", "excluded", "daily cap", "person cap")
"""Why a line of a kind we learn from may be left out."""


def _no_lines(kinds: pl.DataFrame) -> pl.DataFrame:
    empty = pl.DataFrame(
        schema={
            "seq": pl.Int64,
            "line": pl.Int32,
            "type": pl.String,
            "time_us": pl.Int64,
            "visitor_id": pl.String,
            "customer_id": pl.String,
            "session_id": pl.String,
            "item_id": pl.String,
            "quantity": pl.Int64,
            "price_e4": pl.Int64,
            "order_id": pl.String,
        }
    )
    return _chunk(empty, kinds, dict.fromkeys(REASONS, 0))


def _drop(lines: pl.DataFrame, left_out: dict[str, int], reason: str, bad: pl.Expr) -> pl.DataFrame:
    kept = lines.filter(~bad)
    left_out[reason] += len(lines) - len(kept)
    return kept


def _illegal(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase().is_in(list(ILLEGAL_IDS)).fill_null(value=False)


def _chunk(frame: pl.DataFrame, kinds: pl.DataFrame, left_out: dict[str, int]) -> pl.DataFrame:
    """Lines of the kinds we learn from, cleaned one by one."""
    lines = frame.join(kinds, on="type", how="inner").drop("type")
    lines = _drop(lines, left_out, "no item", pl.col("item_id").is_null())
    both = pl.col("customer_id").is_null() & pl.col("visitor_id").is_null()
    lines = _drop(lines, left_out, "no person", both)
    legal = (pl.col("customer_id").is_not_null() & ~_illegal("customer_id")) | (
        pl.col("visitor_id").is_not_null() & ~_illegal("visitor_id")
    )
    lines = _drop(lines, left_out, "illegal person", ~legal)
    odd = (pl.col("time_us") <= _LOWEST_TIME) | (pl.col("quantity").fill_null(1) <= 0)
    lines = _drop(lines, left_out, "implausible", odd | (pl.col("quantity").fill_null(1) > _HIGHEST_QUANTITY))
    return lines.with_columns(
        pl.when(~_illegal("customer_id")).then("customer_id").alias("customer_id"),
        pl.when(~_illegal("visitor_id")).then("visitor_id").alias("visitor_id"),
    )


def _with_person(lines: pl.DataFrame, links: Iterable[tuple[str, str]]) -> pl.DataFrame:
    """Add ``customer`` (own or linked) and ``person``, a name that keeps customers and visitors apart."""
    pairs = list(dict(links).items())
    linked = pl.DataFrame(pairs, schema={"visitor_id": pl.String, "linked": pl.String}, orient="row")
    lines = lines.join(linked, on="visitor_id", how="left")
    lines = lines.with_columns(customer=pl.coalesce("customer_id", "linked"))
    return lines.with_columns(person=pl.coalesce("c:" + pl.col("customer"), "v:" + pl.col("visitor_id")))


def _excluded(customers: Collection[str], visitors: Collection[str]) -> pl.Expr:
    theirs = pl.col("customer").is_in(list(customers)) | pl.col("visitor_id").is_in(list(visitors))
    return theirs.fill_null(value=False)


def _capped(lines: pl.DataFrame, caps: Caps, left_out: dict[str, int]) -> pl.DataFrame:
    """Keep the newest lines of each person and day, then of each person; lines come in time order."""
    day = pl.col("time_us") // 86_400_000_000
    newest = pl.int_range(pl.len(), 0, -1)
    looks = pl.col("kind").is_in([int(Kind.VIEW), int(Kind.CART)])
    lines = lines.with_columns(nth=newest.over("person", looks, day))
    lines = _drop(lines, left_out, "daily cap", looks & (pl.col("nth") > caps.looks_per_day))
    lines = lines.with_columns(nth=newest.over("person"))
    return _drop(lines, left_out, "person cap", pl.col("nth") > caps.lines).drop("nth")


def _codes(lines: pl.DataFrame, column: str, name: str, *, more: Sequence[str] = ()) -> tuple[list[str], pl.DataFrame]:
    """Sorted distinct values of a column and ``more``, and the lines with their row numbers (int32) as ``name``."""
    values = pl.concat([lines[column].drop_nulls(), pl.Series(more, dtype=pl.String)]).unique().sort()
    table = pl.DataFrame({column: values, name: np.arange(len(values), dtype=np.int32)})
    return values.to_list(), lines.join(table, on=column, how="left", maintain_order="left")


def _interactions(
    lines: pl.DataFrame, countries: Mapping[str, str], catalogue: CatalogueFacts, now_us: int
) -> Interactions:
    people, lines = _codes(lines, "person", "who")
    touched = lines["item_id"].drop_nulls().unique()
    items, lines = _codes(lines, "item_id", "item", more=catalogue.waiting(touched))
    lines = lines.with_columns(visit=pl.coalesce("o:" + pl.col("order_id"), "s:" + pl.col("session_id")))
    _, lines = _codes(lines, "visit", "order")
    country_names, country = _named([countries.get(name[2:]) if name.startswith("c:") else None for name in people])
    category_names, category = _named([catalogue.categories.get(item) for item in items])
    time_us = lines["time_us"].to_numpy().astype(np.int64)
    return Interactions(
        item_ids=tuple(items),
        n_people=len(people),
        person=lines["who"].to_numpy().astype(np.int32),
        item=lines["item"].to_numpy().astype(np.int32),
        kind=lines["kind"].to_numpy().astype(np.int8),
        time_us=time_us,
        quantity=lines["quantity"].fill_null(1).to_numpy().astype(np.float32),
        order=lines["order"].fill_null(-1).to_numpy().astype(np.int64),
        countries=country_names,
        country=country,
        categories=category_names,
        category=category,
        price=_prices(lines, [catalogue.prices.get(item) for item in items]),
        now_us=now_us,
        paid=(lines["price_e4"] / PRICE_SCALE).cast(pl.Float32).to_numpy(),
        titles=tuple(catalogue.titles.get(item, "") for item in items) if catalogue.titles else (),
    )


def _named(values: list[str | None]) -> tuple[tuple[str, ...], np.ndarray[tuple[int], np.dtype[np.int32]]]:
    """Sorted distinct names and the row number of each value; None is -1."""
    names = tuple(sorted({value for value in values if value is not None}))
    place = {name: row for row, name in enumerate(names)}
    return names, np.array([-1 if value is None else place[value] for value in values], np.int32)


def _prices(lines: pl.DataFrame, listed: Sequence[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Last known unit price of each item, where no line tells one that of the catalogue; NaN where neither does."""
    told = lines.filter(pl.col("price_e4").is_not_null()).group_by("item").agg(pl.col("price_e4").last())
    out = np.array([np.nan if price is None else price for price in listed], np.float32)
    out[told["item"].to_numpy()] = told["price_e4"].to_numpy() / PRICE_SCALE
    return out
