"""However a file is cut into chunks and however often it is imported, the log is the same."""

import tempfile
from collections import Counter
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.domain.ports import Source
from recommender.storage import default_url, open_stores

SOURCE = Source(kind="import", legal_basis="contract")
TYPES = {"type": pl.String, "time_us": pl.Int64, "customer_id": pl.String, "item_id": pl.String, "quantity": pl.Int64}
ROW = st.tuples(
    st.just("purchase"),
    st.integers(min_value=-2, max_value=1),
    st.sampled_from(["anna", "ben"]),
    st.sampled_from(["a", "b", None]),
    st.sampled_from([1, None]),
)
FILE = st.lists(ROW, max_size=14)
CUTS = st.lists(st.integers(min_value=1, max_value=6), min_size=1, max_size=6)


def chunks(rows: list[tuple[object, ...]], sizes: list[int]) -> list[pl.DataFrame]:
    """The rows in chunks of these sizes, over and over."""
    cut: list[pl.DataFrame] = []
    left = rows
    while left:
        size = sizes[len(cut) % len(sizes)]
        cut.append(pl.DataFrame(left[:size], schema=TYPES, orient="row"))
        left = left[size:]
    return cut


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(imports=st.lists(st.tuples(FILE, CUTS), min_size=1, max_size=3))
def test_the_log_holds_each_row_as_often_as_the_file_that_has_it_most_often(
    imports: list[tuple[list[tuple[object, ...]], list[int]]],
) -> None:
    expected: Counter[tuple[object, ...]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        stores = open_stores(default_url(Path(folder)), home=Path(folder))
        for rows, sizes in (*imports, *((rows, sizes[::-1]) for rows, sizes in imports)):
            before = expected.total()
            expected |= Counter(rows)
            with stores.log.importing(SOURCE) as session:
                counts = [session.write(chunk) for chunk in chunks(rows, sizes)]
            assert sum(one.new for one in counts) == expected.total() - before
            assert sum(one.new + one.duplicates for one in counts) == len(rows)
        stored = [row for frame in stores.log.frames(columns=list(TYPES)) for row in frame.rows()]
        ids = [row for frame in stores.log.frames(columns=["event_id"]) for row in frame.rows()]
        stores.close()
    assert Counter(stored) == expected
    assert len(set(ids)) == len(ids)
