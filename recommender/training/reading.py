"""The log in columns, made ready to learn from: who is one person, what is left out and why."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recommender.domain.events import PRICE_SCALE
from recommender.interactions import KIND_OF, Interactions, Kind

DAY_US = 86_400_000_000

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
"""What is read of the log."""

_KINDS = pl.DataFrame(
    {"type": [str(name) for name in KIND_OF], "kind": np.array([int(k) for k in KIND_OF.values()], np.int8)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How much one person may teach, so that a robot or a wholesaler does not speak for all.

    Attributes
    ----------
    looks_per_day : int
        Views and carts of one person on one day (UTC) beyond this many are left out, the later ones.
        Purchases are paid for and stay.
    lines : int
        Of one person, only the newest so many lines count.
    """

    looks_per_day: int = 200
    lines: int = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the log itself does not say.

    Attributes
    ----------
    countries : mapping of customer_id to country
    categories : mapping of item_id to category path
    links : mapping of visitor_id to customer_id
    refused_customers, refused_visitors : collections of ids
        Who does not allow training; their events are left out.
    """

    countries: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    refused_customers: Collection[str] = ()
    refused_visitors: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What there is to learn from, and how many lines were left out for which reason."""

    interactions: Interactions
    lines: int
    left_out: Mapping[str, int]
    customer_of: Mapping[str, int]


def read_interactions(
    frames: Iterable[pl.DataFrame], around: Around, *, caps: Caps | None = None, now_us: int | None = None
) -> Reading:
    """Turn the log's columns into :class:`~recommender.interactions.Interactions`.

    One person is a customer with every visitor linked to them, or a visitor nobody knows. Lines come out in the order
    of time, then of the log.

    Parameters
    ----------
    frames : iterable of DataFrame
        Chunks of the log with at least :data:`COLUMNS`.
    now_us : int, optional
        The clock of training; default just after the last event of the log, whatever its type.

    Returns
    -------
    Reading
        An empty log gives empty interactions with the clock at 0.
    """
    limits = caps or Caps()
    left_out: dict[str, int] = {}
    chunks, lines, last_us = [], 0, -1
    for frame in frames:
        lines += len(frame)
        if len(frame):
            last_us = max(last_us, int(frame["time_us"].to_numpy().max()))
        chunks.append(_interactions_of(frame.select(COLUMNS), around, left_out))
    rows = _whole(chunks)
    rows = _capped(rows.sort("time_us", "seq", "line", maintain_order=True), limits, left_out)
    clock = now_us if now_us is not None else last_us + 1
    return _coded(rows, around, clock, lines, left_out)


