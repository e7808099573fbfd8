"""What became of lists: seen, clicked, put into the cart, bought, by scenario and model, from the log alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
import polars as pl

from recommender.domain.events import PRICE_SCALE, EventType
from recommender.domain.ports import EventLog
from recommender.ranking.assortment import micros
from recommender.services.slates import SlateNames, runs_by_print

SEEN = (EventType.VIEW_ITEM_LIST,)
CLICKS = (EventType.SELECT_ITEM, EventType.VIEW_ITEM, EventType.EMAIL_CLICK)
DAY_US = 86_400_000_000
COLUMNS = ("type", "time_us", "customer_id", "visitor_id", "item_id", "quantity", "price_e4", "slate_id")
TYPES = [str(kind) for kind in (*SEEN, *CLICKS, EventType.ADD_TO_CART, EventType.PURCHASE)]


class SlateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario and model.

    ``seen`` and ``clicked`` count lists, ``clicks`` (list, item) pairs; ``carts`` and ``purchases`` count lines of items
    the same person had clicked in a list at most a day before, ``value`` is what these purchases were worth, in the shop's
    currency. ``click_rate`` is clicked over seen lists; None while no list was reported as seen.
    """

    scenario: str
    model: str
    seen: int
    clicked: int
    clicks: int
    carts: int
    purchases: int
    value: float
    click_rate: float | None


class SlateReport(msgspec.Struct, frozen=True, kw_only=True):
    """The report: rows, and how many names in events were not given out by this shop."""

    since: datetime
    rows: tuple[SlateRow, ...]
    forged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """Lines with a name (``slate``, ``kind`` seen or click) and lines of carts and purchases."""

    named: pl.DataFrame
    wanted: pl.DataFrame


def slate_report(log: EventLog, names: SlateNames, *, since: datetime, run_ids: Iterable[str]) -> SlateReport:
    """Join impressions, clicks and what followed.

    Parameters
    ----------
    since : datetime
        Lists seen or clicked from then on; aware.
    run_ids : iterable of str
        Runs whose names may be told; another run is told by its print.
    """
    told = _read(log, micros(since), dict(log.links()))
    facts = _facts(told.named, names, runs_by_print(run_ids))
    named = told.named.join(facts.filter(pl.col("scenario").is_not_null()), on="slate_id")
    clicks = named.filter(pl.col("kind") == "click")
    followed = _followed(clicks, told.wanted)
    whole = _counted(named, clicks, followed)
    return SlateReport(since=since, rows=tuple(_row(one) for one in whole.iter_rows(named=True)), forged=_forged(facts))


def _read(log: EventLog, since_us: int, links: Mapping[str, str]) -> _Told:
    """The lines that matter, chunk by chunk; people are told by their customer id where the browser has one."""
    named: list[pl.DataFrame] = []
    wanted: list[pl.DataFrame] = []
    owners = pl.DataFrame(
        {"visitor_id": list(links), "owner": list(links.values())}, schema={"visitor_id": pl.String, "owner": pl.String}
    )
    for chunk in log.frames(columns=COLUMNS):
        lines = chunk.filter((pl.col("time_us") >= since_us) & pl.col("type").is_in(TYPES))
        if lines.is_empty():
            continue
        lines = lines.join(owners, on="visitor_id", how="left").with_columns(
            who=pl.coalesce("c:" + pl.col("customer_id"), "c:" + pl.col("owner"), "v:" + pl.col("visitor_id")),
            kind=pl.when(pl.col("type").is_in([str(t) for t in SEEN])).then(pl.lit("seen")).otherwise(pl.lit("click")),
        )
        after = [str(EventType.ADD_TO_CART), str(EventType.PURCHASE)]
        wants = pl.col("type").is_in(after)
        named.append(lines.filter(~wants & pl.col("slate_id").is_not_null()).select(*_NAMED))
        wanted.append(lines.filter(wants & pl.col("item_id").is_not_null()).select(*_WANTED))
    return _Told(
        named=pl.concat(named) if named else pl.DataFrame(schema=_NAMED),
        wanted=pl.concat(wanted) if wanted else pl.DataFrame(schema=_WANTED),
    )


_NAMED = {"kind": pl.String, "slate_id": pl.String, "who": pl.String, "item_id": pl.String, "time_us": pl.Int64}
_WANTED = {
    "type": pl.String,
    "who": pl.String,
    "item_id": pl.String,
    "time_us": pl.Int64,
    "quantity": pl.Int64,
    "price_e4": pl.Int64,
}


def _facts(named: pl.DataFrame, names: SlateNames, runs: Mapping[bytes, str]) -> pl.DataFrame:
    """Scenario and model of every name; null for one that was not given out here."""
    ids = named["slate_id"].unique().to_list()
    read = [names.read(slate_id) for slate_id in ids]
    return pl.DataFrame(
        {
            "slate_id": ids,
            "scenario": [None if facts is None else facts.scenario or "?" for facts in read],
            "model": [None if facts is None else runs.get(facts.run, facts.run.hex()) for facts in read],
        },
        schema={"slate_id": pl.String, "scenario": pl.String, "model": pl.String},
    )


def _forged(facts: pl.DataFrame) -> int:
    return facts["scenario"].null_count()


def _followed(clicks: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Carts and purchases of an item its person had clicked at most a day before, with the last such click's list."""
    left = wanted.filter(pl.col("who").is_not_null()).sort("time_us")
    right = clicks.filter(pl.col("item_id").is_not_null() & pl.col("who").is_not_null()).sort("time_us")
    joined = left.join_asof(
        right.select("who", "item_id", "time_us", "scenario", "model"),
        on="time_us",
        by=["who", "item_id"],
        strategy="backward",
        tolerance=DAY_US,
        check_sortedness=False,
    ).filter(pl.col("scenario").is_not_null())
    bought = pl.col("type") == str(EventType.PURCHASE)
    return joined.group_by("scenario", "model").agg(
        carts=(~bought).sum().cast(pl.Int64),
        purchases=bought.sum().cast(pl.Int64),
        value_e4=(pl.col("price_e4") * pl.col("quantity").fill_null(1)).filter(bought).sum(),
    )


def _counted(named: pl.DataFrame, clicks: pl.DataFrame, followed: pl.DataFrame) -> pl.DataFrame:
    keys = ["scenario", "model"]
    seen = named.filter(pl.col("kind") == "seen").group_by(keys).agg(seen=pl.col("slate_id").n_unique())
    clicked = clicks.group_by(keys).agg(
        clicked=pl.col("slate_id").n_unique(), clicks=pl.struct("slate_id", "item_id").n_unique()
    )
    whole = named.select(keys).unique()
    for part in (seen, clicked, followed):
        whole = whole.join(part, on=keys, how="left")
    return whole.fill_null(0).sort(keys)


def _row(one: Mapping[str, int | str]) -> SlateRow:
    seen, clicked = int(one["seen"]), int(one["clicked"])
    return SlateRow(
        scenario=str(one["scenario"]),
        model=str(one["model"]),
        seen=seen,
        clicked=clicked,
        clicks=int(one["clicks"]),
        carts=int(one["carts"]),
        purchases=int(one["purchases"]),
        value=int(one["value_e4"]) / PRICE_SCALE,
        click_rate=clicked / seen if seen else None,
    )
