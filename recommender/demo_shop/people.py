"""The real customers one can shop as in the demo: chosen by rule, each with one line of fact, no name and no guess."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from recommender.demo_shop.panel_texts import days_ago, orders, shelf
from recommender.domain.events import EventType, Line
from recommender.domain.people import Person
from recommender.domain.ports import Stores
from recommender.domain.requests import Language
from recommender.model.lines import microseconds

CHOSEN = "demo_people"
"""Name in the home's meta store of who was chosen, and from which data."""
COLUMNS = ("customer_id", "type", "order_id", "item_id", "quantity", "time_us")
HOME_COUNTRY = "United Kingdom"
DAY_US = 86_400 * 1_000_000
LINES_READ = 10_000

RULES: tuple[tuple[str, str, pl.Expr, Sequence[str], Sequence[bool]], ...] = (
    (
        "gifts",
        "a gift buyer: 6 to 12 orders, half of the lines of at most 3 pieces",
        pl.col("orders").is_between(6, 12) & (pl.col("pieces_per_line") <= 3),
        ("last_us", "customer_id"),
        (True, False),
    ),
    (
        "wholesale",
        "a wholesaler: more pieces than anybody else",
        pl.lit(value=True),
        ("pieces", "customer_id"),
        (True, False),
    ),
    (
        "new",
        "a new customer: one order so far, of at least 5 lines",
        (pl.col("orders") == 1) & (pl.col("lines") >= 5),
        ("last_us", "customer_id"),
        (True, False),
    ),
    (
        "shelf",
        "true to one shelf: 8 to 20 orders, two of five lines from one category, the last order 21 to 60 days ago",
        pl.col("orders").is_between(8, 20) & (pl.col("top_share") >= 0.4) & pl.col("days").is_between(21, 60),
        ("lines", "customer_id"),
        (True, False),
    ),
    (
        "quiet",
        "gone quiet: 6 orders or more, and no order for three times their usual interval",
        (pl.col("orders") >= 6) & (pl.col("days") > 3 * pl.col("interval_days")) & pl.col("days").is_between(60, 200),
        ("lines", "customer_id"),
        (True, False),
    ),
    (
        "abroad",
        "a customer abroad: 5 orders or more, the last within 40 days",
        (pl.col("orders") >= 5)
        & (pl.col("pieces_per_line") <= 12)
        & (pl.col("days") <= 40)
        & pl.col("country").is_not_null()
        & (pl.col("country") != HOME_COUNTRY),
        ("top_share", "customer_id"),
        (True, False),
    ),
)
"""Kind, who is meant, who qualifies, by what the one is chosen, and whether the largest. Nobody is chosen twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One of the customers to shop as.

    Attributes
    ----------
    kind
        Of :data:`RULES`.
    orders, last_us
        How many orders, and when the last was placed (shop time, microseconds since 1970).
    top_shelves
        The one or two top-level categories most lines are of; empty if no item's category is known.
    picture_item
        The item most of their orders hold; None if none names an item.
    """

    customer_id: str
    kind: str
    orders: int
    last_us: int
    top_shelves: tuple[str, ...]
    picture_item: str | None

    @property
    def top_shelf(self) -> str | None:
        """The category most lines are of."""
        return self.top_shelves[0] if self.top_shelves else None

    def fact(self, language: Language, now: datetime) -> str:
        """One line on who they are: shelves, orders, and how long they have been quiet."""
        shelves = " · ".join(shelf(name, language) for name in self.top_shelves)
        days = max(0, microseconds(now) // DAY_US - self.last_us // DAY_US)
        said = f"{orders(self.orders, language)}, {days_ago(days, language)}."
        return f"{shelves}. {said}" if shelves else said


def chosen(stores: Stores, data: str, frames: Callable[[], Iterable[pl.DataFrame]]) -> list[tuple[str, str]]:
    """Customer id and kind of everybody the demo shows, in the order of the rules; chosen once for the data named.

    ``frames`` gives the log's columns :data:`COLUMNS`, and is called only if somebody is to be chosen.
    """
    stored = stores.meta.get(CHOSEN)
    if stored is None or json.loads(stored).get("data") != f"{data} {len(RULES)}":
        shelves = {item: category.partition(" > ")[0] for item, category, _, _ in stores.catalogue.facts() if category}
        found = choose(frames(), shelves, stores.customers.countries())
        stored = json.dumps({"data": f"{data} {len(RULES)}", "people": found})
        stores.meta.set(CHOSEN, stored)
    return [(customer_id, kind) for customer_id, kind in json.loads(stored)["people"]]


def choose(
    frames: Iterable[pl.DataFrame], shelves: Mapping[str, str], countries: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Customer id and kind for each rule somebody qualifies for; depends on log, catalogue and countries alone."""
    bought = pl.concat(
        [frame.filter((pl.col("type") == EventType.PURCHASE) & pl.col("customer_id").is_not_null()) for frame in frames]
    )
    people = _sums(bought, shelves).with_columns(
        country=pl.col("customer_id").replace_strict(countries, default=None, return_dtype=pl.String)
    )
    found: list[tuple[str, str]] = []
    for kind, _, qualifies, by, descending in RULES:
        taken = [customer_id for customer_id, _ in found]
        rows = people.filter(qualifies & ~pl.col("customer_id").is_in(taken)).sort(by, descending=descending)
        if len(rows):
            found.append((rows["customer_id"][0], kind))
    return found


def _sums(bought: pl.DataFrame, shelves: Mapping[str, str]) -> pl.DataFrame:
    """One row a customer: what the rules ask about."""
    known = bought.with_columns(shelf=pl.col("item_id").replace_strict(shelves, default=None, return_dtype=pl.String))
    most = (
        known.filter(pl.col("shelf").is_not_null())
        .group_by("customer_id", "shelf")
        .len()
        .group_by("customer_id")
        .agg(top_lines=pl.col("len").max())
    )
    end = bought["time_us"].max()
    people = known.group_by("customer_id").agg(
        orders=pl.col("order_id").n_unique(),
        lines=pl.len(),
        pieces=pl.col("quantity").sum(),
        pieces_per_line=pl.col("quantity").median(),
        first_us=pl.col("time_us").min(),
        last_us=pl.col("time_us").max(),
    )
    return people.join(most, on="customer_id", how="left").with_columns(
        top_share=pl.col("top_lines").fill_null(0) / pl.col("lines"),
        days=(pl.lit(end) - pl.col("last_us")) / DAY_US,
        interval_days=(pl.col("last_us") - pl.col("first_us")) / DAY_US / (pl.col("orders") - 1),
    )


def roster(stores: Stores) -> list[Shown]:
    """Everybody the demo shows, as they are now; empty where :func:`chosen` was never called."""
    stored = stores.meta.get(CHOSEN)
    if stored is None:
        return []
    shelves = _shelves(stores, stores.catalogue.version())
    return [_shown(stores, customer_id, kind, shelves) for customer_id, kind in json.loads(stored)["people"]]


def words(kind: str) -> str:
    """Who is meant by a kind."""
    return next(said for name, said, *_ in RULES if name == kind)


_held: dict[int, Mapping[str, str]] = {}


def _shelves(stores: Stores, version: int) -> Mapping[str, str]:
    """Top-level category by item, read once a version of the catalogue."""
    if version not in _held:
        _held.clear()
        _held[version] = {item: path.partition(" > ")[0] for item, path, _, _ in stores.catalogue.facts() if path}
    return _held[version]


def _shown(stores: Stores, customer_id: str, kind: str, shelves: Mapping[str, str]) -> Shown:
    person = Person(customer_id=customer_id)
    lines = [line for line in stores.log.of_person(person, limit=LINES_READ) if line.type == EventType.PURCHASE]
    return Shown(
        customer_id=customer_id,
        kind=kind,
        orders=len({line.order_id for line in lines}),
        last_us=max((line.time_us for line in lines), default=0),
        top_shelves=_top(lines, shelves),
        picture_item=_most_ordered(lines),
    )


def _top(lines: Sequence[Line], shelves: Mapping[str, str]) -> tuple[str, ...]:
    counted = Counter(name for line in lines if (name := shelves.get(line.item_id or "")))
    return tuple(name for name, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:2])


def _most_ordered(lines: Sequence[Line]) -> str | None:
    """The item of most orders; of equals, the one of most pieces, then the latest."""
    seen: dict[str, tuple[set[str | None], int, int]] = {}
    for line in lines:
        if line.item_id is not None:
            held, pieces, last = seen.get(line.item_id, (set(), 0, 0))
            held.add(line.order_id)
            seen[line.item_id] = (held, pieces + (line.quantity or 1), max(last, line.time_us))
    return max(seen, key=lambda item: (len(seen[item][0]), seen[item][1], seen[item][2], item), default=None)
