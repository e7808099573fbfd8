"""Lines of a small made-up shop, its catalogue, and the log they make in columns."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
from hypothesis import strategies as st

from recommender.domain.events import LINE_COLUMNS, EventType, Line
from recommender.features import ItemFacts

DAY_US = 86_400_000_000
START_US = 1_700_000_000_000_000
TYPES = {"int64": pl.Int64(), "int32": pl.Int32(), "str": pl.String()}
SCHEMA = {name: TYPES[told.split()[0].strip(",")] for name, told in LINE_COLUMNS.items()}


class Shelf:
    """A catalogue held in a dict."""

    def __init__(self, items: dict[str, ItemFacts]) -> None:
        self._items = items

    def facts(self, item_id: str) -> ItemFacts | None:
        return self._items.get(item_id)

    def frame(self) -> pl.DataFrame:
        rows = [(item_id, one.category, one.brand, one.price_e4) for item_id, one in self._items.items()]
        schema = {"item_id": pl.String, "category": pl.String, "brand": pl.String, "price_e4": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")


SHOP = Shelf(
    {
        "tea": ItemFacts(category="Kitchen > Tea", brand="Leaf", price_e4=45_000),
        "cup": ItemFacts(category="Kitchen > Cups", brand="Clay", price_e4=120_000),
        "pot": ItemFacts(category="Kitchen", brand="Clay", price_e4=399_900),
        "żaba": ItemFacts(category="Ogród > Żaby", brand="", price_e4=None),
        "bare": ItemFacts(),
    }
)


def line(seq: int, event: EventType | str, *, day: float = 0.0, **told: object) -> Line:
    """One line of customer ``c1`` (unless told otherwise), ``day`` days after the start."""
    blank = Line(
        seq, f"e{seq}", 0, str(event), START_US + round(day * DAY_US), None, "c1", None, None, None, None, None, None, None, None
    )  # fmt: skip
    return replace(blank, **told)  # type: ignore[arg-type]


def log_frame(lines: Sequence[Line]) -> pl.DataFrame:
    """Lines in columns."""
    rows = [[getattr(one, name) for name in LINE_COLUMNS] for one in lines]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


MOMENTS = st.one_of(
    st.integers(0, 40 * DAY_US), st.integers(0, 3 * 3_600_000_000), st.integers(0, 900).map(lambda day: day * DAY_US)
)


@st.composite
def lines(draw: st.DrawFn, most: int = 40) -> list[Line]:
    """Lines as a log holds them: numbered in order of arrival, at times in any order, everything else now and then missing."""
    told = st.fixed_dictionaries(
        {
            "type": st.sampled_from([str(one) for one in EventType]),
            "line": st.integers(0, 1),
            "time_us": MOMENTS.map(lambda after: START_US + after),
            "visitor_id": st.sampled_from([None, "v1", "v2", "v3"]),
            "customer_id": st.sampled_from([None, "c1", "c2"]),
            "session_id": st.sampled_from([None, "", "s1", "s2"]),
            "item_id": st.sampled_from([None, "tea", "cup", "pot", "żaba", "bare", "gone"]),
            "quantity": st.sampled_from([None, 1, 1, 2, 300, 10**12]),
            "price_e4": st.sampled_from([None, 0, 5, 12_345, 10**14]),
            "currency": st.sampled_from([None, "EUR", "PLN"]),
            "order_id": st.sampled_from([None, "", "o1", "o2", "o3"]),
            "value_e4": st.sampled_from([None, 99_900]),
            "slate_id": st.sampled_from([None, "", "x"]),
        }
    )
    return [
        replace(line(seq + 1, EventType.VIEW_ITEM), **one)  # type: ignore[arg-type]
        for seq, one in enumerate(draw(st.lists(told, max_size=most)))
    ]
