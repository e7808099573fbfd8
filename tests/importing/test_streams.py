"""Any chunking gives the same log; memory does not grow with the file; progress is told; a crash leaves nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop_files import events, log, options, order, orders

from recommender.domain.ports import ImportCounts, ImportSession, ReadyRows, Source, Stores
from recommender.importing import ImportReport, Step, import_events


class Sheet:
    """A log that only collects what an import writes; enough of the port for comparing chunkings."""

    def __init__(self) -> None:
        self.frames: list[pl.DataFrame] = []
        self.sources: list[Source] = []

    @contextmanager
    def importing(self, source: Source) -> Iterator[ImportSession]:
        self.sources.append(source)
        yield self

    def ready(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows

    def write(self, rows: pl.DataFrame | ReadyRows) -> ImportCounts:
        rows = rows if isinstance(rows, pl.DataFrame) else rows.lines
        self.frames.append(rows)
        return ImportCounts(new=rows.height, duplicates=0, conflicts=0, erased=0)

    def rows(self) -> list[tuple[object, ...]]:
        return [row for frame in self.frames for row in _with_line(frame).rows()]


def _with_line(frame: pl.DataFrame) -> pl.DataFrame:
    line = pl.col("line") if "line" in frame.columns else pl.lit(0, pl.Int64).alias("line")
    return frame.select(*sorted(name for name in frame.columns if name != "line"), line)


def run(path: Path, **told: object) -> tuple[list[tuple[object, ...]], ImportReport]:
    sheet = Sheet()
    report = import_events(path, log=sheet, options=options(max_rejects=10_000, **told))  # type: ignore[arg-type] # part of the port
    return sheet.rows(), report


cells = st.sampled_from(["i1", "", '"a,b"', '"two\nlines"', "ż", 'in"ch'])
times = st.sampled_from(["2024-05-01", "2024-05-01T10:00:00Z", "31.05.2024", ""])
people = st.sampled_from(["c1", "c2", "guest", ""])
ids = st.sampled_from(["e1", "e1", "e2", ""])
lines = st.tuples(ids, times, people, cells, st.sampled_from(["1", "2", "-1", ""]))
ragged = st.sampled_from(["only,two", "", "a,b,c,d,e,f,g,h"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.one_of(lines.map(",".join), ragged), min_size=1, max_size=30), size=st.integers(1, 12))
def test_any_chunking_gives_the_same_rows_and_the_same_rejects(rows: list[str], size: int, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    text = "event_id,timestamp,customer_id,item_id,quantity\n" + "\n".join(["e0,2024-05-01,c1,i1,1", *rows])
    path.write_text(text, encoding="utf-8")
    whole, report = run(path, sets={"type": "purchase"})
    parts, piecewise = run(path, sets={"type": "purchase"}, chunk_rows=size)
    assert parts == whole
    assert (piecewise.rejected, piecewise.rejects) == (report.rejected, report.rejects)
    assert report.rows == report.accepted + report.rejected


def test_the_quick_and_the_careful_reader_agree(tmp_path: Path) -> None:
    rows = [order(n, item=f"i{n % 7}") for n in range(500)]
    quick, _ = run(orders(tmp_path, *rows))
    careful, report = run(orders(tmp_path, *rows, "short,row", name="odd.csv"))
    assert careful == quick
    assert [reject.line for reject in report.rejects] == [502]


ALLOWED_MB = {"csv": 80, "jsonl": 60, "parquet": 80}
"""What the whole file may take beyond one chunk of it; reading it at once takes two to five times this."""

MEASURE = """
import sys
from pathlib import Path
import psutil
sys.path.insert(0, {folder!r})
from recommender.importing import import_events
from shop_files import options

def peak(path):
    seen = []
    watch = lambda step: seen.append(psutil.Process().memory_info().rss / 2**20)
    import_events(Path(path), log=None, options=options(dry_run=True), progress=watch)
    return max(seen)

small = peak(sys.argv[1])
print(peak(sys.argv[2]) - small)
"""


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_file_of_many_chunks_takes_no_more_memory_than_its_chunks(suffix: str, tmp_path: Path) -> None:
    rows = 140_000 if suffix == "jsonl" else 500_000
    frame = pl.select(
        pl.lit("purchase").alias("type"),
        (pl.int_range(rows) + 1_700_000_000).alias("timestamp"),
        pl.format("customer-{}", pl.int_range(rows) % 50_000).alias("customer_id"),
        pl.format("item-{}", pl.int_range(rows) % 5_000).alias("item_id"),
        pl.format("a longer text that nobody needs {}", pl.int_range(rows)).alias("note"),
    )
    big, small = tmp_path / f"big.{suffix}", tmp_path / f"small.{suffix}"
    for path, part in ((big, frame), (small, frame.head(66_000))):
        _save(part, path)
    program = MEASURE.format(folder=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-c", program, str(small), str(big)],
        capture_output=True,
        text=True,
        env={**os.environ, "MALLOC_ARENA_MAX": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < ALLOWED_MB[suffix]


def _save(frame: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        frame.write_csv(path)
    elif path.suffix == ".jsonl":
        frame.write_ndjson(path)
    else:
        frame.write_parquet(path)


def test_progress_names_its_stages_and_counts_up(sqlite_stores: Stores, tmp_path: Path) -> None:
    steps: list[Step] = []
    path = orders(tmp_path, *(order(n) for n in range(50)))
    import_events(path, log=sqlite_stores.log, options=options(chunk_rows=10), progress=steps.append)
    stages = list(dict.fromkeys(step.stage for step in steps if step.stage != "reading"))
    assert stages == ["looking", "checking", "storing", "committing"]
    assert steps[-1] == Step(stage="committing", rows=50)
    stored = [step.rows for step in steps if step.stage == "storing"]
    assert stored == sorted(stored)
    assert stored[-1] == 50


def test_an_error_amid_the_file_undoes_what_was_written(sqlite_stores: Stores, tmp_path: Path) -> None:
    path = orders(tmp_path, *(order(n) for n in range(50)))

    def stop(step: Step) -> None:
        if step.stage == "storing" and step.rows >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_events(path, log=sqlite_stores.log, options=options(chunk_rows=10), progress=stop)
    assert log(sqlite_stores, "item_id") == []
    assert events(sqlite_stores, path).new == 50


def test_an_erased_persons_rows_are_counted_and_not_stored(sqlite_stores: Stores, tmp_path: Path) -> None:
    from recommender.domain.people import Person

    sqlite_stores.tombstones.add(Person(customer_id="c1"))
    report = events(sqlite_stores, orders(tmp_path, order(1), order(2, person="c2")))
    assert (report.new, report.erased) == (1, 1)
