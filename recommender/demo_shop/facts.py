"""What the pages say of items beside the catalogue: who buys them, what goes with them. Counted once, from the orders.

Counting needs Polars and SciPy and is done where the shop is loaded; a worker reads the small file it leaves.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from recommender.domain.events import EventType

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

FILE = "demo-facts.json"
COLUMNS = ("customer_id", "type", "order_id", "item_id", "time_us")
YEAR = timedelta(days=365)
LIFT = 3.0
"""How many times more often than by chance two things must stand in one basket to go together."""
TOGETHER = 5
"""In how many baskets at least."""
SHARE = 0.1
"""In which part of the baskets with the thing at least."""
BUYERS = 20
"""Fewest buyers from which the part that comes back says anything."""
CAME_BACK = 0.25
"""From which part on people do buy a thing again."""


class Companion(msgspec.Struct, frozen=True, array_like=True):
    """Another item and how many of the baskets hold it, too."""

    item_id: str
    baskets: int


class ItemFacts(msgspec.Struct, frozen=True, array_like=True):
    """What orders say of an item.

    Attributes
    ----------
    buyers
        Customers who bought it in the last year of the log.
    baskets
        Orders that hold it.
    again
        The part of its buyers who ordered it more than once; None below :data:`BUYERS` buyers.
    companions
        Two items at most that go with it, the one of more baskets first.
    either
        How many of the baskets hold one of the companions.
    """

    buyers: int = 0
    baskets: int = 0
    again: float | None = None
    companions: tuple[Companion, ...] = ()
    either: int = 0

    @property
    def bought_again(self) -> bool:
        """Whether people do buy it again."""
        return self.again is not None and self.again >= CAME_BACK


class Facts(msgspec.Struct, frozen=True):
    """The facts of all items; ``items`` is ordered by buyers, most first. ``source`` names what they were counted from."""

    source: str
    items: dict[str, ItemFacts]

    def of(self, item_id: str) -> ItemFacts:
        """The facts of one item; of an unknown one nothing is known."""
        return self.items.get(item_id, _NOTHING)


_NOTHING = ItemFacts()


def read_facts(folder: Path) -> Facts:
    """What :func:`write_facts` left in a folder; no facts if nothing readable is there."""
    try:
        found: Facts = msgspec.json.decode((folder / FILE).read_bytes(), type=Facts)
    except (FileNotFoundError, msgspec.MsgspecError):
        return Facts(source="", items={})
    return found


def write_facts(folder: Path, frames: "Callable[[], Iterable[pl.DataFrame]]", source: str) -> bool:
    """Count the facts of a log unless they are there; returns whether it had to.

    Parameters
    ----------
    frames
        Gives the log's columns :data:`COLUMNS`; called only if there is something to count.
    source
        Names the log's content; facts counted from another are counted anew, and so are those of other rules.
    """
    source = f"{source} {rules_print()}"
    if read_facts(folder).source == source:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f".{FILE}"
    written.write_bytes(msgspec.json.encode(Facts(source=source, items=count(frames()))))
    written.replace(folder / FILE)
    return True


def rules_print() -> str:
    """Names the rules facts are counted by."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]


def count(frames: "Iterable[pl.DataFrame]") -> dict[str, ItemFacts]:
    """The facts of every item somebody bought, most buyers first; of equals by id."""
    import polars as pl

    bought = pl.concat(
        [frame.filter((pl.col("type") == EventType.PURCHASE) & pl.col("item_id").is_not_null()) for frame in frames]
    )
    if bought.is_empty():
        return {}
    again = _buyers(bought)
    orders = bought.select("order_id", "item_id").drop_nulls().unique()
    ids, companions = _companions(orders)
    found = {
        item_id: ItemFacts(
            buyers=buyers,
            baskets=companions[item_id][0] if item_id in ids else 0,
            again=share,
            companions=companions[item_id][1] if item_id in ids else (),
            either=companions[item_id][2] if item_id in ids else 0,
        )
        for item_id, buyers, share in again.iter_rows()
    }
    return dict(sorted(found.items(), key=lambda one: (-one[1].buyers, one[0])))


def _buyers(bought: "pl.DataFrame") -> "pl.DataFrame":
    """item_id, customers of the last year, and the part of all its buyers who ordered it more than once."""
    import polars as pl

    since = pl.col("time_us").max() - int(YEAR.total_seconds() * 1e6)
    per_customer = (
        bought.with_columns(lately=pl.col("time_us") > since)
        .filter(pl.col("customer_id").is_not_null())
        .group_by("item_id", "customer_id")
        .agg(orders=pl.col("order_id").n_unique(), lately=pl.col("lately").any())
    )
    return per_customer.group_by("item_id").agg(
        buyers=pl.col("lately").sum().cast(pl.Int64),
        again=pl.when(pl.len() >= BUYERS).then((pl.col("orders") > 1).mean().round(4)),
    )


def _companions(orders: "pl.DataFrame") -> tuple[set[str], Mapping[str, tuple[int, tuple[Companion, ...], int]]]:
    """Item → (orders with it, what goes with it, orders that hold one of those)."""
    import numpy as np
    from scipy.sparse import csr_matrix

    ids: list[str] = sorted(orders["item_id"].unique().to_list())
    places = {item_id: n for n, item_id in enumerate(ids)}
    names = {name: n for n, name in enumerate(orders["order_id"].unique(maintain_order=True))}
    rows = np.fromiter((names[name] for name in orders["order_id"]), dtype=np.int32, count=len(orders))
    columns = np.fromiter((places[item_id] for item_id in orders["item_id"]), dtype=np.int32, count=len(orders))
    matrix = csr_matrix((np.ones(len(orders), dtype=np.int32), (rows, columns)), shape=(len(names), len(ids)))
    together = (matrix.T @ matrix).tocsr()
    by_item = matrix.tocsc()
    baskets = together.diagonal().astype(np.float64)
    found: dict[str, tuple[int, tuple[Companion, ...], int]] = {}
    for place, item_id in enumerate(ids):
        row = together[place].toarray()[0].astype(np.float64)
        row[place] = 0.0
        best = _best(row, baskets, place, len(names))
        holding = _orders_of(by_item, place)
        either: set[int] = set().union(*(holding & _orders_of(by_item, other) for other in best))
        named = tuple(Companion(ids[other], int(row[other])) for other in best)
        found[item_id] = (int(baskets[place]), named, len(either))
    return set(ids), found


def _best(row: "NDArray[np.float64]", baskets: "NDArray[np.float64]", place: int, orders: int) -> list[int]:
    """The two places that go with one: in many of its baskets, and more often than by chance."""
    enough = max(float(TOGETHER), SHARE * baskets[place])
    fitting = (row >= enough) & (row * orders >= LIFT * baskets * baskets[place])
    places = fitting.nonzero()[0]
    order = sorted(places.tolist(), key=lambda other: (-row[other], other))
    return order[:2]


def _orders_of(by_item: Any, place: int) -> set[int]:
    start, end = by_item.indptr[place], by_item.indptr[place + 1]
    return set(by_item.indices[start:end].tolist())
