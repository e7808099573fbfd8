"""From the log's columns to interactions: who is who, what counts, and what was left out and why.

What is left out or put right is told in ``docs/training-data.md``.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import polars as pl

from recommender.domain.events import PRICE_SCALE
from recommender.interactions import Interactions
from recommender.model.lines import microseconds
from recommender.training.capping import DEFAULT_CAPS, Caps, adopted, capped, heard, hushed, once, roomier
from recommender.training.catalogue import CatalogueFacts
from recommender.training.cleaning import COLUMNS, Tally, cleaned, nothing, priced, timely, typed, without_tests
from recommender.training.straying import DAY_US, Calendar

__all__ = ["COLUMNS", "DEFAULT_CAPS", "REASONS", "Caps", "Reading", "read_interactions"]

REASONS = (
    "no time or before 1990",
    "in the future",
    "years away from all others",
    "no item",
    "illegal item",
    "no person",
    "illegal person",
    "quantity not above 0",
    "test person or test order",
    "excluded",
    "order told twice",
    "daily cap",
    "person cap",
    "one person's part",
)
"""Why a line may be left out."""

FUTURE_US = DAY_US
"""A time so much later than the clock is believed, as imports believe it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What training learns from. ``left_out`` counts lines by reason (:data:`REASONS`); zero counts are there too.

    ``noticed`` counts lines that were put right, or that teach although their item is not sold any more, by what it was.
    ``people`` names the row numbers of people, ``c:`` before a customer's id and ``v:`` before a visitor's: for reports
    that lie in the home and name them by pseudonym. ``notes`` says in sentences what of the catalogue is not
    learned, and where the log rests for more than a year.
    """

    interactions: Interactions
    left_out: Mapping[str, int]
    people: pl.Series
    noticed: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


NOTHING_TOLD = CatalogueFacts()

AT_ONCE = 1_000_000
"""Lines that are gathered before those beyond a person's caps are let go."""


def read_interactions(
    frames: Iterator[pl.DataFrame],
    *,
    countries: Mapping[str, str] | None = None,
    catalogue: CatalogueFacts = NOTHING_TOLD,
    links: Iterable[tuple[str, str]] = (),
    excluded_customers: Collection[str] = (),
    excluded_visitors: Collection[str] = (),
    until: datetime | None = None,
    now: datetime | None = None,
    caps: Caps = DEFAULT_CAPS,
    at_once: int = AT_ONCE,
) -> Reading:
    """Read the log's lines into arrays.

    A person is the customer of a line, else the customer its visitor was linked to, else the visitor. No line, whatever it
    holds, stops a reading.

    Parameters
    ----------
    frames : iterator of polars.DataFrame
        Chunks of the log with at least :data:`COLUMNS`, in any number.
    countries : mapping, optional
        Country by customer id; missing is unknown.
    catalogue : CatalogueFacts, optional
        Titles, categories and brands of items, prices where no line tells one; its items that wait for their first event get a row, too.
    links : iterable of (visitor_id, customer_id), optional
    excluded_customers, excluded_visitors : collections of str, optional
        Who must not be learned from (no consent for training, robots, the shop's own staff).
    until : aware datetime, optional
        Only earlier lines.
    now : aware datetime, optional
        The shop's clock: lines more than a day later are left out.
    caps : Caps, optional
        A person's lines beyond them are left out, the oldest first.
    at_once : int
        Lines that are gathered before the caps are applied for the first time; changes memory, no result.

    Returns
    -------
    Reading
        In the order of time, then of the log, the clock just after the last event of any type that is not years away from
        all others. An empty log gives empty interactions with the clock at 0.
    """
    gathering = _Gathering(
        end_us=None if until is None else microseconds(until),
        latest_us=None if now is None else microseconds(now) + FUTURE_US,
        links=_linked(links),
        excluded=_excluded(excluded_customers, excluded_visitors),
        caps=caps,
        at_once=at_once,
    )
    for frame in frames:
        gathering.add(frame)
    lines, clock_us = gathering.finish()
    tally = gathering.tally
    tally.notice(lines, "item taken out of the catalogue since", pl.col("item_id").is_in(list(catalogue.gone)))
    return Reading(
        interactions=_interactions(lines, countries or {}, catalogue, clock_us),
        left_out={reason: tally.left_out[reason] for reason in REASONS},
        people=lines["person"].unique().sort(),
        noticed={what: n for what, n in tally.noticed.items() if n},
        notes=(*catalogue.notes(lines["item_id"].drop_nulls().unique()), *gathering.calendar.pauses()),
    )