def _interactions_of(frame: pl.DataFrame, around: Around, left_out: dict[str, int]) -> pl.DataFrame:
    """The lines of one chunk that are interactions of people who allow it, with ``person`` and ``visit``."""
    spoken = frame.join(_KINDS, on="type", how="inner", maintain_order="left").filter(pl.col("item_id").is_not_null())
    _count(left_out, "not an interaction with an item", len(frame) - len(spoken))
    customer = pl.coalesce(
        "customer_id", pl.col("visitor_id").replace_strict(dict(around.links), default=None, return_dtype=pl.String)
    )
    spoken = spoken.with_columns(customer=customer)
    refused = pl.col("customer").is_in(list(around.refused_customers)) | pl.col("visitor_id").is_in(
        list(around.refused_visitors)
    )
    allowed = spoken.filter(~refused.fill_null(value=False))
    _count(left_out, "of people who do not allow training", len(spoken) - len(allowed))
    person = (
        pl.when(pl.col("customer").is_not_null()).then("c:" + pl.col("customer")).otherwise("v:" + pl.col("visitor_id"))
    )
    day = (pl.col("time_us") // DAY_US).cast(pl.String)
    visit = pl.coalesce("o:" + pl.col("order_id"), "s:" + pl.col("session_id"), person + pl.lit("\x1f") + day)
    return allowed.with_columns(person=person, visit=visit).select(
        "seq", "line", "kind", "time_us", "item_id", "quantity", "price_e4", "person", "visit"
    )


def _whole(chunks: list[pl.DataFrame]) -> pl.DataFrame:
    if chunks:
        return pl.concat(chunks)
    schema = {"seq": pl.Int64, "line": pl.Int32, "kind": pl.Int8, "time_us": pl.Int64, "item_id": pl.String}
    more = {"quantity": pl.Int64, "price_e4": pl.Int64, "person": pl.String, "visit": pl.String}
    return pl.DataFrame(schema={**schema, **more})


def _capped(rows: pl.DataFrame, caps: Caps, left_out: dict[str, int]) -> pl.DataFrame:
    """Leave out what is too much of one person; ``rows`` are in the order of time."""
    looks = pl.col("kind").is_in([int(Kind.VIEW), int(Kind.CART)])
    place = pl.int_range(pl.len()).over("person", looks, pl.col("time_us") // DAY_US)
    kept = rows.filter(~looks | (place < caps.looks_per_day))
    _count(left_out, f"beyond {caps.looks_per_day} views and carts of one person on one day", len(rows) - len(kept))
    newest = kept.filter(pl.int_range(pl.len(), 0, -1).over("person") <= caps.lines)
    _count(left_out, f"older than one person's newest {caps.lines:,} lines", len(kept) - len(newest))
    return newest


def _count(left_out: dict[str, int], why: str, lines: int) -> None:
    if lines:
        left_out[why] = left_out.get(why, 0) + lines


def _codes(column: pl.Series) -> tuple[NDArray[np.int64], list[str]]:
    """Each text's place among the sorted distinct ones, and those."""
    names = column.unique().sort()
    code = column.rank("dense").cast(pl.Int64) - 1 if len(column) else column.cast(pl.Int64)
    return code.to_numpy().astype(np.int64), names.to_list()


def _coded(rows: pl.DataFrame, around: Around, now_us: int, lines: int, left_out: Mapping[str, int]) -> Reading:
    person, people = _codes(rows["person"])
    item, items = _codes(rows["item_id"])
    order, _ = _codes(rows["visit"])
    country, countries = _named([around.countries.get(name[2:]) if name[0] == "c" else None for name in people])
    category, categories = _named([around.categories.get(name) for name in items])
    interactions = Interactions(
        item_ids=tuple(items),
        n_people=len(people),
        person=person.astype(np.int32),
        item=item.astype(np.int32),
        kind=rows["kind"].to_numpy().astype(np.int8),
        time_us=rows["time_us"].to_numpy().astype(np.int64),
        quantity=rows["quantity"].fill_null(1).clip(lower_bound=1).to_numpy().astype(np.float32),
        order=order,
        countries=countries,
        country=country,
        categories=categories,
        category=category,
        price=_prices(rows, item, len(items)),
        now_us=now_us,
    )
    customer_of = {name[2:]: code for code, name in enumerate(people) if name[0] == "c"}
    return Reading(interactions=interactions, lines=lines, left_out=left_out, customer_of=customer_of)


def _named(values: list[str | None]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Codes of texts (-1 for none) and the sorted distinct texts."""
    names = sorted({value for value in values if value is not None})
    code = {name: place for place, name in enumerate(names)}
    return np.array([-1 if value is None else code[value] for value in values], np.int32), tuple(names)


def _prices(rows: pl.DataFrame, item: NDArray[np.int64], n_items: int) -> NDArray[np.float32]:
    """Each item's last told unit price, NaN where none was told."""
    price = np.full(n_items, np.nan, np.float32)
    told = rows["price_e4"].is_not_null().to_numpy()
    price[item[told]] = rows["price_e4"].drop_nulls().to_numpy() / PRICE_SCALE  # later lines win
    return price