@dataclass(slots=True, kw_only=True)
class _Gathering:
    """What was read so far, a person's lines beyond the caps let go now and then, so that a robot fills no memory."""

    end_us: int | None
    latest_us: int | None
    links: pl.DataFrame
    excluded: pl.Expr
    caps: Caps
    at_once: int
    tally: Tally = field(default_factory=Tally)
    calendar: Calendar = field(default_factory=Calendar)
    kept: list[pl.DataFrame] = field(default_factory=list)
    voices: list[pl.DataFrame] = field(default_factory=list)
    fresh: int = 0
    settled: int = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Take a chunk of the log in."""
        told = typed(frame)
        told = told if self.end_us is None else told.filter(pl.col("time_us") < self.end_us)
        told = timely(told, self.latest_us, self.tally)
        self.calendar.add(told)
        lines = _with_person(cleaned(told, self.tally), self.links)
        self.kept.append(lines)
        self.voices.append(heard(lines))
        self.fresh += len(lines)
        if self.fresh >= max(self.at_once, self.settled):
            self.kept = [capped(self._together(), roomier(self.caps), self.tally, apart=self.excluded)]
            self.voices = [heard(pl.concat(self.voices))]
            self.settled, self.fresh = len(self.kept[0]), 0

    def finish(self) -> tuple[pl.DataFrame, int]:
        """All lines that teach, in the order of time, then of the log, and the clock of training."""
        first, last = self.calendar.believed()
        lines, tally = self._together(), self.tally
        day = pl.col("time_us") // DAY_US
        lines = tally.without(lines, "years away from all others", (day < first) | (day > last))
        lines = without_tests(lines, tally)
        lines = tally.without(adopted(lines), "excluded", self.excluded)
        lines = capped(once(lines, tally), self.caps, tally)
        voices = heard(pl.concat([heard(lines.clear()), *self.voices]))
        return priced(hushed(lines, voices, self.caps, tally), tally), self.calendar.last_us(last) + 1

    def _together(self) -> pl.DataFrame:
        empty = _with_person(cleaned(typed(nothing()), Tally()), self.links)
        return pl.concat([empty, *self.kept]).sort("time_us", "seq", "line")


def _linked(links: Iterable[tuple[str, str]]) -> pl.DataFrame:
    pairs = list(dict(links).items())
    return pl.DataFrame(pairs, schema={"visitor_id": pl.String, "linked": pl.String}, orient="row")


def _with_person(lines: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Add ``customer`` (own or linked) and ``person``, a name that keeps customers and visitors apart."""
    lines = lines.join(links, on="visitor_id", how="left")
    lines = lines.with_columns(customer=pl.coalesce("customer_id", "linked")).drop("linked")
    return lines.with_columns(person=pl.coalesce("c:" + pl.col("customer"), "v:" + pl.col("visitor_id")))


def _excluded(customers: Collection[str], visitors: Collection[str]) -> pl.Expr:
    theirs = pl.col("customer").is_in(list(customers)) | pl.col("visitor_id").is_in(list(visitors))
    return theirs.fill_null(value=False)


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
        brand=_named([catalogue.brands.get(item) for item in items])[1] if catalogue.brands else None,
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
